package main

import (
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"holdfast/campaigns"
	"holdfast/mailer"
	"holdfast/worker"
)

// envPrefix begins the name of every setting in the environment.
const envPrefix = "HOLDFAST_"

// settings are all settings, read. What a command did not ask for is empty.
type settings struct {
	databaseURL string
	directURL   string // past the pooler that databaseURL leads through; "" where that leads through none
	keyFile     string

	listen, adminListen, opsListen string // host:port; adminListen may be ""
	inbound                        inboundAddress
	trustedProxies                 []netip.Prefix
	publicURL, adminURL            string // no slash at the end; adminURL may be ""

	relays      []mailer.Relay
	limits      map[string]campaigns.Limit // of providers, by domain
	signers     []mailer.Signer
	lettersPace time.Duration // between two letters to one office

	from                   mailer.Address
	fromDomain             string // in A-labels
	listID                 string
	returnDomain           string
	replyDomain            string // may be ""
	organisation           string
	postalAddress, contact string
	log                    logFormat
	demo                   bool        // no setting: the demo says so itself
	pace                   worker.Pace // no setting: a drill hurries
	freshPages             bool        // no setting: a bench looks at pages made anew
}

// inboundAddress says where mail comes in; the zero value nowhere.
type inboundAddress struct {
	address string // host:port
	lmtp    bool
}

// setting is one setting as people know it.
type setting struct {
	name     string // behind the prefix
	meaning  string // a sentence without a full stop
	fallback string // the value that stands where none is given; "" for none
	optional bool   // may be left out although it has no fallback
	example  string
	read     func(s *settings, value string) error // its error says what is wrong with value, and never shows a secret
}

// finding is one thing that is wrong, or worth a look, or fine.
type finding struct {
	Level level  `json:"level"`
	About string `json:"about"` // a setting, or what was looked at
	Text  string `json:"text"`
	Hint  string `json:"hint,omitempty"`
}

type level string

const (
	wrong level = "wrong"
	look  level = "look" // nothing stops, but somebody should have a look
	fine  level = "fine"
)

// settingsError is every setting that is wrong.
type settingsError struct{ findings []finding }

func (e *settingsError) title() string {
	if len(e.findings) == 1 {
		return "one setting is not right, and nothing was begun"
	}
	return fmt.Sprintf("%d settings are not right, and nothing was begun", len(e.findings))
}

// Error names all of them.
func (e *settingsError) Error() string {
	parts := make([]string, len(e.findings))
	for i, f := range e.findings {
		parts[i] = f.About + " " + f.Text
	}
	return e.title() + ": " + strings.Join(parts, "; ")
}

// The settings that commands need, by name. Every command has those for the log.

func databaseSettings() []string { return []string{"DATABASE_URL", "DATABASE_DIRECT_URL"} }

func storeSettings() []string { return append(databaseSettings(), "KEY_FILE", "ORGANISATION") }

func workSettings() []string {
	return append(storeSettings(), "SMTP_URL", "DOMAIN_LIMITS", "LETTERS_PACE", "FROM", "LIST_ID", "RETURN_DOMAIN", "REPLY_DOMAIN", "DKIM_KEYS", "POSTAL_ADDRESS",
		"CONTACT", "PUBLIC_URL", "OPS_LISTEN")
}

func serveSettings() []string {
	return append(workSettings(), "LISTEN", "ADMIN_LISTEN", "ADMIN_URL", "TRUSTED_PROXIES", "INBOUND_LISTEN")
}

// readSettings reads the named settings. The error is a *settingsError with all that are wrong.
func readSettings(getenv func(string) string, names []string) (settings, error) {
	s, wrongs := readAll(getenv, names)
	if len(wrongs) > 0 {
		return s, &settingsError{wrongs}
	}
	return s, nil
}

// readAll reads the named settings as far as they can be read, and says what is wrong with the others.
func readAll(getenv func(string) string, names []string) (settings, []finding) {
	var s settings
	var wrongs []finding
	for _, one := range allSettings() {
		if one.name != "LOG" && !slices.Contains(names, one.name) {
			continue
		}
		value := strings.TrimSpace(getenv(envPrefix + one.name))
		given := value != ""
		if !given {
			value = one.fallback
		}
		switch {
		case value == "" && one.optional:
		case value == "":
			wrongs = append(wrongs, finding{wrong, envPrefix + one.name, "is not set: " + one.meaning, "for example " + one.assignment()})
		default:
			if err := one.read(&s, value); err != nil {
				wrongs = append(wrongs, finding{wrong, envPrefix + one.name, oneLine(err.Error()), "for example " + one.assignment()})
			}
		}
	}
	if s.listID == "" && s.fromDomain != "" {
		s.listID = "appeals." + s.fromDomain
	}
	return s, append(wrongs, s.clashes()...)
}

// clashes says which settings are right by themselves and wrong together.
func (s settings) clashes() []finding {
	var found []finding
	taken := map[string]string{}
	for _, l := range []struct{ name, address string }{{"LISTEN", s.listen}, {"ADMIN_LISTEN", s.adminListen},
		{"OPS_LISTEN", s.opsListen}, {"INBOUND_LISTEN", s.inbound.address}} {
		if l.address == "" || strings.HasSuffix(l.address, ":0") { // port 0 is any free one
			continue
		}
		if other := taken[l.address]; other != "" {
			found = append(found, finding{wrong, envPrefix + l.name, "is the same as " + other, "each needs a port of its own"})
		}
		taken[l.address] = envPrefix + l.name
	}
	if s.directURL != "" && s.directURL == s.databaseURL {
		found = append(found, finding{wrong, envPrefix + "DATABASE_DIRECT_URL", "is the same as DATABASE_URL",
			"leave it out where DATABASE_URL leads through no pooler"})
	}
	if (s.adminListen == "") != (s.adminURL == "") {
		found = append(found, finding{wrong, envPrefix + "ADMIN_URL", "is set without ADMIN_LISTEN, or the other way round",
			"staff have a door of their own with both, and come in at PUBLIC_URL with neither"})
	}
	for _, signer := range s.signers {
		if s.fromDomain != "" && s.fromDomain != signer.Domain && !strings.HasSuffix(s.fromDomain, "."+signer.Domain) {
			found = append(found, finding{wrong, envPrefix + "DKIM_KEYS", "has a key of " + signer.Domain + ", which does not speak for FROM",
				"FROM is in " + s.fromDomain + "; the key must be for that, or for the domain above it"})
		}
	}
	return found
}

// assignment is how the example is written in a shell.
func (s setting) assignment() string {
	if strings.ContainsAny(s.example, " <>&?;$'\\\n*") {
		return envPrefix + s.name + "='" + s.example + "'"
	}
	return envPrefix + s.name + "=" + s.example
}

// unknownSettings returns the variables that look like settings and are none: misspelt ones, most likely.
func unknownSettings(environ []string) []finding {
	var unknown []finding
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		rest, ours := strings.CutPrefix(name, envPrefix)
		if !ours || value == "" || rest == "CI" || strings.HasPrefix(rest, "TEST_") { // of the tests
			continue
		}
		if slices.ContainsFunc(allSettings(), func(s setting) bool { return s.name == rest }) {
			continue
		}
		f := finding{Level: look, About: name, Text: "there is no such setting"}
		if near := nearestSetting(rest); near != "" {
			f.Hint = "did you mean " + envPrefix + near
		}
		unknown = append(unknown, f)
	}
	slices.SortFunc(unknown, func(a, b finding) int { return strings.Compare(a.About, b.About) })
	return unknown
}

// nearestSetting returns the setting whose name differs least from name, "" where none is near.
func nearestSetting(name string) string {
	best, least := "", 4
	for _, s := range allSettings() {
		if d := distance(name, s.name); d < least {
			best, least = s.name, d
		}
	}
	return best
}

// distance is how many letters have to be changed, added or removed to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// logUnknown warns of misspelt settings, for programs that run on.
func logUnknown(log *slog.Logger, environ []string) {
	for _, f := range unknownSettings(environ) {
		log.Warn("there is no such setting; see holdfast help settings", "setting", f.About)
	}
}
