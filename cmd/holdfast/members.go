package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/members"
)

// memberCommands take the list of members in and out.
type memberCommands struct {
	Import memberImportCommand `cmd:"" help:"Take in a CSV file of members."`
	Export memberExportCommand `cmd:"" help:"Write every member to a CSV file."`
}

type memberImportCommand struct {
	File     string `arg:"" help:"The CSV file, in UTF-8; - is standard input."`
	Source   string `help:"Where these people agreed to be mailed: 'sign-up sheet, annual meeting'."`
	Date     string `placeholder:"DAY" help:"On which day they did: 2026-03-01."`
	Words    string `help:"The words they agreed to."`
	Language string `placeholder:"TAG" help:"What they read, where the file does not say: en, fr, pt-BR."`
	Country  string `placeholder:"CODE" help:"Where they live, where the file does not say: CA."`
	Group    string `placeholder:"NAME" help:"The local group they belong to, where the file does not say."`
	JSON     bool   `help:"Print the report as JSON."`
}

// Help says what the file must be.
func (memberImportCommand) Help() string {
	return `The first line names the columns; those that other tools export are known. Each person needs a recorded basis of consent: columns consent_source, consent_date and consent_words in the file, or --source, --date and --words for all of them.

Good rows go in, wrong ones are listed with their line and why (exit code 3). Rows that say unsubscribed, bounced or the like are obeyed before anybody is added, and nobody who left is brought back. Taking in the same file again changes nothing.`
}

// Run imports.
func (m *memberImportCommand) Run(ctx context.Context, c *console) error {
	return withHouse(ctx, c, storeSettings(), func(h *house) error {
		o, err := m.options(ctx, h)
		if err != nil {
			return err
		}
		in, err := m.open(c)
		if err != nil {
			return err
		}
		defer in.Close()
		started := time.Now()
		report, err := h.members.Import(ctx, audit.System(), in, o, func(p members.Progress) {
			c.progress.show(importLine(p, time.Since(started)))
		})
		c.progress.end()
		if report.Rows > 0 {
			if printErr := m.print(c, report); printErr != nil {
				return printErr
			}
		}
		switch {
		case err != nil && report.Rows > 0:
			return withHint(err, "what was taken in stands; run the same command again to go on")
		case err != nil:
			return asFlags(err)
		case report.Wrong > 0:
			return partly("%s of %s rows are wrong and were left out", count(report.Wrong), count(report.Rows))
		}
		return nil
	})
}

func (m *memberImportCommand) options(ctx context.Context, h *house) (members.ImportOptions, error) {
	o := members.ImportOptions{Language: m.Language, Country: m.Country,
		Consent: members.Consent{Source: m.Source, Words: m.Words}}
	if m.Date != "" {
		day, err := time.Parse(time.DateOnly, m.Date)
		if err != nil {
			return o, &hintedError{err: errors.New("--date is not a day of the calendar"), hint: "for example --date 2026-03-01", code: exitUsage}
		}
		o.Consent.GivenOn = day
	}
	if m.Group == "" {
		return o, nil
	}
	groups, err := h.members.Groups(ctx)
	if err != nil {
		return o, err
	}
	names := make([]string, len(groups))
	for i, g := range groups {
		if strings.EqualFold(g.Name, m.Group) {
			o.GroupID = g.ID
			return o, nil
		}
		names[i] = g.Name
	}
	hint := "there is none yet; leave --group out, or add it on the members' page"
	if len(names) > 0 {
		hint = "there are " + strings.Join(names, ", ")
	}
	return o, &hintedError{err: fmt.Errorf("there is no group called %q", m.Group), hint: hint, code: exitUsage}
}

// asFlags calls the fields of an import by the flags that set them.
func asFlags(err error) error {
	var told *failure.Error
	if !errors.As(err, &told) {
		return err
	}
	flags := map[string]string{"consent.source": "--source", "consent.given_on": "--date", "consent.words": "--words",
		"language": "--language", "country": "--country"}
	named := *told
	named.Fields = slices.Clone(told.Fields)
	for i, f := range named.Fields {
		named.Fields[i].Name = cmp.Or(flags[f.Name], f.Name)
	}
	return &named
}

func (m *memberImportCommand) open(c *console) (io.ReadCloser, error) {
	if m.File == "-" {
		return io.NopCloser(c.in), nil
	}
	f, err := os.Open(m.File)
	if err != nil {
		return nil, &hintedError{err: fmt.Errorf("the file cannot be read: %w", err), code: exitUsage}
	}
	return f, nil
}

// shownRows is how many wrong rows a person is shown.
const shownRows = 20

func (m *memberImportCommand) print(c *console, r members.Report) error {
	if m.JSON {
		return c.json(importReport(r))
	}
	for _, e := range r.Errors[:min(len(r.Errors), shownRows)] {
		c.say("line %d: %s", e.Line, strings.TrimPrefix(e.Column+": "+e.Reason, ": "))
	}
	if more := len(r.Errors) - shownRows; more > 0 {
		c.say("and %s more; --json lists the first 1,000", count(more))
	}
	rows := []struct {
		label string
		n     int
	}{
		{"added", r.Added}, {"changed", r.Updated}, {"as they were", r.Unchanged}, {"stopped, as the file says", r.Stopped},
		{"left before, not brought back", r.KeptLeft}, {"suppressed, not brought back", r.KeptSuppressed},
		{"twice in the file", r.Duplicate}, {"wrong, left out", r.Wrong},
	}
	for _, row := range rows {
		fmt.Fprintf(c.out, "%-32s%10s\n", row.label, count(row.n))
	}
	fmt.Fprintf(c.out, "%-32s%10s\n%-32s%10s\n", "", strings.Repeat("=", len(count(r.Rows))), "rows", count(r.Rows))
	return nil
}

// importedJSON is the report for machines.
type importedJSON struct {
	Rows           int        `json:"rows"`
	Added          int        `json:"added"`
	Updated        int        `json:"updated"`
	Unchanged      int        `json:"unchanged"`
	Stopped        int        `json:"stopped"`
	KeptLeft       int        `json:"kept_left"`
	KeptSuppressed int        `json:"kept_suppressed"`
	Duplicate      int        `json:"duplicate"`
	Wrong          int        `json:"wrong"`
	Errors         []rowError `json:"errors"`
}

type rowError struct {
	Line   int    `json:"line"`
	Column string `json:"column,omitempty"`
	Reason string `json:"reason"`
}

func importReport(r members.Report) importedJSON {
	out := importedJSON{Rows: r.Rows, Added: r.Added, Updated: r.Updated, Unchanged: r.Unchanged, Stopped: r.Stopped,
		KeptLeft: r.KeptLeft, KeptSuppressed: r.KeptSuppressed, Duplicate: r.Duplicate, Wrong: r.Wrong, Errors: []rowError{}}
	for _, e := range r.Errors {
		out.Errors = append(out.Errors, rowError{e.Line, e.Column, e.Reason})
	}
	return out
}

func importLine(p members.Progress, took time.Duration) string {
	share := 1.0
	if p.Total > 0 {
		share = float64(p.Done) / float64(p.Total)
	}
	return fmt.Sprintf("  importing  %s %3.0f %%  %s added, %s stopped, %s wrong  %s", bar(share, 20), 100*share,
		count(p.Added), count(p.Stopped), count(p.Wrong), took.Round(time.Second))
}

type memberExportCommand struct {
	File string `arg:"" help:"The file to make; - is standard output. A file that is there stays as it is."`
	BOM  bool   `help:"Begin with a byte order mark, by which Excel knows UTF-8."`
	JSON bool   `help:"Print how many there are as JSON; not with -."`
}

// Run exports.
func (m *memberExportCommand) Run(ctx context.Context, c *console) error {
	return withHouse(ctx, c, storeSettings(), func(h *house) error {
		if m.File == "-" {
			_, err := h.members.Export(ctx, audit.System(), c.out, members.ExportOptions{BOM: m.BOM})
			return err
		}
		f, err := os.OpenFile(m.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // names and addresses, for the owner alone
		if errors.Is(err, fs.ErrExist) {
			return &hintedError{err: fmt.Errorf("there is a file %s already", m.File), hint: "name another, or move it away", code: exitUsage}
		}
		if err != nil {
			return &hintedError{err: fmt.Errorf("the file cannot be made: %w", err), code: exitUsage}
		}
		n, err := h.members.Export(ctx, audit.System(), f, members.ExportOptions{BOM: m.BOM})
		if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
			return errors.Join(err, os.Remove(m.File)) // half a list never looks like a whole one
		}
		if m.JSON {
			return c.json(struct {
				Members int `json:"members"`
			}{n})
		}
		c.say("%s members are in %s; it holds names and addresses in clear", count(n), m.File)
		return nil
	})
}
