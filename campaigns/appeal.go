package campaigns

import (
	"context"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// The kinds of appeal. The first goes to the audience; every other to those whose earlier delivery is accepted or
// unknown and who are still subscribed (R6); one that is named, to those of them alone who are named in it.
const (
	KindFirst      = "first"
	KindUpdate     = "update"
	KindStopAction = "stop_action"
	KindOutcome    = "outcome"
	KindCorrection = "correction"
)

// The states of an appeal; the package comment draws how it moves.
const (
	AppealDraft    = "draft"
	AppealIssuing  = "issuing"
	AppealComplete = "complete"
	AppealStopping = "stopping"
	AppealStopped  = "stopped"
)

// What becomes of a delivery when nobody can know whether it arrived.
const (
	UnknownResend = "resend" // it is sent once more, the same bytes under the same Message-ID
	UnknownHold   = "hold"   // it waits for a person
)

// Audience narrows whom a first appeal goes to. Each empty list means everybody; together they all have to hold.
// A language without a region takes in its regions: fr has fr-CA. Left out is who has had any appeal of the campaigns named, or of
// another campaign on the same case, or may have, at the launch.
type Audience struct {
	Groups           []int64  `json:"groups"`
	Languages        []string `json:"languages"`
	Countries        []string `json:"countries"`
	WithoutCampaigns []int64  `json:"without_campaigns"`
	WithoutCase      bool     `json:"without_case"`
}

// isEverybody reports whether the audience narrows nothing.
func (a Audience) isEverybody() bool {
	return len(a.Groups)+len(a.Languages)+len(a.Countries)+len(a.WithoutCampaigns) == 0 && !a.WithoutCase
}

// Appeal is one mailing of a campaign to members.
type Appeal struct {
	ID                int64      `json:"id"`
	CampaignID        int64      `json:"campaign_id"`
	Kind              string     `json:"kind"`
	State             string     `json:"state"`
	Asking            bool       `json:"asking"` // it asks for letters, so it ends with the deadline and with the campaign
	OnUnknown         string     `json:"on_unknown"`
	AudienceGroups    []int64    `json:"audience_groups"`
	AudienceLanguages []string   `json:"audience_languages"`
	AudienceCountries []string   `json:"audience_countries"`
	LeaveOutCampaigns []int64    `json:"leave_out_campaigns"`
	LeaveOutCase      bool       `json:"leave_out_case"`
	AudienceNamed     bool       `json:"audience_named"` // it is for the members named at its making alone
	CreatedAt         time.Time  `json:"created_at"`
	LaunchedAt        *time.Time `json:"launched_at"`
	ExpiresAt         *time.Time `json:"expires_at"` // when trying ends; null where the deadline ends it
	FilledTo          int64      `json:"-"`
	FilledAt          *time.Time `json:"filled_at"`
	Eligible          *int64     `json:"-"` // counted some moments after the launch; the receipt shows it
	StoppingAt        *time.Time `json:"stopping_at"`
	StoppedAt         *time.Time `json:"stopped_at"`
	StopReason        *string    `json:"stop_reason"` // why the system stopped it by itself: blocked, unwritable; null where a person did
	CompletedAt       *time.Time `json:"completed_at"`
}

// asks reports whether an appeal of this kind always asks for letters. A correction does while letters are wanted.
func asks(kind string) bool { return kind == KindFirst || kind == KindUpdate }

// Text is what a coordinator wrote in one language. Body is Markdown.
type Text struct {
	Language string `json:"language"`
	Subject  string `json:"subject"`
	Headline string `json:"headline"`
	Body     string `json:"body"`
}

// NewAppeal is what is asked for to draft an appeal.
type NewAppeal struct {
	Kind      string   `json:"kind"`
	OnUnknown string   `json:"on_unknown"`
	Audience  Audience `json:"audience"`
	Texts     []Text   `json:"texts"`
}

func (t Text) check(check *failure.Check, at string, persons []Person) {
	check.Need(isLanguage(t.Language), at+"language", "%q is not a language tag such as en, fr or fa", t.Language)
	checkLine(check, at+"subject", t.Subject, 300)
	checkLine(check, at+"headline", t.Headline, 300)
	check.Need(strings.TrimSpace(t.Body) != "", at+"body", "is missing")
	check.Need(len(t.Body) <= 50_000, at+"body", "is too long: %d bytes, at most 50,000", len(t.Body))
	check.Need(!hasControl(t.Body, true), at+"body", "holds a control character")
	for _, p := range persons {
		for _, name := range namesOf(p.PublishedAs) {
			if names(plain(t.Subject), name) {
				check.Add(at+"subject", "names %q: a subject is shown on locked screens and kept in logs, so nobody is named there (R10)", p.PublishedAs)
				break
			}
		}
	}
}

// namesOf are the texts by which somebody would be named: the whole published form, and each word of it that looks like a name.
func namesOf(published string) []string {
	list := []string{plain(published)}
	for _, word := range strings.FieldsFunc(published, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' }) {
		first := []rune(word)[0]
		common := strings.Contains(" The Mrs Miss Family Famille Madame Monsieur Mme ", " "+word+" ")
		if len([]rune(word)) >= 3 && !unicode.IsLower(first) && !common {
			list = append(list, plain(word))
		}
	}
	return list
}

// plain folds what can be written in several ways: forms of Unicode, case, and the width of spaces.
func plain(text string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(text))), " ")
}

// names reports whether line holds name as words of its own; both are plain.
func names(line, name string) bool {
	if name == "" {
		return false
	}
	for from := 0; ; {
		i := strings.Index(line[from:], name)
		if i < 0 {
			return false
		}
		i += from
		before, after := []rune(line[:i]), []rune(line[i+len(name):])
		if (len(before) == 0 || !unicode.IsLetter(before[len(before)-1])) && (len(after) == 0 || !unicode.IsLetter(after[0])) {
			return true
		}
		from = i + 1
	}
}

func (n *NewAppeal) check(persons []Person) error {
	var check failure.Check
	switch n.Kind {
	case KindFirst:
	case KindUpdate, KindStopAction, KindOutcome, KindCorrection:
		check.Need(n.Audience.isEverybody(), "audience",
			"belongs to the first appeal only: the others go to those who got an earlier one")
	default:
		check.Add("kind", "must be first, update, stop_action, outcome or correction")
	}
	if n.OnUnknown == "" {
		n.OnUnknown = UnknownResend
	}
	check.Need(n.OnUnknown == UnknownResend || n.OnUnknown == UnknownHold, "on_unknown", "must be resend or hold")
	n.Audience.check(&check)
	seen := map[string]bool{}
	for _, t := range n.Texts {
		at := "texts." + t.Language + "."
		check.Need(!seen[t.Language], at+"language", "stands twice")
		seen[t.Language] = true
		t.check(&check, at, persons)
	}
	return check.Err()
}

func (a *Audience) check(check *failure.Check) {
	for _, l := range a.Languages {
		check.Need(isLanguage(l), "audience.languages", "%q is not a language tag such as en, fr or fa", l)
	}
	for _, c := range a.Countries {
		check.Need(isCountry(c), "audience.countries", "%q is not a country code of two capitals", c)
	}
	if a.Groups == nil {
		a.Groups = []int64{}
	}
	if a.Languages == nil {
		a.Languages = []string{}
	}
	if a.Countries == nil {
		a.Countries = []string{}
	}
	if a.WithoutCampaigns == nil {
		a.WithoutCampaigns = []int64{}
	}
}

// AddAppeal drafts an appeal. Errors: Invalid; NotFound; Conflict for a closed campaign (but for an outcome or a
// correction), for a second first one, and for any other before the first has left.
func (s *Store) AddAppeal(ctx context.Context, by audit.Actor, campaignID int64, n NewAppeal) (Appeal, error) {
	var added Appeal
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		if added, err = addAppeal(ctx, tx, by, campaignID, n, false); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "appeal.add", Subject: "appeal", SubjectID: added.ID, After: n})
	})
	if postgres.IsUnique(err, "appeals_one_first") {
		return Appeal{}, failure.Clash("campaign %d has its first appeal already; what comes after is an update", campaignID)
	}
	return added, err
}

func addAppeal(ctx context.Context, tx pgx.Tx, by audit.Actor, campaignID int64, n NewAppeal, named bool) (Appeal, error) {
	c, err := lockCampaign(ctx, tx, campaignID)
	if err != nil {
		return Appeal{}, err
	}
	persons, err := personsOf(ctx, tx, c)
	if err != nil {
		return Appeal{}, err
	}
	if err := n.check(persons); err != nil {
		return Appeal{}, err
	}
	if c.State == CampaignDraft && n.Kind != KindFirst {
		return Appeal{}, failure.Clash("campaign %s has no launched appeal yet; its first one comes before any %s", c.Reference(), n.Kind)
	}
	if c.State == CampaignClosed && n.Kind != KindOutcome && n.Kind != KindCorrection {
		return Appeal{}, failure.Clash("campaign %s is closed; only its outcome or a correction may still go out", c.Reference())
	}
	if err := checkAudience(ctx, tx, c, n.Audience); err != nil {
		return Appeal{}, err
	}
	added, err := insertAppeal(ctx, tx, by, campaignID, n, named)
	if err != nil {
		return Appeal{}, err
	}
	for _, t := range n.Texts {
		if err := putText(ctx, tx, added.ID, t); err != nil {
			return Appeal{}, err
		}
	}
	return added, nil
}

// Appeal returns one appeal. Errors: NotFound.
func (s *Store) Appeal(ctx context.Context, id int64) (Appeal, error) {
	rows, err := s.DB.Query(ctx, appealSQL, id)
	return one[Appeal](rows, err, "appeal", id)
}

// Appeals lists a campaign's appeals in the order they were drafted.
func (s *Store) Appeals(ctx context.Context, campaignID int64) ([]Appeal, error) {
	rows, err := s.DB.Query(ctx, appealsSQL, campaignID)
	return all[Appeal](rows, err)
}

// Texts lists what an appeal says, by language.
func (s *Store) Texts(ctx context.Context, appealID int64) ([]Text, error) {
	rows, err := s.DB.Query(ctx, textsSQL, appealID)
	return all[Text](rows, err)
}

// PutText writes or replaces one language of a draft. Errors: Invalid, NotFound, Conflict once it is launched.
func (s *Store) PutText(ctx context.Context, by audit.Actor, appealID int64, t Text) error {
	return s.changeDraft(ctx, by, appealID, "appeal.put_text", t, func(tx pgx.Tx, _ Appeal, c Campaign) error {
		persons, err := personsOf(ctx, tx, c)
		if err != nil {
			return err
		}
		var check failure.Check
		t.check(&check, "", persons)
		if err := check.Err(); err != nil {
			return err
		}
		return putText(ctx, tx, appealID, t)
	})
}

// DropText removes one language of a draft. Errors: NotFound, Conflict once it is launched.
func (s *Store) DropText(ctx context.Context, by audit.Actor, appealID int64, language string) error {
	return s.changeDraft(ctx, by, appealID, "appeal.drop_text", language, func(tx pgx.Tx, _ Appeal, _ Campaign) error {
		return dropText(ctx, tx, appealID, language)
	})
}

// SetAudience says anew whom a draft goes to, and what becomes of an unknown. Errors: Invalid, NotFound, Conflict.
func (s *Store) SetAudience(ctx context.Context, by audit.Actor, appealID int64, a Audience, onUnknown string) error {
	n := NewAppeal{OnUnknown: onUnknown, Audience: a}
	return s.changeDraft(ctx, by, appealID, "appeal.set_audience", a, func(tx pgx.Tx, a Appeal, c Campaign) error {
		n.Kind = a.Kind
		if err := n.check(nil); err != nil {
			return err
		}
		if err := checkAudience(ctx, tx, c, n.Audience); err != nil {
			return err
		}
		return updateAudience(ctx, tx, appealID, n)
	})
}

func (s *Store) changeDraft(ctx context.Context, by audit.Actor, id int64, action string, after any, do func(pgx.Tx, Appeal, Campaign) error) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		a, c, err := lockAppeal(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := mayChange(a); err != nil {
			return err
		}
		if err := do(tx, a, c); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: action, Subject: "appeal", SubjectID: id, Before: a, After: after})
	})
}

// mayChange reports why an appeal stays as it is.
func mayChange(a Appeal) error {
	if a.State == AppealDraft {
		return nil
	}
	return failure.Clash("appeal %d is launched and stays as it left; write an update or a correction", a.ID)
}

// lockAppeal locks an appeal and its campaign, the campaign first: the one order in which both are ever locked.
func lockAppeal(ctx context.Context, tx pgx.Tx, id int64) (Appeal, Campaign, error) {
	campaignID, err := campaignIDOf(ctx, tx, id)
	if err != nil {
		return Appeal{}, Campaign{}, err
	}
	c, err := lockCampaign(ctx, tx, campaignID)
	if err != nil {
		return Appeal{}, Campaign{}, err
	}
	rows, err := tx.Query(ctx, lockAppealSQL, id)
	a, err := one[Appeal](rows, err, "appeal", id)
	return a, c, err
}

func personsOf(ctx context.Context, tx pgx.Tx, c Campaign) ([]Person, error) {
	if c.CaseID == nil {
		return nil, nil
	}
	rows, err := tx.Query(ctx, personsSQL, *c.CaseID)
	return all[Person](rows, err)
}
