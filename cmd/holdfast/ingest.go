package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"holdfast/inbound"
	"holdfast/letters"
	"holdfast/mailer"
	"holdfast/worker"
)

// The exit codes that mail servers understand (sysexits.h), beside 0 for taken.
const (
	exitBadMail  = 65 // EX_DATAERR: this mail will never be taken
	exitNoUser   = 67 // EX_NOUSER: there is no such mailbox
	exitTryLater = 75 // EX_TEMPFAIL: keep it and come back
)

// mostIngested is the largest mail that is read, in bytes; the listener takes no larger one either.
const mostIngested = 25 << 20

// ingestCommand takes in mail that a mail server pipes to it.
type ingestCommand struct {
	To   string   `placeholder:"ADDRESS" help:"Which of our addresses the mail is for; else what X-Original-To or Delivered-To says."`
	From *string  `placeholder:"ADDRESS" help:"The envelope sender, empty for the null path; else what Return-Path says."`
	JSON bool     `help:"Print what became of each mail as JSON."`
	File []string `arg:"" optional:"" help:"Files with one mail each; - or nothing reads it from standard input."`
}

// Help says what it is for and how it ends.
func (ingestCommand) Help() string {
	return `For a mail server that delivers to a program instead of to HOLDFAST_INBOUND_LISTEN. In Postfix's master.cf:

  holdfast unix - n n - 4 pipe
    user=holdfast argv=/usr/bin/holdfast ingest --to ${original_recipient} --from ${sender} -

What the mail asks for holds once this has ended with 0. Exit codes are those of sysexits.h:

  0   taken, or taken before
  65  this is no mail, or it is larger than 25 MB: it will never be taken
  67  there is no such mailbox here: nothing of the mail is kept
  75  anything else, a wrong setting too: keep the mail and try again, nobody's answer is lost

Of several files each is tried; the code is 75 where one of them is to be tried again, else that of the first that was refused.`
}

// ingested is what became of one mail. It names no address.
type ingested struct {
	File  string `json:"file"`
	Taken bool   `json:"taken"`
	Code  string `json:"code,omitempty"` // as a mail server would say it, with the reason
	exit  int
}

// Run takes in each mail.
func (i *ingestCommand) Run(ctx context.Context, c *console) error {
	s, err := readSettings(c.getenv, append(storeSettings(), "RETURN_DOMAIN", "REPLY_DOMAIN"))
	var h *house
	if err == nil {
		h, err = openHouse(ctx, s)
	}
	if err != nil {
		return &hintedError{err: err, code: exitTryLater}
	}
	defer h.pool.Close()
	jobs, err := worker.InsertOnly(h.pool)
	var store *letters.Store
	if err == nil {
		store, err = letters.NewStore(h.db, h.members.Ring, jobs)
	}
	if err != nil {
		return &hintedError{err: err, code: exitTryLater}
	}
	desk := inbound.New(inbound.Config{ReturnDomain: s.returnDomain, ReplyDomain: s.replyDomain, Links: h.links, Members: h.members, Letters: store, Log: c.log(s.log)})
	files := i.File
	if len(files) == 0 {
		files = []string{"-"}
	}
	results := make([]ingested, len(files))
	for n, file := range files {
		results[n] = i.take(ctx, c, desk, file)
	}
	if i.JSON {
		if err := c.json(results); err != nil {
			return &hintedError{err: err, code: exitTryLater}
		}
	}
	return worst(results)
}

// worst is the error for what was refused: what is to be tried again comes first.
func worst(results []ingested) error {
	var first *ingested
	for n := range results {
		if r := &results[n]; !r.Taken && (first == nil || r.exit == exitTryLater && first.exit != exitTryLater) {
			first = r
		}
	}
	if first == nil {
		return nil
	}
	return &hintedError{err: errors.New(first.Code), code: first.exit}
}

// take takes in one mail.
func (i *ingestCommand) take(ctx context.Context, c *console, desk *inbound.Server, file string) ingested {
	result := ingested{File: file, exit: exitTryLater}
	text, err := readMail(c, file)
	if err != nil {
		result.Code = err.Error()
		return result
	}
	if len(text) > mostIngested {
		result.Code, result.exit = "552 5.3.4 the mail is larger than is taken here", exitBadMail
		return result
	}
	head, err := mailer.ReadIncoming(bytes.NewReader(text))
	if err != nil {
		result.Code, result.exit = "554 5.6.0 "+err.Error(), exitBadMail
		return result
	}
	to := i.recipient(desk, head)
	if to == "" {
		result.Code, result.exit = "550 5.1.1 the mail names no address of ours in X-Original-To or Delivered-To; give it with --to", exitNoUser
		return result
	}
	err = desk.Deliver(ctx, i.sender(head), to, bytes.NewReader(text))
	var refused *inbound.Refusal
	switch {
	case err == nil:
		result.Taken, result.exit = true, exitDone
	case errors.As(err, &refused) && refused.Code >= 552:
		result.Code, result.exit = refused.Error(), exitBadMail
	case errors.As(err, &refused) && refused.Code >= 500:
		result.Code, result.exit = refused.Error(), exitNoUser
	default:
		result.Code = err.Error()
	}
	return result
}

// recipient is which address of ours a mail is for: of those that its header names, the first that would be taken.
func (i *ingestCommand) recipient(desk *inbound.Server, head mailer.Incoming) string {
	if i.To != "" {
		return i.To
	}
	for _, to := range head.Delivered {
		if desk.Check(to) == nil {
			return to
		}
	}
	return ""
}

// sender is the envelope sender. A mail that does not say has one: only the null path changes anything, and nobody said that.
func (i *ingestCommand) sender(head mailer.Incoming) string {
	switch {
	case i.From != nil:
		return *i.From
	case head.ReturnPath != nil:
		return *head.ReturnPath
	case head.From != "":
		return head.From
	}
	return "unknown@invalid"
}

func readMail(c *console, file string) ([]byte, error) {
	from := c.in
	if file != "-" {
		open, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("cannot open the mail: %w", err)
		}
		defer open.Close()
		from = open
	}
	return io.ReadAll(io.LimitReader(from, mostIngested+1))
}
