package members

import "strings"

// verdict is what a row of another tool's export says about mailing somebody.
type verdict int

// The verdicts, the weakest first: where columns disagree, the strongest holds.
const (
	goes        verdict = iota
	unconfirmed         // never finished joining: nobody to mail, and nobody who said stop
	unclear             // a word that is not known here
	stops               // left, bounced, complained, was blocked: never to be mailed
)

// The words of other tools for the state of a subscriber, in the form of plainWords; the empty word is
// among those that begin with |.
const (
	stopWords = "unsubscribed|unsubscribe|unsub|unsubscribed admin|cleaned|bounced|bounce|bouncing|hard bounced|" +
		"hard bounce|blocklisted|blacklisted|blocked|complained|complaint|complainer|spam|spam complaint|" +
		"previous spam complaint|marked as spam|reported as spam|abuse|opted out|opt out|optout|inactive|" +
		"disabled|suppressed|left|removed|deleted|erased|do not email|on hold|invalid|désabonné|" +
		"désabonnée|désinscrit|désinscrite|desuscrito|baja|abgemeldet"
	goWords = "|subscribed|active|enabled|confirmed|opted in|opt in|optin|valid|ok|soft bounced|soft bounce|abonné|" +
		"abonnée|inscrit|inscrite|suscrito|angemeldet"
	unconfirmedWords = "unconfirmed|not confirmed|pending|pending confirmation|awaiting confirmation|non subscribed|" +
		"nonsubscribed|not subscribed|never subscribed|transactional|archived"
	noWords  = "|0|no|n|non|false|f|nein|null|none|never|0000 00 00 00 00 00|0000 00 00"
	yesWords = "1|yes|y|oui|sí|si|true|t|x|ja"
)

// verdictOf weighs every column that has something to say, and names the column that decided.
func (c columns) verdictOf(cells []string) (verdict, int) {
	worst, column := goes, -1
	note := func(v verdict, i int) {
		if v > worst {
			worst, column = v, i
		}
	}
	for _, i := range c.statuses {
		note(statusWord(plainWords(cells[i])), i)
	}
	for _, i := range c.stops {
		if !oneOf(noWords, plainWords(cells[i])) {
			note(stops, i)
		}
	}
	for _, i := range c.goes {
		note(goFlag(cells[i]), i)
	}
	if c.confirmed >= 0 && oneOf(noWords, plainWords(cells[c.confirmed])) {
		note(unconfirmed, c.confirmed)
	}
	return worst, column
}

func statusWord(word string) verdict {
	switch {
	case oneOf(goWords, word):
		return goes
	case oneOf(stopWords, word), strings.HasPrefix(word, "unsub"):
		return stops
	case oneOf(unconfirmedWords, word):
		return unconfirmed
	}
	return unclear
}

// goFlag is the verdict of a column such as "subscribed". An empty cell there is no answer to rely on; a
// day is when somebody said yes.
func goFlag(cell string) verdict {
	word := plainWords(cell)
	if _, err := parseDay(strings.TrimSpace(cell)); err == nil || oneOf(yesWords, word) {
		return goes
	}
	switch {
	case word == "":
		return unclear
	case oneOf(noWords, word):
		return stops
	}
	return statusWord(word)
}
