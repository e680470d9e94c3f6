package web

import (
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/templates"
)

// typed is a form as it was sent, and what is wrong with it already: what no room could even be asked about.
type typed struct {
	values   url.Values
	problems []templates.Problem
}

// typed reads a form of ours. ok is false where the answer has been given already.
func (s *Server) typed(c *gin.Context) (f *typed, ok bool) {
	if !s.readForm(c) {
		return nil, false
	}
	for name, values := range c.Request.PostForm {
		for _, text := range append([]string{name}, values...) {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				s.fail(c, errBadUTF8)
				return nil, false
			}
		}
	}
	return &typed{values: c.Request.PostForm}, true
}

// line reads one line of text.
func (f *typed) line(name string) string { return strings.TrimSpace(f.values.Get(name)) }

// text reads text of several lines, with the line ends that the house uses: a browser sends CR LF (HTML, "form submission").
func (f *typed) text(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(f.values.Get(name), "\r\n", "\n"))
}

// lines reads a list with one item a line.
func (f *typed) lines(name string) []string {
	var list []string
	for line := range strings.SplitSeq(f.text(name), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// yes reads a box that can be ticked.
func (f *typed) yes(name string) bool { return f.values.Get(name) == "yes" }

// chosen reads what was ticked of several.
func (f *typed) chosen(name string) []string { return f.values[name] }

func (f *typed) wrong(field, word string) {
	f.problems = append(f.problems, templates.Problem{Field: field, Word: word})
}

// The years that a day may lie in: beyond them it is a slip, and before long no zone can tell it any more.
const (
	firstYear = 1900
	lastYear  = 2200
)

// day reads a day; an empty one is the zero day.
func (f *typed) day(name string) campaigns.Day {
	text := f.line(name)
	if text == "" {
		return campaigns.Day{}
	}
	day, err := campaigns.ParseDay(text)
	if err != nil || day.Year() < firstYear || day.Year() > lastYear {
		f.wrong(name, templates.ProblemNotADate)
		return campaigns.Day{}
	}
	return day
}

// number reads a whole number from 0 to most; an empty one is 0.
func (f *typed) number(name string, most int) int {
	text := f.line(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most {
		f.wrong(name, templates.ProblemNotANumber)
		return 0
	}
	return n
}

// id reads the id of something that was offered; 0 where nothing was chosen.
func (f *typed) id(name string) int64 {
	text := f.line(name)
	if text == "" {
		return 0
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		f.wrong(name, templates.ProblemNotOffered)
		return 0
	}
	return id
}

// ids reads the ids of those ticked.
func (f *typed) ids(name string) []int64 {
	var list []int64
	for _, text := range f.chosen(name) {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id <= 0 {
			f.wrong(name, templates.ProblemNotOffered)
			return nil
		}
		list = append(list, id)
	}
	return list
}

// texts reads a text in each of the languages; those left empty are not there.
func (f *typed) texts(prefix string, languages []string) campaigns.Texts {
	texts := campaigns.Texts{}
	for _, lang := range languages {
		if text := f.line(prefix + "." + lang); text != "" {
			texts[lang] = text
		}
	}
	return texts
}

// names are the fields that a form calls otherwise than the room that refuses them: by the whole name, or by what it begins
// with where that ends in a dot.
type names map[string]string

// of returns what a form calls a field.
func (n names) of(field string) string {
	if name, there := n[field]; there {
		return name
	}
	for prefix, name := range n {
		if rest, found := strings.CutPrefix(field, prefix); found && strings.HasSuffix(prefix, ".") {
			return name + rest
		}
	}
	return field
}

// answered ends a form. Where nothing is wrong it leads on. Where something is that the sender can put right, again shows the
// form with it; any other error ends on a page of its own.
func (s *Server) answered(c *gin.Context, err error, to, notice string, n names, again func(status int, problems []templates.Problem)) {
	if err == nil {
		s.leadTo(c, to, notice)
		return
	}
	if problems, status, ok := problemsIn(err, n); ok {
		again(status, problems)
		return
	}
	s.fail(c, err)
}

// problemsIn is what err says about a form. ok is false where it says nothing that could be shown beside one.
func problemsIn(err error, n names) (problems []templates.Problem, status int, ok bool) {
	var known *failure.Error
	var later *accounts.TryLater
	if errors.As(err, &later) || !errors.As(err, &known) {
		return nil, 0, false
	}
	whole := []templates.Problem{{Text: known.Text}}
	switch {
	case known.Kind == failure.Invalid && len(known.Fields) > 0:
		for i, field := range known.Fields {
			if i == 0 {
				whole = nil
			}
			whole = append(whole, templates.Problem{Field: n.of(field.Name), Text: field.Reason})
		}
		return whole, http.StatusUnprocessableEntity, true
	case known.Kind == failure.Conflict:
		return whole, http.StatusConflict, true
	case known.Kind == failure.Forbidden && known.Rule != "":
		whole[0].Text += " (" + known.Rule + ")"
		return whole, http.StatusForbidden, true
	case known.Kind == failure.NotFound, known.Kind == failure.Invalid:
		return whole, http.StatusUnprocessableEntity, true
	}
	return nil, 0, false
}

// by is whoever is signed in, as the audit trail names them.
func by(c *gin.Context) audit.Actor { return who(c).Actor() }

// formKey is the name of the field by which a form is known that makes something new each time.
const formKey = "key"

// once carries out a form that makes something new each time, and returns where that stands. The same form sent again, by a
// double click or by going back, leads to what the first one made; another form, with the same key or not, is another.
func (s *Server) once(c *gin.Context, f *typed, do func() (to string, err error)) (to string, err error) {
	if f.line(formKey) == "" {
		return do()
	}
	replay, err := s.claimForm(c, f)
	if err != nil {
		return "", err
	}
	if replay.Answered {
		return string(replay.Body), nil
	}
	to, err = do()
	status := http.StatusSeeOther
	if err != nil {
		status = http.StatusServiceUnavailable // not kept: the form may be put right and sent again
	}
	if err := s.Accounts.FinishReplay(c.Request.Context(), replay, status, []byte(to)); err != nil {
		s.Log.ErrorContext(c.Request.Context(), "where a form led was not kept", "id", requestID(c), "error", withoutData(err))
	}
	return to, err
}

// How often, and after what time, the second of two clicks asks what the first one made.
const (
	clickRounds = 10
	clickWait   = 200 * time.Millisecond
)

// claimForm claims a form for one run, and waits a little where another runs.
func (s *Server) claimForm(c *gin.Context, f *typed) (accounts.Replay, error) {
	ctx := c.Request.Context()
	hash := hashOf(c.Request, []byte(f.values.Encode()))
	key := "form-" + hex.EncodeToString(hash[:])
	for range clickRounds {
		replay, err := s.Accounts.BeginReplay(ctx, who(c).AccountID, key, hash)
		if !failure.Is(err, failure.Conflict) {
			return replay, err
		}
		select {
		case <-ctx.Done():
			return accounts.Replay{}, ctx.Err()
		case <-time.After(clickWait):
		}
	}
	return accounts.Replay{}, failure.Clash("this form is being carried out already; look whether it has been")
}
