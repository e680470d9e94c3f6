package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/templates"
)

// openReplyPage shows an answer as it came. It is a form, because who looked is written down.
func (s *Server) openReplyPage(c *gin.Context) {
	id, err := pathNumber(c, "id")
	var whole letters.WholeReply
	if err == nil {
		whole, err = s.Letters.OpenReply(c.Request.Context(), by(c), id)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	s.showReply(c, http.StatusOK, nil, templates.Reply{Whole: &templates.WholeReply{From: whole.From, Subject: whole.Subject, Text: whole.Text}})
}

// filePolicy lets a file do nothing, should a browser show it all the same.
const filePolicy = "sandbox; default-src 'none'; frame-ancestors 'none'"

// replyFile gives a file out, to be kept and not shown. It is a form, because who looked is written down.
func (s *Server) replyFile(c *gin.Context) {
	id, err := pathNumber(c, "id")
	var position int64
	if err == nil {
		position, err = pathNumber(c, "n")
	}
	var f letters.File
	if err == nil {
		f, err = s.Letters.OpenFile(c.Request.Context(), by(c), id, int(min(position, 1<<30)))
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	endings := map[string]string{"pdf": "pdf", "jpeg": "jpg", "png": "png", "mail": "eml", "text": "txt"}
	c.Header("Content-Security-Policy", filePolicy)
	c.Header("Content-Disposition", `attachment; filename="answer-`+idText(id)+"-"+idText(position)+"."+endings[fileWord(f.Type)]+`"`)
	kind := f.Type
	if kind == "text/plain" {
		kind += "; charset=utf-8"
	}
	c.Data(http.StatusOK, kind, f.Content)
}

// replyDone ends a form about one answer: it leads back to it, or shows it with what is wrong.
func (s *Server) replyDone(c *gin.Context, err error, n names, typedOn templates.Reply) {
	s.answered(c, err, "/admin/replies/"+c.Param("id"), templates.NoticeSaved, n, func(status int, problems []templates.Problem) {
		s.showReply(c, status, problems, typedOn)
	})
}

func (s *Server) settleReply(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	d := letters.Settlement{Kind: f.line("kind"), TargetID: f.id("target"), CampaignID: f.id("campaign"), AnsweredOn: f.day("answered_on")}
	again := templates.Reply{Settle: templates.SettleForm{Kind: d.Kind, AnsweredOn: f.line("answered_on")}}
	var err error
	again.Settle.Targets, again.Settle.Campaigns, err = s.replyChoices(c.Request.Context(), s.staffLanguage(c, who(c).Language), d.TargetID, d.CampaignID)
	if err != nil {
		s.fail(c, err)
		return
	}
	if len(f.problems) > 0 {
		s.showReply(c, http.StatusUnprocessableEntity, f.problems, again)
		return
	}
	id, err := pathNumber(c, "id")
	if err == nil {
		err = s.Letters.SettleReply(c.Request.Context(), by(c), id, d)
	}
	s.replyDone(c, err, nil, again)
}

func (s *Server) setReplyState(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	id, err := pathNumber(c, "id")
	if err == nil {
		err = s.Letters.SetReplyState(c.Request.Context(), by(c), id, f.line("state"))
	}
	s.replyDone(c, err, nil, templates.Reply{})
}

func (s *Server) editShown(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	id, err := pathNumber(c, "id")
	if err == nil {
		err = s.Letters.EditShown(c.Request.Context(), by(c), id, letters.Words{Subject: f.line("shown_subject"), Text: f.text("shown_text")})
	}
	s.replyDone(c, err, names{"subject": "shown_subject", "text": "shown_text"}, templates.Reply{Wrong: "shown", Text: f.text("shown_text")})
}

func (s *Server) addNote(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	id, err := pathNumber(c, "id")
	if err == nil {
		err = s.Letters.AddNote(c.Request.Context(), by(c), id, f.text("note"))
	}
	s.replyDone(c, err, names{"words": "note"}, templates.Reply{Note: f.text("note")})
}

func (s *Server) linkReply(c *gin.Context)   { s.linkOrNot(c, s.Letters.Link) }
func (s *Server) unlinkReply(c *gin.Context) { s.linkOrNot(c, s.Letters.Unlink) }

func (s *Server) linkOrNot(c *gin.Context, do func(ctx context.Context, by audit.Actor, replyID, letterID int64) error) {
	id, err := pathNumber(c, "id")
	var letter int64
	if err == nil {
		letter, err = pathNumber(c, "letter")
	}
	if err == nil {
		err = do(c.Request.Context(), by(c), id, letter)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	s.leadTo(c, "/admin/replies/"+c.Param("id")+"#letters", templates.NoticeSaved)
}

func (s *Server) linkAllReply(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	campaign, target := f.id("all_campaign"), f.id("all_target")
	if campaign == 0 {
		f.wrong("all_campaign", templates.ProblemMissing)
	}
	if target == 0 {
		f.wrong("all_target", templates.ProblemMissing)
	}
	if len(f.problems) > 0 {
		s.showReply(c, http.StatusUnprocessableEntity, f.problems, templates.Reply{Wrong: "link_all"})
		return
	}
	id, err := pathNumber(c, "id")
	if err == nil {
		_, err = s.Letters.LinkAll(c.Request.Context(), by(c), id, campaign, target)
	}
	s.replyDone(c, err, nil, templates.Reply{Wrong: "link_all"})
}

func (s *Server) newReplyPage(c *gin.Context) {
	s.showReplyForm(c, http.StatusOK, nil, templates.ReplyForm{Key: newID()}, 0, 0)
}

func (s *Server) showReplyForm(c *gin.Context, status int, problems []templates.Problem, body templates.ReplyForm, target, campaign int64) {
	head := s.staffHead(c, "replies")
	head.Problems = problems
	var err error
	if body.Targets, body.Campaigns, err = s.replyChoices(c.Request.Context(), head.Lang, target, campaign); err != nil {
		s.fail(c, err)
		return
	}
	show(s, c, status, head, body)
}

// maxScan is how many bytes the form of an answer may have: three files, and what is typed.
const maxScan = 3*letters.MostFile + maxBody

// addReplyByForm takes an answer in by hand. Its files are held in memory and never on the disk, where they would lie unsealed.
func (s *Server) addReplyByForm(c *gin.Context) {
	select {
	case s.imports <- struct{}{}:
		defer func() { <-s.imports }()
	default:
		s.fail(c, errBusy)
		return
	}
	body, conn, err := s.slowBody(c, maxScan)
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Request.Body = io.NopCloser(body)
	if err := c.Request.ParseMultipartForm(2 * maxScan); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		s.fail(c, bodyError(err))
		return
	}
	if err := conn.SetWriteDeadline(time.Now().Add(s.limits.stream)); err != nil {
		s.fail(c, err)
		return
	}
	f, ok := s.typed(c)
	if !ok {
		return
	}
	n := letters.Scan{Key: f.line(formKey), CampaignID: f.id("campaign"), TargetID: f.id("target"), AnsweredOn: f.day("answered_on"),
		From: f.line("from"), Subject: f.line("subject"), Text: f.text("text")}
	again := func(status int, problems []templates.Problem) {
		s.showReplyForm(c, status, problems, templates.ReplyForm{Key: n.Key, AnsweredOn: f.line("answered_on"), From: n.From, Subject: n.Subject, Text: n.Text}, n.TargetID, n.CampaignID)
	}
	for _, name := range []string{"file", "file.1", "file.2"} {
		file, err := fileOf(c, name)
		if err != nil {
			f.problems = append(f.problems, templates.Problem{Field: name, Text: err.Error()})
		} else if file != nil {
			n.Files = append(n.Files, *file)
		}
	}
	if len(f.problems) > 0 {
		again(http.StatusUnprocessableEntity, f.problems)
		return
	}
	id, err := s.Letters.AddScan(c.Request.Context(), by(c), n)
	s.answered(c, err, "/admin/replies/"+strconv.FormatInt(id, 10), templates.NoticeCreated, nil, again)
}

// fileOf reads a file of a form; nil where none was chosen. The error says what is wrong with it.
func fileOf(c *gin.Context, name string) (*letters.File, error) {
	header, err := c.FormFile(name)
	if err != nil || header.Filename == "" {
		return nil, nil //nolint:nilerr // there is none
	}
	open, err := header.Open()
	if err != nil {
		return nil, errors.New("cannot be read; choose it again")
	}
	defer open.Close()
	content, err := io.ReadAll(open)
	if err != nil {
		return nil, errors.New("cannot be read; choose it again")
	}
	file, err := letters.CleanFile(content)
	var wrong *failure.Error
	if errors.As(err, &wrong) && len(wrong.Fields) > 0 {
		return nil, errors.New(wrong.Fields[0].Reason)
	}
	return &file, err
}
