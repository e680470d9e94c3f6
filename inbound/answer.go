package inbound

import (
	"context"
	"regexp"
	"strings"

	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/mailer"
)

// answered takes what came back to a letter: a report that it did not arrive, or the answer of an office.
func (s *Server) answered(ctx context.Context, at place, from string, m *taken) *Refusal {
	code, failed, quiet := returned(from, m.incoming)
	if failed && m.incoming.Report != nil {
		// Of a letter that the office passed on, and that did not arrive there, a person must read.
		ours, err := s.config.Letters.IsTargetAddress(ctx, at.second, failedFor(m.incoming))
		if err != nil {
			return s.later(ctx, "a report about a letter", err)
		}
		failed = ours
	}
	switch {
	case failed:
		err := s.config.Letters.LetterReturned(ctx, at.first, code)
		if refusal := s.done(ctx, "a returned letter", err); refusal != nil {
			return refusal
		}
		s.config.Log.InfoContext(ctx, "a letter came back", "letter", at.first, "code", code)
		return nil
	case quiet:
		s.config.Log.InfoContext(ctx, "a report about a letter changes nothing", "letter", at.first)
		return nil
	}
	mail := m.mail()
	if m.incoming.Automatic.Vacation && from == "" {
		mail.Automatic = true
	}
	id, err := s.config.Letters.TakeAnswer(ctx, at.first, at.second, mail)
	if refusal := s.done(ctx, "an answer", err); refusal != nil {
		return refusal
	}
	s.config.Log.InfoContext(ctx, "an answer came", "reply", id, "automatic", mail.Automatic)
	return nil
}

// returnedSubject is what the subject of a report begins with that is not written as one.
var returnedSubject = regexp.MustCompile(`(?i)^(undeliver(ed|able)|mail delivery (failed|system|failure)|delivery (status notification|failure|failed)|returned mail|failure notice|message non remis|non remis|échec de (la )?remise)`)

// returned reads a mail for whether it says that another came back. failed is for good, with its code; quiet says that it is a report which changes
// nothing: of a delay, of a success (B3). A null path alone is no bounce, because automatic answers have one too (RFC 3834, 4).
func returned(from string, in mailer.Incoming) (code string, failed, quiet bool) {
	if in.Report != nil {
		for _, r := range in.Report.Recipients {
			if r.Failed() {
				return r.Status, true, false
			}
			if r.GaveUp() {
				return "5" + r.Status[1:], true, false // of a letter that is all there is to know: it was not delivered
			}
		}
		return "", false, len(in.Report.Recipients) > 0
	}
	if from != "" || !returnedSubject.MatchString(in.Subject) {
		return "", false, false
	}
	code = mailer.RefusalIn(in.Text)
	return code, code != "", false
}

// failedFor are the addresses that a report says were not reached.
func failedFor(in mailer.Incoming) []string {
	var list []string
	for _, r := range in.Report.Recipients {
		if r.Failed() || r.GaveUp() {
			list = append(list, r.Address)
		}
	}
	return list
}

// copied takes the blind copy of a letter that somebody sent with their own mail program. The token is what it costs: of a member's copy only they
// have it. It must also have gone to the office as far as it can be seen, so that a mail to us alone is not taken for a letter.
func (s *Server) copied(ctx context.Context, at place, from string, m *taken) *Refusal {
	in := m.incoming
	if from == "" || in.Automatic.Sure() || in.Report != nil || in.From == "" {
		return refuse(550, [3]int{5, 7, 1}, "this address takes copies of letters that a person sent, and no other mail")
	}
	ours, err := s.config.Letters.IsTargetDomain(ctx, at.second, in.To)
	if refusal := s.done(ctx, "the copy of a letter", err); refusal != nil {
		return refusal
	}
	if !ours {
		return refuse(550, [3]int{5, 7, 1}, "this copy proves no letter: the office is not among those it was sent to")
	}
	err = s.config.Letters.CopyArrived(ctx, at.first, at.second, at.member, in.From)
	if refusal := s.done(ctx, "the copy of a letter", err); refusal != nil {
		return refusal
	}
	s.config.Log.InfoContext(ctx, "the copy of a letter came", "appeal", at.first, "target", at.second)
	return nil
}

// replied takes what a member answered to an alert: what they sent, an answer that they pass on, or something that a person must read.
func (s *Server) replied(ctx context.Context, at place, from string, m *taken) *Refusal {
	in := m.incoming
	if from == "" || in.Automatic.Sure() || in.Report != nil {
		s.config.Log.InfoContext(ctx, "an automatic answer to an alert changes nothing")
		return nil
	}
	w := letters.Writer{AppealID: at.first, MemberID: at.member}
	came := letters.CameByAlert
	if in.Inside != nil || letters.IsForward(in.Subject, in.Text) {
		came = letters.CameByForward
	}
	if said, ok := letters.Understand(in.Text); ok && came == letters.CameByAlert && len(m.files) == 0 && !in.Automatic.Vacation {
		done, err := s.config.Letters.ReportSaid(ctx, w, said)
		if refusal := s.done(ctx, "an answer to an alert", err); refusal != nil {
			return refusal
		}
		if done {
			s.config.Log.InfoContext(ctx, "a member told of letters by mail", "appeal", at.first)
			return nil
		}
	}
	mail := m.mail()
	if came == letters.CameByAlert {
		mail.Guess = ""
		mail.Automatic = in.Automatic.Vacation
	}
	id, err := s.config.Letters.TakeFromMember(ctx, w, came, mail)
	if refusal := s.done(ctx, "an answer to an alert", err); refusal != nil {
		return refusal
	}
	s.config.Log.InfoContext(ctx, "an answer to an alert waits for a person", "reply", id, "came", came)
	return nil
}

// done translates what a room says of a mail. What there is none of will not be there later either.
func (s *Server) done(ctx context.Context, what string, err error) *Refusal {
	switch {
	case err == nil:
		return nil
	case failure.Is(err, failure.NotFound):
		return refuse(550, [3]int{5, 1, 1}, "there is no such mailbox here")
	}
	return s.later(ctx, what, err)
}

var (
	forwardHead = regexp.MustCompile(`(?im)^\s*>?\s*\*?(?:from|de|von|من|از)\s*:\*?\s.{0,200}?([^\s<>()\[\]",;:]+@[^\s<>()\[\]",;:]+)`)
	forwardEnds = regexp.MustCompile(`\n\s*\n`)
)

// forwardedFrom is the address of who wrote what is passed on within a text; "" where it does not say.
func forwardedFrom(text string) string {
	m := forwardHead.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return strings.TrimRight(m[1], ".")
}

// afterForward is what is passed on, without the lines that say by whom.
func afterForward(text string) string {
	if at := forwardHead.FindStringIndex(text); at != nil {
		text = text[at[1]:]
		if end := forwardEnds.FindStringIndex(text); end != nil {
			return text[end[1]:]
		}
	}
	return text
}
