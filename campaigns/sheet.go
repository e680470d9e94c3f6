package campaigns

import (
	"context"
	"errors"
	"sort"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/failure"
)

// Sheet is everything of an appeal that may be published, and nothing else: pages and mails are written from it alone
// (R11). What a case holds beyond it has no field here.
type Sheet struct {
	CampaignID       int64
	AppealID         int64 // 0 where no appeal has left
	Kind             string
	Asking           bool // letters are asked for
	LaunchedAt       *time.Time
	Reference        string
	Series           string
	Number           int
	Year             int
	Slug             string
	Urgent           bool
	CampaignState    string
	FallbackLanguage string
	Deadline         Deadline
	DeadlineAt       time.Time
	AfterDeadline    string
	Outcome          *string
	StoppedAt        *time.Time
	ClosedAt         *time.Time
	CounterFrom      *int
	RemovingCountry  string // "" for a policy matter, as the next
	ReceivingCountry string
	Removal          Removal
	Asks             []Ask            // but for those that only offices not agreed to are asked
	Targets          []CampaignTarget // only those agreed to
	Texts            []Text
	Now              time.Time // the house's clock when this was read
}

// Languages lists the languages the sheet is written in, in order.
func (s Sheet) Languages() []string {
	list := make([]string, len(s.Texts))
	for i, t := range s.Texts {
		list[i] = t.Language
	}
	sort.Strings(list)
	return list
}

// Text returns the text for a reader of lang: in that language, else in its base language, else in the fallback, else in
// any. ok is false only where there is no text at all.
func (s Sheet) Text(lang string) (text Text, ok bool) {
	base, _, _ := cutTag(lang)
	for _, want := range []string{lang, base, s.FallbackLanguage} {
		for _, t := range s.Texts {
			if t.Language == want {
				return t, true
			}
		}
	}
	if len(s.Texts) > 0 {
		return s.Texts[0], true
	}
	return Text{}, false
}

func cutTag(tag string) (base, rest string, found bool) {
	for i := range tag {
		if tag[i] == '-' {
			return tag[:i], tag[i+1:], true
		}
	}
	return tag, "", false
}

// Sheet returns what an appeal says, as it stands. Errors: NotFound.
func (s *Store) Sheet(ctx context.Context, appealID int64) (Sheet, error) {
	var sheet Sheet
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, appealSQL, appealID)
		a, err := one[Appeal](rows, err, "appeal", appealID)
		if err != nil {
			return err
		}
		rows, err = tx.Query(ctx, campaignSQL, a.CampaignID)
		c, err := one[Campaign](rows, err, "campaign", a.CampaignID)
		if err != nil {
			return err
		}
		sheet, err = sheetOf(ctx, tx, c, &a)
		return err
	})
	return sheet, err
}

// PublicSheet returns what stands at the campaign's public address: the words of the last appeal that was launched.
// Errors: NotFound, also for a campaign that was never launched, so that a draft cannot be found out.
func (s *Store) PublicSheet(ctx context.Context, slug string) (Sheet, error) {
	return s.publicSheet(ctx, campaignBySlugSQL, slug)
}

// PublicSheetOf is PublicSheet of a campaign by its id.
func (s *Store) PublicSheetOf(ctx context.Context, id int64) (Sheet, error) {
	return s.publicSheet(ctx, campaignSQL, id)
}

func (s *Store) publicSheet(ctx context.Context, sql string, key any) (Sheet, error) {
	var sheet Sheet
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, key)
		c, err := one[Campaign](rows, err, "campaign", "at this address")
		if err != nil {
			return err
		}
		if c.State == CampaignDraft {
			return failure.Missing("campaign", "at this address")
		}
		rows, err = tx.Query(ctx, lastLaunchedSQL, c.ID)
		a, err := one[Appeal](rows, err, "campaign", "at this address")
		if err != nil {
			return err
		}
		sheet, err = sheetOf(ctx, tx, c, &a)
		return err
	})
	return sheet, err
}

// SheetFor returns what stands at the public address of the campaign that a delivery belongs to, and the language its
// member reads. Errors: NotFound where there is no such delivery.
func (s *Store) SheetFor(ctx context.Context, appealID, memberID int64) (Sheet, string, error) {
	var slug, language string
	err := s.DB.QueryRow(ctx, deliverySlugSQL, appealID, memberID).Scan(&slug, &language)
	if errors.Is(err, pgx.ErrNoRows) {
		return Sheet{}, "", failure.Missing("delivery", "for this link")
	}
	if err != nil {
		return Sheet{}, "", err
	}
	sheet, err := s.PublicSheet(ctx, slug)
	return sheet, language, err
}

func sheetOf(ctx context.Context, tx pgx.Tx, c Campaign, a *Appeal) (Sheet, error) {
	sheet := Sheet{CampaignID: c.ID, AppealID: a.ID, Kind: a.Kind, LaunchedAt: a.LaunchedAt, Reference: c.Reference(), Series: c.Series, Number: c.Number,
		Year: c.Year, Slug: c.Slug, Urgent: c.Urgent, CampaignState: c.State, FallbackLanguage: c.FallbackLanguage,
		Deadline: c.Deadline, DeadlineAt: c.DeadlineAt, AfterDeadline: c.AfterDeadline, Outcome: c.Outcome, StoppedAt: c.StoppedAt, ClosedAt: c.ClosedAt, CounterFrom: c.CounterFrom,
		Removal: Removal{Timing: RemovalNone}}
	if err := tx.QueryRow(ctx, nowSQL).Scan(&sheet.Now); err != nil {
		return sheet, err
	}
	sheet.Asking = asks(a.Kind) || a.Kind == KindCorrection && c.State == CampaignActive && sheet.Now.Before(c.DeadlineAt)
	if c.CaseID != nil {
		rows, err := tx.Query(ctx, caseSQL, *c.CaseID)
		theCase, err := one[Case](rows, err, "case", *c.CaseID)
		if err != nil {
			return sheet, err
		}
		sheet.RemovingCountry, sheet.ReceivingCountry = theCase.RemovingCountry, theCase.ReceivingCountry
		sheet.Removal = Removal{Timing: theCase.RemovalTiming, At: theCase.RemovalAt, Until: theCase.RemovalUntil}
		if theCase.RemovalZone != nil {
			sheet.Removal.Zone = *theCase.RemovalZone
		}
	}
	rows, err := tx.Query(ctx, asksSQL, c.ID)
	if sheet.Asks, err = all[Ask](rows, err); err != nil {
		return sheet, err
	}
	targets, err := campaignTargets(ctx, tx, c.ID)
	if err != nil {
		return sheet, err
	}
	for _, t := range targets {
		if t.Agreed() {
			sheet.Targets = append(sheet.Targets, t)
		}
	}
	sheet.Asks = publishable(sheet.Asks, sheet.Targets)
	rows, err = tx.Query(ctx, textsSQL, a.ID)
	sheet.Texts, err = all[Text](rows, err)
	return sheet, err
}

// Edition is what leaves for the readers of one language, frozen at launch. TextLanguage is another than Language where
// they get the fallback. A hole in Text and HTML is Mark and one of the hole names.
type Edition struct {
	Language     string
	TextLanguage string
	Subject      string
	Text         string
	HTML         string
	Mark         string
}

// The holes of an edition: what differs from member to member.
const (
	HoleName   = "name"   // the member's name, as templates.GreetingName sets it
	HoleReport = "report" // the link to report a letter
	HoleLeave  = "leave"  // the link to unsubscribe
)

// Editions lists what an appeal was frozen to at launch; empty for a draft.
func (s *Store) Editions(ctx context.Context, appealID int64) ([]Edition, error) {
	rows, err := s.DB.Query(ctx, editionsSQL, appealID)
	return all[Edition](rows, err)
}
