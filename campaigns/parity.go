package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
)

// Lacks returns in which of English and French the sheet has no text at all (R16). A text in fr-CA is one in French.
func (s Sheet) Lacks() []string {
	var lacks []string
	for _, want := range []string{"en", "fr"} {
		there := false
		for _, t := range s.Texts {
			base, _, _ := cutTag(t.Language)
			there = there || base == want
		}
		if !there {
			lacks = append(lacks, want)
		}
	}
	return lacks
}

// recordLacks puts on record that an appeal left without a language that it should have (R16), each by an action of its
// own: the trail keeps no more of a value than its hash.
func recordLacks(ctx context.Context, tx pgx.Tx, by audit.Actor, id int64, sheet Sheet) error {
	for _, language := range sheet.Lacks() {
		event := audit.Event{Actor: by, Action: "appeal.launch_without_" + language, Subject: "appeal", SubjectID: id}
		if err := audit.Record(ctx, tx, event); err != nil {
			return err
		}
	}
	return nil
}
