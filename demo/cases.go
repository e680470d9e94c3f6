package demo

import (
	"fmt"
	"time"

	"holdfast/campaigns"
)

// Fixture is one of the ten cases with all that hangs on it.
type Fixture struct {
	Number int // 1 to 10
	Case   campaigns.NewCase
	// Removed is where the removal stands by now, for a case that was opened before it happened; else nil.
	Removed *campaigns.Removal
	// OriginKnows is why we may know that the state of origin knows already (R2); "" where it must not learn.
	OriginKnows string
	Campaign    campaigns.NewCampaign // without its case and its targets: they have ids only once they are stored
	Targets     []string              // the offices by their codes, in the order in which they are printed
	AskOf       map[string][]string   // the offices that an ask is for alone, by its code and theirs; every office where nothing is said
	First       campaigns.NewAppeal
}

// Launched is the number of the case whose first appeal the demo launches: in English, French and Persian, so that readers
// of Spanish and Arabic get the fallback, and a text that runs from right to left is among them.
const Launched = 5

// Cases returns the ten cases as they stand at issued, the time of their first issue. The only error is that the machine
// does not know a time zone.
func Cases(issued time.Time) ([]Fixture, error) {
	t := &timetable{issued: issued}
	cases := []Fixture{
		sriLanka(t), cameroon(t), turkiye(t), uganda(t), iran(t), colombia(t), egypt(t),
		iraq(t), turkmenistan(t), congo(t),
	}
	for i := range cases {
		cases[i].Number = i + 1
		cases[i].Case.Ref = refOf(i + 1)
		cases[i].Case.Headline = cases[i].Campaign.Title
		cases[i].First.Kind = campaigns.KindFirst
	}
	return cases, t.err
}

// refOf is by what a case is found again.
func refOf(number int) string { return fmt.Sprintf("demo-%02d", number) }

// The zones of the places of departure.
const (
	vancouver = "America/Vancouver"
	edmonton  = "America/Edmonton"
	regina    = "America/Regina"
	toronto   = "America/Toronto"
	stockholm = "Europe/Stockholm"
	istanbul  = "Europe/Istanbul"
	london    = "Europe/London"
)

// timetable counts days from the first issue, in the zone of the place where something happens. It keeps the first error.
type timetable struct {
	issued time.Time
	err    error
}

// on returns the time of day clock, as "07:40", days after the day of issue.
func (t *timetable) on(days int, clock, zone string) *time.Time {
	place, err := time.LoadLocation(zone)
	if err != nil {
		t.err = fmt.Errorf("time zone %s: %w", zone, err)
		return nil
	}
	hour, err := time.Parse("15:04", clock)
	if err != nil {
		t.err = err
		return nil
	}
	y, m, d := t.issued.In(place).Date()
	at := time.Date(y, m, d+days, hour.Hour(), hour.Minute(), 0, 0, place)
	return &at
}

// flight is a removal at a time that is known.
func (t *timetable) flight(days int, clock, zone string) campaigns.Removal {
	return campaigns.Removal{Timing: campaigns.RemovalExact, At: t.on(days, clock, zone), Zone: zone}
}

// in is a flight some hours after the issue, on the minute.
func (t *timetable) in(hours int, zone string) campaigns.Removal {
	at := t.issued.Add(time.Duration(hours) * time.Hour).Truncate(time.Minute)
	return campaigns.Removal{Timing: campaigns.RemovalExact, At: &at, Zone: zone}
}

// until is a deadline that takes in its day as a whole.
func (t *timetable) until(days int, zone string) campaigns.Deadline {
	at := t.on(days, "00:00", zone)
	if at == nil {
		return campaigns.Deadline{}
	}
	return campaigns.Deadline{DeadlineDay: campaigns.DayOf(*at), DeadlineZone: zone, DeadlineInclusive: true}
}

// untilFlight is a deadline at the minute of a removal.
func (t *timetable) untilFlight(r campaigns.Removal) campaigns.Deadline {
	place, err := time.LoadLocation(r.Zone)
	if err != nil || r.At == nil {
		t.err = fmt.Errorf("time zone %s: %w", r.Zone, err)
		return campaigns.Deadline{}
	}
	at := r.At.In(place)
	return campaigns.Deadline{DeadlineDay: campaigns.DayOf(at), DeadlineTime: at.Format("15:04"), DeadlineZone: r.Zone}
}

// ask is one point in several languages.
func ask(code string, texts campaigns.Texts) campaigns.NewAsk {
	return campaigns.NewAsk{Code: code, Texts: texts}
}

// text is an appeal in one language. In a language that no native speaker has read it says so at its end.
func text(lang, subject, headline, body string) campaigns.Text {
	if line, unread := unreadLines()[lang]; unread {
		body += "\n\n" + line
	}
	return campaigns.Text{Language: lang, Subject: subject, Headline: headline, Body: body}
}

// unreadLines say, in each language of the fixtures that no native speaker has read, that nobody has, and the same in
// English, set apart from the direction of the text before it.
func unreadLines() map[string]string {
	const inEnglish = " \u2068[No native speaker has read this text yet.]\u2069"
	return map[string]string{
		"ar": "لم يراجع هذا النص بعدُ أحدٌ من الناطقين بالعربية." + inEnglish,
		"es": "Ninguna persona de lengua materna española ha revisado todavía este texto." + inEnglish,
		"fa": "هیچ فارسی\u200cزبانی هنوز این متن را بازبینی نکرده است." + inEnglish,
		"sv": "Ingen med svenska som modersmål har läst den här texten ännu." + inEnglish,
	}
}
