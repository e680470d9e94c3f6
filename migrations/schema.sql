-- The schema as all migrations together make it, for reading; the files beside this one are what is run.
-- Drawn from the catalogs by: go test ./migrations -update. River's tables and the notes of which
-- migration has run are left out.

CREATE OR REPLACE FUNCTION keep_member_move()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    INSERT INTO member_moves (member_id, language, country, group_id)
    VALUES (OLD.id, OLD.language, OLD.country, OLD.group_id);
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION now_at()
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ SELECT clock_timestamp() + COALESCE(NULLIF(current_setting('holdfast.clock_offset', true), ''), '0')::interval $function$;

CREATE OR REPLACE FUNCTION refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN RAISE EXCEPTION '% is written once: rows are neither changed nor removed', TG_TABLE_NAME; END $function$;

CREATE OR REPLACE FUNCTION refuse_removal()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN RAISE EXCEPTION 'rows of % are never removed: the ledger of deliveries names them', TG_TABLE_NAME; END $function$;

CREATE TABLE accounts (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    address text NOT NULL,
    name text NOT NULL,
    language text DEFAULT 'en'::text NOT NULL,
    roles text[] NOT NULL,
    password_hash text,
    created_at timestamp with time zone DEFAULT now_at() NOT NULL,
    disabled_at timestamp with time zone,
    CONSTRAINT accounts_pkey PRIMARY KEY (id),
    CONSTRAINT accounts_address_key UNIQUE (address),
    CONSTRAINT accounts_address_check CHECK (address = lower(address) AND address ~~ '%_@_%'::text),
    CONSTRAINT accounts_name_check CHECK (name <> ''::text),
    CONSTRAINT accounts_roles_check CHECK (roles <@ ARRAY['coordinator'::text, 'caseworker'::text, 'reviewer'::text, 'translator'::text, 'tracker'::text, 'auditor'::text, 'administrator'::text])
);

CREATE TABLE admissions (
    campaign_id bigint NOT NULL,
    member_id bigint NOT NULL,
    appeal_id bigint NOT NULL,
    round_id bigint NOT NULL,
    CONSTRAINT admissions_pkey PRIMARY KEY (campaign_id, member_id),
    CONSTRAINT admissions_appeal_id_fkey FOREIGN KEY (appeal_id) REFERENCES appeals(id),
    CONSTRAINT admissions_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
    CONSTRAINT admissions_member_id_fkey FOREIGN KEY (member_id) REFERENCES members(id),
    CONSTRAINT admissions_round_id_fkey FOREIGN KEY (round_id) REFERENCES rounds(id)
);
CREATE INDEX admissions_appeal ON admissions USING btree (appeal_id);

CREATE TABLE api_replays (
    account_id bigint NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status integer,
    body bytea,
    created_at timestamp with time zone DEFAULT now_at() NOT NULL,
    CONSTRAINT api_replays_pkey PRIMARY KEY (account_id, key),
    CONSTRAINT api_replays_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
    CONSTRAINT api_replays_key_check CHECK (length(key) >= 1 AND length(key) <= 200)
);

CREATE TABLE api_tokens (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    account_id bigint NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    roles text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now_at() NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT api_tokens_token_hash_key UNIQUE (token_hash),
    CONSTRAINT api_tokens_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
    CONSTRAINT api_tokens_name_check CHECK (name <> ''::text),
    CONSTRAINT api_tokens_roles_check CHECK (roles <@ ARRAY['coordinator'::text, 'caseworker'::text, 'reviewer'::text, 'translator'::text, 'tracker'::text, 'auditor'::text, 'administrator'::text]),
    CONSTRAINT api_tokens_token_hash_check CHECK (octet_length(token_hash) = 32)
);

CREATE TABLE appeal_texts (
    appeal_id bigint NOT NULL,
    language text NOT NULL,
    subject text NOT NULL,
    headline text NOT NULL,
    body text NOT NULL,
    CONSTRAINT appeal_texts_pkey PRIMARY KEY (appeal_id, language),
    CONSTRAINT appeal_texts_appeal_id_fkey FOREIGN KEY (appeal_id) REFERENCES appeals(id),
    CONSTRAINT appeal_texts_body_check CHECK (body <> ''::text),
    CONSTRAINT appeal_texts_headline_check CHECK (headline <> ''::text),
    CONSTRAINT appeal_texts_language_check CHECK (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'::text),
    CONSTRAINT appeal_texts_subject_check CHECK (subject <> ''::text)
);

CREATE TABLE appeals (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    campaign_id bigint NOT NULL,
    kind text NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    asking boolean DEFAULT false NOT NULL,
    on_unknown text DEFAULT 'resend'::text NOT NULL,
    audience_groups bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    audience_languages text[] DEFAULT '{}'::text[] NOT NULL,
    audience_countries text[] DEFAULT '{}'::text[] NOT NULL,
    created_by bigint,
    created_at timestamp with time zone DEFAULT now_at() NOT NULL,
    launched_by bigint,
    launched_at timestamp with time zone,
    covered_until timestamp with time zone,
    filled_to bigint DEFAULT 0 NOT NULL,
    filled_at timestamp with time zone,
    eligible bigint,
    stopping_at timestamp with time zone,
    stopped_at timestamp with time zone,
    completed_at timestamp with time zone,
    stop_reason text,
    leave_out_campaigns bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    leave_out_case boolean DEFAULT false NOT NULL,
    expires_at timestamp with time zone,
    audience_named boolean DEFAULT false NOT NULL,
    CONSTRAINT appeals_pkey PRIMARY KEY (id),
    CONSTRAINT appeals_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
    CONSTRAINT appeals_created_by_fkey FOREIGN KEY (created_by) REFERENCES accounts(id),
    CONSTRAINT appeals_launched_by_fkey FOREIGN KEY (launched_by) REFERENCES accounts(id),
    CONSTRAINT appeals_check CHECK ((state = 'draft'::text) = (launched_at IS NULL)),
    CONSTRAINT appeals_check1 CHECK ((state = 'complete'::text) <= (filled_at IS NOT NULL AND eligible IS NOT NULL)),
    CONSTRAINT appeals_check2 CHECK ((state = 'complete'::text) = (completed_at IS NOT NULL)),
    CONSTRAINT appeals_check3 CHECK ((state = ANY (ARRAY['stopping'::text, 'stopped'::text])) = (stopping_at IS NOT NULL)),
    CONSTRAINT appeals_check4 CHECK ((state = 'stopped'::text) = (stopped_at IS NOT NULL)),
    CONSTRAINT appeals_expires CHECK ((launched_at IS NOT NULL AND NOT asking) = (expires_at IS NOT NULL)),
    CONSTRAINT appeals_first_leaves_out CHECK (kind = 'first'::text OR leave_out_campaigns = '{}'::bigint[] AND NOT leave_out_case),
    CONSTRAINT appeals_kind_check CHECK (kind = ANY (ARRAY['first'::text, 'update'::text, 'stop_action'::text, 'outcome'::text, 'correction'::text])),
    CONSTRAINT appeals_named_follow CHECK (NOT audience_named OR kind <> 'first'::text),
    CONSTRAINT appeals_on_unknown_check CHECK (on_unknown = ANY (ARRAY['resend'::text, 'hold'::text])),
    CONSTRAINT appeals_state_check CHECK (state = ANY (ARRAY['draft'::text, 'issuing'::text, 'complete'::text, 'stopping'::text, 'stopped'::text])),
    CONSTRAINT appeals_stop_reason_check CHECK (stop_reason = ANY (ARRAY['blocked'::text, 'unwritable'::text])),
    CONSTRAINT appeals_stop_reason_state CHECK (stop_reason IS NULL OR (state = ANY (ARRAY['stopping'::text, 'stopped'::text])))
);
CREATE INDEX appeals_campaign ON appeals USING btree (campaign_id);
CREATE INDEX appeals_live ON appeals USING btree (id) WHERE state = ANY (ARRAY['issuing'::text, 'stopping'::text]);
CREATE UNIQUE INDEX appeals_one_first ON appeals USING btree (campaign_id) WHERE kind = 'first'::text;
CREATE TRIGGER appeals_kept BEFORE DELETE OR TRUNCATE ON appeals FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

CREATE TABLE ask_targets (
    campaign_id bigint NOT NULL,
    ask_id bigint NOT NULL,
    target_id bigint NOT NULL,
    CONSTRAINT ask_targets_pkey PRIMARY KEY (ask_id, target_id),
    CONSTRAINT ask_targets_campaign_id_ask_id_fkey FOREIGN KEY (campaign_id, ask_id) REFERENCES asks(campaign_id, id),
    CONSTRAINT ask_targets_of_campaign FOREIGN KEY (campaign_id, target_id) REFERENCES campaign_targets(campaign_id, target_id)
);
CREATE INDEX ask_targets_target ON ask_targets USING btree (campaign_id, target_id);

CREATE TABLE asks (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    campaign_id bigint NOT NULL,
    code text NOT NULL,
    "position" integer NOT NULL,
    texts jsonb NOT NULL,
    CONSTRAINT asks_pkey PRIMARY KEY (id),
    CONSTRAINT asks_campaign_id_code_key UNIQUE (campaign_id, code),
    CONSTRAINT asks_campaign_id_id_key UNIQUE (campaign_id, id),
    CONSTRAINT asks_campaign_id_position_key UNIQUE (campaign_id, "position") DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT asks_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
    CONSTRAINT asks_code_check CHECK (code ~ '^[a-z][a-z0-9]{0,15}$'::text),
    CONSTRAINT asks_texts_check CHECK (jsonb_typeof(texts) = 'object'::text AND texts <> '{}'::jsonb)
);

CREATE TABLE audit_events (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    at timestamp with time zone DEFAULT now_at() NOT NULL,
    actor text NOT NULL,
    account_id bigint,
    action text NOT NULL,
    subject text NOT NULL,
    subject_id bigint,
    before bytea,
    after bytea,
    CONSTRAINT audit_events_pkey PRIMARY KEY (id),
    CONSTRAINT audit_events_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
    CONSTRAINT audit_events_action_check CHECK (action <> ''::text),
    CONSTRAINT audit_events_actor_check CHECK (actor = ANY (ARRAY['account'::text, 'member'::text, 'system'::text])),
    CONSTRAINT audit_events_check CHECK ((actor = 'account'::text) = (account_id IS NOT NULL)),
    CONSTRAINT audit_events_subject_check CHECK (subject <> ''::text)
);
CREATE INDEX audit_events_subject ON audit_events USING btree (subject, subject_id, id);
CREATE TRIGGER audit_events_written_once BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE batches (
    appeal_id bigint NOT NULL,
    first_member bigint NOT NULL,
    last_member bigint NOT NULL,
    covered_until timestamp with time zone NOT NULL,
    turn integer DEFAULT 0 NOT NULL,
    CONSTRAINT batches_pkey PRIMARY KEY (appeal_id, first_member),
    CONSTRAINT batches_appeal_id_fkey FOREIGN KEY (appeal_id) REFERENCES appeals(id),
    CONSTRAINT batches_check CHECK (first_member <= last_member)
);

CREATE TABLE budgets (
    name text NOT NULL,
    next_at timestamp with time zone DEFAULT now_at() NOT NULL,
    urgent_until timestamp with time zone DEFAULT now_at() NOT NULL,
    CONSTRAINT budgets_pkey PRIMARY KEY (name),
    CONSTRAINT budgets_name_check CHECK (name <> ''::text)
) WITH (fillfactor=50);

CREATE TABLE campaign_targets (
    campaign_id bigint NOT NULL,
    target_id bigint NOT NULL,
    "position" integer NOT NULL,
    side text NOT NULL,
    added_by bigint,
    agreed_by bigint,
    CONSTRAINT campaign_targets_pkey PRIMARY KEY (campaign_id, target_id),
    CONSTRAINT campaign_targets_added_by_fkey FOREIGN KEY (added_by) REFERENCES accounts(id),
    CONSTRAINT campaign_targets_agreed_by_fkey FOREIGN KEY (agreed_by) REFERENCES accounts(id),
    CONSTRAINT campaign_targets_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
    CONSTRAINT campaign_targets_target_id_fkey FOREIGN KEY (target_id) REFERENCES targets(id),
    CONSTRAINT campaign_targets_check CHECK (agreed_by <> added_by),
    CONSTRAINT campaign_targets_check1 CHECK (side <> 'receiving'::text OR added_by IS NOT NULL),
    CONSTRAINT campaign_targets_side_check CHECK (side = ANY (ARRAY['removing'::text, 'receiving'::text, 'third'::text, 'intergovernmental'::text]))
);

CREATE TABLE campaigns (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    case_id bigint,
    series text NOT NULL,
    number integer NOT NULL,
    year integer NOT NULL,
    slug text NOT NULL,
    title text NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    urgent boolean DEFAULT true NOT NULL,
    fallback_language text DEFAULT 'en'::text NOT NULL,
    deadline_day date NOT NULL,
    deadline_time time without time zone,
    deadline_zone text NOT NULL,
    deadline_inclusive boolean NOT NULL,
    deadline_at timestamp with time zone NOT NULL,
    after_deadline text DEFAULT 'ask_coordinator'::text NOT NULL,
    outcome text,
    outcome_note text DEFAULT ''::text NOT NULL,
    durability text,
    contribution text,
    created_by bigint,
    created_at timestamp with time zone DEFAULT now_at() NOT NULL,
    closed_at timestamp with time zone,
    counter_from integer,
    stopped_at timestamp with time zone,
    CONSTRAINT campaigns_pkey PRIMARY KEY (id),
    CONSTRAINT campaigns_series_year_number_key UNIQUE (series, year, number),
    CONSTRAINT campaigns_slug_key UNIQUE (slug),
    CONSTRAINT campaigns_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    CONSTRAINT campaigns_created_by_fkey FOREIGN KEY (created_by) REFERENCES accounts(id),
    CONSTRAINT campaigns_after_deadline_check CHECK (after_deadline = ANY (ARRAY['ask_coordinator'::text, 'forbidden'::text, 'open'::text])),
    CONSTRAINT campaigns_check CHECK ((state = 'closed'::text) = (outcome IS NOT NULL)),
    CONSTRAINT campaigns_check1 CHECK ((state = 'closed'::text) = (closed_at IS NOT NULL)),
    CONSTRAINT campaigns_contribution_check CHECK (contribution = ANY (ARRAY['unknown'::text, 'acknowledged_by_counsel'::text, 'acknowledged_by_authority'::text])),
    CONSTRAINT campaigns_counter_from_check CHECK (counter_from >= 1 AND counter_from <= 1000000),
    CONSTRAINT campaigns_durability_check CHECK (durability = ANY (ARRAY['temporary'::text, 'durable'::text, 'unknown'::text])),
    CONSTRAINT campaigns_number_check CHECK (number > 0),
    CONSTRAINT campaigns_outcome_check CHECK (outcome = ANY (ARRAY['deferred'::text, 'stay_granted'::text, 'interim_measures'::text, 'released'::text, 'status_granted'::text, 'application_allowed'::text, 'removed'::text, 'removal_failed'::text, 'left_under_pressure'::text, 'in_sanctuary'::text, 'detained_on_arrival'::text, 'missing_after_return'::text, 'policy_changed'::text, 'unknown'::text])),
    CONSTRAINT campaigns_series_check CHECK (series ~ '^[A-Z]{1,6}$'::text),
    CONSTRAINT campaigns_slug_check CHECK (slug ~ '^[a-z2-7]{16,}$'::text),
    CONSTRAINT campaigns_state_check CHECK (state = ANY (ARRAY['draft'::text, 'active'::text, 'stopped'::text, 'closed'::text])),
    CONSTRAINT campaigns_title_check CHECK (title <> ''::text),
    CONSTRAINT campaigns_year_check CHECK (year >= 1961 AND year <= 9999)
);

CREATE TABLE case_files (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    campaign_id bigint NOT NULL,
    made_by bigint,
    made_at timestamp with time zone DEFAULT now_at() NOT NULL,
    hash bytea NOT NULL,
    entries jsonb NOT NULL,
    CONSTRAINT case_files_pkey PRIMARY KEY (id),
    CONSTRAINT case_files_hash_key UNIQUE (hash),
    CONSTRAINT case_files_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
    CONSTRAINT case_files_made_by_fkey FOREIGN KEY (made_by) REFERENCES accounts(id),
    CONSTRAINT case_files_entries_check CHECK (jsonb_typeof(entries) = 'array'::text),
    CONSTRAINT case_files_hash_check CHECK (octet_length(hash) = 32)
);
CREATE INDEX case_files_campaign ON case_files USING btree (campaign_id, id);

CREATE TABLE cases (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    ref text NOT NULL,
    headline text NOT NULL,
    concerns text[] DEFAULT '{}'::text[] NOT NULL,
    removing_country text NOT NULL,
    receiving_country text NOT NULL,
    nationality_country text,
    removal_timing text NOT NULL,
    removal_at timestamp with time zone,
    removal_until timestamp with time zone,
    removal_zone text,
    state text DEFAULT 'open'::text NOT NULL,
    origin_state_knows boolean DEFAULT false NOT NULL,
    origin_state_reason text,
    origin_state_by bigint,
    created_by bigint,
    created_at timestamp with time zone DEFAULT now_at() NOT NULL,
    CONSTRAINT cases_pkey PRIMARY KEY (id),
    CONSTRAINT cases_ref_key UNIQUE (ref),
    CONSTRAINT cases_created_by_fkey FOREIGN KEY (created_by) REFERENCES accounts(id),
    CONSTRAINT cases_origin_state_by_fkey FOREIGN KEY (origin_state_by) REFERENCES accounts(id),
    CONSTRAINT cases_check CHECK (removing_country <> receiving_country),
    CONSTRAINT cases_check1 CHECK ((removal_timing = ANY (ARRAY['exact'::text, 'window'::text])) <= (removal_at IS NOT NULL)),
    CONSTRAINT cases_check2 CHECK ((removal_timing = 'window'::text) = (removal_until IS NOT NULL)),
    CONSTRAINT cases_check3 CHECK (removal_until > removal_at),
    CONSTRAINT cases_check4 CHECK ((removal_at IS NULL) = (removal_zone IS NULL)),
    CONSTRAINT cases_check5 CHECK ((removal_timing <> ALL (ARRAY['any_time'::text, 'none'::text])) OR removal_at IS NULL),
    CONSTRAINT cases_check6 CHECK (origin_state_knows = (origin_state_reason IS NOT NULL AND origin_state_reason <> ''::text)),
    CONSTRAINT cases_check7 CHECK (NOT origin_state_knows OR origin_state_by IS NOT NULL),
    CONSTRAINT cases_headline_check CHECK (headline <> ''::text),
    CONSTRAINT cases_nationality_country_check CHECK (nationality_country ~ '^[A-Z]{2}$'::text),
    CONSTRAINT cases_receiving_country_check CHECK (receiving_country ~ '^[A-Z]{2}$'::text),
    CONSTRAINT cases_ref_check CHECK (ref <> ''::text),
    CONSTRAINT cases_removal_timing_check CHECK (removal_timing = ANY (ARRAY['exact'::text, 'window'::text, 'any_time'::text, 'none'::text, 'done'::text])),
    CONSTRAINT cases_removing_country_check CHECK (removing_country ~ '^[A-Z]{2}$'::text),
    CONSTRAINT cases_state_check CHECK (state = ANY (ARRAY['open'::text, 'closed'::text]))
);

CREATE TABLE channel_marks (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    target_id bigint NOT NULL,
    channel text NOT NULL,
    why text NOT NULL,
    letter_id bigint,
    marked_at timestamp with time zone DEFAULT now_at() NOT NULL,
    cleared_at timestamp with time zone,
    cleared_by bigint,
    CONSTRAINT channel_marks_pkey PRIMARY KEY (id),
    CONSTRAINT channel_marks_cleared_by_fkey FOREIGN KEY (cleared_by) REFERENCES accounts(id),
    CONSTRAINT channel_marks_letter_id_fkey FOREIGN KEY (letter_id) REFERENCES letters(id),
    CONSTRAINT channel_marks_target_id_fkey FOREIGN KEY (target_id) REFERENCES targets(id),
    CONSTRAINT channel_marks_channel_check CHECK (channel = ANY (ARRAY['email'::text, 'post'::text, 'fax'::text, 'phone'::text, 'social'::text, 'web_form'::text])),
    CONSTRAINT channel_marks_check CHECK ((cleared_at IS NULL) = (cleared_by IS NULL)),
    CONSTRAINT channel_marks_why_check CHECK (why = ANY (ARRAY['returned'::text, 'refused'::text, 'told'::text]))
);
CREATE INDEX channel_marks_open ON channel_marks USING btree (target_id) WHERE cleared_at IS NULL;

CREATE TABLE deliveries (
    appeal_id bigint NOT NULL,
    member_id bigint NOT NULL,
    language text NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    reason text,
    window_id bigint,
    attempts smallint DEFAULT 0 NOT NULL,
    unknowns smallint DEFAULT 0 NOT NULL,
    due_at timestamp with time zone,
    code smallint,
    reply text,
    hash bytea,
    settled_at timestamp with time zone,
    CONSTRAINT deliveries_pkey PRIMARY KEY (appeal_id, member_id),
    CONSTRAINT deliveries_check CHECK ((state = 'sending'::text) = (window_id IS NOT NULL)),
    CONSTRAINT deliveries_check1 CHECK ((state = 'deferred'::text) = (due_at IS NOT NULL)),
    CONSTRAINT deliveries_check2 CHECK ((state = ANY (ARRAY['refused'::text, 'skipped'::text, 'unknown'::text])) <= (reason IS NOT NULL)),
    CONSTRAINT deliveries_check3 CHECK ((state = ANY (ARRAY['accepted'::text, 'refused'::text, 'unknown'::text, 'skipped'::text])) = (settled_at IS NOT NULL)),
    CONSTRAINT deliveries_check4 CHECK (state <> 'accepted'::text OR code IS NOT NULL AND code >= 200 AND code <= 299 AND reply IS NOT NULL),
    CONSTRAINT deliveries_reason_check CHECK (reason = ANY (ARRAY['left'::text, 'suppressed'::text, 'too_late'::text, 'duplicate'::text, 'erased'::text, 'unwritable'::text, 'address'::text, 'content'::text, 'us'::text, 'gave_up'::text, 'silence'::text, 'process'::text, 'bytes_changed'::text, 'limit'::text, 'slowed'::text])),
    CONSTRAINT deliveries_state_check CHECK (state = ANY (ARRAY['queued'::text, 'sending'::text, 'accepted'::text, 'refused'::text, 'deferred'::text, 'unknown'::text, 'skipped'::text])),
    CONSTRAINT deliveries_unknowns_check CHECK (unknowns >= 0 AND unknowns <= 2)
) WITH (autovacuum_vacuum_scale_factor=0.05, fillfactor=35);

CREATE TABLE editions (
    appeal_id bigint NOT NULL,
    language text NOT NULL,
    text_language text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    mark text NOT NULL,
    CONSTRAINT editions_pkey PRIMARY KEY (appeal_id, language),
    CONSTRAINT editions_appeal_id_fkey FOREIGN KEY (appeal_id) REFERENCES appeals(id),
    CONSTRAINT editions_mark_check CHECK (length(mark) >= 16)
);

CREATE TABLE groups (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    name text NOT NULL,
    city text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now_at() NOT NULL,
    CONSTRAINT groups_pkey PRIMARY KEY (id),
    CONSTRAINT groups_name_key UNIQUE (name),
    CONSTRAINT groups_name_check CHECK (name <> ''::text)
);

CREATE TABLE left_out (
    appeal_id bigint NOT NULL,
    member_id bigint NOT NULL,
    CONSTRAINT left_out_pkey PRIMARY KEY (appeal_id, member_id),
    CONSTRAINT left_out_appeal_id_fkey FOREIGN KEY (appeal_id) REFERENCES appeals(id)
);

CREATE TABLE letter_lines (
    target_id bigint NOT NULL,
    tail_at timestamp with time zone DEFAULT now_at() NOT NULL,
    stopped_at timestamp with time zone,
    stopped_by bigint,
    CONSTRAINT letter_lines_pkey PRIMARY KEY (target_id),
    CONSTRAINT letter_lines_stopped_by_fkey FOREIGN KEY (stopped_by) REFERENCES accounts(id),
    CONSTRAINT letter_lines_target_id_fkey FOREIGN KEY (target_id) REFERENCES targets(id)
) WITH (fillfactor=50);

CREATE TABLE letter_mails (
    letter_id bigint NOT NULL,
    state text DEFAULT 'unconfirmed'::text NOT NULL,
    reason text,
    writer_sealed bytea,
    text_sealed bytea,
    writer_index bytea,
    fingerprint bytea,
    asked_at timestamp with time zone DEFAULT now_at() NOT NULL,
    asked_mailed boolean DEFAULT false NOT NULL,
    confirmed_at timestamp with time zone,
    due_at timestamp with time zone,
    lease_until timestamp with time zone,
    attempts smallint DEFAULT 0 NOT NULL,
    code smallint,
    reply text,
    settled_at timestamp with time zone,
    told_at timestamp with time zone,
    erased_at timestamp with time zone,
    claim bigint DEFAULT 0 NOT NULL,
    CONSTRAINT letter_mails_pkey PRIMARY KEY (letter_id),
    CONSTRAINT letter_mails_letter_id_fkey FOREIGN KEY (letter_id) REFERENCES letters(id),
    CONSTRAINT letter_mails_check CHECK ((state = ANY (ARRAY['unconfirmed'::text, 'withdrawn'::text, 'lapsed'::text])) OR confirmed_at IS NOT NULL),
    CONSTRAINT letter_mails_check1 CHECK ((state = 'queued'::text) <= (due_at IS NOT NULL)),
    CONSTRAINT letter_mails_check2 CHECK ((state = 'sending'::text) = (lease_until IS NOT NULL)),
    CONSTRAINT letter_mails_check3 CHECK ((state = ANY (ARRAY['refused'::text, 'unknown'::text, 'lapsed'::text])) <= (reason IS NOT NULL)),
    CONSTRAINT letter_mails_check4 CHECK ((state = ANY (ARRAY['sent'::text, 'refused'::text, 'unknown'::text, 'withdrawn'::text, 'lapsed'::text])) = (settled_at IS NOT NULL)),
    CONSTRAINT letter_mails_check5 CHECK (state <> 'sent'::text OR code IS NOT NULL AND code >= 200 AND code <= 299 AND reply IS NOT NULL),
    CONSTRAINT letter_mails_check6 CHECK ((erased_at IS NULL) = (text_sealed IS NOT NULL)),
    CONSTRAINT letter_mails_check7 CHECK ((erased_at IS NULL) = (writer_sealed IS NOT NULL)),
    CONSTRAINT letter_mails_reason_check CHECK (reason = ANY (ARRAY['closed'::text, 'too_late'::text, 'unconfirmed'::text, 'target_stopped'::text, 'no_address'::text, 'writer_left'::text, 'address'::text, 'content'::text, 'us'::text, 'gave_up'::text, 'silence'::text, 'process'::text])),
    CONSTRAINT letter_mails_state_check CHECK (state = ANY (ARRAY['unconfirmed'::text, 'queued'::text, 'sending'::text, 'sent'::text, 'refused'::text, 'unknown'::text, 'withdrawn'::text, 'lapsed'::text]))
);
CREATE INDEX letter_mails_kept ON letter_mails USING btree (settled_at) WHERE erased_at IS NULL;
CREATE INDEX letter_mails_open ON letter_mails USING btree (due_at) WHERE state = ANY (ARRAY['queued'::text, 'sending'::text]);
CREATE INDEX letter_mails_writer ON letter_mails USING btree (writer_index, asked_at) WHERE writer_index IS NOT NULL;

CREATE TABLE letters (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    campaign_id bigint NOT NULL,
    appeal_id bigint,
    member_id bigint,
    target_id bigint NOT NULL,
    channel text NOT NULL,
    grade text DEFAULT 'reported'::text NOT NULL,
    copies integer NOT NULL,
    written_on date NOT NULL,
    reported_at timestamp with time zone DEFAULT now_at() NOT NULL,
    corrected_at timestamp with time zone,
    withdrawn_at timestamp with time zone,
    visitor_id bigint,
    group_id bigint,
    recorded_by bigint,
    state text DEFAULT 'counted'::text NOT NULL,
    set_aside text,
    reviewed_by bigint,
    reviewed_at timestamp with time zone,
    returned_at timestamp with time zone,
    language text,
    code text,
    CONSTRAINT letters_pkey PRIMARY KEY (id),
    CONSTRAINT letters_code_key UNIQUE (code),
    CONSTRAINT letters_appeal_id_fkey FOREIGN KEY (appeal_id) REFERENCES appeals(id),
    CONSTRAINT letters_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
    CONSTRAINT letters_group_id_fkey FOREIGN KEY (group_id) REFERENCES groups(id),
    CONSTRAINT letters_member_id_fkey FOREIGN KEY (member_id) REFERENCES members(id),
    CONSTRAINT letters_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES accounts(id),
    CONSTRAINT letters_reviewed_by_fkey FOREIGN KEY (reviewed_by) REFERENCES accounts(id),
    CONSTRAINT letters_target_id_fkey FOREIGN KEY (target_id) REFERENCES targets(id),
    CONSTRAINT letters_visitor_id_fkey FOREIGN KEY (visitor_id) REFERENCES visitors(id),
    CONSTRAINT letters_batch CHECK ((grade = 'batch'::text) = (group_id IS NOT NULL) AND (grade <> 'batch'::text OR visitor_id IS NULL)),
    CONSTRAINT letters_channel CHECK (channel = ANY (ARRAY['email'::text, 'post'::text, 'fax'::text, 'phone'::text, 'social'::text, 'web_form'::text, 'unsaid'::text])),
    CONSTRAINT letters_code_check CHECK (code ~ '^[0-9A-Z]{8}$'::text),
    CONSTRAINT letters_copies CHECK (copies >= 1 AND copies <=
CASE
    WHEN grade = 'batch'::text THEN 5000
    ELSE 50
END),
    CONSTRAINT letters_grade CHECK (grade = ANY (ARRAY['sent'::text, 'confirmed'::text, 'paper'::text, 'reported'::text, 'batch'::text])),
    CONSTRAINT letters_on_paper CHECK (grade <> 'paper'::text OR channel = 'post'::text),
    CONSTRAINT letters_returned CHECK ((state = 'returned'::text) <= (returned_at IS NOT NULL)),
    CONSTRAINT letters_sent_by_mail CHECK ((grade <> ALL (ARRAY['sent'::text, 'confirmed'::text])) OR channel = 'email'::text),
    CONSTRAINT letters_set_aside CHECK ((state = 'set_aside'::text) <= (set_aside IS NOT NULL)),
    CONSTRAINT letters_set_aside_check CHECK (set_aside = ANY (ARRAY['many'::text, 'burst'::text])),
    CONSTRAINT letters_state_check CHECK (state = ANY (ARRAY['made'::text, 'counted'::text, 'set_aside'::text, 'returned'::text, 'withdrawn'::text])),
    CONSTRAINT letters_withdrawn CHECK ((state = 'withdrawn'::text) = (withdrawn_at IS NOT NULL)),
    CONSTRAINT letters_writer CHECK ((appeal_id IS NULL) = (member_id IS NULL) AND (visitor_id IS NULL OR member_id IS NULL) AND (visitor_id IS NOT NULL OR member_id IS NOT NULL OR recorded_by IS NOT NULL))
);
CREATE INDEX letters_aside ON letters USING btree (id) WHERE state = 'set_aside'::text;
CREATE INDEX letters_campaign ON letters USING btree (campaign_id, target_id, channel);
CREATE INDEX letters_member ON letters USING btree (member_id) WHERE member_id IS NOT NULL;
CREATE UNIQUE INDEX letters_of_evening ON letters USING btree (group_id, campaign_id, target_id, channel, written_on) WHERE grade = 'batch'::text;
CREATE UNIQUE INDEX letters_of_member ON letters USING btree (appeal_id, member_id, target_id, channel) WHERE member_id IS NOT NULL AND grade <> 'batch'::text;
CREATE UNIQUE INDEX letters_of_visitor ON letters USING btree (visitor_id, target_id, channel) WHERE visitor_id IS NOT NULL;
CREATE INDEX letters_target ON letters USING btree (target_id, id);

CREATE TABLE mailing_consents (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    member_id bigint NOT NULL,
    source text NOT NULL,
    given_on date NOT NULL,
    words text NOT NULL,
    recorded_by bigint,
    joined_at timestamp with time zone DEFAULT now_at() NOT NULL,
    left_at timestamp with time zone,
    left_how text,
    CONSTRAINT mailing_consents_pkey PRIMARY KEY (id),
    CONSTRAINT mailing_consents_member_id_fkey FOREIGN KEY (member_id) REFERENCES members(id),
    CONSTRAINT mailing_consents_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES accounts(id),
    CONSTRAINT mailing_consents_check CHECK ((left_at IS NULL) = (left_how IS NULL)),
    CONSTRAINT mailing_consents_check1 CHECK (left_at >= joined_at),
    CONSTRAINT mailing_consents_left_how_check CHECK (left_how = ANY (ARRAY['one_click'::text, 'page'::text, 'mail'::text, 'complaint'::text, 'staff'::text, 'import'::text, 'erased'::text])),
    CONSTRAINT mailing_consents_source_check CHECK (source <> ''::text),
    CONSTRAINT mailing_consents_words_check CHECK (words <> ''::text)
);
CREATE INDEX mailing_consents_member ON mailing_consents USING btree (member_id);
CREATE UNIQUE INDEX mailing_consents_open ON mailing_consents USING btree (member_id) WHERE left_at IS NULL;

CREATE TABLE member_moves (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    member_id bigint NOT NULL,
    moved_at timestamp with time zone DEFAULT now_at() NOT NULL,
    language text NOT NULL,
    country text,
    group_id bigint,
    CONSTRAINT member_moves_pkey PRIMARY KEY (id),
    CONSTRAINT member_moves_member_id_fkey FOREIGN KEY (member_id) REFERENCES members(id)
);
CREATE INDEX member_moves_at ON member_moves USING btree (moved_at);

CREATE TABLE members (
    id bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
    address_sealed bytea,
    address_index bytea,
    address_domain text,
    name_sealed bytea,
    language text NOT NULL,
    country text,
    group_id bigint,
    created_at timestamp with time zone DEFAULT now_at() NOT NULL,
    erased_at timestamp with time zone,
    CONSTRAINT members_pkey PRIMARY KEY (id),
    CONSTRAINT members_address_index_key UNIQUE (address_index),
    CONSTRAINT members_group_id_fkey FOREIGN KEY (group_id) REFERENCES groups(id),
    CONSTRAINT members_check CHECK ((erased_at IS NULL) = (address_sealed IS NOT NULL)),
    CONSTRAINT members_check1 CHECK ((erased_at IS NULL) = (address_index IS NOT NULL)),
    CONSTRAINT members_check2 CHECK ((erased_at IS NULL) = (address_domain IS NOT NULL)),
    CONSTRAINT members_country_check CHECK (country ~ '^[A-Z]{2}$'::text),
    CONSTRAINT members_language_check CHECK (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'::text)
);
CREATE INDEX members_group ON members USING btree (group_id);
CREATE TRIGGER members_kept BEFORE DELETE OR TRUNCATE ON members FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER members_moved AFTER UPDATE OF language, country, group_id ON members FOR EACH ROW WHEN (old.language IS DISTINCT FROM new.language OR old.country IS DISTINCT FROM new.country OR old.group_id IS DISTINCT FROM new.group_id) EXECUTE FUNCTION keep_member_move();

CREATE TABLE named_members (
    appeal_id bigint NOT NULL,
    member_id bigint NOT NULL,
    CONSTRAINT named_members_pkey PRIMARY KEY (appeal_id, member_id),
    CONSTRAINT named_members_appeal_id_fkey FOREIGN KEY (appeal_id) REFERENCES appeals(id),
    CONSTRAINT named_members_member_id_fkey FOREIGN KEY (member_id) REFERENCES members(id)
);

CREATE TABLE pauses (
    provider text NOT NULL,
    step smallint NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    code smallint NOT NULL,
    enhanced text NOT NULL,
    eased boolean DEFAULT false NOT NULL,
    CONSTRAINT pauses_pkey PRIMARY KEY (provider),
    CONSTRAINT pauses_check CHECK (until >= since),
    CONSTRAINT pauses_code_check CHECK (code >= 400 AND code <= 499),
    CONSTRAINT pauses_enhanced_check CHECK (enhanced = ''::text OR enhanced ~ '^4\.[0-9]{1,3}\.[0-9]{1,3}$'::text),
    CONSTRAINT pauses_provider_check CHECK (provider <> ''::text),
    CONSTRAINT pauses_step_check CHECK (step >= 0)
);

CREATE TABLE persons (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    case_id bigint NOT NULL,
    "position" integer NOT NULL,
    published_as text NOT NULL,
    pronoun text DEFAULT ''::text NOT NULL,
    is_minor boolean DEFAULT false NOT NULL,
    CONSTRAINT persons_pkey PRIMARY KEY (id),
    CONSTRAINT persons_case_id_position_key UNIQUE (case_id, "position"),
    CONSTRAINT persons_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
    CONSTRAINT persons_published_as_check CHECK (published_as <> ''::text)
);

CREATE TABLE positions (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    target_id bigint NOT NULL,
    campaign_id bigint NOT NULL,
    reply_id bigint,
    topic text DEFAULT ''::text NOT NULL,
    "position" text NOT NULL,
    recorded_by bigint,
    recorded_at timestamp with time zone DEFAULT now_at() NOT NULL,
    CONSTRAINT positions_pkey PRIMARY KEY (id),
    CONSTRAINT positions_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
    CONSTRAINT positions_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES accounts(id),
    CONSTRAINT positions_reply_id_fkey FOREIGN KEY (reply_id) REFERENCES replies(id),
    CONSTRAINT positions_target_id_fkey FOREIGN KEY (target_id) REFERENCES targets(id),
    CONSTRAINT positions_position_check CHECK ("position" = ANY (ARRAY['agreed'::text, 'refused'::text, 'form_answer'::text]))
);
CREATE INDEX positions_target ON positions USING btree (target_id, campaign_id, id);

CREATE TABLE postal_routes (
    from_country text NOT NULL,
    to_country text NOT NULL,
    transit_days integer NOT NULL,
    postage text DEFAULT ''::text NOT NULL,
    suspended_from date,
    suspended_until date,
    verified_on date,
    CONSTRAINT postal_routes_pkey PRIMARY KEY (from_country, to_country),
    CONSTRAINT postal_routes_check CHECK (suspended_until >= suspended_from),
    CONSTRAINT postal_routes_from_country_check CHECK (from_country ~ '^[A-Z]{2}$'::text),
    CONSTRAINT postal_routes_to_country_check CHECK (to_country ~ '^[A-Z]{2}$'::text),
    CONSTRAINT postal_routes_transit_days_check CHECK (transit_days >= 1 AND transit_days <= 120)
);

CREATE TABLE relay_reports (
    process text NOT NULL,
    relay text NOT NULL,
    version text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    connections integer NOT NULL,
    per_second real NOT NULL,
    step text,
    code smallint,
    CONSTRAINT relay_reports_pkey PRIMARY KEY (process, relay),
    CONSTRAINT relay_reports_connections_check CHECK (connections >= 0),
    CONSTRAINT relay_reports_per_second_check CHECK (per_second >= 0::double precision),
    CONSTRAINT relay_reports_process_check CHECK (process <> ''::text),
    CONSTRAINT relay_reports_relay_check CHECK (relay <> ''::text),
    CONSTRAINT relay_reports_state_check CHECK (state = ANY (ARRAY['idle'::text, 'open'::text, 'down'::text, 'refuses_us'::text]))
) WITH (fillfactor=50);

CREATE TABLE replies (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    came text NOT NULL,
    received_at timestamp with time zone DEFAULT now_at() NOT NULL,
    answered_on date,
    campaign_id bigint,
    target_id bigint,
    member_id bigint,
    state text DEFAULT 'unread'::text NOT NULL,
    kind text,
    kind_guessed text,
    automatic boolean DEFAULT false NOT NULL,
    from_sealed bytea,
    subject_sealed bytea,
    text_sealed bytea,
    shown_sealed bytea,
    mail_hash bytea,
    recorded_by bigint,
    settled_by bigint,
    settled_at timestamp with time zone,
    CONSTRAINT replies_pkey PRIMARY KEY (id),
    CONSTRAINT replies_mail_hash_key UNIQUE (mail_hash),
    CONSTRAINT replies_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
    CONSTRAINT replies_member_id_fkey FOREIGN KEY (member_id) REFERENCES members(id),
    CONSTRAINT replies_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES accounts(id),
    CONSTRAINT replies_settled_by_fkey FOREIGN KEY (settled_by) REFERENCES accounts(id),
    CONSTRAINT replies_target_id_fkey FOREIGN KEY (target_id) REFERENCES targets(id),
    CONSTRAINT replies_came_check CHECK (came = ANY (ARRAY['mail'::text, 'forward'::text, 'scan'::text, 'alert'::text])),
    CONSTRAINT replies_check CHECK ((state = 'settled'::text) <= (settled_at IS NOT NULL)),
    CONSTRAINT replies_check1 CHECK (state <> 'settled'::text OR kind IS NOT NULL AND target_id IS NOT NULL),
    CONSTRAINT replies_kind_check CHECK (kind = ANY (ARRAY['acknowledgement'::text, 'form_answer'::text, 'substantive'::text, 'referral'::text, 'refusal_to_comment'::text, 'returned'::text, 'hostile'::text, 'asks_identity'::text])),
    CONSTRAINT replies_state_check CHECK (state = ANY (ARRAY['unread'::text, 'read'::text, 'settled'::text, 'not_an_answer'::text]))
);
CREATE INDEX replies_campaign ON replies USING btree (campaign_id, id);
CREATE INDEX replies_state ON replies USING btree (state, id);
CREATE INDEX replies_target ON replies USING btree (target_id, id);

CREATE TABLE reply_files (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    reply_id bigint NOT NULL,
    "position" integer NOT NULL,
    type text NOT NULL,
    bytes integer NOT NULL,
    hash bytea NOT NULL,
    content_sealed bytea NOT NULL,
    CONSTRAINT reply_files_pkey PRIMARY KEY (id),
    CONSTRAINT reply_files_reply_id_position_key UNIQUE (reply_id, "position"),
    CONSTRAINT reply_files_reply_id_fkey FOREIGN KEY (reply_id) REFERENCES replies(id),
    CONSTRAINT reply_files_bytes_check CHECK (bytes > 0),
    CONSTRAINT reply_files_hash_check CHECK (octet_length(hash) = 32),
    CONSTRAINT reply_files_type_check CHECK (type = ANY (ARRAY['application/pdf'::text, 'image/jpeg'::text, 'image/png'::text, 'text/plain'::text, 'message/rfc822'::text]))
);

CREATE TABLE reply_letters (
    reply_id bigint NOT NULL,
    letter_id bigint NOT NULL,
    how text NOT NULL,
    state text DEFAULT 'linked'::text NOT NULL,
    decided_by bigint,
    decided_at timestamp with time zone,
    CONSTRAINT reply_letters_pkey PRIMARY KEY (reply_id, letter_id),
    CONSTRAINT reply_letters_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES accounts(id),
    CONSTRAINT reply_letters_letter_id_fkey FOREIGN KEY (letter_id) REFERENCES letters(id),
    CONSTRAINT reply_letters_reply_id_fkey FOREIGN KEY (reply_id) REFERENCES replies(id),
    CONSTRAINT reply_letters_check CHECK (how <> 'guess'::text OR state = 'suggested'::text OR decided_by IS NOT NULL),
    CONSTRAINT reply_letters_how_check CHECK (how = ANY (ARRAY['address'::text, 'code'::text, 'guess'::text, 'person'::text])),
    CONSTRAINT reply_letters_state_check CHECK (state = ANY (ARRAY['suggested'::text, 'linked'::text, 'rejected'::text]))
);
CREATE INDEX reply_letters_letter ON reply_letters USING btree (letter_id);

CREATE TABLE reply_notes (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    reply_id bigint NOT NULL,
    account_id bigint NOT NULL,
    written_at timestamp with time zone DEFAULT now_at() NOT NULL,
    words_sealed bytea NOT NULL,
    CONSTRAINT reply_notes_pkey PRIMARY KEY (id),
    CONSTRAINT reply_notes_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
    CONSTRAINT reply_notes_reply_id_fkey FOREIGN KEY (reply_id) REFERENCES replies(id)
);
CREATE INDEX reply_notes_reply ON reply_notes USING btree (reply_id);

CREATE TABLE retried (
    appeal_id bigint NOT NULL,
    member_id bigint NOT NULL,
    round_id bigint NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    attempts smallint NOT NULL,
    unknowns smallint NOT NULL,
    code smallint,
    reply text,
    settled_at timestamp with time zone NOT NULL,
    CONSTRAINT retried_pkey PRIMARY KEY (appeal_id, member_id, round_id),
    CONSTRAINT retried_round_id_fkey FOREIGN KEY (round_id) REFERENCES rounds(id),
    CONSTRAINT retried_state_check CHECK (state = ANY (ARRAY['refused'::text, 'unknown'::text]))
);

CREATE TABLE rounds (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    appeal_id bigint NOT NULL,
    failures text[] DEFAULT '{}'::text[] NOT NULL,
    begun_by bigint,
    begun_at timestamp with time zone DEFAULT now_at() NOT NULL,
    CONSTRAINT rounds_pkey PRIMARY KEY (id),
    CONSTRAINT rounds_appeal_id_fkey FOREIGN KEY (appeal_id) REFERENCES appeals(id),
    CONSTRAINT rounds_begun_by_fkey FOREIGN KEY (begun_by) REFERENCES accounts(id),
    CONSTRAINT rounds_failures_check CHECK (failures <@ ARRAY['gave_up'::text, 'us'::text, 'content'::text, 'unknown'::text])
);
CREATE INDEX rounds_appeal ON rounds USING btree (appeal_id, id);

CREATE TABLE sample_letters (
    campaign_id bigint NOT NULL,
    language text NOT NULL,
    text text NOT NULL,
    CONSTRAINT sample_letters_pkey PRIMARY KEY (campaign_id, language),
    CONSTRAINT sample_letters_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
    CONSTRAINT sample_letters_language_check CHECK (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'::text),
    CONSTRAINT sample_letters_text_check CHECK (text <> ''::text)
);

CREATE TABLE sessions (
    token_hash bytea NOT NULL,
    account_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now_at() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now_at() NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (token_hash),
    CONSTRAINT sessions_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
    CONSTRAINT sessions_token_hash_check CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX sessions_account ON sessions USING btree (account_id);

CREATE TABLE sign_in_failures (
    subject bytea NOT NULL,
    failures integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT sign_in_failures_pkey PRIMARY KEY (subject),
    CONSTRAINT sign_in_failures_failures_check CHECK (failures > 0)
);

CREATE TABLE sign_in_links (
    token_hash bytea NOT NULL,
    account_id bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT sign_in_links_pkey PRIMARY KEY (token_hash),
    CONSTRAINT sign_in_links_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
    CONSTRAINT sign_in_links_token_hash_check CHECK (octet_length(token_hash) = 32)
);

CREATE TABLE suppressions (
    address_index bytea NOT NULL,
    reason text NOT NULL,
    since timestamp with time zone DEFAULT now_at() NOT NULL,
    CONSTRAINT suppressions_pkey PRIMARY KEY (address_index),
    CONSTRAINT suppressions_reason_check CHECK (reason = ANY (ARRAY['complaint'::text, 'returned'::text, 'staff'::text, 'import'::text, 'erased'::text]))
);

CREATE TABLE targets (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    country text,
    power text NOT NULL,
    office jsonb NOT NULL,
    institution jsonb DEFAULT '{}'::jsonb NOT NULL,
    salutation jsonb DEFAULT '{}'::jsonb NOT NULL,
    postal_address text DEFAULT ''::text NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    fax text DEFAULT ''::text NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    form_url text DEFAULT ''::text NOT NULL,
    postage_free boolean DEFAULT false NOT NULL,
    letters_are_public_records boolean DEFAULT false NOT NULL,
    takes_mass_letters boolean DEFAULT true NOT NULL,
    verified_on date,
    verified_source text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now_at() NOT NULL,
    languages text[] DEFAULT '{}'::text[] NOT NULL,
    gender text DEFAULT ''::text NOT NULL,
    postal_country text,
    social_urls text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT targets_pkey PRIMARY KEY (id),
    CONSTRAINT targets_code_key UNIQUE (code),
    CONSTRAINT targets_check CHECK ((kind = 'intergovernmental'::text) = (country IS NULL)),
    CONSTRAINT targets_code_check CHECK (code <> ''::text),
    CONSTRAINT targets_country_check CHECK (country ~ '^[A-Z]{2}$'::text),
    CONSTRAINT targets_form_url_check CHECK (form_url = ''::text OR form_url ~~ 'https://%'::text),
    CONSTRAINT targets_gender_check CHECK (gender = ANY (ARRAY[''::text, 'female'::text, 'male'::text])),
    CONSTRAINT targets_institution_check CHECK (jsonb_typeof(institution) = 'object'::text),
    CONSTRAINT targets_kind_check CHECK (kind = ANY (ARRAY['minister'::text, 'agency'::text, 'head_of_government'::text, 'embassy'::text, 'legislator'::text, 'intergovernmental'::text, 'carrier'::text])),
    CONSTRAINT targets_office_check CHECK (jsonb_typeof(office) = 'object'::text),
    CONSTRAINT targets_postal_country_check CHECK (postal_country ~ '^[A-Z]{2}$'::text),
    CONSTRAINT targets_power_check CHECK (power = ANY (ARRAY['decides'::text, 'can_direct'::text, 'can_influence'::text, 'no_individual_power'::text])),
    CONSTRAINT targets_salutation_check CHECK (jsonb_typeof(salutation) = 'object'::text),
    CONSTRAINT targets_social_urls_check CHECK (cardinality(social_urls) <= 2 AND array_to_string(social_urls, ' '::text, ''::text) ~ '^(https://[^ ]+( https://[^ ]+)?)?$'::text)
);

CREATE TABLE thanks (
    address_index bytea NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT thanks_pkey PRIMARY KEY (address_index)
);

CREATE TABLE unspoken (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    case_id bigint NOT NULL,
    words_sealed bytea NOT NULL,
    added_by bigint,
    added_at timestamp with time zone DEFAULT now_at() NOT NULL,
    CONSTRAINT unspoken_pkey PRIMARY KEY (id),
    CONSTRAINT unspoken_added_by_fkey FOREIGN KEY (added_by) REFERENCES accounts(id),
    CONSTRAINT unspoken_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id)
);
CREATE INDEX unspoken_case ON unspoken USING btree (case_id);

CREATE TABLE visitors (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    campaign_id bigint NOT NULL,
    source bytea,
    address_index bytea,
    created_at timestamp with time zone DEFAULT now_at() NOT NULL,
    form_key bytea,
    CONSTRAINT visitors_pkey PRIMARY KEY (id),
    CONSTRAINT visitors_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns(id)
);
CREATE UNIQUE INDEX visitors_address ON visitors USING btree (campaign_id, address_index) WHERE address_index IS NOT NULL;
CREATE UNIQUE INDEX visitors_form ON visitors USING btree (campaign_id, form_key) WHERE form_key IS NOT NULL;
CREATE INDEX visitors_source ON visitors USING btree (source, created_at) WHERE source IS NOT NULL;

CREATE TABLE waiting_lines (
    appeal_id bigint NOT NULL,
    provider text NOT NULL,
    tail_at timestamp with time zone NOT NULL,
    CONSTRAINT waiting_lines_pkey PRIMARY KEY (appeal_id, provider),
    CONSTRAINT waiting_lines_appeal_id_fkey FOREIGN KEY (appeal_id) REFERENCES appeals(id),
    CONSTRAINT waiting_lines_provider_check CHECK (provider <> ''::text)
) WITH (fillfactor=50);

CREATE TABLE windows (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    appeal_id bigint NOT NULL,
    first_member bigint NOT NULL,
    last_member bigint NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    CONSTRAINT windows_pkey PRIMARY KEY (id),
    CONSTRAINT windows_appeal_id_fkey FOREIGN KEY (appeal_id) REFERENCES appeals(id)
);
CREATE INDEX windows_appeal ON windows USING btree (appeal_id);
