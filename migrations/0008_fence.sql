-- The number of a claim of a letter by mail, so that a late word on an old claim changes nothing; and indexes for what is looked for every few seconds.
-- +goose Up

-- claim counts the claims of a letter and is never set back, as attempts is: nothing left, or its writer asked anew. Whoever claimed it speaks of
-- that claim by its number alone.
ALTER TABLE letter_mails
    ADD COLUMN claim bigint NOT NULL DEFAULT 0;

-- Of a hundred thousand letters by mail, those few that something is still to be done about.
CREATE INDEX letter_mails_sending ON letter_mails (lease_until) WHERE state = 'sending';
CREATE INDEX letter_mails_asked ON letter_mails (asked_at) WHERE state = 'unconfirmed';
CREATE INDEX letter_mails_untold ON letter_mails (settled_at) WHERE state IN ('refused', 'unknown', 'lapsed') AND told_at IS NULL AND erased_at IS NULL;
CREATE INDEX letter_mails_unknown ON letter_mails (letter_id) WHERE state = 'unknown';
CREATE INDEX letter_mails_known ON letter_mails (letter_id) WHERE erased_at IS NOT NULL AND writer_index IS NOT NULL;
CREATE INDEX letters_returned ON letters (returned_at) WHERE state = 'returned';

-- A page of one campaign's letters, the newest first.
CREATE INDEX letters_listed ON letters (campaign_id, id);
