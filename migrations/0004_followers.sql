-- What follows a launch: when trying ends, whom a first appeal leaves out, and the rounds in which a launched appeal goes out again.
-- +goose Up

-- Every delivery has its expiry. An appeal that asks for letters ends with its campaign's deadline, which can move; any other at expires_at.
ALTER TABLE appeals
    ADD COLUMN leave_out_campaigns bigint[] NOT NULL DEFAULT '{}',
    ADD COLUMN leave_out_case      boolean NOT NULL DEFAULT false,
    ADD COLUMN expires_at          timestamptz;
UPDATE appeals
SET expires_at = GREATEST(launched_at, CASE WHEN state <> 'complete' THEN now_at() END) + interval '14 days'
WHERE launched_at IS NOT NULL AND NOT asking;
ALTER TABLE appeals
    ADD CONSTRAINT appeals_expires CHECK ((launched_at IS NOT NULL AND NOT asking) = (expires_at IS NOT NULL)),
    ADD CONSTRAINT appeals_first_leaves_out CHECK (kind = 'first' OR leave_out_campaigns = '{}' AND NOT leave_out_case);

-- Who had another appeal when this one was launched, and is left out of it: written down then, because what became of the other can
-- still change.
CREATE TABLE left_out (
    appeal_id bigint NOT NULL REFERENCES appeals,
    member_id bigint NOT NULL,
    PRIMARY KEY (appeal_id, member_id)
);

-- A round is one press by which a launched appeal goes out once more: to those to whom it failed in these ways, or, where there are none, to
-- those who joined since.
CREATE TABLE rounds (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    appeal_id bigint NOT NULL REFERENCES appeals,
    failures  text[] NOT NULL DEFAULT '{}' CHECK (failures <@ ARRAY['gave_up','us','content','unknown']),
    begun_by  bigint REFERENCES accounts,
    begun_at  timestamptz NOT NULL DEFAULT now_at()
);
CREATE INDEX rounds_appeal ON rounds (appeal_id, id);

-- What a delivery was before it was tried again: the ledger's row begins anew, and its attempts with it.
CREATE TABLE retried (
    appeal_id  bigint NOT NULL,
    member_id  bigint NOT NULL,
    round_id   bigint NOT NULL REFERENCES rounds,
    state      text NOT NULL CHECK (state IN ('refused','unknown')),
    reason     text NOT NULL,
    attempts   smallint NOT NULL,
    unknowns   smallint NOT NULL,
    code       smallint,
    reply      text,
    settled_at timestamptz NOT NULL,
    PRIMARY KEY (appeal_id, member_id, round_id)
);

-- Who joined after a campaign's first launch and was let in since: once in a campaign. They are eligible by this row.
CREATE TABLE admissions (
    campaign_id bigint NOT NULL REFERENCES campaigns,
    member_id   bigint NOT NULL REFERENCES members,
    appeal_id   bigint NOT NULL REFERENCES appeals,
    round_id    bigint NOT NULL REFERENCES rounds,
    PRIMARY KEY (campaign_id, member_id)
);
CREATE INDEX admissions_appeal ON admissions (appeal_id);
