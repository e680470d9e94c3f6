package letters

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/failure"
)

// gather reads the facts of a campaign, each part in an order that does not change. No member, no visitor and no address of theirs is among them.
func (s *Store) gather(ctx context.Context, tx pgx.Tx, campaignID int64) (f CaseFile, err error) {
	about, err := readAbout(ctx, tx, campaignID)
	if err != nil {
		return f, err
	}
	f.Entries = about.entries()
	for _, part := range []func(context.Context, pgx.Tx, int64) ([]Entry, error){
		personEntries, askEntries, officeEntries, eventEntries, appealEntries, textEntries, receiptEntries, letterEntries, s.replyEntries, positionEntries} {
		more, err := part(ctx, tx, campaignID)
		if err != nil {
			return f, err
		}
		f.Entries = append(f.Entries, more...)
	}
	if about.Outcome != nil {
		f.Entries = append(f.Entries, entry(OfOutcome, strconv.FormatInt(about.ID, 10), instantText(about.ClosedAt), "outcome", *about.Outcome, "note", about.OutcomeNote,
			"durability", pointedText(about.Durability), "contribution", pointedText(about.Contribution)))
	}
	return f, nil
}

func pointedText(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func yesOrNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// aboutCampaign is a campaign and its case.
type aboutCampaign struct {
	ID                int64
	Series            string
	Number, Year      int
	Title             string
	State             string
	Urgent            bool
	DeadlineDay       campaigns.Day
	DeadlineTime      *string
	DeadlineZone      string
	DeadlineInclusive bool
	AfterDeadline     string
	Outcome           *string
	OutcomeNote       string
	Durability        *string
	Contribution      *string
	CreatedAt         time.Time
	ClosedAt          *time.Time
	RemovingCountry   *string
	ReceivingCountry  *string
	Concerns          []string
	RemovalTiming     *string
	RemovalAt         *time.Time
	RemovalUntil      *time.Time
	RemovalZone       *string
}

func readAbout(ctx context.Context, tx pgx.Tx, campaignID int64) (aboutCampaign, error) {
	rows, err := tx.Query(ctx, fileAboutSQL, campaignID)
	if err != nil {
		return aboutCampaign{}, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[aboutCampaign])
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return a, failure.Missing("campaign", campaignID)
	case err == nil && a.State == campaigns.CampaignDraft:
		return a, failure.Clash("this campaign was never launched: there is nothing to show of it yet")
	}
	return a, err
}

func (a aboutCampaign) entries() []Entry {
	return []Entry{entry(OfCampaign, strconv.FormatInt(a.ID, 10), instantText(&a.CreatedAt),
		"number", fmt.Sprintf("%s %d/%d", a.Series, a.Number, a.Year), "title", a.Title, "state", a.State, "urgent", yesOrNo(a.Urgent),
		"deadline", strings.TrimSpace(a.DeadlineDay.String()+" "+pointedText(a.DeadlineTime)), "zone", a.DeadlineZone, "inclusive", yesOrNo(a.DeadlineInclusive),
		"after_deadline", a.AfterDeadline, "removing_country", pointedText(a.RemovingCountry), "receiving_country", pointedText(a.ReceivingCountry),
		"concerns", strings.Join(a.Concerns, ", "), "removal", pointedText(a.RemovalTiming), "removal_at", instantText(a.RemovalAt), "removal_until", instantText(a.RemovalUntil),
		"removal_zone", pointedText(a.RemovalZone))}
}

// entriesOf makes an entry of each row of a query.
func entriesOf[T any](ctx context.Context, tx pgx.Tx, sql string, campaignID int64, make func(T) Entry) ([]Entry, error) {
	rows, err := tx.Query(ctx, sql, campaignID)
	list, err := all[T](rows, err)
	if err != nil {
		return nil, err
	}
	entries := []Entry{}
	for _, row := range list {
		entries = append(entries, make(row))
	}
	return entries, nil
}

func personEntries(ctx context.Context, tx pgx.Tx, campaignID int64) ([]Entry, error) {
	type row struct {
		ID          int64
		PublishedAs string
		IsMinor     bool
	}
	return entriesOf(ctx, tx, filePersonsSQL, campaignID, func(r row) Entry {
		return entry(OfPerson, strconv.FormatInt(r.ID, 10), "", "published_as", r.PublishedAs, "minor", yesOrNo(r.IsMinor))
	})
}

func askEntries(ctx context.Context, tx pgx.Tx, campaignID int64) ([]Entry, error) {
	type row struct {
		Code  string
		Texts campaigns.Texts
	}
	return entriesOf(ctx, tx, fileAsksSQL, campaignID, func(r row) Entry {
		return entry(OfAsk, r.Code, "", inLanguages(r.Texts)...)
	})
}

// inLanguages are texts as pairs: the language, and the text.
func inLanguages(texts campaigns.Texts) []string {
	var pairs []string
	for lang := range texts {
		pairs = append(pairs, lang)
	}
	sort.Strings(pairs)
	var list []string
	for _, lang := range pairs {
		list = append(list, lang, texts[lang])
	}
	return list
}

func officeEntries(ctx context.Context, tx pgx.Tx, campaignID int64) ([]Entry, error) {
	type row struct {
		Code, Power, Side string
		Country           *string
		Office            campaigns.Texts
		AddedBy, AgreedBy *string
	}
	return entriesOf(ctx, tx, fileOfficesSQL, campaignID, func(r row) Entry {
		return entry(OfTarget, r.Code, "", "office", r.Office.In("en", "fr"), "country", pointedText(r.Country), "side", r.Side, "power", r.Power, "added_by", pointedText(r.AddedBy),
			"agreed_by", pointedText(r.AgreedBy))
	})
}

func eventEntries(ctx context.Context, tx pgx.Tx, campaignID int64) ([]Entry, error) {
	type row struct {
		ID        int64
		At        time.Time
		Actor     string
		Name      *string
		Action    string
		Subject   string
		SubjectID *int64
		After     *string
	}
	return entriesOf(ctx, tx, fileEventsSQL, campaignID, func(r row) Entry {
		by := r.Actor
		if r.Name != nil {
			by = *r.Name
		}
		subject := r.Subject
		if r.SubjectID != nil {
			subject += " " + strconv.FormatInt(*r.SubjectID, 10)
		}
		return entry(OfEvent, strconv.FormatInt(r.ID, 10), instantText(&r.At), "action", r.Action, "subject", subject, "by", by, "sha256_after", pointedText(r.After))
	})
}

func appealEntries(ctx context.Context, tx pgx.Tx, campaignID int64) ([]Entry, error) {
	type row struct {
		ID         int64
		Kind       string
		State      string
		CreatedBy  *string
		LaunchedBy *string
		LaunchedAt time.Time
		Eligible   *int64
	}
	return entriesOf(ctx, tx, fileAppealsSQL, campaignID, func(r row) Entry {
		eligible := ""
		if r.Eligible != nil {
			eligible = strconv.FormatInt(*r.Eligible, 10)
		}
		return entry(OfAppeal, strconv.FormatInt(r.ID, 10), instantText(&r.LaunchedAt), "kind", r.Kind, "state", r.State, "written_by", pointedText(r.CreatedBy),
			"launched_by", pointedText(r.LaunchedBy), "eligible", eligible)
	})
}

func textEntries(ctx context.Context, tx pgx.Tx, campaignID int64) ([]Entry, error) {
	type row struct {
		AppealID                      int64
		Language, Subject, Text, Mark string
	}
	return entriesOf(ctx, tx, fileEditionsSQL, campaignID, func(r row) Entry {
		// What differed from member to member is named, not filled.
		holes := strings.NewReplacer(r.Mark+campaigns.HoleName, " [name]", r.Mark+campaigns.HoleReport, "[link]", r.Mark+campaigns.HoleLeave, "[link]")
		return entry(OfText, strconv.FormatInt(r.AppealID, 10)+" "+r.Language, "", "language", r.Language, "subject", holes.Replace(r.Subject), "text", holes.Replace(r.Text))
	})
}

// receipts are what became of each appeal, by state: never one number alone.
func receiptEntries(ctx context.Context, tx pgx.Tx, campaignID int64) ([]Entry, error) {
	type row struct {
		AppealID int64
		State    string
		Reason   string
		Members  int64
	}
	return entriesOf(ctx, tx, fileReceiptsSQL, campaignID, func(r row) Entry {
		key := strings.TrimSpace(fmt.Sprintf("%d %s %s", r.AppealID, r.State, r.Reason))
		return entry(OfReceipt, key, "", "appeal", strconv.FormatInt(r.AppealID, 10), "state", r.State, "reason", r.Reason, "members", strconv.FormatInt(r.Members, 10))
	})
}

func letterEntries(ctx context.Context, tx pgx.Tx, campaignID int64) ([]Entry, error) {
	type row struct {
		Code, Channel, Grade, State string
		Office                      campaigns.Texts
		Letters, Reports            int64
		First, Last                 campaigns.Day
	}
	return entriesOf(ctx, tx, fileLetterSumsSQL, campaignID, func(r row) Entry {
		return entry(OfLetters, strings.Join([]string{r.Code, r.Channel, r.Grade, r.State}, " "), "", "office", r.Office.In("en", "fr"), "channel", r.Channel, "grade", r.Grade,
			"state", r.State, "letters", strconv.FormatInt(r.Letters, 10), "reports", strconv.FormatInt(r.Reports, 10), "first_day", r.First.String(), "last_day", r.Last.String())
	})
}

// answers are what offices answered, in the text that may be shown.
func (s *Store) replyEntries(ctx context.Context, tx pgx.Tx, campaignID int64) ([]Entry, error) {
	type row struct {
		ID          int64
		Code        *string
		Office      *campaigns.Texts
		Kind        *string
		Automatic   bool
		ReceivedAt  time.Time
		AnsweredOn  *campaigns.Day
		ShownSealed []byte
		Letters     int64
	}
	rows, err := tx.Query(ctx, fileAnswersSQL, campaignID)
	list, err := all[row](rows, err)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, r := range list {
		shown, err := s.openShown(r.ID, r.ShownSealed)
		if err != nil {
			return nil, err
		}
		office := pointedText(r.Code)
		if r.Office != nil {
			office = r.Office.In("en", "fr")
		}
		entries = append(entries, entry(OfReply, strconv.FormatInt(r.ID, 10), instantText(&r.ReceivedAt), "office", office, "kind", pointedText(r.Kind), "automatic", yesOrNo(r.Automatic),
			"answered_on", pointedDay(r.AnsweredOn), "letters", strconv.FormatInt(r.Letters, 10), "subject", shown.Subject, "text", shown.Text))
	}
	return entries, nil
}

func positionEntries(ctx context.Context, tx pgx.Tx, campaignID int64) ([]Entry, error) {
	type row struct {
		ID              int64
		Office          campaigns.Texts
		Topic, Position string
		Name            *string
		RecordedAt      time.Time
	}
	return entriesOf(ctx, tx, filePositionsSQL, campaignID, func(r row) Entry {
		return entry(OfPosition, strconv.FormatInt(r.ID, 10), instantText(&r.RecordedAt), "office", r.Office.In("en", "fr"), "position", r.Position, "topic", r.Topic, "by", pointedText(r.Name))
	})
}
