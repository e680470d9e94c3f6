package templates

import (
	"crypto/rand"
	"slices"
	"strings"

	"holdfast/campaigns"
)

// Editions writes the mail that an appeal is, once for the readers of each language of the house and of each language it
// was written in. publicURL is where the public pages are, without a slash at its end. What differs from member to member
// is a hole (campaigns.HoleName and its kin) behind a mark that nobody can guess. The error is failure.Invalid where a
// coordinator's text holds what may not stand in it.
func Editions(sheet campaigns.Sheet, o Organisation, publicURL string) ([]campaigns.Edition, error) {
	languages := PublicLanguages()
	for _, l := range sheet.Languages() {
		if !slices.Contains(languages, l) {
			languages = append(languages, l)
		}
	}
	var list []campaigns.Edition
	for _, reader := range languages {
		e, err := edition(sheet, o, publicURL, reader)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

func edition(sheet campaigns.Sheet, o Organisation, publicURL, reader string) (campaigns.Edition, error) {
	text, _ := sheet.Text(reader)
	mark := "h" + strings.ToLower(rand.Text())
	e := campaigns.Edition{Language: reader, TextLanguage: text.Language, Mark: mark}
	m := AppealMail{Organisation: o, Number: NumberOf(sheet), Kind: sheet.Kind, Urgent: sheet.Urgent,
		TextLanguage: text.Language, ReaderLanguage: reader, Subject: text.Subject, Headline: text.Headline, Body: text.Body,
		Clock: ClockOf(sheet), Asks: AsksOf(sheet, text.Language), Targets: TargetsOf(sheet, text.Language),
		Name: mark + campaigns.HoleName, ReportURL: mark + campaigns.HoleReport, LeaveURL: mark + campaigns.HoleLeave,
		PublicURL: publicURL + "/a/" + sheet.Slug}
	if !sheet.Asking {
		m.Asks, m.Targets = nil, nil // a correction that comes when no more letters are wanted
	}
	if sheet.Outcome != nil {
		m.Outcome = Outcome{Word: *sheet.Outcome}
	}
	var err error
	e.Subject, e.Text, e.HTML, err = RenderAppeal(m)
	return e, err
}

// NumberOf is the number that a sheet's campaign is known by.
func NumberOf(s campaigns.Sheet) Number {
	return Number{Series: s.Series, Sequence: s.Number, Year: s.Year}
}

// ClockOf is what a sheet says of time. A policy matter has no removal to speak of.
func ClockOf(s campaigns.Sheet) Clock {
	c := Clock{Now: s.Now, Deadline: Deadline{At: s.DeadlineAt, Day: s.Deadline.DeadlineDay.Time, HasTime: s.Deadline.DeadlineTime != "",
		Inclusive: s.Deadline.DeadlineInclusive, Zone: s.Deadline.DeadlineZone}}
	if s.RemovingCountry == "" {
		return c
	}
	c.Removal = Removal{Timing: s.Removal.Timing, Zone: s.Removal.Zone}
	if s.Removal.At != nil {
		c.Removal.At = *s.Removal.At
	}
	if s.Removal.Until != nil {
		c.Removal.Until = *s.Removal.Until
	}
	return c
}

// AsksOf are a sheet's points in lang, else in the campaign's fallback, each with the offices that it is for where it is not for all.
func AsksOf(s campaigns.Sheet, lang string) []Ask {
	list, targets := make([]Ask, len(s.Asks)), TargetsOf(s, lang)
	for i, a := range s.Asks {
		used := lang
		if a.Texts[lang] == "" {
			used = s.FallbackLanguage
		}
		list[i] = Ask{Code: a.Code, Text: a.Texts.In(used, s.FallbackLanguage), Lang: used}
		for j, t := range s.Targets {
			if a.IsFor(t.ID) {
				list[i].Offices = append(list[i].Offices, targets[j].Office)
			}
		}
		if len(list[i].Offices) == len(targets) {
			list[i].Offices = nil
		}
	}
	return list
}

// TargetsOf are a sheet's offices with their titles in lang where they have one, else in the campaign's fallback.
func TargetsOf(s campaigns.Sheet, lang string) []Target {
	list := make([]Target, len(s.Targets))
	for i, t := range s.Targets {
		used := lang
		if t.Office[lang] == "" {
			used = s.FallbackLanguage
		}
		if t.Office[used] == "" {
			used = "en"
		}
		country := ""
		if t.Country != nil {
			country = *t.Country
		}
		list[i] = Target{ID: itoa(int(t.ID)), Office: t.Office.In(used, "en"), Institution: t.Institution.In(used, "en"),
			Salutation: Salutation(t.Target, used), Lang: used, PostalAddress: t.PostalAddress, Email: t.Address, Fax: t.Fax, Phone: t.Phone,
			FormURL: t.FormURL, Profiles: t.PublicProfiles(), Country: country, Side: t.Side, Power: t.Power, PostageFree: t.PostageFree,
			PublicRecords: t.LettersArePublicRecords, NoMassLetters: !t.TakesMassLetters}
	}
	return list
}
