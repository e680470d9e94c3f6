// Package audit promises that a change and the record of who made it stand or fall together, and that the
// record never holds the content: who, what, when, which row, and a hash of it before and after.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Actor is who did it: an account, a member by a link of their own, or the system by itself.
// The zero value is the system.
type Actor struct {
	kind    string
	account int64
}

// Account is a member of staff.
func Account(id int64) Actor { return Actor{kind: "account", account: id} }

// Member is somebody who came by a link made for them. Which member is the event's subject to say.
func Member() Actor { return Actor{kind: "member"} }

// System is the program itself, or somebody at its command line.
func System() Actor { return Actor{} }

// AccountID returns the account's id, or nil for a member and for the system.
func (a Actor) AccountID() *int64 {
	if a.kind != "account" {
		return nil
	}
	return &a.account
}

func (a Actor) name() string {
	if a.kind == "" {
		return "system"
	}
	return a.kind
}

// Event is one thing that was done. Action is "noun.verb" ("appeal.launch"); Subject and SubjectID name the
// row (0: no single one). Before and After are values whose hashes are kept, nil where there is none.
type Event struct {
	Actor         Actor
	Action        string
	Subject       string
	SubjectID     int64
	Before, After any
}

// Record writes e in tx, so that it holds exactly when the change does.
func Record(ctx context.Context, tx pgx.Tx, e Event) error {
	before, err := digest(e.Before)
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	after, err := digest(e.After)
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	var subject *int64
	if e.SubjectID != 0 {
		subject = &e.SubjectID
	}
	if _, err := tx.Exec(ctx, recordSQL, e.Actor.name(), e.Actor.AccountID(), e.Action, e.Subject, subject, before, after); err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	return nil
}

func digest(v any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	return sum[:], nil
}
