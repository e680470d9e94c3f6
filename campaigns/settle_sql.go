package campaigns

import (
	"context"
	"time"

	"holdfast/internal/postgres"
)

// settleSQL is the one place where an attempt ends. next is the state it leads to:
//
//	accepted  whatever the row was, unless it is accepted already
//	refused   with the relay's code
//	later     deferred by the wait of the attempt, which a last try a minute before the deadline cuts short, and the deadline
//	          itself where even that is over: then it is too late; refused(gave_up) after the last one
//	unsent    queued again, and the attempt does not count
//	unknown   the first time, where the appeal resends: deferred, due at once; else unknown
const settleSQL = `
WITH verdict AS (
    SELECT DISTINCT ON (v.appeal_id, v.member_id) v.appeal_id, v.window_id, v.member_id, v.outcome, v.code, v.reply, v.reason,
           CASE WHEN a.asking THEN c.deadline_at ELSE 'infinity' END AS deadline_at,
           CASE v.outcome
               WHEN 'accepted' THEN 'accepted'
               WHEN 'refused' THEN 'refused'
               WHEN 'later' THEN CASE WHEN d.attempts >= $9 THEN 'refused' ELSE 'deferred' END
               WHEN 'unsent' THEN 'queued'
               WHEN 'unknown' THEN CASE WHEN a.on_unknown = 'resend' AND d.unknowns = 0 THEN 'deferred' ELSE 'unknown' END
           END AS next
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::int[], $6::text[], $7::text[])
             AS v (appeal_id, window_id, member_id, outcome, code, reply, reason)
    JOIN appeals a ON a.id = v.appeal_id
    JOIN campaigns c ON c.id = a.campaign_id
    JOIN deliveries d ON d.appeal_id = v.appeal_id AND d.member_id = v.member_id
    ORDER BY v.appeal_id, v.member_id, v.outcome <> 'accepted' -- of two words on one row, 250 is the one that counts
)
UPDATE deliveries d
SET state = v.next,
    window_id = NULL,
    reason = CASE v.next WHEN 'refused' THEN CASE v.outcome WHEN 'later' THEN 'gave_up' ELSE v.reason END
                         WHEN 'unknown' THEN 'silence' END,
    attempts = d.attempts - CASE v.outcome WHEN 'unsent' THEN 1 ELSE 0 END,
    unknowns = d.unknowns + CASE WHEN v.outcome = 'unknown' AND d.unknowns < 2 THEN 1 ELSE 0 END,
    due_at = CASE WHEN v.next <> 'deferred' THEN NULL
                  WHEN v.outcome = 'unknown' THEN now_at()
                  ELSE LEAST(now_at() + ($8::interval[])[LEAST(GREATEST(d.attempts, 1), cardinality($8::interval[]))],
                             GREATEST(v.deadline_at - interval '1 minute', now_at() + ($8::interval[])[1]), v.deadline_at) END,
    code = NULLIF(v.code, 0),
    reply = v.reply,
    settled_at = CASE WHEN v.next IN ('accepted', 'refused', 'unknown') THEN now_at() END
FROM verdict v
WHERE d.appeal_id = v.appeal_id AND d.member_id = v.member_id
  AND (d.state = 'sending' AND d.window_id = v.window_id OR v.outcome = 'accepted' AND d.state <> 'accepted')`

func settle(ctx context.Context, db postgres.DB, verdicts []Verdict, waits []time.Duration) error {
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
	_, err := db.Exec(ctx, settleSQL, appeals, windows, members, outcomes, codes, replies, reasons, waits, LastAttempt)
	return err
}
