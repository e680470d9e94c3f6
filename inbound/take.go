package inbound

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/mailer"
)

// The bounds of memory: of all mails that are held at once, in octets as they came; and of how many are read at once, each of which may take three
// times its own size, and 200 MB for a picture.
const (
	mostHeld   = 100 << 20
	heldChunk  = 64 << 10
	readAtOnce = 2
)

// taken is a mail that came whole.
type taken struct {
	incoming mailer.Incoming
	files    []letters.File
	dropped  int // files that were not kept
	free     func()
}

// receive reads a mail to its final dot, as far as any of the places that it goes to wants it. Of one that nobody reads nothing is kept, and of one
// whose files nobody keeps none is looked at: a picture costs seconds, and anybody has the address for a copy.
func (s *Server) receive(r io.Reader, to ...place) (*taken, *Refusal) {
	if !slices.ContainsFunc(to, place.reads) {
		if _, err := io.Copy(io.Discard, r); err != nil {
			return nil, broken(err)
		}
		return &taken{free: func() {}}, nil
	}
	var chunks []io.Reader
	var size int64
	free := func() { s.held.Add(-size) }
	for {
		if s.held.Add(heldChunk) > mostHeld {
			s.held.Add(-heldChunk)
			free()
			return nil, refuse(452, [3]int{4, 3, 1}, "too much mail at once; try again later")
		}
		size += heldChunk
		chunk := make([]byte, heldChunk)
		n := 0
		var err error
		for n < len(chunk) && err == nil {
			var more int
			more, err = r.Read(chunk[n:])
			n += more
		}
		chunks = append(chunks, bytes.NewReader(chunk[:n]))
		var refusal *Refusal
		switch {
		case size-heldChunk+int64(n) > maxMessageBytes:
			refusal = refuse(552, [3]int{5, 3, 4}, "the mail is larger than is taken here")
		case err == nil:
			continue
		case errors.Is(err, io.EOF):
			var t *taken
			if t, refusal = s.read(io.MultiReader(chunks...), slices.ContainsFunc(to, place.keeps)); refusal == nil {
				t.free = free
				return t, nil
			}
		default:
			refusal = broken(err)
		}
		free()
		return nil, refusal
	}
}

// read reads what a mail says, with its files where they are kept.
func (s *Server) read(r io.Reader, keeps bool) (*taken, *Refusal) {
	s.reading <- struct{}{}
	defer func() { <-s.reading }()
	in, err := mailer.ReadIncoming(r)
	if err != nil {
		return nil, refuse(554, [3]int{5, 6, 0}, "this is no mail: it does not begin with header fields")
	}
	t := &taken{incoming: in, dropped: in.Dropped}
	for _, file := range in.Files {
		if !keeps {
			break
		}
		clean, err := letters.CleanFile(file.Content)
		if err != nil {
			t.dropped++
			continue
		}
		t.files = append(t.files, clean)
	}
	t.incoming.Files = nil
	return t, nil
}

// mail is what is kept of an answer.
func (t *taken) mail() letters.Mail {
	in := t.incoming
	m := letters.Mail{Key: t.key(), From: in.From, Office: in.From, Subject: in.Subject, Text: in.Text, Files: t.files, Automatic: in.Automatic.Sure()}
	if in.FromName != "" {
		m.From = in.FromName + " <" + in.From + ">"
	}
	m.Guess = letters.GuessKind(in.Subject, in.Text)
	if in.Inside != nil {
		m.Office = in.Inside.From
		m.Text += "\n\n---------- " + in.Inside.Subject + "\n" + in.Inside.FromName + " <" + in.Inside.From + ">\n\n" + in.Inside.Text
		m.Guess = letters.GuessKind(in.Inside.Subject, in.Inside.Text)
	} else if from := forwardedFrom(in.Text); from != "" {
		m.Office = from
		m.Guess = letters.GuessKind("", afterForward(in.Text))
	}
	if t.dropped > 0 {
		m.Text += fmt.Sprintf("\n\n[%d attached files were not kept: too large, too many, or neither PDF, picture, text nor mail]", t.dropped)
	}
	m.Text = strings.TrimSpace(m.Text)
	return m
}

// key tells a mail from every other by what its writer has written, so that neither the way it took nor how often it came matters.
func (t *taken) key() string {
	in := t.incoming
	h := sha256.New()
	for _, part := range []string{in.MessageID, in.From, in.Subject, in.Text} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	for _, f := range t.files {
		h.Write(f.Content)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// broken answers to a mail that did not arrive whole: without the final dot there was no mail.
func broken(err error) *Refusal {
	if r := refusalOf(err); r != nil {
		return r
	}
	return refuse(451, [3]int{4, 4, 2}, "the mail did not arrive whole")
}

// codeOf names an error for a log without anything that it may quote.
func codeOf(err error) string {
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg):
		return "postgres " + pg.Code
	case failure.KindOf(err) != "":
		return string(failure.KindOf(err))
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "other"
}
