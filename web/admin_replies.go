package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/letters"
	"holdfast/templates"
)

// listRepliesPage lists answers: without a filter of states those that nobody has read, with an empty one all.
func (s *Server) listRepliesPage(c *gin.Context) {
	ctx := c.Request.Context()
	head := s.staffHead(c, "replies")
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(trimmedQuery(c, name), 10, 64) // what is none filters nothing
		return max(n, 0)
	}
	f := letters.ReplyFilter{Kind: filterOf(c, "kind", letters.ReplyKinds...), TargetID: number("target"), CampaignID: number("campaign")}
	if _, asked := c.GetQuery("state"); !asked {
		f.State = letters.ReplyUnread
	} else {
		f.State = filterOf(c, "state", letters.ReplyStates...)
	}
	body := templates.Replies{State: f.State, Kind: f.Kind}
	counts, err := s.Letters.CountReplies(ctx, f)
	if err == nil {
		body.Targets, body.Campaigns, err = s.replyChoices(ctx, head.Lang, f.TargetID, f.CampaignID)
	}
	var found []letters.Reply
	if err == nil {
		found, err = s.Letters.Replies(ctx, f, campaigns.Page{After: after(c), Limit: pageLimit + 1})
	}
	if len(found) > pageLimit {
		found = found[:pageLimit]
		body.Next = nextPage(c, found[pageLimit-1].ID)
	}
	if err == nil {
		body.Rows, err = s.replyRows(ctx, found, head.Lang)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	for _, state := range letters.ReplyStates {
		query := c.Request.URL.Query()
		query.Del("after")
		query.Del("lang")
		query.Set("state", state)
		body.States = append(body.States, templates.StateCount{State: state, Count: counts[state], URL: "/admin/replies?" + query.Encode(), Shown: state == f.State})
		if f.State == "" || f.State == state {
			body.Matching += counts[state]
		}
	}
	show(s, c, http.StatusOK, head, body)
}

// replyChoices are the offices and campaigns that an answer can be of, with those chosen.
func (s *Server) replyChoices(ctx context.Context, lang string, target, campaign int64) (offices, list []templates.Choice, err error) {
	all, err := s.allTargets(ctx)
	if err != nil {
		return nil, nil, err
	}
	for i, t := range targetsIn(all, lang) {
		offices = append(offices, templates.Choice{Value: idText(all[i].ID), Label: t.Office, Lang: t.Lang, Chosen: all[i].ID == target})
	}
	known, err := s.launchedCampaigns(ctx)
	for _, one := range known {
		list = append(list, templates.Choice{Value: idText(one.ID), Label: numberOf(one).In(lang) + ": " + one.Title, Chosen: one.ID == campaign})
	}
	return offices, list, err
}

func (s *Server) replyRows(ctx context.Context, found []letters.Reply, lang string) ([]templates.ReplyRow, error) {
	offices, err := s.officesOf(ctx, lang)
	if err != nil {
		return nil, err
	}
	known, err := s.launchedCampaigns(ctx)
	if err != nil {
		return nil, err
	}
	numbers := map[int64]templates.Number{}
	for _, one := range known {
		numbers[one.ID] = numberOf(one)
	}
	var list []templates.ReplyRow
	for _, r := range found {
		office := offices[orZero(r.TargetID)]
		kind := orZero(r.Kind)
		if kind == "" {
			kind = orZero(r.KindGuessed)
		}
		list = append(list, templates.ReplyRow{ID: idText(r.ID), Subject: r.Shown.Subject, ReceivedAt: r.ReceivedAt, Came: r.Came, State: r.State, Kind: kind,
			Guessed: r.Kind == nil && kind != "", Automatic: r.Automatic, Number: numbers[orZero(r.CampaignID)], Office: office.Office, Lang: office.Lang,
			Letters: int64(r.Letters), Suggested: int64(r.Suggested), Files: int64(r.Files)})
	}
	return list, nil
}

func (s *Server) replyPage(c *gin.Context) { s.showReply(c, http.StatusOK, nil, templates.Reply{}) }

// showReply shows one answer, with what was typed on it where a form was refused.
func (s *Server) showReply(c *gin.Context, status int, problems []templates.Problem, body templates.Reply) {
	ctx := c.Request.Context()
	head := s.staffHead(c, "replies")
	head.Problems = problems
	id, err := pathNumber(c, "id")
	var r letters.Reply
	if err == nil {
		r, err = s.Letters.Reply(ctx, id)
	}
	if err == nil {
		err = s.fillReply(ctx, &body, r, head.Lang)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	show(s, c, status, head, body)
}

func (s *Server) fillReply(ctx context.Context, body *templates.Reply, r letters.Reply, lang string) error {
	rows, err := s.replyRows(ctx, []letters.Reply{r}, lang)
	if err != nil {
		return err
	}
	shown := r.Shown
	body.ReplyRow = rows[0]
	if body.Wrong == "" {
		body.Text = shown.Text
	}
	if r.CampaignID != nil {
		body.CampaignID = idText(*r.CampaignID)
	}
	if r.TargetID != nil {
		body.TargetID = idText(*r.TargetID)
	}
	if r.MemberID != nil {
		body.MemberID = idText(*r.MemberID)
	}
	if r.AnsweredOn != nil {
		body.AnsweredOn = r.AnsweredOn.Time
	}
	if body.Settle.Targets == nil {
		body.Settle.Kind = body.Kind
		if body.Settle.AnsweredOn == "" && !body.AnsweredOn.IsZero() {
			body.Settle.AnsweredOn = body.AnsweredOn.Format(time.DateOnly)
		}
		if body.Settle.Targets, body.Settle.Campaigns, err = s.replyChoices(ctx, lang, orZero(r.TargetID), orZero(r.CampaignID)); err != nil {
			return err
		}
	}
	files, err := s.Letters.Files(ctx, r.ID)
	for _, f := range files {
		body.Attached = append(body.Attached, templates.ReplyFile{Position: int64(f.Position), Type: fileWord(f.Type), KB: int64(f.Bytes+1023) / 1024})
	}
	if err == nil {
		err = s.fillReplyLinks(ctx, body, r.ID, lang)
	}
	if err == nil {
		err = s.fillReplyNotes(ctx, body, r.ID)
	}
	return err
}

func (s *Server) fillReplyLinks(ctx context.Context, body *templates.Reply, id int64, lang string) error {
	links, err := s.Letters.ReplyLinks(ctx, id)
	if err != nil || len(links) == 0 {
		return err
	}
	offices, err := s.officesOf(ctx, lang)
	if err != nil {
		return err
	}
	known, err := s.launchedCampaigns(ctx)
	numbers := map[int64]templates.Number{}
	for _, one := range known {
		numbers[one.ID] = numberOf(one)
	}
	for _, l := range links {
		body.Links = append(body.Links, templates.ReplyLink{LetterID: idText(l.LetterID), Number: numbers[l.CampaignID], Office: offices[l.TargetID].Office,
			Lang: offices[l.TargetID].Lang, Channel: l.Channel, Grade: l.Grade, Day: l.WrittenOn.Time, How: l.How, State: l.State})
	}
	return err
}

func (s *Server) fillReplyNotes(ctx context.Context, body *templates.Reply, id int64) error {
	notes, err := s.Letters.Notes(ctx, id)
	if err != nil || len(notes) == 0 {
		return err
	}
	accounts, err := s.Accounts.List(ctx)
	names := map[int64]string{}
	for _, a := range accounts {
		names[a.ID] = a.Name
	}
	for _, n := range notes {
		body.Notes = append(body.Notes, templates.ReplyNote{Name: names[n.AccountID], At: n.WrittenAt, Words: n.Words})
	}
	return err
}

// fileWord is what a type of file is called.
func fileWord(kind string) string {
	switch kind {
	case "application/pdf":
		return "pdf"
	case "image/jpeg":
		return "jpeg"
	case "image/png":
		return "png"
	case "message/rfc822":
		return "mail"
	}
	return "text"
}
