-- Letters with honest evidence: what was written by whom and how it is known, what the house mails for a writer, and what offices answer.
-- +goose Up

-- ----------------------------------------------------------------------------------------------- targets

-- languages are those the office reads, the preferred first. gender is that of whoever holds the office now, because French and others
-- address an office by it; the office is still never its holder. postal_country is where the mail goes, where that is not its state's own.
ALTER TABLE targets
    ADD COLUMN languages      text[] NOT NULL DEFAULT '{}',
    ADD COLUMN gender         text NOT NULL DEFAULT '' CHECK (gender IN ('', 'female', 'male')),
    ADD COLUMN postal_country text CHECK (postal_country ~ '^[A-Z]{2}$');

-- A finished letter that a coordinator gives, in one language; most campaigns have none, so that letters are in people's own words.
CREATE TABLE sample_letters (
    campaign_id bigint NOT NULL REFERENCES campaigns (id),
    language    text NOT NULL CHECK (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
    text        text NOT NULL CHECK (text <> ''),
    PRIMARY KEY (campaign_id, language)
);

-- What no letter may name, in a case: sealed, and looked for in what is written, never shown to who writes.
CREATE TABLE unspoken (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id      bigint NOT NULL REFERENCES cases (id),
    words_sealed bytea NOT NULL,
    added_by     bigint REFERENCES accounts (id),
    added_at     timestamptz NOT NULL DEFAULT now_at()
);
CREATE INDEX unspoken_case ON unspoken (case_id);

-- From how many letters on the public page tells the number; NULL where it never does.
ALTER TABLE campaigns
    ADD COLUMN counter_from int CHECK (counter_from BETWEEN 1 AND 1000000);

-- What the post takes from one country to another. What is not here is assumed, and said to be.
CREATE TABLE postal_routes (
    from_country    text NOT NULL CHECK (from_country ~ '^[A-Z]{2}$'),
    to_country      text NOT NULL CHECK (to_country ~ '^[A-Z]{2}$'),
    transit_days    int NOT NULL CHECK (transit_days BETWEEN 1 AND 120),
    postage         text NOT NULL DEFAULT '',
    suspended_from  date,
    suspended_until date,
    verified_on     date,
    PRIMARY KEY (from_country, to_country),
    CHECK (suspended_until >= suspended_from)
);

-- ----------------------------------------------------------------------------------------------- letters

-- Somebody who writes from the public page, without being known as a member. source is a keyed hash of where they came from, kept for as
-- long as limits need it. The address of who confirmed one is found by its blind index alone.
CREATE TABLE visitors (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id   bigint NOT NULL REFERENCES campaigns (id),
    source        bytea,
    address_index bytea,
    created_at    timestamptz NOT NULL DEFAULT now_at()
);
CREATE UNIQUE INDEX visitors_address ON visitors (campaign_id, address_index) WHERE address_index IS NOT NULL;
CREATE INDEX visitors_source ON visitors (source, created_at) WHERE source IS NOT NULL;

-- One row: what one writer (a member by the link of an appeal, a visitor, or a group on one evening) sent to one target by one channel.
-- grade is how that is known, and only rises: reported < paper < confirmed < sent; a batch stays one. made is not a letter yet: it is being
-- written, or waits to be sent. Only what is counted is in a total.
ALTER TABLE letters RENAME COLUMN method TO grade;
ALTER TABLE letters
    DROP CONSTRAINT letters_method_check,
    DROP CONSTRAINT letters_channel_check,
    DROP CONSTRAINT letters_copies_check,
    DROP CONSTRAINT letters_appeal_id_member_id_target_id_channel_key,
    ALTER COLUMN appeal_id DROP NOT NULL,
    ALTER COLUMN member_id DROP NOT NULL,
    ADD COLUMN visitor_id  bigint REFERENCES visitors (id),
    ADD COLUMN group_id    bigint REFERENCES groups (id),
    ADD COLUMN recorded_by bigint REFERENCES accounts (id),
    ADD COLUMN state       text NOT NULL DEFAULT 'counted' CHECK (state IN ('made', 'counted', 'set_aside', 'returned', 'withdrawn')),
    ADD COLUMN set_aside   text CHECK (set_aside IN ('many', 'burst')),
    ADD COLUMN reviewed_by bigint REFERENCES accounts (id),
    ADD COLUMN reviewed_at timestamptz,
    ADD COLUMN returned_at timestamptz,
    ADD COLUMN language    text,
    ADD COLUMN code        text UNIQUE CHECK (code ~ '^[0-9A-Z]{8}$');
UPDATE letters SET state = 'withdrawn' WHERE withdrawn_at IS NOT NULL;
ALTER TABLE letters
    ADD CONSTRAINT letters_grade CHECK (grade IN ('sent', 'confirmed', 'paper', 'reported', 'batch')),
    ADD CONSTRAINT letters_channel CHECK (channel IN ('email', 'post', 'fax', 'phone', 'social', 'web_form', 'unsaid')),
    ADD CONSTRAINT letters_copies CHECK (copies BETWEEN 1 AND CASE WHEN grade = 'batch' THEN 5000 ELSE 50 END),
    ADD CONSTRAINT letters_writer CHECK ((appeal_id IS NULL) = (member_id IS NULL)
        AND (visitor_id IS NULL OR member_id IS NULL) AND (visitor_id IS NOT NULL OR member_id IS NOT NULL OR recorded_by IS NOT NULL)),
    ADD CONSTRAINT letters_batch CHECK ((grade = 'batch') = (group_id IS NOT NULL) AND (grade <> 'batch' OR visitor_id IS NULL)),
    ADD CONSTRAINT letters_withdrawn CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
    ADD CONSTRAINT letters_returned CHECK ((state = 'returned') <= (returned_at IS NOT NULL)),
    ADD CONSTRAINT letters_set_aside CHECK ((state = 'set_aside') <= (set_aside IS NOT NULL)),
    ADD CONSTRAINT letters_sent_by_mail CHECK (grade NOT IN ('sent', 'confirmed') OR channel = 'email'),
    ADD CONSTRAINT letters_on_paper CHECK (grade <> 'paper' OR channel = 'post');
CREATE UNIQUE INDEX letters_of_member ON letters (appeal_id, member_id, target_id, channel) WHERE member_id IS NOT NULL AND grade <> 'batch';
CREATE UNIQUE INDEX letters_of_visitor ON letters (visitor_id, target_id, channel) WHERE visitor_id IS NOT NULL;
CREATE UNIQUE INDEX letters_of_evening ON letters (group_id, campaign_id, target_id, channel, written_on) WHERE grade = 'batch';
CREATE INDEX letters_member ON letters (member_id) WHERE member_id IS NOT NULL;
CREATE INDEX letters_target ON letters (target_id, id);
CREATE INDEX letters_aside ON letters (id) WHERE state = 'set_aside';

-- The ledger row of a letter that the house mails for its writer. It leaves once the writer has said yes by mail, one at a time to each
-- target, and never twice: unknown is held for good. writer (name, town, address) and text are sealed, and erased 28 days after it was settled.
CREATE TABLE letter_mails (
    letter_id      bigint PRIMARY KEY REFERENCES letters (id),
    state          text NOT NULL DEFAULT 'unconfirmed'
                   CHECK (state IN ('unconfirmed', 'queued', 'sending', 'sent', 'refused', 'unknown', 'withdrawn', 'lapsed')),
    reason         text CHECK (reason IN ('closed', 'too_late', 'unconfirmed', 'target_stopped', 'no_address', 'writer_left',
                                          'address', 'content', 'us', 'gave_up', 'silence', 'process')),
    writer_sealed  bytea,
    text_sealed    bytea,
    writer_index   bytea,
    fingerprint    bytea,
    asked_at       timestamptz NOT NULL DEFAULT now_at(),
    asked_mailed   boolean NOT NULL DEFAULT false,
    confirmed_at   timestamptz,
    due_at         timestamptz,
    lease_until    timestamptz,
    attempts       smallint NOT NULL DEFAULT 0,
    code           smallint,
    reply          text,
    settled_at     timestamptz,
    told_at        timestamptz,
    erased_at      timestamptz,
    CHECK ((state IN ('unconfirmed', 'withdrawn', 'lapsed')) OR confirmed_at IS NOT NULL),
    CHECK ((state = 'queued') <= (due_at IS NOT NULL)),
    CHECK ((state = 'sending') = (lease_until IS NOT NULL)),
    CHECK ((state IN ('refused', 'unknown', 'lapsed')) <= (reason IS NOT NULL)),
    CHECK ((state IN ('sent', 'refused', 'unknown', 'withdrawn', 'lapsed')) = (settled_at IS NOT NULL)),
    -- No letter says sent without the relay's own word.
    CHECK (state <> 'sent' OR (code IS NOT NULL AND code BETWEEN 200 AND 299 AND reply IS NOT NULL)),
    CHECK ((erased_at IS NULL) = (text_sealed IS NOT NULL)),
    CHECK ((erased_at IS NULL) = (writer_sealed IS NOT NULL))
);
CREATE INDEX letter_mails_open ON letter_mails (due_at) WHERE state IN ('queued', 'sending');
CREATE INDEX letter_mails_writer ON letter_mails (writer_index, asked_at) WHERE writer_index IS NOT NULL;
CREATE INDEX letter_mails_kept ON letter_mails (settled_at) WHERE erased_at IS NULL;

-- How letters by mail go to one target: tail_at is where the line ends; stopped_at, by a person, holds the line.
CREATE TABLE letter_lines (
    target_id  bigint PRIMARY KEY REFERENCES targets (id),
    tail_at    timestamptz NOT NULL DEFAULT now_at(),
    stopped_at timestamptz,
    stopped_by bigint REFERENCES accounts (id)
) WITH (fillfactor = 50);

-- A channel of a target that did not work: a letter came back, a fax line was dead. Shown to who writes until somebody clears it.
CREATE TABLE channel_marks (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target_id  bigint NOT NULL REFERENCES targets (id),
    channel    text NOT NULL CHECK (channel IN ('email', 'post', 'fax', 'phone', 'social', 'web_form')),
    why        text NOT NULL CHECK (why IN ('returned', 'refused', 'told')),
    letter_id  bigint REFERENCES letters (id),
    marked_at  timestamptz NOT NULL DEFAULT now_at(),
    cleared_at timestamptz,
    cleared_by bigint REFERENCES accounts (id),
    CHECK ((cleared_at IS NULL) = (cleared_by IS NULL))
);
CREATE INDEX channel_marks_open ON channel_marks (target_id) WHERE cleared_at IS NULL;

-- ----------------------------------------------------------------------------------------------- replies

-- What an office answered, or what a person must read to know: mail to an address of ours, mail passed on by a member, a scan of paper. Who
-- wrote, subject and text are sealed; shown is the text without addresses and names of writers. A mail is taken in once (mail_hash).
CREATE TABLE replies (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    came           text NOT NULL CHECK (came IN ('mail', 'forward', 'scan', 'alert')),
    received_at    timestamptz NOT NULL DEFAULT now_at(),
    answered_on    date,
    campaign_id    bigint REFERENCES campaigns (id),
    target_id      bigint REFERENCES targets (id),
    member_id      bigint REFERENCES members (id),
    state          text NOT NULL DEFAULT 'unread' CHECK (state IN ('unread', 'read', 'settled', 'not_an_answer')),
    kind           text CHECK (kind IN ('acknowledgement', 'form_answer', 'substantive', 'referral', 'refusal_to_comment', 'returned', 'hostile', 'asks_identity')),
    kind_guessed   text,
    automatic      boolean NOT NULL DEFAULT false,
    from_sealed    bytea,
    subject_sealed bytea,
    text_sealed    bytea,
    shown_sealed   bytea,
    mail_hash      bytea UNIQUE,
    recorded_by    bigint REFERENCES accounts (id),
    settled_by     bigint REFERENCES accounts (id),
    settled_at     timestamptz,
    CHECK ((state = 'settled') <= (settled_at IS NOT NULL)),
    CHECK (state <> 'settled' OR (kind IS NOT NULL AND target_id IS NOT NULL))
);
CREATE INDEX replies_state ON replies (state, id);
CREATE INDEX replies_target ON replies (target_id, id);
CREATE INDEX replies_campaign ON replies (campaign_id, id);

-- Which letters an answer is to, and how that is known. A suggestion counts for nothing until somebody accepts it.
CREATE TABLE reply_letters (
    reply_id   bigint NOT NULL REFERENCES replies (id),
    letter_id  bigint NOT NULL REFERENCES letters (id),
    how        text NOT NULL CHECK (how IN ('address', 'code', 'guess', 'person')),
    state      text NOT NULL DEFAULT 'linked' CHECK (state IN ('suggested', 'linked', 'rejected')),
    decided_by bigint REFERENCES accounts (id),
    decided_at timestamptz,
    PRIMARY KEY (reply_id, letter_id),
    CHECK (how <> 'guess' OR state = 'suggested' OR decided_by IS NOT NULL)
);
CREATE INDEX reply_letters_letter ON reply_letters (letter_id);

-- What came with an answer, or the scan of one on paper: sealed; its type is what its content says it is.
CREATE TABLE reply_files (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reply_id  bigint NOT NULL REFERENCES replies (id),
    position  int NOT NULL,
    type      text NOT NULL CHECK (type IN ('application/pdf', 'image/jpeg', 'image/png', 'text/plain', 'message/rfc822')),
    bytes     int NOT NULL CHECK (bytes > 0),
    hash      bytea NOT NULL CHECK (octet_length(hash) = 32),
    content_sealed bytea NOT NULL,
    UNIQUE (reply_id, position)
);

-- What those at the desk tell each other about an answer.
CREATE TABLE reply_notes (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reply_id   bigint NOT NULL REFERENCES replies (id),
    account_id bigint NOT NULL REFERENCES accounts (id),
    written_at timestamptz NOT NULL DEFAULT now_at(),
    words_sealed bytea NOT NULL
);
CREATE INDEX reply_notes_reply ON reply_notes (reply_id);

-- Where an office stands on what a campaign asks, as somebody read it from an answer. Who never answered is silent without a row.
CREATE TABLE positions (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target_id   bigint NOT NULL REFERENCES targets (id),
    campaign_id bigint NOT NULL REFERENCES campaigns (id),
    reply_id    bigint REFERENCES replies (id),
    topic       text NOT NULL DEFAULT '',
    position    text NOT NULL CHECK (position IN ('agreed', 'refused', 'form_answer')),
    recorded_by bigint REFERENCES accounts (id),
    recorded_at timestamptz NOT NULL DEFAULT now_at()
);
CREATE INDEX positions_target ON positions (target_id, campaign_id, id);

-- Our own automatic answers, at most one a week to each person (RFC 3834): to whom is a blind index.
CREATE TABLE thanks (
    address_index bytea PRIMARY KEY,
    last_at       timestamptz NOT NULL
);

-- ------------------------------------------------------------------------- who an appeal is for, case files

-- An update that is for some of those who had the first alone, such as those who wrote to one office: named at its making, in words of no
-- later query. Without the mark it is for all of them.
ALTER TABLE appeals
    ADD COLUMN audience_named boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT appeals_named_follow CHECK (NOT audience_named OR kind <> 'first');
CREATE TABLE named_members (
    appeal_id bigint NOT NULL REFERENCES appeals (id),
    member_id bigint NOT NULL REFERENCES members (id),
    PRIMARY KEY (appeal_id, member_id)
);

-- Each case file that was made: its hash list, by which a copy of it can be held against the house.
CREATE TABLE case_files (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id bigint NOT NULL REFERENCES campaigns (id),
    made_by     bigint REFERENCES accounts (id),
    made_at     timestamptz NOT NULL DEFAULT now_at(),
    hash        bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    entries     jsonb NOT NULL CHECK (jsonb_typeof(entries) = 'array')
);
CREATE INDEX case_files_campaign ON case_files (campaign_id, id);
