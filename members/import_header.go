package members

import (
	"io"
	"slices"
	"strings"
	"unicode"

	"holdfast/internal/failure"
)

// columns says in which column of a file each thing stands, -1 where it has none.
type columns struct {
	count         int
	address       int
	name          int
	first, last   int
	language      int
	country       int
	group, city   int
	source, words int
	given         int   // the day of the consent itself
	created       int   // the day of the other tool's row: stands in where nothing better is known
	statuses      []int // a word says what somebody is: "unsubscribed"
	stops         []int // anything but "no" says that somebody is not to be mailed
	goes          []int // "no" says that somebody is not to be mailed
	confirmed     int   // "no" says that somebody never confirmed
}

// The spellings of each column as other tools and people write them, the surest first, in the form of
// plainWords. "address" comes last among its kin: elsewhere it is a street.
const (
	addressSpellings = "email address|e mail address|email|e mail|primary email|subscriber email|mail|courriel|" +
		"adresse courriel|adresse électronique|adresse e mail|adresse email|correo electrónico|correo|" +
		"e mail adresse|address"
	nameSpellings     = "full name|name|display name|subscriber name|nom complet|nombre completo|nombre"
	firstSpellings    = "first name|firstname|fname|given name|prénom|prenom|vorname"
	lastSpellings     = "last name|lastname|lname|surname|family name|nom de famille|nom|nachname|apellido|apellidos"
	languageSpellings = "language|preferred language|language code|lang|locale|langue|langue préférée|idioma|sprache"
	countrySpellings  = "country code|country|cc|can2 country|pays|país|pais|land"
	groupSpellings    = "local group|group|chapter|groupe local|groupe|grupo"
	citySpellings     = "city|town|ville|ciudad|can2 city|stadt"
	sourceSpellings   = "consent source|source of consent"
	wordsSpellings    = "consent words|consent text|words of consent"
	givenSpellings    = "consent date|consent given on|given on|date of consent|optin time|confirm time|opt in date|" +
		"optin date|opt in time|subscription date|subscribed at|date subscribed|can2 subscription date"
	createdSpellings   = "created at|created date|date created|entered|joined|date joined|added|date added"
	confirmedSpellings = "confirmed|is confirmed"
	statusSpellings    = "status|subscription status|email subscription status|email status|subscriber status|" +
		"list status|statut"
	stopSpellings = "unsubscribed|unsubscribe|is unsubscribed|unsubscribed at|date unsubscribed|unsubscribe date|" +
		"unsub time|clean time|blacklisted|blocklisted|is blacklisted|blocked|opt out|optout|opted out|" +
		"is opt out|email opt out|opt out date|no bulk emails user opt out|no bulk email|do not email|" +
		"on hold|bounced|hard bounced|hard bounce|complained|spam|spam complaint|disabled|" +
		"suppressed|suppressed for|left at|erased|deleted"
	goSpellings = "subscribed|is subscribed|active|is active|enabled|opted in|opt in|email opt in"
)

// readHeader finds the separator of a file and its columns in what it begins with. skip is how many
// records stand before the first member's. The error is failure.Invalid for the field "file".
func readHeader(head []byte) (separator byte, skip int, c columns, err error) {
	text, skip := string(head), 1
	// Excel's own way to say what the separator is.
	if line, rest, _ := strings.Cut(text, "\n"); len(line) >= 5 && strings.EqualFold(line[:4], "sep=") {
		text, skip = rest, 2
	}
	c = columns{address: -1}
	for _, candidate := range []byte{',', ';', '\t'} {
		rec, err := newRecords(strings.NewReader(text), candidate).read(nil)
		if err != nil && err != io.EOF {
			return 0, 0, columns{}, err
		}
		if found := findColumns(rec.cells); found.address >= 0 && (c.address < 0 || found.count > c.count) {
			c, separator = found, candidate
		}
	}
	if c.address >= 0 {
		return separator, skip, c, nil
	}
	if line, _, _ := strings.Cut(text, "\n"); strings.Contains(line, "@") {
		return 0, 0, columns{}, failure.Wrong("file", "the first line must name the columns, such as: address,name,language")
	}
	return 0, 0, columns{}, failure.Wrong("file", "no column of addresses was found: this is no CSV file of members, "+
		"or its first line does not call a column \"email\" or \"address\"")
}

func findColumns(header []string) columns {
	names := make([]string, len(header))
	for i, name := range header {
		names[i] = plainWords(name)
	}
	one := func(spellings string) int {
		for spelling := range strings.SplitSeq(spellings, "|") {
			if i := slices.Index(names, spelling); i >= 0 {
				return i
			}
		}
		return -1
	}
	all := func(spellings string) (found []int) {
		for i, name := range names {
			if oneOf(spellings, name) {
				found = append(found, i)
			}
		}
		return found
	}
	return columns{
		count: len(header), address: one(addressSpellings), name: one(nameSpellings), first: one(firstSpellings),
		last: one(lastSpellings), language: one(languageSpellings), country: one(countrySpellings),
		group: one(groupSpellings), city: one(citySpellings), source: one(sourceSpellings), words: one(wordsSpellings),
		given: one(givenSpellings), created: one(createdSpellings), confirmed: one(confirmedSpellings),
		statuses: all(statusSpellings), stops: all(stopSpellings), goes: all(goSpellings),
	}
}

// oneOf reports whether word is among words, which | divides.
func oneOf(words, word string) bool { return strings.Contains("|"+words+"|", "|"+word+"|") }

// mayStop reports whether the file can say of anybody that they are not to be mailed.
func (c columns) mayStop() bool { return len(c.statuses)+len(c.stops)+len(c.goes) > 0 }

// plainWords returns text in lower case, with one space for each run of what is no letter or digit.
func plainWords(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	return strings.Join(words, " ")
}
