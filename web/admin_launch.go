package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/templates"
)

// launchPage names what a launch will do, and waits for a yes.
func (s *Server) launchPage(c *gin.Context) {
	if d, ok := s.draftDesk(c); ok {
		s.showLaunch(c, http.StatusOK, d, nil, nil, 0)
	}
}

// showLaunch shows the page; refused is why a launch was not carried out, and problems what that says of the form; was is
// the number of members that was shown then.
func (s *Server) showLaunch(c *gin.Context, status int, d appealDesk, problems []templates.Problem, refused error, was int64) {
	head := s.staffHead(c, "campaigns")
	head.Zone = d.campaign.DeadlineZone
	head.Problems = slices.DeleteFunc(problems, func(p templates.Problem) bool { return p.Field != "yes" })
	body, err := s.launchOf(c.Request.Context(), d, refused, head.Lang)
	if err != nil {
		s.fail(c, err)
		return
	}
	body.Was = was
	show(s, c, status, head, body)
}

func (s *Server) launchOf(ctx context.Context, d appealDesk, refused error, lang string) (templates.Launch, error) {
	body := templates.Launch{ID: idText(d.appeal.ID), Campaign: d.crumb(), Number: numberOf(d.campaign), Kind: d.appeal.Kind}
	sheet, err := s.Campaigns.Sheet(ctx, d.appeal.ID)
	if err != nil {
		return body, err
	}
	body.Clock = templates.ClockOf(sheet)
	readers, err := s.Campaigns.Readers(ctx, d.appeal.ID)
	if err != nil {
		return body, err
	}
	written := map[string]bool{}
	for _, l := range slices.Sorted(maps.Keys(readers)) {
		text, _ := sheet.Text(l)
		written[text.Language] = true
		body.Members += readers[l]
		body.Languages = append(body.Languages, templates.LaunchLanguage{Lang: l, TextLang: text.Language, Members: readers[l]})
	}
	body.Written = len(written)
	if err := s.foresee(ctx, d, sheet, &body); err != nil {
		return body, err
	}
	slices.SortStableFunc(body.Languages, func(a, b templates.LaunchLanguage) int { return int(b.Members - a.Members) })
	targets, err := s.Campaigns.CampaignTargets(ctx, d.campaign.ID)
	if err != nil {
		return body, err
	}
	body.Lacks = sheet.Lacks()
	for i, t := range templates.TargetsOf(campaigns.Sheet{Targets: targets, FallbackLanguage: d.campaign.FallbackLanguage}, lang) {
		body.Targets = append(body.Targets, templates.CampaignTarget{Target: t, NeedsYes: !targets[i].Agreed()})
	}
	body.Blocks, err = s.blocksOf(ctx, d, sheet, refused)
	return body, err
}

// blocksOf is what stands in the way of a launch, in words; an error is a fault of ours.
func (s *Server) blocksOf(ctx context.Context, d appealDesk, sheet campaigns.Sheet, refused error) ([]string, error) {
	if refused == nil {
		refused = s.Campaigns.MayLaunch(ctx, d.appeal.ID)
	}
	if refused == nil {
		_, refused = s.Write(sheet)
	}
	if refused == nil {
		return nil, nil
	}
	var known *failure.Error
	if !errors.As(refused, &known) {
		return nil, refused
	}
	if len(known.Fields) == 0 {
		return []string{known.Error()}, nil
	}
	var blocks []string
	for _, field := range known.Fields {
		if field.Name == "yes" {
			continue // which stands beside its box
		}
		blocks = append(blocks, field.Name+" "+field.Reason)
	}
	return blocks, nil
}

// launchAppeal lets an appeal leave, if it is still what the page named. Pressed twice it leaves once.
func (s *Server) launchAppeal(c *gin.Context) {
	d, ok := s.draftDesk(c) // one that has left already is shown
	if !ok {
		return
	}
	f, ok := s.typed(c)
	if !ok {
		return
	}
	ctx := c.Request.Context()
	reach, err := s.Campaigns.Reach(ctx, d.appeal.ID)
	if err != nil {
		s.fail(c, err)
		return
	}
	if shown := f.number("members", 1<<31-1); int64(shown) != reach.Members || len(f.problems) > 0 {
		s.showLaunch(c, http.StatusConflict, d, nil, nil, int64(shown))
		return
	}
	_, err = s.Campaigns.Launch(ctx, by(c), d.appeal.ID, s.writeGiven(f.chosen("yes")), f.chosen("yes")...)
	s.answered(c, err, d.path(), templates.NoticeLaunched, nil, func(status int, problems []templates.Problem) {
		s.showLaunch(c, status, d, problems, err, 0)
	})
}
