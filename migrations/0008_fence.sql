-- The number of a claim of a letter by mail, so that a late word on an old claim changes nothing.
-- +goose Up

-- claim counts the claims of a letter and is never set back, as attempts is: nothing left, or its writer asked anew. Whoever claimed it speaks of
-- that claim by its number alone.
ALTER TABLE letter_mails
    ADD COLUMN claim bigint NOT NULL DEFAULT 0;
