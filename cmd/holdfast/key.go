package main

import (
	"errors"
	"fmt"
	"io/fs"

	"holdfast/internal/seal"
)

// keyCommands are about the key file.
type keyCommands struct {
	New keyNewCommand `cmd:"" help:"Make a key file. One that is there is never touched."`
}

type keyNewCommand struct {
	File string `arg:"" help:"The file to make, readable by you alone."`
}

// Run makes the file.
func (k *keyNewCommand) Run(c *console) error {
	err := seal.Create(k.File)
	if errors.Is(err, fs.ErrExist) {
		return &hintedError{err: fmt.Errorf("there is a file %s already, and it was not touched", k.File),
			hint: "a key that sealed anything must stay; name another file for a new house", code: exitUsage}
	}
	if err != nil {
		return fmt.Errorf("the key file cannot be made: %w", err)
	}
	c.say("a new key is in %s", k.File)
	c.say("keep a copy apart from the database: without it no address can be read again, and with both anybody can")
	c.say("now set %sKEY_FILE=%s", envPrefix, k.File)
	return nil
}
