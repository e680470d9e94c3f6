package web

import (
	"net/http"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/members"
)

// importQuery are the parameters of an import: what the file does not say. They name nobody, so they may stand in an
// address. Their names are those by which the members' room calls them when they are wrong.
func importQuery() []string {
	return []string{"consent.source", "consent.given_on", "consent.words", "language", "country", "group_id"}
}

// importBody is what became of the lines of a file: Rows is the sum of the others.
type importBody struct {
	Rows           int        `json:"rows"`
	Added          int        `json:"added"`
	Updated        int        `json:"updated"`
	Unchanged      int        `json:"unchanged"`
	Stopped        int        `json:"stopped"`
	KeptLeft       int        `json:"kept_left"`
	KeptSuppressed int        `json:"kept_suppressed"`
	Duplicate      int        `json:"duplicate"`
	Wrong          int        `json:"wrong"`
	Errors         []rowError `json:"errors"` // the first 1,000
}

type rowError struct {
	Line    int    `json:"line"`
	Column  string `json:"column"`
	Reason  string `json:"reason"`
	Address string `json:"address_masked"`
}

// importMembers takes in a CSV file, as long as it is. Nothing is done before the file was read to its end and, where
// its digest was given, is the one that was meant.
func (s *Server) importMembers(r *call) (answer, error) {
	options, err := r.importOptions()
	if err != nil {
		return answer{}, err
	}
	c := r.gin
	if !isType(c.Request.Header, "text/csv") {
		return answer{}, errNotCSV
	}
	if c.Request.ContentLength > maxImport {
		return answer{}, errTooLarge
	}
	select {
	case s.imports <- struct{}{}:
		defer func() { <-s.imports }()
	default:
		return answer{}, errBusy
	}
	file, conn, err := s.slowBody(c, maxImport)
	if err != nil {
		return answer{}, err
	}
	if c.Request.Header.Get("Content-Digest") != "" {
		want, err := digestOf(c.Request.Header)
		if err != nil {
			return answer{}, err
		}
		file = newDigestReader(file, want)
	}
	report, err := s.Members.Import(r.ctx(), r.by(), file, options, nil)
	if deadline := conn.SetWriteDeadline(time.Now().Add(s.limits.stream)); err == nil {
		err = deadline
	}
	return ok(importOf(report)), err
}

func (r *call) importOptions() (members.ImportOptions, error) {
	o := members.ImportOptions{Language: r.values.Get("language"), Country: r.values.Get("country"),
		Consent: members.Consent{Source: r.values.Get("consent.source"), Words: r.values.Get("consent.words")}}
	var check failure.Check
	var err error
	o.GroupID, err = r.number("group_id")
	if err := check.Join("", err); err != nil {
		return o, err
	}
	if text := r.values.Get("consent.given_on"); text != "" {
		day, err := campaigns.ParseDay(text)
		if err != nil {
			check.Add("consent.given_on", "%v", err)
		}
		o.Consent.GivenOn = day.Time
	}
	return o, check.Err()
}

func importOf(r members.Report) importBody {
	body := importBody{Rows: r.Rows, Added: r.Added, Updated: r.Updated, Unchanged: r.Unchanged, Stopped: r.Stopped,
		KeptLeft: r.KeptLeft, KeptSuppressed: r.KeptSuppressed, Duplicate: r.Duplicate, Wrong: r.Wrong,
		Errors: make([]rowError, len(r.Errors))}
	for i, e := range r.Errors {
		body.Errors[i] = rowError{Line: e.Line, Column: e.Column, Reason: e.Reason, Address: e.Address}
	}
	return body
}

// exportMembers sends every member as CSV. When it breaks off, so does the connection: what came is then known not to
// be all.
func (s *Server) exportMembers(r *call) (answer, error) {
	bom := r.values.Get("bom")
	if bom != "" && bom != "true" && bom != "false" {
		return answer{}, failure.Wrong("bom", "must be true or false")
	}
	c := r.gin
	c.Header("Content-Type", "text/csv; charset=utf-8")
	c.Header("Content-Disposition", `attachment; filename="members.csv"`)
	out := &pacedWriter{to: c.Writer, conn: http.NewResponseController(c.Writer), wait: s.limits.stream}
	_, err := s.Members.Export(r.ctx(), r.by(), out, members.ExportOptions{BOM: bom == "true"})
	if err != nil && !c.Writer.Written() {
		c.Writer.Header().Del("Content-Disposition")
		return answer{}, err
	}
	if err != nil {
		s.problem(c, err) // logs it
		panic(http.ErrAbortHandler)
	}
	return answer{status: http.StatusOK, written: true}, nil
}
