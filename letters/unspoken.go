package letters

import (
	"context"
	"strconv"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// Unspoken is somebody or something that no letter about a case may name: a relative, a helper, a place of hiding.
type Unspoken struct {
	ID    int64
	Words string
}

// unspokenPlace binds sealed words to their case.
func unspokenPlace(caseID int64) string { return "unspoken.words/" + strconv.FormatInt(caseID, 10) }

// AddUnspoken adds what no letter about a case may name. It is sealed; the record of who added it holds no word of it. Errors: Invalid; NotFound for
// a case that there is not.
func (s *Store) AddUnspoken(ctx context.Context, by audit.Actor, caseID int64, words string) error {
	var check failure.Check
	words = strings.Join(strings.Fields(words), " ")
	letters := strings.Join(plainWords(words), "")
	check.Need(words != "", "unspoken", "is missing")
	check.Need(words == "" || len([]rune(letters)) >= 3, "unspoken", "is too short: every letter would be refused")
	check.Need(len(words) <= 200 && !strings.ContainsFunc(words, unicode.IsControl), "unspoken", "is too long, or holds a control character")
	if err := check.Err(); err != nil {
		return err
	}
	sealed := s.Ring.Seal(unspokenPlace(caseID), []byte(words))
	err := pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		id, err := addUnspoken(ctx, tx, by, caseID, sealed)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "case.add_unspoken", Subject: "case", SubjectID: caseID, After: id})
	})
	if postgres.IsForeignKey(err, "unspoken_case_id_fkey") {
		return failure.Missing("case", caseID)
	}
	return err
}

// RemoveUnspoken takes one off the list of a case. Errors: NotFound.
func (s *Store) RemoveUnspoken(ctx context.Context, by audit.Actor, caseID, id int64) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		found, err := removeUnspoken(ctx, tx, caseID, id)
		if err == nil && !found {
			err = failure.Missing("word", id)
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "case.remove_unspoken", Subject: "case", SubjectID: caseID, Before: id})
	})
}

// Unspoken lists what no letter about a case may name, for those who may edit cases.
func (s *Store) Unspoken(ctx context.Context, caseID int64) ([]Unspoken, error) {
	rows, err := s.DB.Query(ctx, unspokenSQL, caseID)
	return s.openUnspoken(rows, err)
}

func (s *Store) openUnspoken(rows pgx.Rows, err error) ([]Unspoken, error) {
	sealed, err := all[sealedWords](rows, err)
	list := make([]Unspoken, len(sealed))
	for i, one := range sealed {
		words, err := s.Ring.Open(unspokenPlace(one.CaseID), one.WordsSealed)
		if err != nil {
			return nil, err
		}
		list[i] = Unspoken{ID: one.ID, Words: string(words)}
	}
	return list, err
}

// unspokenOf is what no letter of a campaign may name.
func (s *Store) unspokenOf(ctx context.Context, db postgres.DB, campaignID int64) ([]string, error) {
	rows, err := db.Query(ctx, unspokenOfCampaignSQL, campaignID)
	list, err := s.openUnspoken(rows, err)
	words := make([]string, len(list))
	for i, one := range list {
		words[i] = one.Words
	}
	return words, err
}

// leaves is what must name nobody who has to stay out: a relative who signs is one as well. The writer's own town and address are theirs to give.
func (d Draft) leaves() string { return d.Name + "\n" + d.Subject + "\n" + d.Text }

// MayLeave says whether a letter may leave by us, on paper or by its writer's own program: Invalid on the field text where signature, subject or text
// names what must stay out, with the words as they were written and nothing else of the list.
func (s *Store) MayLeave(ctx context.Context, campaignID int64, d Draft) error {
	list, err := s.unspokenOf(ctx, s.DB, campaignID)
	if err != nil {
		return err
	}
	if named := Named(d.leaves(), list); len(named) > 0 {
		return failure.Wrong("text", "names somebody or something that should stay out: take out “%s” before it leaves", strings.Join(named, "”, “"))
	}
	return nil
}

// names reports whether a letter that is to be mailed, and is open, names what must stay out as that stands now.
func (s *Store) names(ctx context.Context, db postgres.DB, m LetterMail) (bool, error) {
	list, err := s.unspokenOf(ctx, db, m.CampaignID)
	return len(Named(Draft{Name: m.Writer.Name, Subject: m.Subject, Text: m.Text}.leaves(), list)) > 0, err
}

// Advise reads a letter of a writer to an office, with what must stay out and what the office got already added to m.
func (s *Store) Advise(ctx context.Context, w Writer, campaignID, targetID int64, d Draft, m Matter) (Advice, error) {
	var err error
	if m.Unspoken, err = s.unspokenOf(ctx, s.DB, campaignID); err != nil {
		return Advice{}, err
	}
	if m.Earlier, err = s.earlier(ctx, w, campaignID, targetID); err != nil {
		return Advice{}, err
	}
	return Advise(d, m), nil
}
