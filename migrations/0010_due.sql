-- Indexes for what is looked for every few seconds.
-- +goose Up

-- Of a hundred thousand letters by mail, those few that something is still to be done about.
CREATE INDEX letter_mails_sending ON letter_mails (lease_until) WHERE state = 'sending';
CREATE INDEX letter_mails_asked ON letter_mails (asked_at) WHERE state = 'unconfirmed';
CREATE INDEX letter_mails_untold ON letter_mails (settled_at) WHERE state IN ('refused', 'unknown', 'lapsed') AND told_at IS NULL AND erased_at IS NULL;
CREATE INDEX letter_mails_unknown ON letter_mails (letter_id) WHERE state = 'unknown';
CREATE INDEX letter_mails_known ON letter_mails (letter_id) WHERE erased_at IS NOT NULL AND writer_index IS NOT NULL;
CREATE INDEX letters_returned ON letters (returned_at) WHERE state = 'returned';

-- A page of one campaign's letters, the newest first.
CREATE INDEX letters_listed ON letters (campaign_id, id);
