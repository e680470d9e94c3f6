package letters

import (
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/us"

	"holdfast/campaigns"
)

// holidaysOf are the public holidays of a country as a whole, not of its provinces; none where they are not known. Offices there are shut on them, or
// on the day by which the law replaces one that falls on a weekend.
func holidaysOf(country string) []*cal.Holiday {
	switch country {
	case "AT":
		return at.Holidays
	case "BE":
		return be.Holidays
	case "CA":
		return ca.Holidays
	case "CH":
		return ch.Holidays
	case "CZ":
		return cz.Holidays
	case "DE":
		return de.Holidays
	case "DK":
		return dk.Holidays
	case "ES":
		return es.Holidays
	case "FR":
		return fr.Holidays
	case "GB":
		return gb.Holidays
	case "IE":
		return ie.Holidays
	case "IT":
		return it.Holidays
	case "NL":
		return nl.Holidays
	case "NO":
		return no.Holidays
	case "NZ":
		return nz.Holidays
	case "PL":
		return pl.Holidays
	case "SE":
		return se.Holidays
	case "US":
		return us.Holidays
	}
	return nil
}

// isRest reports whether the offices of a country rest on a day of the week. Assumed, and to be asked of somebody there: Friday and Saturday in most
// Arab states, in Bangladesh, Israel and the Maldives; Thursday and Friday in Afghanistan and Iran; Friday alone in Somalia; Saturday alone in Nepal; and
// Saturday and Sunday everywhere else, in the Emirates (since 2022), Lebanon, Mauritania, Morocco, Tunisia and Türkiye too.
func isRest(country string, day time.Weekday) bool {
	switch country {
	case "BD", "BH", "DZ", "EG", "IL", "IQ", "JO", "KW", "LY", "MV", "OM", "PS", "QA", "SA", "SD", "SY", "YE":
		return day == time.Friday || day == time.Saturday
	case "AF", "IR":
		return day == time.Thursday || day == time.Friday
	case "SO":
		return day == time.Friday
	case "NP":
		return day == time.Saturday
	}
	return day == time.Saturday || day == time.Sunday
}

// WorkingDays counts the days on which the offices of a country work, behind from and up to to, to included: how long a letter of the day from has been
// there. 0 where to is not behind from. Holidays are left out where they are known (holidaysOf).
func WorkingDays(from, to campaigns.Day, country string) int {
	shut := map[string]bool{}
	for year := from.Year() - 1; year <= to.Year()+1; year++ { // a replacement can lie in another year
		for _, h := range holidaysOf(country) {
			if _, observed := h.Calc(year); !observed.IsZero() {
				shut[observed.Format(time.DateOnly)] = true
			}
		}
	}
	n := 0
	for day := from.AddDate(0, 0, 1); !day.After(to.Time); day = day.AddDate(0, 0, 1) {
		if !isRest(country, day.Weekday()) && !shut[day.Format(time.DateOnly)] {
			n++
		}
	}
	return n
}
