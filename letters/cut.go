package letters

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// What a cut sums letters by.
const (
	ByCampaign = "campaign"
	ByCase     = "case"
	ByCountry  = "country"  // of the office; none for an intergovernmental one
	ByRemoving = "removing" // the country that removes
	ByTopic    = "topic"    // each concern of the case: a letter counts under every one of them
	ByTarget   = "target"
	ByKind     = "kind" // of the appeal whose link the writer came by; none for a visitor, and for a batch that no member reported
	ByChannel  = "channel"
	ByGrade    = "grade"
	ByGroup    = "group" // the batch's own; else the member's as it was when the letter was told
	ByMember   = "member"
	ByYear     = "year"
	ByMonth    = "month"
	ByDay      = "day"
)

// CutBy lists what a cut can sum by, in the order in which it is offered.
func CutBy() []string {
	return []string{ByCampaign, ByCase, ByCountry, ByRemoving, ByTopic, ByTarget, ByKind, ByChannel, ByGrade, ByGroup, ByMember, ByYear, ByMonth, ByDay}
}

// Cut says which letters a report is about, and what it sums them by. A zero field is no filter; all the others have to hold together. Days are those
// the letters were written on, both ends included.
type Cut struct {
	By       string
	From, To campaigns.Day

	Campaign, Case, Target, Group, Member int64

	Country, Removing, Topic, Kind, Channel, Grade string
}

func (c Cut) check() error {
	var check failure.Check
	check.Need(statementOf(c.By) != "", "by", "must be one of %s", strings.Join(CutBy(), ", "))
	check.Need(c.From.IsZero() || c.To.IsZero() || !c.To.Before(c.From.Time), "to", "lies before the first day, %s", c.From)
	for field, text := range map[string]string{"country": c.Country, "removing": c.Removing, "topic": c.Topic, "kind": c.Kind, "channel": c.Channel, "grade": c.Grade} {
		check.Need(len(text) <= 200 && !strings.Contains(text, "\x00"), field, "is not known")
	}
	check.Need(c.Grade == "" || slices.Contains(Grades(), c.Grade), "grade", "must be one of %s", strings.Join(Grades(), ", "))
	check.Need(c.Channel == "" || c.Channel == Unsaid || slices.Contains(Channels, c.Channel), "channel", "must be one of %s, %s", strings.Join(Channels, ", "), Unsaid)
	return check.Err()
}

// Grades lists the grades, the best evidence first: the order in which a total is split.
func Grades() []string { return []string{Sent, Confirmed, Paper, Reported, Batch} }

// Figures is a sum over letters that count, split by how they are known, and how many wrote them. Who wrote for a batch is not known, so the batches
// themselves are counted. Visitors are of one campaign each and may be members: the two are never added up.
type Figures struct {
	Sent      int64 `json:"sent"`
	Confirmed int64 `json:"confirmed"`
	Paper     int64 `json:"paper"`
	Reported  int64 `json:"reported"`
	Batch     int64 `json:"batch"`
	Members   int64 `json:"members"`  // different ones, batches apart
	Visitors  int64 `json:"visitors"` // different ones
	Batches   int64 `json:"batches"`
}

// Letters is the sum over all grades. It is shown beside them, never alone.
func (f Figures) Letters() int64 { return f.Sent + f.Confirmed + f.Paper + f.Reported + f.Batch }

// ByGrade are the letters in the order of Grades.
func (f Figures) ByGrade() []int64 {
	return []int64{f.Sent, f.Confirmed, f.Paper, f.Reported, f.Batch}
}

// TallyLine is one line of a report: what it is about, by its id or by its name, and its figures. Both are empty for letters that have no such thing.
type TallyLine struct {
	ID   int64  `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	Figures
}

// Apart are letters that are in no total, by what became of them: made, set_aside, returned, withdrawn.
type Apart struct {
	State   string `json:"state"`
	Letters int64  `json:"letters"`
	Rows    int64  `json:"rows"`
}

// Tally is a report. Its total is counted over the letters and not over the lines: a letter can be in several lines (by topic), and so can a writer.
type Tally struct {
	Lines  []TallyLine // the most letters first; years, months and days in their order
	Total  Figures
	Apart  []Apart
	MadeAt time.Time // by the house's clock
}

// RecordExport puts on record that somebody takes a report with the names of members out of the house.
func (s *Store) RecordExport(ctx context.Context, by audit.Actor, cut Cut) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "letter.export_named", Subject: "letter", After: cut})
	})
}

// Tally sums letters as cut says. All of it is read at one instant, so that lines and total agree whatever is reported meanwhile. There is at most
// one line for each member, so it is read whole: no slow reader of an export holds up the database. Errors: Invalid.
func (s *Store) Tally(ctx context.Context, cut Cut) (Tally, error) {
	var made Tally
	if err := cut.check(); err != nil {
		return made, err
	}
	err := pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		var err error
		made, err = readTally(ctx, tx, cut)
		return err
	})
	return made, err
}
