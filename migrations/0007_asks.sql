-- A point may be for some of the offices only.
-- +goose Up

-- Of an ask: the offices that letters make it to. No row: to every office of the campaign. The key to campaign_targets keeps an office from being
-- taken off while a point is for it, which would then be for all.
ALTER TABLE asks
    ADD CONSTRAINT asks_campaign_id_id_key UNIQUE (campaign_id, id);
CREATE TABLE ask_targets (
    campaign_id bigint NOT NULL,
    ask_id      bigint NOT NULL,
    target_id   bigint NOT NULL,
    PRIMARY KEY (ask_id, target_id),
    FOREIGN KEY (campaign_id, ask_id) REFERENCES asks (campaign_id, id),
    CONSTRAINT ask_targets_of_campaign FOREIGN KEY (campaign_id, target_id) REFERENCES campaign_targets (campaign_id, target_id)
);
CREATE INDEX ask_targets_target ON ask_targets (campaign_id, target_id);
