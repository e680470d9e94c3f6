package templates

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"holdfast/internal/failure"
)

// What a coordinator may write in braces; it is filled in by the language of the text and the removing country's zone.
const (
	placeRemoval  = "{removal_at}"
	placeDeadline = "{deadline}"
	placeNumber   = "{number}"

	placeholderList = placeRemoval + ", " + placeDeadline + " and " + placeNumber
)

// braces finds whatever looks like a place to be filled, in the manner of any mailing program.
var braces = regexp.MustCompile(`\{+[^{}\n]*\}+`)

func isPlaceholder(s string) bool {
	return slices.Contains([]string{placeRemoval, placeDeadline, placeNumber}, s)
}

// Number is what a campaign is known by: UA 12/26.
type Number struct {
	Series         string // UA
	Sequence, Year int    // 12, 2026
}

// In writes the number as readers of lang know it: an urgent action (UA) is an "action urgente" (AU) in French and an
// "acción urgente" in Spanish. A zero Number is written as nothing.
func (n Number) In(lang string) string {
	if n.Sequence == 0 {
		return ""
	}
	series := n.Series
	if base, _, _ := strings.Cut(lang, "-"); series == "UA" && (base == "fr" || base == "es") {
		series = "AU"
	}
	year := strconv.Itoa(n.Year % 100)
	if len(year) < 2 {
		year = "0" + year
	}
	return series + " " + strconv.Itoa(n.Sequence) + "/" + year
}

// fillPlaces puts into text what the placeholders in it stand for. A placeholder that has no value here, such as the
// date of a removal that has none, is failure.Invalid with field and the place in it.
func (s *speaker) fillPlaces(field, text string, number Number, c Clock) (string, error) {
	var check failure.Check
	filled := braces.ReplaceAllStringFunc(text, func(found string) string {
		value := ""
		switch found {
		case placeRemoval:
			value = s.removalMoment(c)
		case placeDeadline:
			if !c.Deadline.At.IsZero() {
				value = s.longDay(c.Deadline.Day)
			}
		case placeNumber:
			value = number.In(s.lang)
		default:
			check.Add(field, "%s: %s is not known; braces hold %s, or nothing else",
				place(text, strings.Index(text, found)), found, placeholderList)
			return found
		}
		if value == "" {
			check.Add(field, "%s: %s has no value in this campaign", place(text, strings.Index(text, found)), found)
		}
		return value
	})
	if s.err != nil {
		return "", s.err
	}
	return filled, check.Err()
}

func itoa(n int) string { return strconv.Itoa(n) }
