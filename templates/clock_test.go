package templates

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestPageLines(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)
	midnight := time.Date(2027, 1, 1, 5, 0, 0, 0, time.UTC) // the end of 31 December in Toronto
	far := Deadline{At: midnight, Day: day, Inclusive: true, Zone: "America/Toronto"}
	before := Deadline{At: midnight.AddDate(0, 0, -1), Day: day, Zone: "America/Toronto"}
	untilFar := timeLine{Fact: "Letters are needed within 37 days:", Exact: "until the end of Thursday 31 December 2026, Toronto time", At: midnight}
	for _, c := range []struct {
		name  string
		clock Clock
		want  []timeLine
	}{
		{"nothing is known", Clock{Now: sampleNow}, nil},
		{"removal and deadline are one moment", urgentClock(), []timeLine{
			{Fact: "Removal in 2 days 9 hours.", Exact: "Friday 27 November 2026, 07:40 Toronto time (13:40 your time)", Urgent: true, At: sampleRemoval},
			{Fact: "Letters are needed before then.", Urgent: true},
			{Fact: "Less than a week is left: e-mail, fax or telephone will arrive in time, post may not.", Minor: true},
		}},
		{"the removal was due", Clock{Now: sampleRemoval, Removal: urgentClock().Removal, Deadline: far}, []timeLine{
			{Fact: "The removal was set for", Exact: "Friday 27 November 2026, 07:40 Toronto time", At: sampleRemoval, AddOwn: true, Offset: -300},
			{Fact: "Letters are needed within 34 days:", Exact: untilFar.Exact, At: midnight},
		}},
		{"at any time", Clock{Now: sampleNow, Removal: Removal{Timing: RemovalAnyTime}, Deadline: far}, []timeLine{
			{Fact: "Removal possible at any moment.", Exact: "No date has been given.", Urgent: true}, untilFar}},
		{"none, until before a day", Clock{Now: sampleNow, Removal: Removal{Timing: RemovalNone}, Deadline: before}, []timeLine{
			{Fact: "No date for a removal has been set."},
			{Fact: "Letters are needed within 36 days:", Exact: "before Thursday 31 December 2026, Toronto time", At: before.At}}},
		{"a window ahead", Clock{Now: sampleNow, Removal: Removal{Timing: RemovalWindow, At: midnight, Until: midnight.AddDate(0, 0, 30), Zone: "Europe/London"}}, []timeLine{
			{Fact: "Removal expected", Exact: "between Friday 1 January 2027 and Sunday 31 January 2027"}}},
		{"a window that is open", Clock{Now: midnight, Removal: Removal{Timing: RemovalWindow, At: sampleNow, Until: midnight.AddDate(0, 0, 1), Zone: "Europe/London"}}, []timeLine{
			{Fact: "Removal possible at any moment.", Exact: "between Wednesday 25 November 2026 and Saturday 2 January 2027", Urgent: true}}},
		{"it has taken place", Clock{Now: sampleNow, Removal: Removal{Timing: RemovalDone}}, []timeLine{{Fact: "The removal has taken place."}}},
		{"the deadline is over", Clock{Now: midnight, Deadline: far}, []timeLine{
			{Fact: "The time for letters is over. They were needed", Exact: untilFar.Exact, At: midnight}}},
		{"removal and deadline are over", Clock{Now: sampleRemoval, Removal: urgentClock().Removal, Deadline: urgentClock().Deadline, ReaderZone: "UTC"}, []timeLine{
			{Fact: "The removal was set for", Exact: "Friday 27 November 2026, 07:40 Toronto time (12:40 your time)", At: sampleRemoval},
			{Fact: "The time for letters is over."}}},
		{"the last posting day is today", Clock{Now: sampleNow, Deadline: far, LastPosting: sampleNow.In(time.FixedZone("", -5*3600))}, []timeLine{untilFar,
			{Fact: "Today is the last useful posting day.", Urgent: true}}},
		{"the last posting day is over", Clock{Now: sampleNow, Deadline: far, LastPosting: sampleNow.AddDate(0, 0, -4)}, []timeLine{untilFar,
			{Fact: "Post would arrive too late. Please use e-mail, fax or telephone.", Exact: "Last useful posting day: Saturday 21 November 2026.", Minor: true}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &speaker{words: press().words[english]}
			got := s.pageLines(c.clock)
			if s.err != nil {
				t.Fatal(s.err)
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("other lines than wanted (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUrgentBeginsAt72Hours(t *testing.T) {
	t.Parallel()
	c := urgentClock()
	for before, want := range map[time.Duration]bool{73 * time.Hour: false, 72 * time.Hour: false, 72*time.Hour - time.Second: true, time.Minute: true, 0: false, -time.Hour: false} {
		c.Now = sampleRemoval.Add(-before)
		if got := c.near(sampleRemoval); got != want {
			t.Errorf("%v before the removal it is urgent: %v, want %v", before, got, want)
		}
	}
}

// TestAMailCountsNothingFromNow: a mail is read nobody knows when.
func TestAMailCountsNothingFromNow(t *testing.T) {
	t.Parallel()
	s := &speaker{words: press().words[english]}
	want := []timeLine{
		{Fact: "Removal:", Exact: "Friday 27 November 2026, 07:40 Toronto time (13:40 your time)", Urgent: true, At: sampleRemoval},
		{Fact: "Letters are needed before then.", Urgent: true},
	}
	if diff := cmp.Diff(want, s.mailLines(urgentClock())); diff != "" || s.err != nil {
		t.Errorf("other lines than wanted (-want +got), error %v:\n%s", s.err, diff)
	}
}

func TestTheReadersOwnHour(t *testing.T) {
	t.Parallel()
	s := &speaker{words: press().words[english]}
	for zone, want := range map[string]string{
		"":                 "Friday 27 November 2026, 07:40 Toronto time",
		"America/New_York": "Friday 27 November 2026, 07:40 Toronto time",
		"Asia/Tehran":      "Friday 27 November 2026, 07:40 Toronto time (16:10 your time)",
		"Pacific/Auckland": "Friday 27 November 2026, 07:40 Toronto time (Saturday 28 November 2026, 01:40 your time)",
	} {
		if got := s.moment(sampleRemoval, "America/Toronto", zone); got != want || s.err != nil {
			t.Errorf("the moment for a reader in %q is %q, want %q (error %v)", zone, got, want, s.err)
		}
	}
	if s.moment(sampleRemoval, "Mars/Olympus", ""); s.err == nil {
		t.Error("a time zone that does not exist is no error")
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		20 * time.Second: "1 minute", 59 * time.Minute: "59 minutes", time.Hour: "1 hour", 90 * time.Minute: "1 hour 30 minutes",
		24 * time.Hour: "1 day", 52 * time.Hour: "2 days 4 hours", 9*24*time.Hour + time.Hour: "9 days",
	} {
		s := &speaker{words: press().words[english]}
		if got := s.span(d); got != want {
			t.Errorf("the span of %v is %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{1250 * time.Millisecond: "1.2 s", 252 * time.Second: "4 min 12 s", 2*time.Hour + 5*time.Minute: "2 h 5 min"} {
		s := &speaker{words: press().words[english]}
		if got := s.elapsed(d); got != want {
			t.Errorf("%v elapsed is %q, want %q", d, got, want)
		}
	}
	s := &speaker{words: press().words["ar"]}
	if got, want := s.span(49*time.Hour), "\u2068يومان\u2069 و\u2068ساعة واحدة\u2069"; got != want {
		t.Errorf("two days and an hour in Arabic are %q, want %q", got, want)
	}
}
