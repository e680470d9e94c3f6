package templates

import "time"

// Compose is the page at /admin/appeals/{id}/compose.
//
// Its forms: POST /admin/appeals/ID/compose with texts.LANG.subject, .headline, .body, audience.groups, audience.languages,
// audience.countries, audience.without_campaigns (several each), audience.without_case and on_unknown; a language whose three fields are empty has no text. The button add, with
// the language in add_language, shows the page with fields for one more; the button drop.LANG saves without that language. POST
// /admin/appeals/ID/test with test.language. GET /admin/appeals/ID/launch leads on.
type Compose struct {
	ID       string
	Campaign Crumb
	Number   Number
	Kind     string // kind
	Fallback string // the language for readers who have no text in theirs

	Texts     []TextForm
	Named     int64 // who an update is for by name; 0 for one that is for all
	FirstKind bool  // only the first appeal has an audience; every other goes to those who had the one before
	Groups    []Choice
	Languages []Choice // an empty Label is filled in
	Countries []Choice // likewise
	Others    []Choice // campaigns whose readers may be left out
	OnCase    bool     // the campaign is on a case
	NotCase   bool     // left out is who had anything on that case
	OnUnknown string   // on_unknown

	More         []string // languages that may be added
	TestAddress  string   // that of the account: a test goes nowhere else
	TestLanguage string
	Saved        bool // what is shown is what is stored: it can be previewed, tested and launched
}

// TextForm is the text in one language, as it was typed.
type TextForm struct {
	Lang, Subject, Headline, Body string
	Stored                        bool // there is a preview
}

// Crumb leads back to what a page belongs to.
type Crumb struct{ ID, Title string }

func (Compose) spec() spec {
	return spec{file: "compose", layout: staffLayout, partials: []string{"form"}}
}

// Launch is the page at /admin/appeals/{id}/launch: it names what will happen, and has one button. Its form: POST
// /admin/appeals/ID/launch with members, the number that was shown: where it is another by then, the page is shown again; and
// with yes, the codes of what is launched all the same.
type Launch struct {
	ID        string
	Campaign  Crumb
	Number    Number
	Kind      string
	Members   int64            // who would get it now
	Was       int64            // the number that was shown before, where it is another now; else 0
	Languages []LaunchLanguage // in which they read
	Written   int              // in how many languages the texts are that they get
	Clock     Clock            // whose deadline is named
	Targets   []CampaignTarget // named, with the yes that is still wanting
	LeftOut   int64            // who would, but for having had another appeal
	Forecast  LaunchForecast   // when the last of them would be reached
	Lacks     []string         // languages without a text of their own that the launch asks a yes for
	Blocks    []string         // why it cannot be launched, in English; none where it can
}

// LaunchForecast is when the last member would be reached, and what that rests on.
type LaunchForecast struct {
	Rate     int64  // mails a minute
	Basis    string // measured, limit or assumed
	Measured int    // how many appeals were measured
	Ahead    int64  // mails of other appeals that leave before
	Takes    time.Duration
	LastAt   time.Time
	EndsAt   time.Time // after which nothing is sent
	Asking   bool      // EndsAt is the deadline for letters
	TooLate  bool      // the launch asks a yes for it
}

// LaunchLanguage is how many members read one language, and the language of the text they get.
type LaunchLanguage struct {
	Lang, TextLang string
	Members        int64
}

func (Launch) spec() spec {
	return spec{file: "launch", layout: staffLayout, partials: []string{"clock", "state", "form"}}
}
