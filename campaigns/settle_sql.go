package campaigns

import (
	"time"

	"github.com/jackc/pgx/v5"
)

// The two statements where an attempt ends. Nearly every verdict is accepted, and for that little has to be known: so it has a
// statement of its own, which costs a third.
//
// acceptSQL settles what the relay took, whoever owns the row by now, unless it is accepted already.
const acceptSQL = `
UPDATE deliveries d
SET state = 'accepted', window_id = NULL, reason = NULL, due_at = NULL, code = v.code, reply = v.reply, settled_at = (SELECT now_at())
FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[]) AS v (appeal_id, member_id, code, reply)
WHERE d.appeal_id = v.appeal_id AND d.member_id = v.member_id AND d.state <> 'accepted'`

// settleSQL is for every other verdict. next is the state it leads to:
//
//	refused   with the relay's code
//	later     deferred by the wait of the attempt, which a last try a minute before the deadline cuts short, and the deadline
//	          itself where even that is over: then it is too late; refused(gave_up) after the last one
//	unknown   the first time, where the appeal resends: deferred, due at once; else unknown
const settleSQL = `
WITH verdict AS (
    SELECT DISTINCT ON (v.appeal_id, v.member_id) v.appeal_id, v.window_id, v.member_id, v.outcome, v.code, v.reply, v.reason,
           ` + endOf + ` AS deadline_at,
           CASE v.outcome
               WHEN 'refused' THEN 'refused'
               WHEN 'later' THEN CASE WHEN d.attempts >= $9 THEN 'refused' ELSE 'deferred' END
               WHEN 'unknown' THEN CASE WHEN a.on_unknown = 'resend' AND d.unknowns = 0 THEN 'deferred' ELSE 'unknown' END
           END AS next
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::int[], $6::text[], $7::text[])
             AS v (appeal_id, window_id, member_id, outcome, code, reply, reason)
    JOIN appeals a ON a.id = v.appeal_id
    JOIN campaigns c ON c.id = a.campaign_id
    JOIN deliveries d ON d.appeal_id = v.appeal_id AND d.member_id = v.member_id
    ORDER BY v.appeal_id, v.member_id
)
UPDATE deliveries d
SET state = v.next,
    window_id = NULL,
    reason = CASE v.next WHEN 'refused' THEN CASE v.outcome WHEN 'later' THEN 'gave_up' ELSE v.reason END
                         WHEN 'unknown' THEN 'silence' END,
    unknowns = d.unknowns + CASE WHEN v.outcome = 'unknown' AND d.unknowns < 2 THEN 1 ELSE 0 END,
    due_at = CASE WHEN v.next <> 'deferred' THEN NULL
                  WHEN v.outcome = 'unknown' THEN now_at()
                  ELSE LEAST(now_at() + ($8::interval[])[LEAST(GREATEST(d.attempts, 1), cardinality($8::interval[]))],
                             GREATEST(v.deadline_at - interval '1 minute', now_at() + ($8::interval[])[1]), v.deadline_at) END,
    code = NULLIF(v.code, 0),
    reply = v.reply,
    settled_at = CASE WHEN v.next IN ('refused', 'unknown') THEN now_at() END
FROM verdict v
WHERE d.appeal_id = v.appeal_id AND d.member_id = v.member_id AND d.state = 'sending' AND d.window_id = v.window_id`

// accept settles verdicts that are all accepted.
func accept(verdicts []Verdict) func(*pgx.Batch) {
	n := len(verdicts)
	appeals, members, codes, replies := make([]int64, n), make([]int64, n), make([]int, n), make([]string, n)
	for i, v := range verdicts {
		appeals[i], members[i], codes[i], replies[i] = v.Window.AppealID, v.MemberID, v.Code, v.Reply
	}
	return func(b *pgx.Batch) { b.Queue(acceptSQL, appeals, members, codes, replies) }
}

// settle settles verdicts none of which is accepted.
func settle(verdicts []Verdict, waits []time.Duration) func(*pgx.Batch) {
	n := len(verdicts)
	appeals, windows, members := make([]int64, n), make([]int64, n), make([]int64, n)
	outcomes, codes, replies, reasons := make([]string, n), make([]int, n), make([]string, n), make([]*string, n)
	for i, v := range verdicts {
		appeals[i], windows[i], members[i] = v.Window.AppealID, v.Window.ID, v.MemberID
		outcomes[i], codes[i], replies[i] = string(v.Outcome), v.Code, v.Reply
		if v.Outcome == Refused {
			reasons[i] = &verdicts[i].Reason
		}
	}
	return func(b *pgx.Batch) {
		b.Queue(settleSQL, appeals, windows, members, outcomes, codes, replies, reasons, waits, LastAttempt)
	}
}
