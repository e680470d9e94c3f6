-- Reports of visitors, each form once, and when a campaign was stopped.
-- +goose Up

-- form_key is a keyed hash of the form that a visitor sent, so that a double click is one visitor and one letter.
ALTER TABLE visitors
    ADD COLUMN form_key bytea;
CREATE UNIQUE INDEX visitors_form ON visitors (campaign_id, form_key) WHERE form_key IS NOT NULL;

-- When a campaign was stopped: letters sent before it may still be reported. It stays when a stopped campaign is closed.
ALTER TABLE campaigns
    ADD COLUMN stopped_at timestamptz;
UPDATE campaigns c
SET stopped_at = COALESCE((SELECT max(e.at) FROM audit_events e WHERE e.subject = 'campaign' AND e.subject_id = c.id AND e.action IN ('campaign.stop', 'campaign.stopped')), now_at())
WHERE state = 'stopped';
