package letters

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

const (
	mailSQL = `
SELECT lm.letter_id, l.campaign_id, l.target_id, l.appeal_id, l.member_id, l.state AS letter_state, l.grade AS letter_grade, l.language, lm.state, lm.reason, lm.asked_at, lm.asked_mailed,
       lm.confirmed_at, lm.due_at, COALESCE(lm.due_at <= now_at(), false) AS due, lm.attempts, lm.claim, lm.settled_at, lm.told_at, lm.writer_sealed, lm.text_sealed,
       EXISTS (SELECT FROM suppressions s WHERE s.address_index = lm.writer_index) AS suppressed,
       EXISTS (SELECT FROM letter_lines ll WHERE ll.target_id = l.target_id AND ll.stopped_at IS NOT NULL) AS line_stopped
FROM letter_mails lm
JOIN letters l ON l.id = lm.letter_id
WHERE lm.letter_id = $1`
	signersSQL = `
SELECT letter_id, writer_sealed
FROM letter_mails
WHERE letter_id = ANY($1::bigint[]) AND writer_sealed IS NOT NULL`
	lockMailSQL = `SELECT state FROM letter_mails WHERE letter_id = $1 FOR UPDATE`
	// One writer asks and confirms one letter at a time: the key of the lock is made of the blind index.
	lockWriterSQL = `SELECT pg_advisory_xact_lock(hashtextextended(encode($1::bytea, 'hex'), 0))`
	lockLineSQL   = `
SELECT ll.target_id
FROM letter_lines ll
WHERE ll.target_id = (SELECT l.target_id FROM letters l WHERE l.id = $1)
FOR UPDATE`
	// The line of a target that nobody has written to yet: so long ago that the first letter leaves at once.
	beginLineSQL = `
INSERT INTO letter_lines (target_id, tail_at)
SELECT l.target_id, '-infinity'
FROM letters l
WHERE l.id = $1
ON CONFLICT (target_id) DO NOTHING`
	writerIndexSQL = `
SELECT lm.writer_index, COALESCE(l.member_id, 0), l.campaign_id, l.target_id
FROM letter_mails lm
JOIN letters l ON l.id = lm.letter_id
WHERE lm.letter_id = $1`
	lockLetterSQL = `
SELECT ` + letterColumns + `
FROM letters
WHERE id = $1
FOR UPDATE`
	// A member who has left is a writer who may write; one who has left since the yes is none any more.
	termsSQL = `
SELECT c.state AS campaign_state, c.deadline_at > now_at() AS ahead, c.after_deadline, c.deadline_at,
       EXISTS (SELECT FROM campaign_targets ct
               WHERE ct.campaign_id = c.id AND ct.target_id = t.id AND (ct.side <> 'receiving' OR ct.agreed_by IS NOT NULL)) AS of_campaign,
       t.takes_mass_letters, t.address,
       EXISTS (SELECT FROM letter_lines ll WHERE ll.target_id = t.id AND ll.stopped_at IS NOT NULL) AS line_stopped,
       EXISTS (SELECT FROM members m
               WHERE m.id = $3 AND (m.erased_at IS NOT NULL
                   OR EXISTS (SELECT FROM mailing_consents x WHERE x.member_id = m.id AND x.left_at >= $4::timestamptz)
                      AND NOT EXISTS (SELECT FROM mailing_consents x WHERE x.member_id = m.id AND x.left_at IS NULL))) AS writer_gone
FROM campaigns c, targets t
WHERE c.id = $1 AND t.id = $2`
	siblingsSQL = `
SELECT lm.letter_id, l.member_id, lm.state
FROM letter_mails lm
JOIN letters l ON l.id = lm.letter_id
WHERE lm.letter_id IN (SELECT x.letter_id FROM letter_mails x WHERE x.writer_index = $1
                       UNION SELECT x.id FROM letters x WHERE x.member_id = $4)
  AND l.campaign_id = $2 AND l.target_id = $3
ORDER BY lm.letter_id
FOR UPDATE OF lm`
	countByAddressSQL = `
SELECT count(*)
FROM letter_mails
WHERE writer_index = $1 AND asked_at > now_at() - interval '1 day' AND letter_id <> $2`
	countBySourceSQL = `
SELECT count(*)
FROM visitors v
JOIN letters l ON l.visitor_id = v.id
JOIN letter_mails lm ON lm.letter_id = l.id
WHERE v.source = (SELECT own.source FROM visitors own WHERE own.id = $1) AND v.created_at > now_at() - interval '1 day'`
	reopenLetterSQL = `
UPDATE letters
SET state = 'made', language = $2, withdrawn_at = NULL, returned_at = NULL
WHERE id = $1`
	// Asked again on the same day by the same address, nothing is mailed anew: the link that they have leads to the words that stand.
	putMailSQL = `
INSERT INTO letter_mails AS lm (letter_id, writer_sealed, text_sealed, writer_index, fingerprint)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (letter_id) DO UPDATE
SET state = 'unconfirmed', reason = NULL, writer_sealed = excluded.writer_sealed, text_sealed = excluded.text_sealed, writer_index = excluded.writer_index,
    fingerprint = excluded.fingerprint,
    asked_mailed = lm.asked_mailed AND lm.asked_at > now_at() - interval '1 day' AND lm.writer_index = excluded.writer_index,
    asked_at = CASE WHEN lm.asked_at > now_at() - interval '1 day' THEN lm.asked_at ELSE now_at() END,
    confirmed_at = NULL, due_at = NULL, lease_until = NULL, attempts = 0, code = NULL, reply = NULL, settled_at = NULL, told_at = NULL, erased_at = NULL
WHERE lm.state IN ('unconfirmed', 'withdrawn', 'lapsed', 'refused')
RETURNING asked_mailed`
	confirmMailSQL = `
UPDATE letter_mails
SET state = 'queued', confirmed_at = now_at(), due_at = $2
WHERE letter_id = $1`
	// A visitor is known by their address once they have confirmed it, and is one person whatever they have written in a campaign.
	knowVisitorSQL = `
UPDATE visitors v
SET address_index = $2
FROM letters l
WHERE l.id = $1 AND v.id = l.visitor_id AND v.address_index IS NULL
  AND NOT EXISTS (SELECT FROM visitors o WHERE o.campaign_id = v.campaign_id AND o.address_index = $2)`
	sameVisitorSQL = `
UPDATE letters l
SET visitor_id = o.id
FROM visitors o
WHERE l.id = $1 AND l.visitor_id IS NOT NULL AND o.campaign_id = l.campaign_id AND o.address_index = $2 AND o.id <> l.visitor_id
  AND NOT EXISTS (SELECT FROM letters x WHERE x.visitor_id = o.id AND x.target_id = l.target_id AND x.channel = l.channel)`
	// step is how far a letter stands behind the one before it: the pace and, when the time left is short, less, so that the line ends before it does.
	step = `LEAST($2::interval, CASE WHEN $3::timestamptz > GREATEST(now_at(), ll.tail_at) THEN ($3::timestamptz - GREATEST(now_at(), ll.tail_at)) / 20 ELSE $2::interval END)`
	// The jitter is half of the step, either way.
	takePlaceSQL = `
INSERT INTO letter_lines AS ll (target_id, tail_at)
VALUES ($1, now_at() + $4::interval)
ON CONFLICT (target_id) DO UPDATE
SET tail_at = GREATEST(now_at() + $4::interval, ll.tail_at + ` + step + ` * (0.5 + random()))
RETURNING ll.tail_at, ll.tail_at <= now_at()`
	// How long until another letter may leave to the target, as things stand; null where one is leaving now.
	tooSoonSQL = `
SELECT EXISTS (SELECT FROM letter_mails x JOIN letters y ON y.id = x.letter_id WHERE x.state = 'sending' AND y.target_id = $1) AS leaving,
       COALESCE((SELECT EXTRACT(epoch FROM max(x.settled_at) + w.gap - now_at())
                 FROM letter_mails x
                 JOIN letters y ON y.id = x.letter_id
                 WHERE x.erased_at IS NULL AND x.settled_at > now_at() - w.gap AND x.state IN ('sent', 'refused', 'unknown') AND x.attempts > 0
                   AND y.target_id = $1), 0)::float8 AS seconds
FROM (SELECT LEAST($2::interval, CASE WHEN $3::timestamptz > now_at() THEN ($3::timestamptz - now_at()) / 20 ELSE $2::interval END) / $4::int AS gap) w`
	moveMailSQL = `
UPDATE letter_mails
SET due_at = $2
WHERE letter_id = $1 AND state = 'queued'`
	markSendingSQL = `
UPDATE letter_mails
SET state = 'sending', attempts = attempts + 1, claim = claim + 1, lease_until = now_at() + $2::interval
WHERE letter_id = $1
RETURNING attempts, claim`
	renewMailSQL = `
UPDATE letter_mails
SET lease_until = now_at() + $3::interval
WHERE letter_id = $1 AND claim = $2 AND state = 'sending'`
	// Taken for dead, the process that knows that nothing left still knows better: nobody claims what is unknown, so the claim is still its own.
	unclaimMailSQL = `
UPDATE letter_mails
SET state = 'queued', reason = NULL, attempts = attempts - 1, lease_until = NULL, settled_at = NULL, told_at = NULL, due_at = now_at() + $3::interval
WHERE letter_id = $1 AND claim = $2 AND (state = 'sending' OR state = 'unknown' AND reason = 'process') AND erased_at IS NULL`
	// Whoever was told that nobody can know hears of the answer that came late.
	answerMailSQL = `
UPDATE letter_mails
SET state = $2, reason = NULLIF($3, ''), code = NULLIF($4, 0)::smallint, reply = $5, lease_until = NULL, settled_at = now_at(), told_at = NULL
WHERE letter_id = $1`
	retryMailSQL = `
UPDATE letter_mails
SET state = 'queued', reason = NULL, code = NULLIF($2, 0)::smallint, reply = $3, lease_until = NULL, settled_at = NULL, told_at = NULL, due_at = now_at() + $4::interval
WHERE letter_id = $1 AND confirmed_at + $5::interval > now_at() + $4::interval`
	settleMailSQL = `
UPDATE letter_mails
SET state = $2, reason = NULLIF($3, ''), lease_until = NULL, settled_at = now_at()
WHERE letter_id = $1`
	takeBackSQL = `
UPDATE letter_mails
SET state = 'withdrawn', settled_at = now_at()
WHERE letter_id = $1 AND state IN ('unconfirmed', 'queued')`
	returnLetterSQL = `
UPDATE letters
SET state = 'returned', returned_at = now_at()
WHERE id = $1 AND state IN ('made', 'counted', 'set_aside')`
	untoldMailSQL = `
UPDATE letter_mails
SET told_at = NULL
WHERE letter_id = $1 AND erased_at IS NULL`
	askedMailSQL = `
UPDATE letter_mails
SET asked_mailed = true
WHERE letter_id = $1 AND state = 'unconfirmed'`
	toldMailSQL = `
UPDATE letter_mails
SET told_at = now_at()
WHERE letter_id = $1`
)

func readTerms(ctx context.Context, db postgres.DB, campaignID, target, member int64, confirmed *time.Time) (terms, error) {
	rows, err := db.Query(ctx, termsSQL, campaignID, target, member, confirmed)
	if err != nil {
		return terms{}, err
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[terms])
	if errors.Is(err, pgx.ErrNoRows) {
		return t, failure.Missing("target", target)
	}
	return t, err
}

// lockMail returns a letter by mail, locked, and what it must meet, as they stand when it is locked.
func lockMail(ctx context.Context, tx pgx.Tx, id int64) (m LetterMail, t terms, err error) {
	if _, err = lockMailRow(ctx, tx, id); err != nil {
		return m, t, err
	}
	return readMail(ctx, tx, id)
}

// readMail is lockMail without the lock.
func readMail(ctx context.Context, tx pgx.Tx, id int64) (m LetterMail, t terms, err error) {
	rows, err := tx.Query(ctx, mailSQL, id)
	if m, err = one[LetterMail](rows, err, id); err != nil {
		return m, t, err
	}
	var member int64
	if m.MemberID != nil {
		member = *m.MemberID
	}
	t, err = readTerms(ctx, tx, m.CampaignID, m.TargetID, member, m.ConfirmedAt)
	return m, t, err
}

// lockMailRow returns the state of a letter by mail; "" for one that is none.
func lockMailRow(ctx context.Context, tx pgx.Tx, id int64) (state string, err error) {
	err = tx.QueryRow(ctx, lockMailSQL, id).Scan(&state)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return state, err
}

// lockLine locks the line that a letter stands in, or is to stand in: two that begin it at once would else each hold a letter and wait for the line.
func lockLine(ctx context.Context, tx pgx.Tx, letterID int64) error {
	tag, err := tx.Exec(ctx, lockLineSQL, letterID)
	if err != nil || tag.RowsAffected() > 0 {
		return err
	}
	if _, err = tx.Exec(ctx, beginLineSQL, letterID); err == nil {
		_, err = tx.Exec(ctx, lockLineSQL, letterID)
	}
	return err
}

func lockWriter(ctx context.Context, tx pgx.Tx, index []byte) error {
	_, err := tx.Exec(ctx, lockWriterSQL, index)
	return err
}

func lockLetter(ctx context.Context, tx pgx.Tx, id int64) (Letter, error) {
	rows, err := tx.Query(ctx, lockLetterSQL, id)
	return one[Letter](rows, err, id)
}

// writerOfMail says who wrote a letter, in which campaign, and to whom.
func writerOfMail(ctx context.Context, tx pgx.Tx, id int64) (index []byte, member, campaign, target int64, err error) {
	err = tx.QueryRow(ctx, writerIndexSQL, id).Scan(&index, &member, &campaign, &target)
	if errors.Is(err, pgx.ErrNoRows) {
		err = failure.Missing("letter", id)
	}
	return index, member, campaign, target, err
}

func siblings(ctx context.Context, tx pgx.Tx, index []byte, campaignID, target, member int64) ([]sibling, error) {
	rows, err := tx.Query(ctx, siblingsSQL, index, campaignID, target, member)
	return all[sibling](rows, err)
}

// countAsked returns how many letters were asked for within a day: by the address, but for letter but, and of visitors from the same source.
func countAsked(ctx context.Context, tx pgx.Tx, w Writer, but int64, index []byte) (byAddress, bySource int, err error) {
	if err = tx.QueryRow(ctx, countByAddressSQL, index, but).Scan(&byAddress); err != nil || w.VisitorID == 0 {
		return byAddress, 0, err
	}
	err = tx.QueryRow(ctx, countBySourceSQL, w.VisitorID).Scan(&bySource)
	return byAddress, bySource, err
}

func reopen(ctx context.Context, tx pgx.Tx, id int64, language string) error {
	_, err := tx.Exec(ctx, reopenLetterSQL, id, language)
	return err
}

// putMail writes a letter down, unconfirmed; mailed, that its writer was asked for their yes today.
func putMail(ctx context.Context, tx pgx.Tx, m sealedMail, index, fingerprint []byte) (mailed bool, err error) {
	err = tx.QueryRow(ctx, putMailSQL, m.id, m.writer, m.text, index, fingerprint).Scan(&mailed)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, &Unmailable{Why: WhySent, Theirs: true}
	}
	return mailed, err
}

func confirmMail(ctx context.Context, tx pgx.Tx, id int64, due time.Time) error {
	_, err := tx.Exec(ctx, confirmMailSQL, id, due)
	return err
}

// knowVisitor notes who a visitor is, by the address that has just proved theirs.
func knowVisitor(ctx context.Context, tx pgx.Tx, letterID int64, index []byte) error {
	if _, err := tx.Exec(ctx, knowVisitorSQL, letterID, index); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, sameVisitorSQL, letterID, index)
	return err
}

// takePlace returns when the next letter to a target is due, least from now on, and takes that place in its line.
func (s *Store) takePlace(ctx context.Context, tx pgx.Tx, target int64, t terms, least time.Duration) (due time.Time, now bool, err error) {
	err = tx.QueryRow(ctx, takePlaceSQL, target, s.pace(), t.until(), least).Scan(&due, &now)
	return due, now, err
}

// tooSoon returns how long another letter to the same target must wait for the one before it.
func (s *Store) tooSoon(ctx context.Context, tx pgx.Tx, m LetterMail, t terms) (time.Duration, error) {
	var leaving bool
	var seconds float64
	err := tx.QueryRow(ctx, tooSoonSQL, m.TargetID, s.pace(), t.until(), soonest).Scan(&leaving, &seconds)
	wait := time.Duration(seconds * float64(time.Second))
	if leaving {
		wait = max(wait, s.pace()/soonest, 100*time.Millisecond)
	}
	return max(wait, 0), err
}

func (s *Store) pace() time.Duration {
	if s.Pace <= 0 {
		return DefaultPace
	}
	return s.Pace
}

func moveMail(ctx context.Context, tx pgx.Tx, id int64, due time.Time) error {
	_, err := tx.Exec(ctx, moveMailSQL, id, due)
	return err
}

func markSending(ctx context.Context, tx pgx.Tx, m *LetterMail, lease time.Duration) error {
	return tx.QueryRow(ctx, markSendingSQL, m.LetterID, lease).Scan(&m.Attempts, &m.Claim)
}

// answerMail settles a letter with what the relay said.
func answerMail(ctx context.Context, tx pgx.Tx, v MailVerdict, state, reason string) error {
	_, err := tx.Exec(ctx, answerMailSQL, v.Claimed.LetterID, state, reason, v.Code, v.Reply)
	return err
}

// retryMail has a letter tried again after wait; again is false where that would be too long after its writer's yes.
func retryMail(ctx context.Context, tx pgx.Tx, v MailVerdict, wait time.Duration) (again bool, err error) {
	tag, err := tx.Exec(ctx, retryMailSQL, v.Claimed.LetterID, v.Code, v.Reply, wait, triedFor)
	return tag.RowsAffected() == 1, err
}

// settleMail settles a letter that was not sent.
func settleMail(ctx context.Context, tx pgx.Tx, id int64, state, reason string) error {
	_, err := tx.Exec(ctx, settleMailSQL, id, state, reason)
	return err
}

// takeBack takes a letter back that is not leaving, where it is one by mail.
func takeBack(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, takeBackSQL, id)
	return err
}

func returnLetter(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, returnLetterSQL, id)
	return err
}
