-- Where offices can be written to publicly.
-- +goose Up

-- social_urls are the office's own public profiles, of any service: two at the most.
ALTER TABLE targets
    ADD COLUMN social_urls text[] NOT NULL DEFAULT '{}'
        CHECK (cardinality(social_urls) <= 2 AND array_to_string(social_urls, ' ', '') ~ '^(https://[^ ]+( https://[^ ]+)?)?$');
