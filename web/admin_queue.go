package web

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/templates"
)

// queueRoutes are the letters that the house mails, as staff see them: lines and marks, never a text.
func (s *Server) queueRoutes() []route {
	return []route{
		look("/admin/letters/queue", accounts.ReadLetters, s.letterQueuePage),
		press("/admin/letters/queue/{target}/stop", accounts.EditLetters, s.stopLineByForm),
		press("/admin/letters/queue/{target}/resume", accounts.EditLetters, s.resumeLineByForm),
		press("/admin/letters/marks", accounts.EditLetters, s.markChannelByForm),
		press("/admin/letters/marks/{id}/clear", accounts.EditLetters, s.clearMarkByForm),
	}
}

func (s *Server) letterQueuePage(c *gin.Context) {
	s.showQueue(c, http.StatusOK, nil, func(*templates.LetterQueue) {})
}

// showQueue shows the lines and the marks; retype puts back what was typed.
func (s *Server) showQueue(c *gin.Context, status int, problems []templates.Problem, retype func(*templates.LetterQueue)) {
	ctx := c.Request.Context()
	head := s.staffHead(c, "letters")
	head.Problems = problems
	lines, err := s.Letters.Lines(ctx)
	var marks []letters.Mark
	if err == nil {
		marks, err = s.Letters.Marks(ctx, 0)
	}
	var offices map[int64]templates.Target
	if err == nil {
		offices, err = s.officesOf(ctx, head.Lang)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	body := templates.LetterQueue{May: who(c).May(accounts.EditLetters)}
	for _, l := range lines {
		o := offices[l.TargetID]
		body.Lines = append(body.Lines, templates.MailLine{ID: idText(l.TargetID), Office: o.Office, Lang: o.Lang, Queued: l.Waiting + l.Leaving,
			Unconfirmed: l.Unconfirmed, Sent: l.Sent, Unknown: l.Unknown, Returned: l.Returned, Last: orZero(l.LastDueAt), Stopped: orZero(l.StoppedAt)})
	}
	for _, m := range marks {
		o := offices[m.TargetID]
		body.Marks = append(body.Marks, templates.ChannelMark{ID: idText(m.ID), Office: o.Office, Lang: o.Lang, Channel: m.Channel, Why: m.Why, Marked: m.MarkedAt})
	}
	for _, id := range slices.Sorted(maps.Keys(offices)) {
		body.Targets = append(body.Targets, templates.Choice{Value: idText(id), Label: offices[id].Office, Lang: offices[id].Lang})
	}
	retype(&body)
	show(s, c, status, head, body)
}

// markChannelByForm takes down that a channel of an office does not work, as somebody told this person.
func (s *Server) markChannelByForm(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	target, channel := f.id("target"), f.line("channel")
	again := func(status int, problems []templates.Problem) {
		s.showQueue(c, status, problems, func(body *templates.LetterQueue) {
			body.Channel = channel
			for i := range body.Targets {
				body.Targets[i].Chosen = body.Targets[i].Value == idText(target)
			}
		})
	}
	if len(f.problems) > 0 {
		again(http.StatusUnprocessableEntity, f.problems)
		return
	}
	_, err := s.Letters.MarkTold(c.Request.Context(), by(c), target, channel)
	if failure.Is(err, failure.NotFound) {
		err = failure.Wrong("target", "is missing: choose an office")
	}
	s.answered(c, err, "/admin/letters/queue", templates.NoticeSaved, nil, again)
}

func (s *Server) stopLineByForm(c *gin.Context) {
	s.actOnQueue(c, "target", func(ctx context.Context, by audit.Actor, id int64) error {
		_, err := s.Letters.StopLine(ctx, by, id)
		return err
	})
}

func (s *Server) resumeLineByForm(c *gin.Context) {
	s.actOnQueue(c, "target", func(ctx context.Context, by audit.Actor, id int64) error {
		_, err := s.Letters.ResumeLine(ctx, by, id)
		return err
	})
}

func (s *Server) clearMarkByForm(c *gin.Context) { s.actOnQueue(c, "id", s.Letters.ClearMark) }

func (s *Server) actOnQueue(c *gin.Context, part string, act func(context.Context, audit.Actor, int64) error) {
	id, err := pathNumber(c, part)
	if err == nil {
		err = act(c.Request.Context(), by(c), id)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	s.leadTo(c, "/admin/letters/queue", templates.NoticeSaved)
}
