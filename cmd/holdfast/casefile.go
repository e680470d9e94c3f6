package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"holdfast/letters"
	"holdfast/templates"
)

// caseFileCommands are about case files.
type caseFileCommands struct {
	Verify caseFileVerifyCommand `cmd:"" help:"Say whether a case file is as it was made."`
}

type caseFileVerifyCommand struct {
	File string `arg:"" help:"The PDF."`
	JSON bool   `help:"Print what was found as JSON."`
}

// mostCaseFile is how large a file is read.
const mostCaseFile = 256 << 20

// Help says what is checked.
func (caseFileVerifyCommand) Help() string {
	return `Without a connection it checks that each entry of the attached list is what its hash says, that the hash of the list stands at the foot of each page, and that the pages say what the list says.

Where HOLDFAST_DATABASE_URL and HOLDFAST_KEY_FILE are set, it also asks the house whether it made this very file, and what is otherwise there now, entry by entry.

Exit codes: 0 the file is whole, and where a house was asked, made by it; 1 it is not; 2 it is no case file.`
}

// caseFileFindings is what verify prints as JSON.
type caseFileFindings struct {
	Whole    bool                  `json:"whole"`
	Hash     string                `json:"hash"`
	Printed  []string              `json:"printed_hashes"`
	Entries  int                   `json:"entries"`
	Pages    int                   `json:"pages"`
	Altered  []string              `json:"altered_entries"`
	Odd      []int                 `json:"odd_pages"`
	Compared bool                  `json:"pages_compared"`
	House    *letters.HeldCaseFile `json:"house"` // null where none was asked
}

// Run checks the file.
func (v *caseFileVerifyCommand) Run(ctx context.Context, c *console) error {
	info, err := os.Stat(v.File)
	if err == nil && info.Size() > mostCaseFile {
		err = errors.New("it is larger than any case file")
	}
	var pdf []byte
	if err == nil {
		pdf, err = os.ReadFile(v.File)
	}
	if wrong, ok := errors.AsType[*fs.PathError](err); ok {
		err = wrong.Err // the path is said already
	}
	if err != nil {
		return &hintedError{err: fmt.Errorf("%s cannot be read: %w", v.File, err), hint: "name the PDF as it came", code: exitUsage}
	}
	checked, err := templates.CheckCaseFile(pdf)
	if err != nil {
		return err
	}
	found := caseFileFindings{Whole: checked.Whole(), Hash: checked.Hash, Printed: checked.Printed, Entries: len(checked.File.Entries), Pages: checked.Pages,
		Altered: append([]string{}, checked.Altered...), Odd: append([]int{}, checked.Odd...), Compared: checked.Compared}
	if c.getenv(envPrefix+"DATABASE_URL") != "" {
		if found.House, err = v.ask(ctx, c, checked.File); err != nil {
			return err
		}
	}
	if err := v.print(c, found); err != nil {
		return err
	}
	switch {
	case !found.Whole:
		return &hintedError{err: errors.New("this case file is not as it was made"), hint: "ask the house for the file anew; an altered copy proves nothing"}
	case found.House != nil && !found.House.Made:
		return &hintedError{err: errors.New("this house did not make this case file"), hint: "ask those who gave it to you from which house it came"}
	}
	return nil
}

func (v *caseFileVerifyCommand) ask(ctx context.Context, c *console, file letters.CaseFile) (held *letters.HeldCaseFile, err error) {
	err = withHouse(ctx, c, storeSettings(), func(h *house) error {
		tracker, err := letters.NewStore(h.db, h.members.Ring, nil) // it promises no job
		if err != nil {
			return err
		}
		found, err := tracker.HoldCaseFile(ctx, file)
		held = &found
		return err
	})
	return held, err
}

func (v *caseFileVerifyCommand) print(c *console, found caseFileFindings) error {
	if v.JSON {
		return c.json(found)
	}
	c.say("%s entries on %s pages, list %s", count(found.Entries), count(found.Pages), found.Hash)
	for _, key := range found.Altered {
		c.say("   altered: %s is not what its hash says", key)
	}
	for _, printed := range found.Printed {
		if printed != found.Hash {
			c.say("   altered: a page names the list %.80q", printed)
		}
	}
	for _, page := range found.Odd {
		c.say("   altered: page %d does not say what the list says", page)
	}
	switch {
	case found.Whole && found.Compared:
		c.say("the file is whole: each entry, the foot of each page, and what the pages say")
	case found.Whole:
		c.say("each entry and the foot of each page are right; the pages were set by another version of this program, and were not held against the list")
	}
	if found.House == nil {
		c.say("whether a house made it was not asked: set %sDATABASE_URL and %sKEY_FILE for that", envPrefix, envPrefix)
		return nil
	}
	if found.House.Made {
		c.say("this house made it, on %s", found.House.MadeAt.UTC().Format("2006-01-02 15:04 UTC"))
	} else {
		c.say("this house made no such file")
	}
	if len(found.House.Changes) == 0 {
		c.say("nothing has changed in the house since")
	}
	for _, d := range found.House.Changes {
		c.say("   since then %s: %s", strings.ReplaceAll(d.What, "gone", "gone from the house"), d.Key)
	}
	return nil
}
