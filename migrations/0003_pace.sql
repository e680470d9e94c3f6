-- How fast mail may leave and what keeps it from leaving: budgets, waiting lines, pauses, held appeals, and what each process says of its relays.
-- +goose Up

-- A budget is how many messages a second may go to one relay (host:port) or one provider (a domain), from all processes together.
-- next_at runs ahead of the clock by what has been taken. While urgent_until lies ahead, somebody urgent is asking.
CREATE TABLE budgets (
    name         text PRIMARY KEY CHECK (name <> ''),
    next_at      timestamptz NOT NULL DEFAULT now_at(),
    urgent_until timestamptz NOT NULL DEFAULT now_at()
) WITH (fillfactor = 50);

-- Whoever an appeal may not write to yet, because the provider's budget is used up, waits for a moment of their own. tail_at is where
-- the line of this appeal at this provider ends.
CREATE TABLE waiting_lines (
    appeal_id bigint NOT NULL REFERENCES appeals (id),
    provider  text NOT NULL CHECK (provider <> ''),
    tail_at   timestamptz NOT NULL,
    PRIMARY KEY (appeal_id, provider)
) WITH (fillfactor = 50);

-- A provider that asked for less is left alone until then. step says how long the next pause would be; it grows by one with each pause and
-- shrinks by one with the first mail accepted after it (eased).
CREATE TABLE pauses (
    provider text PRIMARY KEY CHECK (provider <> ''),
    step     smallint NOT NULL CHECK (step >= 0),
    since    timestamptz NOT NULL,
    until    timestamptz NOT NULL CHECK (until >= since),
    code     smallint NOT NULL CHECK (code BETWEEN 400 AND 499),
    enhanced text NOT NULL CHECK (enhanced = '' OR enhanced ~ '^4\.[0-9]{1,3}\.[0-9]{1,3}$'),
    eased    boolean NOT NULL DEFAULT false
);

-- What each process last said of each relay. A process that no longer says anything is gone.
CREATE TABLE relay_reports (
    process     text NOT NULL CHECK (process <> ''),
    relay       text NOT NULL CHECK (relay <> ''),
    version     text NOT NULL,
    started_at  timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,
    state       text NOT NULL CHECK (state IN ('idle','open','down','refuses_us')),
    connections integer NOT NULL CHECK (connections >= 0),
    per_second  real NOT NULL CHECK (per_second >= 0),
    step        text,
    code        smallint,
    PRIMARY KEY (process, relay)
) WITH (fillfactor = 50);

-- Why the system stopped an appeal by itself; empty where a person did.
ALTER TABLE appeals
    ADD COLUMN stop_reason text CHECK (stop_reason IN ('blocked','unwritable')),
    ADD CONSTRAINT appeals_stop_reason_state CHECK (stop_reason IS NULL OR state IN ('stopping','stopped'));

-- A row that waits says why, where it is not for the relay's own word: limit (the provider's budget), slowed (the provider's pause).
ALTER TABLE deliveries
    DROP CONSTRAINT deliveries_reason_check,
    ADD CONSTRAINT deliveries_reason_check CHECK (reason IN ('left','suppressed','too_late','duplicate','erased','unwritable',
        'address','content','us','gave_up','silence','process','bytes_changed','limit','slowed'));
