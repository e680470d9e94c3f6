package letters_test

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/letters"
)

func (d *desk) print(w letters.Writer, target int64) letters.Letter {
	d.t.Helper()
	letter, err := d.store.BeginPaper(d.ctx, w, d.campaign.ID, target, "en")
	d.must(err)
	return letter
}

func TestACodeIsReadAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"K7QM-2XPA": "K7QM2XPA", "k7qm 2xpa": "K7QM2XPA", " K7QM – 2XPA\n": "K7QM2XPA", "o0Il1-abcd": "", "oIlO-abcd": "0110ABCD", "K7QM-2XPAA": "",
		"K7QM-2XP": "", "": "", "K7QM-2XPU": "", "ＫK7QM2XPA": "", "K7QM\u00a02XPA": "K7QM2XPA",
	} {
		if got, ok := letters.ReadCode(text); ok != (want != "") || ok && got != want {
			t.Errorf("ReadCode(%q) = %q, %t, want %q", text, got, ok, want)
		}
	}
}

func TestALetterOnPaperCountsOnceItsCodeIsEntered(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 2)
	letter := d.print(d.writers[0], d.targets[0])
	if letter.Code == nil || !regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{8}$`).MatchString(*letter.Code) {
		t.Fatalf("code %v", letter.Code)
	}
	if again := d.print(d.writers[0], d.targets[0]); again.ID != letter.ID || *again.Code != *letter.Code {
		t.Errorf("printed again it is %+v, want the same letter and code", again)
	}
	if other := d.print(d.writers[1], d.targets[0]); *other.Code == *letter.Code || other.ID == letter.ID {
		t.Errorf("two writers have one letter: %+v", other)
	}
	if got := d.totals(); len(got) != 0 {
		t.Errorf("printed letters count already: %+v", got)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := d.store.EnterCode(d.ctx, strings.ToLower(letters.ShownCode(*letter.Code))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	want := []letters.Total{{TargetID: d.targets[0], Channel: "post", Grade: "paper", Letters: 1, Members: 1}}
	if got := d.totals(); !slices.Equal(got, want) {
		t.Errorf("totals %+v, want %+v", got, want)
	}
	var events int
	d.must(d.db.QueryRow(d.ctx, "SELECT count(*) FROM audit_events WHERE subject = 'letter' AND subject_id = $1", letter.ID).Scan(&events))
	if events != 2 { // printed once, entered once
		t.Errorf("%d audit events, want 2", events)
	}
}

func TestAWrongCodeChangesNothingAndATakenBackLetterStaysSo(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 1)
	letter := d.print(d.writers[0], d.targets[0])
	for _, text := range []string{"", "K7QM-2XPA-", "00000000", "not a code", (*letter.Code)[:7]} {
		if _, err := d.store.EnterCode(d.ctx, text); !failure.Is(err, failure.NotFound) || !strings.Contains(err.Error(), "with this code") {
			t.Errorf("EnterCode(%q) = %v, want the same for all", text, err)
		}
	}
	d.must(d.store.Withdraw(d.ctx, d.writers[0], letter.ID))
	got, err := d.store.EnterCode(d.ctx, *letter.Code)
	d.must(err)
	if got.State != letters.Withdrawn || len(d.totals()) != 0 {
		t.Errorf("a letter taken back became %+v by its code", got)
	}
}

func TestNobodyPrintsALetterThatIsNotWanted(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 1)
	if _, err := d.store.BeginPaper(d.ctx, d.writers[0], d.campaign.ID, d.targets[2], "en"); !failure.Is(err, failure.NotFound) {
		t.Errorf("to an office that the campaign does not write to: %v", err)
	}
	if _, err := d.store.BeginPaper(d.ctx, letters.Writer{AppealID: d.writers[0].AppealID, MemberID: 1 << 40}, d.campaign.ID, d.targets[0], "en"); !failure.Is(err, failure.NotFound) {
		t.Errorf("by a link without a delivery: %v", err)
	}
	house := &campaigns.Store{DB: d.db}
	_, err := house.StopCampaign(d.ctx, audit.System(), d.campaign.ID)
	d.must(err)
	if _, err := d.store.BeginPaper(d.ctx, d.writers[0], d.campaign.ID, d.targets[0], "en"); !failure.Is(err, failure.Conflict) {
		t.Errorf("for a campaign that is stopped: %v", err)
	}
}

func TestCodesAreFoundInAnAnswer(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 3)
	var ids []int64
	var codes []string
	for _, w := range d.writers {
		letter := d.print(w, d.targets[0])
		ids, codes = append(ids, letter.ID), append(codes, *letter.Code)
	}
	text := "Dear Madam, thank you for your letter (Ref. " + letters.ShownCode(codes[0]) + "), and also for " + strings.ToLower(codes[1]) + ", of the 12 ult.\n> Réf. " +
		codes[2][:4] + " " + codes[2][4:] + ". The Minister has asked the Ministry to reply; K7QM-2XPA is none of ours."
	quoted := func(text string) (ids []int64) {
		reply, err := d.store.AddScan(d.ctx, audit.System(), letters.Scan{TargetID: d.targets[0], Text: text})
		d.must(err)
		links, err := d.store.ReplyLinks(d.ctx, reply)
		d.must(err)
		for _, l := range links {
			ids = append(ids, l.LetterID)
		}
		slices.Sort(ids)
		return ids
	}
	if got := quoted(text); !slices.Equal(got, ids) {
		t.Errorf("found %v, want %v", got, ids)
	}
	if got := quoted(strings.Repeat("minister colonies ", 1000)); len(got) != 0 {
		t.Errorf("in words alone: %v", got)
	}
	totals := d.totals()
	if len(totals) != 1 || totals[0].Grade != letters.Paper || totals[0].Letters != 3 {
		t.Errorf("totals %+v, want three on paper", totals)
	}
}

func TestR12_LastPostingDay(t *testing.T) {
	t.Parallel()
	toronto, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		moment, err := time.ParseInLocation("2006-01-02 15:04", text, toronto)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for _, c := range []struct {
		what              string
		deadline, removal time.Time
		transit           int
		want              string
	}{
		{"until the end of the 20th", at("2027-01-21 00:00"), time.Time{}, 5, "2027-01-15"},
		{"before the 20th", at("2027-01-20 00:00"), time.Time{}, 5, "2027-01-14"},
		{"a flight in the morning comes first", at("2027-01-31 00:00"), at("2027-01-20 07:40"), 3, "2027-01-16"},
		{"a flight in the evening", at("2027-01-31 00:00"), at("2027-01-20 18:00"), 3, "2027-01-17"},
		{"a removal after the deadline", at("2027-01-20 00:00"), at("2027-02-20 07:40"), 12, "2027-01-07"},
		{"over a month's end and the summer's", at("2027-03-15 00:00"), time.Time{}, 20, "2027-02-22"},
	} {
		if got := letters.LastPosting(letters.LettersEnd(campaigns.Sheet{DeadlineAt: c.deadline, Removal: campaigns.Removal{Timing: campaigns.RemovalExact, At: &c.removal}}), c.transit, toronto); got.String() != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

func TestTheWayOfThePostIsAssumedAloudUntilSomebodyWritesItDown(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 1)
	target, err := (&campaigns.Store{DB: d.db}).Target(d.ctx, d.targets[0])
	d.must(err)
	from := func(country string) letters.Post {
		got, err := d.store.Reaches(d.ctx, []campaigns.CampaignTarget{{Target: target}}, country)
		d.must(err)
		return got[target.ID].Post
	}
	post := func() letters.Post { return from("CA") }
	if got := from("SE"); got.Days != letters.AbroadDays || !got.Assumed {
		t.Errorf("from abroad: %+v", got)
	}
	if got := post(); got.Days != letters.DomesticDays || !got.Assumed || got.Suspended {
		t.Errorf("at home: %+v", got)
	}
	if got := from(""); got.Days != letters.UnknownDays || !got.Assumed || got.From != "" {
		t.Errorf("from nobody knows where: %+v", got)
	}
	now := time.Now().UTC()
	day := func(add int) *campaigns.Day {
		one := campaigns.DayOf(now.AddDate(0, 0, add))
		return &one
	}
	known := letters.Route{FromCountry: "CA", ToCountry: "CA", TransitDays: 3, Postage: "$1.44"}
	for _, c := range []struct {
		from, until *campaigns.Day
		want        bool
	}{{nil, nil, false}, {day(-3), nil, true}, {nil, day(3), true}, {day(-9), day(-3), false}, {day(3), nil, false}, {day(-2), day(2), true}} {
		known.SuspendedFrom, known.SuspendedUntil = c.from, c.until
		d.must(d.store.PutRoute(d.ctx, audit.System(), known))
		if got := post(); got.Days != 3 || got.Assumed || got.Postage != "$1.44" || got.Suspended != c.want {
			t.Errorf("from %v until %v: %+v, want suspended %t", c.from, c.until, got, c.want)
		}
	}
	list, err := d.store.Routes(d.ctx)
	d.must(err)
	if len(list) != 1 || list[0].TransitDays != 3 {
		t.Errorf("routes %+v", list)
	}
	known.SuspendedFrom, known.SuspendedUntil, known.TransitDays, known.ToCountry = day(3), day(1), 0, "Sweden"
	if err := d.store.PutRoute(d.ctx, audit.System(), known); !failure.Is(err, failure.Invalid) || strings.Count(err.Error(), ":") < 3 {
		t.Errorf("a wrong route = %v, want three fields named", err)
	}
	var events int
	d.must(d.db.QueryRow(d.ctx, "SELECT count(*) FROM audit_events WHERE action = 'postal_route.put'").Scan(&events))
	if events != 6 {
		t.Errorf("%d audit events, want 6", events)
	}
}
