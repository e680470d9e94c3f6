package web

import (
	"context"
	"slices"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/letters"
	"holdfast/templates"
)

// counterOf is what a public page tells of the number of letters: nothing below the number that the campaign has set, and nothing where it has
// set none.
func (s *Server) counterOf(ctx context.Context, sheet campaigns.Sheet) (templates.LetterCount, error) {
	if sheet.CounterFrom == nil {
		return templates.LetterCount{}, nil
	}
	c, err := s.Letters.Counter(ctx, sheet.CampaignID)
	if err != nil || c.Sum() < int64(*sheet.CounterFrom) {
		return templates.LetterCount{}, err
	}
	return templates.LetterCount(c), nil
}

// totalsOf sums letters by office, channel and how they are known, of one campaign or of all (0). What nobody used has no column.
func (s *Server) totalsOf(ctx context.Context, campaign int64, lang string, p accounts.Principal) (templates.LetterTotals, error) {
	var t templates.LetterTotals
	aside, err := s.Letters.Aside(ctx, campaign)
	if err != nil {
		return t, err
	}
	t.Waiting, t.Refused, t.MayReview = aside.Waiting, aside.Refused, p.May(accounts.EditLetters)
	sums, err := s.Letters.Totals(ctx, campaign)
	if err != nil || len(sums) == 0 {
		return t, err
	}
	offices, err := s.officesOf(ctx, lang)
	if err != nil {
		return t, err
	}
	who, err := s.Letters.Writers(ctx, campaign)
	t.Members, t.Visitors, t.Groups = who.Members, who.Visitors, who.Groups
	fillTotals(&t, sums, offices)
	return t, err
}

// columnOf is the column of the table that letters stand in: the word of visitors is apart from that of members.
func columnOf(grade string, anonymous bool) string {
	if anonymous && grade == letters.Reported {
		return "visitors"
	}
	return grade
}

// fillTotals sets sums, which are in the order of their offices, into a table.
func fillTotals(t *templates.LetterTotals, sums []letters.Total, offices map[int64]templates.Target) {
	for _, column := range templates.TallyColumns() {
		if slices.ContainsFunc(sums, func(sum letters.Total) bool { return columnOf(sum.Grade, sum.Anonymous) == column }) {
			t.Columns = append(t.Columns, column)
		}
	}
	t.Sums = make([]int64, len(t.Columns))
	var last int64
	for _, sum := range sums {
		if sum.TargetID != last {
			t.Offices = append(t.Offices, templates.LetterTotal{Office: offices[sum.TargetID].Office, Lang: offices[sum.TargetID].Lang, Counts: make([]int64, len(t.Columns))})
			last = sum.TargetID
		}
		office := &t.Offices[len(t.Offices)-1]
		if n := len(office.Lines); n == 0 || office.Lines[n-1].Channel != sum.Channel {
			office.Lines = append(office.Lines, templates.LetterLine{Channel: sum.Channel, Counts: make([]int64, len(t.Columns))})
		}
		line := &office.Lines[len(office.Lines)-1]
		column := slices.Index(t.Columns, columnOf(sum.Grade, sum.Anonymous))
		for _, counts := range [][]int64{line.Counts, office.Counts, t.Sums} {
			counts[column] += sum.Letters
		}
		line.Sum += sum.Letters
		office.Sum += sum.Letters
		t.Total += sum.Letters
		if sum.Anonymous && sum.Grade != letters.Reported {
			t.ProvenAnonymous += sum.Letters
		}
	}
}
