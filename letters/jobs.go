package letters

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// QueueLetters is the queue of letters by mail and of the mails to their writers: no appeal stands before them, and they before none.
const QueueLetters = "letters"

// SendLetter is the promise to mail one letter to its target, if it may leave by then.
type SendLetter struct {
	LetterID int64 `json:"letter_id"`
}

// Kind names the job in the queue.
func (SendLetter) Kind() string { return "send_letter" }

// AskWriter is the promise to ask a writer by mail whether the letter is theirs and may leave.
type AskWriter struct {
	LetterID int64 `json:"letter_id"`
}

// Kind names the job in the queue.
func (AskWriter) Kind() string { return "ask_writer" }

// TellWriter is the promise to tell a writer that their letter did not arrive, or may not have, and what they can do.
type TellWriter struct {
	LetterID int64 `json:"letter_id"`
}

// Kind names the job in the queue.
func (TellWriter) Kind() string { return "tell_writer" }

// TellAnswer is the promise to tell a writer that the letter we mailed for them was answered, once a person has read the answer.
type TellAnswer struct {
	ReplyID  int64 `json:"reply_id"`
	LetterID int64 `json:"letter_id"`
}

// Kind names the job in the queue.
func (TellAnswer) Kind() string { return "tell_answer" }

// promise promises a job, unless the same is promised and not kept yet. What becomes of the letter is in its row and never in the job's:
// where a job is lost, the sweep promises it again.
func (s *Store) promise(ctx context.Context, tx pgx.Tx, job river.JobArgs) error {
	_, err := s.Jobs.InsertTx(ctx, tx, job, &river.InsertOpts{Queue: QueueLetters, MaxAttempts: 10, UniqueOpts: river.UniqueOpts{ByArgs: true,
		ByState: []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
			rivertype.JobStateRunning, rivertype.JobStateScheduled}}})
	return err
}

// Thank is the promise to thank a member, by one automatic mail, for having answered an appeal with what they sent.
type Thank struct {
	AppealID int64 `json:"appeal_id"`
	MemberID int64 `json:"member_id"`
}

// Kind names the job in the queue.
func (Thank) Kind() string { return "thank" }

// promiseThanks promises to thank a member, at most once a week. Thanks that cannot leave are not worth many attempts.
func (s *Store) promiseThanks(ctx context.Context, tx pgx.Tx, w Writer) error {
	tag, err := tx.Exec(ctx, claimThanksSQL, s.thanksIndex(w.MemberID))
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	_, err = s.Jobs.InsertTx(ctx, tx, Thank{AppealID: w.AppealID, MemberID: w.MemberID}, &river.InsertOpts{Queue: QueueLetters, Priority: 3, MaxAttempts: 5})
	return err
}
