package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"holdfast/internal/failure"
	"holdfast/members"
	"holdfast/templates"
)

func (s *Server) importPage(c *gin.Context) {
	s.showImport(c, http.StatusOK, nil, &typed{values: url.Values{}}, nil)
}

func (s *Server) showImport(c *gin.Context, status int, problems []templates.Problem, f *typed, report *templates.ImportReport) {
	groups, err := s.groupChoices(c, f.id("group"))
	if err != nil {
		s.fail(c, err)
		return
	}
	head := s.staffHead(c, "members")
	head.Problems = problems
	show(s, c, status, head, templates.MemberImport{Source: f.line("consent.source"), GivenOn: f.line("consent.given_on"), Words: f.text("consent.words"),
		Language: f.line("language"), Country: f.line("country"), Groups: groups, Report: report})
}

// mostField is the longest field of an import's form beside the file, in bytes.
const mostField = 64 << 10

// errNoFile answers an import without a file, or with one before the fields that say what it is.
var errNoFile = failure.Wrong("file", "is missing: choose a CSV file; its part of the form comes last")

// importByForm takes in a CSV file while it comes, in bounded memory. The fields of the form stand before it. The report
// is the answer: the same file sent again does nothing twice.
func (s *Server) importByForm(c *gin.Context) {
	if c.Request.ContentLength > maxImport {
		s.fail(c, errTooLarge)
		return
	}
	body, conn, err := s.slowBody(c, maxImport)
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Request.Body = io.NopCloser(body)
	form, err := c.Request.MultipartReader()
	if err != nil {
		s.fail(c, errNotForm)
		return
	}
	f := &typed{values: url.Values{}}
	report, name, err := s.importParts(c, f, form)
	if err != nil || len(f.problems) > 0 {
		// A browser reads no answer before it has sent all: what is left of a file that was refused is let pass.
		io.Copy(io.Discard, c.Request.Body) //nolint:errcheck // what cannot be read has been refused already
	}
	if deadline := conn.SetWriteDeadline(time.Now().Add(s.limits.stream)); err == nil {
		err = deadline
	}
	if err == nil && len(f.problems) == 0 {
		s.showImport(c, http.StatusOK, nil, f, importReport(name, report))
		return
	}
	problems, status := f.problems, http.StatusUnprocessableEntity
	if err != nil {
		said, refused, ok := problemsIn(err, names{"group_id": "group"})
		if !ok {
			s.fail(c, err)
			return
		}
		problems, status = append(problems, said...), refused
	}
	s.showImport(c, status, problems, f, nil)
}

// importParts reads the fields, and takes in the file that follows them.
func (s *Server) importParts(c *gin.Context, f *typed, form *multipart.Reader) (members.Report, string, error) {
	for {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return members.Report{}, "", errNoFile
		case err != nil:
			return members.Report{}, "", formError(err)
		case part.FormName() != "file":
			text, err := io.ReadAll(io.LimitReader(part, mostField+1))
			if err != nil {
				return members.Report{}, "", formError(err)
			}
			if len(text) > mostField || !utf8.Valid(text) || strings.ContainsRune(string(text), 0) {
				return members.Report{}, "", errBadUTF8
			}
			f.values.Set(part.FormName(), string(text))
		case part.FileName() == "":
			return members.Report{}, "", errNoFile
		default:
			report, err := s.importFile(c, f, partReader{part})
			return report, filepath.Base(part.FileName()), err
		}
	}
}

// formError is why a form could not be read to its end: as the reader of its body said, else that it is broken.
func formError(err error) error {
	var said *refusal
	if errors.As(err, &said) {
		return said
	}
	return bodyError(err)
}

// partReader is a part of a form whose errors are the body's.
type partReader struct{ from io.Reader }

// Read reads from the part.
func (p partReader) Read(b []byte) (int, error) {
	n, err := p.from.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = formError(err)
	}
	return n, err
}

// importFile takes in the file, unless the fields are wrong already.
func (s *Server) importFile(c *gin.Context, f *typed, file io.Reader) (members.Report, error) {
	options := members.ImportOptions{Consent: consentTyped(f), Language: f.line("language"), Country: f.line("country"), GroupID: f.id("group")}
	if len(f.problems) > 0 {
		return members.Report{}, nil
	}
	select {
	case s.imports <- struct{}{}:
		defer func() { <-s.imports }()
	default:
		return members.Report{}, errBusy
	}
	return s.Members.Import(c.Request.Context(), by(c), file, options, nil)
}

func importReport(file string, r members.Report) *templates.ImportReport {
	report := &templates.ImportReport{File: file, Rows: int64(r.Rows), Added: int64(r.Added), Known: int64(r.Updated + r.Unchanged + r.Duplicate),
		KeptOut: int64(r.KeptLeft + r.KeptSuppressed), Departed: int64(r.Stopped), Faulty: int64(r.Wrong)}
	for _, e := range r.Errors {
		report.Faults = append(report.Faults, templates.ImportFault{Line: int64(e.Line), Column: e.Column, Reason: e.Reason})
	}
	return report
}

// exportByForm sends every member as CSV. It is a POST because it is put on record. When it breaks off, so does the
// connection: what came is then known not to be all.
func (s *Server) exportByForm(c *gin.Context) {
	if !s.readForm(c) {
		return
	}
	c.Header("Content-Type", "text/csv; charset=utf-8")
	c.Header("Content-Disposition", `attachment; filename="members.csv"`)
	conn := http.NewResponseController(c.Writer)
	if err := conn.SetReadDeadline(time.Time{}); err != nil { // when it passed, net/http would end the context
		s.fail(c, err)
		return
	}
	_, err := s.Members.Export(c.Request.Context(), by(c), &pacedWriter{to: c.Writer, conn: conn, wait: s.limits.stream}, members.ExportOptions{BOM: true})
	s.endDownload(c, err)
}
