package members

import (
	"context"
	"encoding/binary"
	"errors"
	"io"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// Limits of an import.
const (
	importBatch  = 1000 // rows in one transaction
	maxRowErrors = 1000 // errors kept; all are counted
)

// ImportOptions say what a file does not. Consent holds for every line that has no consent columns of its
// own; each part of it that is empty must be a column of the file (R9: nothing is imported without a
// recorded basis). Language, Country and GroupID are for new members whose line says nothing.
type ImportOptions struct {
	Consent  Consent
	Language string
	Country  string
	GroupID  int64
}

// Counts say what became of the lines of a file: Rows is the sum of all the others.
type Counts struct {
	Rows           int // lines behind the header that are not blank
	Added          int // new members
	Updated        int // members whose name, language, country or group the file changed
	Unchanged      int // members of whom the file says nothing new
	Stopped        int // lines that say stop and were obeyed: the member left, the address is suppressed
	KeptLeft       int // people who left before and stay away
	KeptSuppressed int // addresses that are suppressed (or were erased) and stay so
	Duplicate      int // lines with an address that stands in the file before
	Wrong          int // lines with which nothing was done
}

// Report is the outcome of an import. An import changes the name, language, country and group of somebody
// who is subscribed where the file has a value, and never empties a field.
type Report struct {
	Counts
	Errors []RowError // the first 1,000, in order of line
}

// Progress is how far an import has come: Done of Total steps. It counts what is committed.
type Progress struct {
	Done, Total int
	Counts
}

// Import takes in a CSV file: UTF-8, comma, semicolon or tab, columns named in the first line. Good rows go
// in, wrong ones are reported; rows that say unsubscribed, bounced, blocked or the like are obeyed before
// anybody is added; nobody who left or is suppressed is brought back. progress is called after each
// transaction of at most 1,000 rows, may be nil, and must not wait for the import.
//
// The errors are failure.Invalid for a file that is refused as a whole, for a missing basis of consent and
// for wrong options: then nothing was changed. After any other error what the report counts stands, and
// the same file can be imported again. Memory is bounded but for 8 bytes and a little for each address.
func (s *Store) Import(ctx context.Context, by audit.Actor, r io.Reader, o ImportOptions, progress func(Progress)) (Report, error) {
	rows, err := s.readOptions(ctx, o)
	if err != nil {
		return Report{}, err
	}
	file, err := keepFile(r)
	if err != nil {
		return Report{}, err
	}
	defer file.close()
	run := &importRun{store: s, by: by, file: file, rows: rows, progress: progress, seen: map[uint64]struct{}{}}
	run.separator, run.skip, rows.columns, err = readHeader(file.head)
	if err != nil {
		return Report{}, err
	}
	if err := rows.checkBasis(); err != nil {
		return Report{}, err
	}
	if err := run.count(ctx); err != nil {
		return Report{}, err
	}
	err = run.stopAndAdd(ctx)
	return run.report, err
}

// readOptions checks o and gathers what is needed to read rows.
func (s *Store) readOptions(ctx context.Context, o ImportOptions) (*rowReader, error) {
	now, err := readClock(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	groups, err := s.Groups(ctx)
	if err != nil {
		return nil, err
	}
	x := &rowReader{now: now, groups: map[string]int64{}, cities: map[string]int64{},
		countries: countryNames(), languages: languageNames()}
	known := o.GroupID == 0
	ambiguous := map[string]bool{"": true}
	for _, group := range groups {
		known = known || group.ID == o.GroupID
		x.groups[fold(group.Name)] = group.ID
		city := fold(group.City)
		if _, twice := x.cities[city]; twice {
			ambiguous[city] = true
		}
		x.cities[city] = group.ID
	}
	for city := range ambiguous {
		delete(x.cities, city)
	}
	var check failure.Check
	check.Need(known, "group_id", "there is no group %d", o.GroupID)
	if o.Language != "" {
		var reason string
		o.Language, reason = parseLanguage(o.Language)
		check.Need(reason == "", "language", "%s", reason)
	}
	if o.Country != "" {
		_, reason := parseCountry(o.Country)
		check.Need(reason == "", "country", "%s", reason)
	}
	given := o.Consent
	var wrong []failure.Field
	o.Consent, wrong = given.clean(now)
	for _, field := range wrong {
		// What is empty may be a column of the file; checkBasis looks there.
		empty := field.Name == "source" && given.Source == "" || field.Name == "words" && given.Words == "" ||
			field.Name == "given_on" && given.GivenOn.IsZero()
		check.Need(empty, "consent."+field.Name, "%s", field.Reason)
	}
	x.defaults = o
	return x, check.Err()
}

// checkBasis refuses a file of whose people nobody says on what basis they may be mailed, or in what language.
func (x *rowReader) checkBasis() error {
	c, o := x.columns, x.defaults
	var check failure.Check
	check.Need(o.Consent.Source != "" || c.source >= 0, "consent.source",
		"say where these people agreed to be mailed, or have a column consent_source in the file")
	check.Need(!o.Consent.GivenOn.IsZero() || c.given >= 0 || c.created >= 0, "consent.given_on",
		"say on which day these people agreed to be mailed, or have a column consent_date in the file")
	check.Need(o.Consent.Words != "" || c.words >= 0, "consent.words",
		"give the words that these people agreed to, or have a column consent_words in the file")
	check.Need(o.Language != "" || c.language >= 0, "language",
		"say in which language these people read, or have a column language in the file")
	return check.Err()
}

// importRun is one import under way. It is used by one goroutine.
type importRun struct {
	store     *Store
	by        audit.Actor
	file      *importFile
	separator byte
	skip      int // records before the first member's
	rows      *rowReader
	seen      map[uint64]struct{} // the first 8 bytes of each blind index
	report    Report
	done      int
	total     int
	progress  func(Progress)
}

// each reads the file from its beginning and calls do with every record behind the header.
func (run *importRun) each(ctx context.Context, do func(record) error) error {
	text, err := run.file.text()
	if err != nil {
		return err
	}
	records := newRecords(text, run.separator)
	var cells []string
	for n := 0; ; n++ {
		rec, err := records.read(cells)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n < run.skip {
			continue
		}
		if n%importBatch == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := do(rec); err != nil {
			return err
		}
		cells = rec.cells
	}
}

// count counts the rows. A file whose records cannot be told apart is refused here, before any change.
func (run *importRun) count(ctx context.Context) error {
	err := run.each(ctx, func(record) error {
		run.total++
		return nil
	})
	if run.rows.columns.mayStop() {
		run.total *= 2
	}
	return err
}

// stopAndAdd obeys the rows that say stop, and then takes in the others.
func (run *importRun) stopAndAdd(ctx context.Context) error {
	if run.rows.columns.mayStop() {
		if err := run.stop(ctx); err != nil {
			return err
		}
	}
	if err := run.add(ctx); err != nil || run.report.Added <= importBatch {
		return err
	}
	return refreshStatistics(ctx, run.store.DB)
}

func (run *importRun) stop(ctx context.Context) error {
	var batch [][]byte
	flush := func() error {
		counts, err := run.store.stopBatch(ctx, run.by, batch)
		batch = batch[:0]
		return run.committed(counts, err)
	}
	err := run.each(ctx, func(rec record) error {
		if address, found := run.rows.stop(rec); found {
			if index := run.store.index(address); run.first(index) {
				batch = append(batch, index)
			}
		}
		return run.step(flush)
	})
	if err != nil {
		return err
	}
	return flush()
}

func (run *importRun) add(ctx context.Context) error {
	var batch []importRow
	flush := func() error {
		counts, err := run.store.addBatch(ctx, run.by, batch, run.rows.defaults)
		batch = batch[:0]
		return run.committed(counts, err)
	}
	err := run.each(ctx, func(rec record) error {
		run.report.Rows++
		if row, found := run.toAdd(rec); found {
			batch = append(batch, row)
		}
		return run.step(flush)
	})
	if err != nil {
		return err
	}
	return flush()
}

// toAdd returns what a row says, unless it is wrong, was obeyed as a stop, or repeats another.
func (run *importRun) toAdd(rec record) (importRow, bool) {
	if _, stopped := run.rows.stop(rec); stopped {
		return importRow{}, false
	}
	row, wrong := run.rows.read(rec)
	if len(wrong) > 0 {
		run.report.Wrong++
		room := maxRowErrors - len(run.report.Errors)
		run.report.Errors = append(run.report.Errors, wrong[:min(len(wrong), room)]...)
		return importRow{}, false
	}
	row.index = run.store.index(row.address)
	return row, run.first(row.index)
}

// step ends one look at one row; after importBatch of them it flushes.
func (run *importRun) step(flush func() error) error {
	run.done++
	if run.done%importBatch == 0 {
		return flush()
	}
	return nil
}

// first reports whether the address of index was not seen before in this file, and counts it if it was.
func (run *importRun) first(index []byte) bool {
	key := binary.BigEndian.Uint64(index)
	if _, seen := run.seen[key]; seen {
		run.report.Duplicate++
		return false
	}
	run.seen[key] = struct{}{}
	return true
}

// committed adds the outcome of one transaction to the report.
func (run *importRun) committed(c Counts, err error) error {
	if err != nil {
		return err
	}
	run.report.Added += c.Added
	run.report.Updated += c.Updated
	run.report.Unchanged += c.Unchanged
	run.report.Stopped += c.Stopped
	run.report.KeptLeft += c.KeptLeft
	run.report.KeptSuppressed += c.KeptSuppressed
	if run.progress != nil {
		run.progress(Progress{Done: run.done, Total: run.total, Counts: run.report.Counts})
	}
	return nil
}
