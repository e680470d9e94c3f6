package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/letters"
	"holdfast/templates"
)

// recordPage is how an office answers letters.
func (s *Server) recordPage(c *gin.Context) { s.showRecord(c, http.StatusOK, nil) }

// patienceIn reads after how many working days an office is silent; what is no such number is the usual one.
func patienceIn(text string) int {
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= 250 {
		return n
	}
	return letters.PatienceDays
}

func (s *Server) showRecord(c *gin.Context, status int, problems []templates.Problem) {
	ctx := c.Request.Context()
	id, err := pathNumber(c, "id")
	var t campaigns.Target
	if err == nil {
		t, err = s.Campaigns.Target(ctx, id)
	}
	var r letters.Record
	if err == nil {
		r, err = s.Letters.Record(ctx, id)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	head := s.staffHead(c, "targets")
	head.Problems = problems
	p := who(c)
	body := templates.TargetRecord{Target: targetsIn([]campaigns.Target{t}, head.Lang)[0], Code: t.Code, Patience: patienceIn(c.Query("patience")), Letters: r.Letters(),
		Marks: r.Marks, MayRecord: p.May(accounts.EditLetters), Key: newID()}
	body.Median, body.Longest, body.Answered = letters.AnswerDays(r.Asked)
	if err := s.fillRecord(ctx, p, r, &body); err != nil {
		s.fail(c, err)
		return
	}
	show(s, c, status, head, body)
}

// fillRecord sets what campaigns had of an office, its answers and its positions.
func (s *Server) fillRecord(ctx context.Context, p accounts.Principal, r letters.Record, body *templates.TargetRecord) error {
	known := map[int64]campaigns.Campaign{}
	topics := map[int64][]templates.Choice{}
	for _, a := range r.Asked {
		one, err := s.Campaigns.Campaign(ctx, a.CampaignID)
		if err != nil {
			return err
		}
		theCase, err := s.caseOf(ctx, one)
		if err != nil {
			return err
		}
		known[one.ID], topics[one.ID] = one, []templates.Choice{{}}
		if theCase != nil {
			for _, concern := range theCase.Concerns {
				topics[one.ID] = append(topics[one.ID], templates.Choice{Value: concern, Label: concern})
			}
		}
		row := templates.RecordRow{CampaignID: idText(one.ID), Number: numberOf(one), Title: one.Title, Active: one.State == campaigns.CampaignActive, Figures: a.Letters(),
			Waited: a.Waited(r.Today), Answers: a.Answers, Stands: a.Stands(r.Today, body.Patience), Next: a.Next(r.Today, body.Patience)}
		if a.First != nil {
			row.First = a.First.Time
		}
		may := p.May(accounts.EditCampaigns) && row.Active && a.ByMembers
		row.MayFollow, row.MayChase = may, may && row.Waited > body.Patience
		body.Rows = append(body.Rows, row)
	}
	for _, answer := range r.Answers {
		row := templates.RecordAnswer{ID: idText(answer.ID), Kind: answer.Kind, Automatic: answer.Automatic, On: answer.On.Time}
		if one, is := known[orZero(answer.CampaignID)]; is {
			row.CampaignID, row.Number, row.Topics = idText(one.ID), numberOf(one), topics[one.ID]
		}
		body.Answers = append(body.Answers, row)
	}
	for _, at := range r.Positions {
		body.Positions = append(body.Positions, templates.RecordPosition{CampaignID: idText(at.CampaignID), Number: numberOf(known[at.CampaignID]), Topic: at.Topic,
			Position: at.Position, At: at.RecordedAt})
	}
	return nil
}

// recordPosition writes down where an office stands, as somebody read it from an answer.
func (s *Server) recordPosition(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	id, err := pathNumber(c, "id")
	n := letters.NewPosition{ReplyID: f.id("reply"), Topic: f.line("topic"), Position: f.line("position")}
	if err == nil && len(f.problems) > 0 {
		s.showRecord(c, http.StatusUnprocessableEntity, f.problems)
		return
	}
	if err == nil {
		err = s.Letters.RecordPosition(c.Request.Context(), by(c), id, n)
	}
	s.answered(c, err, "/admin/targets/"+c.Param("id")+"/record", templates.NoticeSaved, nil, func(status int, problems []templates.Problem) {
		s.showRecord(c, status, problems)
	})
}

// followUp drafts an update for those who wrote to an office, and leads to where it is written.
func (s *Server) followUp(c *gin.Context) {
	s.draftNamed(c, func(campaign, target int64, _ *typed) (campaigns.Appeal, error) {
		return s.Letters.FollowUp(c.Request.Context(), by(c), campaign, target)
	})
}

// chase drafts an update for those whose letter to an office has waited for too long.
func (s *Server) chase(c *gin.Context) {
	s.draftNamed(c, func(campaign, target int64, f *typed) (campaigns.Appeal, error) {
		return s.Letters.Chaser(c.Request.Context(), by(c), campaign, target, patienceIn(f.line("patience")))
	})
}

func (s *Server) draftNamed(c *gin.Context, draft func(campaign, target int64, f *typed) (campaigns.Appeal, error)) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	campaign, err := pathNumber(c, "id")
	var target int64
	if err == nil {
		target, err = pathNumber(c, "target")
	}
	var to string
	if err == nil {
		to, err = s.once(c, f, func() (string, error) {
			added, err := draft(campaign, target, f)
			return "/admin/appeals/" + idText(added.ID) + "/compose", err
		})
	}
	s.answered(c, err, to, templates.NoticeCreated, nil, func(status int, problems []templates.Problem) {
		s.showCampaign(c, status, problems, templates.Campaign{})
	})
}

// hintsOf says in a few words what the record of each office is: of one campaign, or of the last one that wrote to it where campaign is 0. Nobody is told who may not
// read letters.
func (s *Server) hintsOf(ctx context.Context, p accounts.Principal, campaign int64) (map[string]*templates.RecordHint, error) {
	hints := map[string]*templates.RecordHint{}
	if !p.May(accounts.ReadLetters) {
		return hints, nil
	}
	asked, today, err := s.Letters.Asked(ctx, campaign, 0)
	for _, a := range asked {
		if a.Letters() == (letters.Figures{}) && a.Answers == 0 {
			continue
		}
		h := hints[idText(a.TargetID)]
		if h == nil { // the newest campaign comes first
			h = &templates.RecordHint{Stands: a.Stands(today, letters.PatienceDays), Next: a.Next(today, letters.PatienceDays)}
			hints[idText(a.TargetID)] = h
		}
		h.Asked++
		if a.Answers > 0 {
			h.Answered++
		}
	}
	return hints, err
}
