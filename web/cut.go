package web

import (
	"net/url"
	"strconv"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/letters"
)

// reportQuery are the parameters of a report.
func reportQuery() []string {
	return []string{"by", "from", "to", "campaign", "case", "target", "group", "member", "country", "removing", "topic", "kind", "channel", "grade"}
}

// cutIn reads which report is asked for, from a query or a form. Errors: Invalid with every wrong field.
func cutIn(values url.Values) (letters.Cut, error) {
	var check failure.Check
	day := func(name string) campaigns.Day {
		text := values.Get(name)
		if text == "" {
			return campaigns.Day{}
		}
		day, err := campaigns.ParseDay(text)
		check.Need(err == nil && day.Year() >= firstYear && day.Year() <= lastYear, name, "want a day such as 2026-12-05")
		return day
	}
	id := func(name string) int64 {
		text := values.Get(name)
		if text == "" {
			return 0
		}
		n, err := strconv.ParseInt(text, 10, 64)
		check.Need(err == nil && n > 0, name, "must be a whole number above 0")
		return n
	}
	cut := letters.Cut{By: values.Get("by"), From: day("from"), To: day("to"), Campaign: id("campaign"), Case: id("case"), Target: id("target"), Group: id("group"),
		Member: id("member"), Country: values.Get("country"), Removing: values.Get("removing"), Topic: values.Get("topic"), Kind: values.Get("kind"),
		Channel: values.Get("channel"), Grade: values.Get("grade")}
	if cut.By == "" {
		cut.By = letters.ByCampaign
	}
	return cut, check.Err()
}

// cutQuery is a cut as a query: what is no filter is not in it.
func cutQuery(cut letters.Cut) url.Values {
	values := url.Values{"by": {cut.By}}
	set := func(name, value string) {
		if value != "" && value != "0" {
			values.Set(name, value)
		}
	}
	for name, day := range map[string]campaigns.Day{"from": cut.From, "to": cut.To} {
		if !day.IsZero() {
			values.Set(name, day.String())
		}
	}
	for name, id := range map[string]int64{"campaign": cut.Campaign, "case": cut.Case, "target": cut.Target, "group": cut.Group, "member": cut.Member} {
		set(name, idText(id))
	}
	for name, text := range map[string]string{"country": cut.Country, "removing": cut.Removing, "topic": cut.Topic, "kind": cut.Kind, "channel": cut.Channel, "grade": cut.Grade} {
		set(name, text)
	}
	return values
}
