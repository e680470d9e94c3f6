package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/letters"
	"holdfast/templates"
)

// fillPlots draws what a campaign's letters have been.
func (s *Server) fillPlots(ctx context.Context, c campaigns.Campaign, n naming, body *templates.Reports) error {
	var err error
	if body.Days, err = s.daysPlot(ctx, c); err != nil {
		return err
	}
	totals, err := s.Letters.Totals(ctx, c.ID)
	if err != nil {
		return err
	}
	if len(totals) > 0 {
		body.Bars = &templates.BarsPlot{ID: "plot-bars"}
		for i, t := range n.offices {
			row := templates.BarsRow{Office: t.Office, Lang: t.Lang}
			for _, sum := range totals {
				if sum.TargetID == n.targets[i].ID {
					row.Parts = addPart(row.Parts, sum.Channel, sum.Letters)
				}
			}
			if row.Parts != nil {
				slices.SortStableFunc(row.Parts, func(a, b templates.Count) int { return int(b.N - a.N) })
				body.Bars.Rows = append(body.Bars.Rows, row)
			}
		}
	}
	groups, err := s.Letters.Responses(ctx, c.ID)
	if err != nil || len(groups) == 0 {
		return err
	}
	body.Response = &templates.ResponsePlot{ID: "plot-response"}
	for _, g := range groups {
		body.Response.Rows = append(body.Response.Rows, templates.ResponseRow{Name: n.groups[g.GroupID], Got: g.Got, Wrote: g.Wrote, Letters: g.Letters, Batch: g.Batch})
	}
	return nil
}

// addPart adds to what was sent by a channel.
func addPart(parts []templates.Count, channel string, n int64) []templates.Count {
	for i := range parts {
		if parts[i].Reason == channel {
			parts[i].N += n
			return parts
		}
	}
	return append(parts, templates.Count{Reason: channel, N: n})
}

// mostEvents is how many things that happened a plot shows: the first ones.
const mostEvents = 24

// daysPlot draws the letters of a campaign day by day against what happened; nil where nothing was launched. Days are those of the campaign's zone.
func (s *Server) daysPlot(ctx context.Context, c campaigns.Campaign) (*templates.DaysPlot, error) {
	made, err := s.Letters.Tally(ctx, letters.Cut{By: letters.ByDay, Campaign: c.ID})
	if err != nil {
		return nil, err
	}
	p := templates.DaysPlot{ID: "plot-days", Number: numberOf(c), Href: "/admin/campaigns/" + idText(c.ID) + "/plots/days.svg"}
	for _, l := range made.Lines {
		day, err := campaigns.ParseDay(l.Name)
		if err != nil {
			return nil, err
		}
		p.Days = append(p.Days, templates.PlotDay{Day: day.Time, Figures: l.Figures})
	}
	if p.Events, err = s.eventsOf(ctx, c); err != nil || len(p.Days)+len(p.Events) == 0 {
		return nil, err
	}
	return &p, nil
}

// eventsOf are the launches, updates, answers and stops of a campaign, and how it ended, in the order in which they happened.
func (s *Server) eventsOf(ctx context.Context, c campaigns.Campaign) ([]templates.PlotEvent, error) {
	zone, err := time.LoadLocation(c.DeadlineZone)
	if err != nil {
		return nil, err
	}
	dayOf := func(t time.Time) time.Time { return campaigns.DayOf(t.In(zone)).Time }
	appeals, err := s.Campaigns.Appeals(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	var list []templates.PlotEvent
	for _, a := range appeals {
		if a.LaunchedAt != nil {
			list = append(list, templates.PlotEvent{Day: dayOf(*a.LaunchedAt), Word: templates.EventLaunch, Kind: a.Kind})
		}
		if a.StoppedAt != nil {
			list = append(list, templates.PlotEvent{Day: dayOf(*a.StoppedAt), Word: templates.EventStop})
		}
	}
	answers, err := s.Letters.AnswersByDay(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	for _, a := range answers {
		list = append(list, templates.PlotEvent{Day: a.Day.Time, Word: templates.EventAnswer, N: a.Answers})
	}
	if c.ClosedAt != nil {
		list = append(list, templates.PlotEvent{Day: dayOf(*c.ClosedAt), Word: templates.EventClosed, Kind: orZero(c.Outcome)})
	}
	slices.SortStableFunc(list, func(a, b templates.PlotEvent) int { return a.Day.Compare(b.Day) })
	return list[:min(len(list), mostEvents)], nil
}

// daysFile is the plot of a campaign's days as a file.
func (s *Server) daysFile(c *gin.Context) {
	d, ok := s.campaignDesk(c)
	if !ok {
		return
	}
	head := s.staffHead(c, "reports")
	plot, err := s.daysPlot(c.Request.Context(), d.campaign)
	if err == nil && plot == nil {
		err = errNoRoute
	}
	var file []byte
	if err == nil {
		file, err = templates.Render(head, templates.DaysFile{Plot: *plot})
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Header("Content-Language", head.Lang)
	c.Data(http.StatusOK, "image/svg+xml; charset=utf-8", file)
}
