package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/templates"
)

// mostLines is how many lines of a report its page shows; the files have all.
const mostLines = 200

// queryOf reads a query that nobody has checked. ok is false where the answer has been given already.
func (s *Server) queryOf(c *gin.Context) (values url.Values, ok bool) {
	values = c.Request.URL.Query()
	for _, list := range values {
		for _, text := range list {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				s.fail(c, errBadUTF8)
				return nil, false
			}
		}
	}
	return values, true
}

// reportsPage is a report with what it can be narrowed to, and the plots of a campaign that is chosen.
func (s *Server) reportsPage(c *gin.Context) {
	values, ok := s.queryOf(c)
	if !ok {
		return
	}
	ctx, head, status := c.Request.Context(), s.staffHead(c, "reports"), http.StatusOK
	cut, err := cutIn(values)
	body := templates.Reports{By: cut.By, From: values.Get("from"), To: values.Get("to"), Kind: cut.Kind, Channel: cut.Channel, Grade: cut.Grade}
	var made letters.Tally
	if err == nil {
		made, err = s.Letters.Tally(ctx, cut)
	}
	if failure.Is(err, failure.Invalid) {
		head.Problems, status, _ = problemsIn(err, nil)
		cut, err = letters.Cut{By: letters.ByCampaign}, nil
		body.By = cut.By
	}
	var n naming
	if err == nil {
		n, err = s.naming(ctx, who(c), head.Lang)
	}
	if err == nil {
		err = s.fillReports(ctx, cut, n, &body, head.Lang)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	if body.Hidden = max(len(made.Lines)-mostLines, 0); body.Hidden > 0 {
		made.Lines = made.Lines[:mostLines]
	}
	body.Tally = templates.Tally{Tally: made, By: cut.By, Names: n.of(cut.By, made.Lines)}
	if cut.Member != 0 {
		body.Member = idText(cut.Member)
	}
	body.CSV, body.XLSX = "/admin/reports.csv?"+cutQuery(cut).Encode(), "/admin/reports.xlsx?"+cutQuery(cut).Encode()
	for name, list := range cutQuery(cut) {
		body.Fields = append(body.Fields, templates.Choice{Value: name, Label: list[0]})
	}
	slices.SortFunc(body.Fields, func(a, b templates.Choice) int { return strings.Compare(a.Value, b.Value) })
	show(s, c, status, head, body)
}

// naming is what the things that reports are about are called, set in one language.
type naming struct {
	who       accounts.Principal
	campaigns []campaigns.Campaign
	cases     []campaigns.Case
	targets   []campaigns.Target
	offices   []templates.Target // as targets
	groups    map[int64]string
	lang      string
}

func (s *Server) naming(ctx context.Context, p accounts.Principal, lang string) (n naming, err error) {
	n.who, n.lang, n.groups = p, lang, map[int64]string{}
	if n.campaigns, err = s.launchedCampaigns(ctx); err != nil {
		return n, err
	}
	if n.targets, err = s.allTargets(ctx); err != nil {
		return n, err
	}
	n.offices = targetsIn(n.targets, lang)
	groups, err := s.Members.Groups(ctx)
	if err != nil {
		return n, err
	}
	for _, g := range groups {
		n.groups[g.ID] = g.Name
	}
	for page := (campaigns.Page{Limit: 200}); ; {
		found, err := s.Campaigns.Cases(ctx, page)
		if err != nil {
			return n, err
		}
		n.cases = append(n.cases, found...)
		if len(found) < page.Limit {
			return n, nil
		}
		page.After = found[len(found)-1].ID
	}
}

// of names what the lines of a report have by its id. Who may not read cases is not told what they are called; members are told by their numbers.
func (n naming) of(by string, lines []letters.TallyLine) map[int64]templates.TallyName {
	names := map[int64]templates.TallyName{}
	switch by {
	case letters.ByCampaign:
		for _, c := range n.campaigns {
			names[c.ID] = templates.TallyName{Label: numberOf(c).In(n.lang) + ": " + c.Title, Href: "/admin/reports?campaign=" + idText(c.ID) + "&by=day"}
		}
	case letters.ByCase:
		for _, k := range n.cases {
			if n.who.May(accounts.ReadCases) {
				names[k.ID] = templates.TallyName{Label: k.Ref + ": " + k.Headline, Href: "/admin/cases/" + idText(k.ID)}
			}
		}
	case letters.ByTarget:
		for i, t := range n.offices {
			names[n.targets[i].ID] = templates.TallyName{Label: t.Office, Lang: t.Lang, Href: "/admin/targets/" + t.ID + "/record"}
		}
	case letters.ByGroup:
		for id, name := range n.groups {
			names[id] = templates.TallyName{Label: name}
		}
	case letters.ByMember:
		for _, l := range lines {
			if l.ID != 0 && n.who.May(accounts.ReadMembers) {
				names[l.ID] = templates.TallyName{Label: idText(l.ID), Href: "/admin/members/" + idText(l.ID)}
			}
		}
	}
	return names
}

// fillReports offers what a report can be narrowed to, and draws a campaign's plots where one is chosen.
func (s *Server) fillReports(ctx context.Context, cut letters.Cut, n naming, body *templates.Reports, lang string) error {
	var countries, removing, topics []string
	for _, c := range n.campaigns {
		body.Campaigns = append(body.Campaigns, templates.Choice{Value: idText(c.ID), Label: numberOf(c).In(lang) + ": " + c.Title, Chosen: c.ID == cut.Campaign})
	}
	for _, k := range n.cases {
		removing, topics = union(removing, []string{k.RemovingCountry}), union(topics, k.Concerns)
		if n.who.May(accounts.ReadCases) {
			body.Cases = append(body.Cases, templates.Choice{Value: idText(k.ID), Label: k.Ref + ": " + k.Headline, Chosen: k.ID == cut.Case})
		}
	}
	for i, t := range n.offices {
		body.Targets = append(body.Targets, templates.Choice{Value: t.ID, Label: t.Office, Lang: t.Lang, Chosen: n.targets[i].ID == cut.Target})
		if t.Country != "" {
			countries = union(countries, []string{t.Country})
		}
	}
	for id, name := range n.groups {
		body.Groups = append(body.Groups, templates.Choice{Value: idText(id), Label: name, Chosen: id == cut.Group})
	}
	slices.SortFunc(body.Groups, func(a, b templates.Choice) int { return strings.Compare(a.Label, b.Label) })
	slices.Sort(topics)
	for _, topic := range topics {
		body.Topics = append(body.Topics, templates.Choice{Value: topic, Label: topic, Chosen: topic == cut.Topic})
	}
	body.Countries, body.Removing = templates.CountryChoices(lang, countries, cut.Country), templates.CountryChoices(lang, removing, cut.Removing)
	wide := cut
	wide.By, wide.From, wide.To, wide.Campaign, wide.Member = "", campaigns.Day{}, campaigns.Day{}, 0, 0
	body.Narrowed = wide != letters.Cut{}
	for _, c := range n.campaigns {
		if c.ID == cut.Campaign {
			return s.fillPlots(ctx, c, n, body)
		}
	}
	return nil
}

// tallyFile is the report in the values, as a file. ok is false where the answer has been given already.
func (s *Server) tallyFile(c *gin.Context, values url.Values, named bool) (file templates.TallyFile, ok bool) {
	ctx, head := c.Request.Context(), s.staffHead(c, "reports")
	cut, err := cutIn(values)
	if err == nil && named && cut.By != letters.ByMember {
		err = failure.Wrong("by", "must be member: only members have names")
	}
	var made letters.Tally
	if err == nil {
		made, err = s.Letters.Tally(ctx, cut)
	}
	var n naming
	if err == nil {
		n, err = s.naming(ctx, who(c), head.Lang)
	}
	file = templates.TallyFile{Tally: templates.Tally{Tally: made, By: cut.By, Names: n.of(cut.By, made.Lines), Named: named}, Lang: head.Lang, Zone: head.Zone,
		From: cut.From.Time, To: cut.To.Time, Organisation: s.Organisation.Name}
	if err == nil && named {
		// On record before the first byte leaves, also when the reader hangs up.
		if err = s.Letters.RecordExport(ctx, by(c), cut); err == nil {
			file.Names, err = s.namesOfMembers(ctx, made.Lines)
		}
	}
	if err != nil {
		s.fail(c, err)
		return file, false
	}
	narrowed := cutQuery(cut)
	for _, name := range reportQuery() {
		if text := narrowed.Get(name); text != "" && name != "by" && name != "from" && name != "to" {
			file.Filters = append(file.Filters, templates.Choice{Value: name, Label: n.filter(name, text)})
		}
	}
	return file, true
}

// filter is what a filter was set to, in words where there are some.
func (n naming) filter(name, text string) string {
	for id, is := range n.of(name, nil) {
		if idText(id) == text {
			return is.Label
		}
	}
	return text
}

// namesOfMembers opens the names and addresses of the members that lines are about.
func (s *Server) namesOfMembers(ctx context.Context, lines []letters.TallyLine) (map[int64]templates.TallyName, error) {
	var ids []int64
	for _, l := range lines {
		if l.ID != 0 {
			ids = append(ids, l.ID)
		}
	}
	names := map[int64]templates.TallyName{}
	for some := range slices.Chunk(ids, 500) {
		found, err := s.Members.Some(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			names[m.ID] = templates.TallyName{Label: m.Name, Address: m.Address.Mailbox()}
		}
	}
	return names, nil
}

func (s *Server) reportCSV(c *gin.Context) {
	if values, ok := s.queryOf(c); ok {
		if file, ok := s.tallyFile(c, values, false); ok {
			s.sendReport(c, file, "csv")
		}
	}
}

func (s *Server) reportXLSX(c *gin.Context) {
	if values, ok := s.queryOf(c); ok {
		if file, ok := s.tallyFile(c, values, false); ok {
			s.sendReport(c, file, "xlsx")
		}
	}
}

// namedReport is a report by member with names and addresses. It is on record.
func (s *Server) namedReport(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	file, ok := s.tallyFile(c, f.values, true)
	if !ok {
		return
	}
	format := "csv"
	if f.line("format") == "xlsx" {
		format = "xlsx"
	}
	s.sendReport(c, file, format)
}

// sendReport writes a report out, at the pace of the reader.
func (s *Server) sendReport(c *gin.Context, file templates.TallyFile, format string) {
	c.Header("Content-Type", "text/csv; charset=utf-8")
	if format == "xlsx" {
		c.Header("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	}
	c.Header("Content-Language", file.Lang)
	c.Header("Content-Disposition", `attachment; filename="letters-by-`+file.By+"."+format+`"`)
	to := &pacedWriter{to: c.Writer, conn: http.NewResponseController(c.Writer), wait: s.limits.stream}
	var err error
	if format == "xlsx" {
		err = file.XLSX(to)
	} else {
		err = file.CSV(to, true)
	}
	s.endDownload(c, err)
}
