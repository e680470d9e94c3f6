package inbound

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/letters"
	"holdfast/members"
)

// Config is what a Server needs. All fields but ReplyDomain and LMTP are needed.
type Config struct {
	ReturnDomain string // of the unsubscribe and return addresses
	ReplyDomain  string // of the Reply-To addresses; "" where there are none
	Links        campaigns.Links
	Members      *members.Store
	Letters      *letters.Store
	LMTP         bool // speak LMTP instead of SMTP
	Log          *slog.Logger
}

// Server takes mail in. It is safe for concurrent use.
type Server struct {
	config  Config
	held    atomic.Int64  // octets of mails that are in memory now
	reading chan struct{} // one place for each mail that is read at once
}

// New returns a server that does nothing until Serve or Deliver is called.
func New(c Config) *Server { return &Server{config: c, reading: make(chan struct{}, readAtOnce)} }

// Refusal is why a mail to one recipient was not taken. Its text names no address.
type Refusal struct {
	Code     int    // of RFC 5321: 4xx come again later, 5xx never
	Enhanced [3]int // of RFC 3463
	Text     string
}

// Error is the reply as a mail server would give it.
func (r *Refusal) Error() string {
	return fmt.Sprintf("%d %d.%d.%d %s", r.Code, r.Enhanced[0], r.Enhanced[1], r.Enhanced[2], r.Text)
}

func refuse(code int, enhanced [3]int, text string) *Refusal {
	return &Refusal{Code: code, Enhanced: enhanced, Text: text}
}

// takeLimit bounds the transaction behind one recipient. It goes on when the connection is cut.
const takeLimit = 10 * time.Second

// place is what an address of ours stands for: a door, and what the token behind it says.
type place struct {
	door   Door
	first  int64 // of Letter the letter; of Copy and Reply the appeal
	second int64 // of Letter and Copy the target
	member int64 // of Unsubscribe, Copy and Reply; 0 in a visitor's Copy
}

// reads reports whether what a mail says matters at this place.
func (p place) reads() bool { return p.door != Unsubscribe }

// keeps reports whether what is attached to a mail is kept at this place.
func (p place) keeps() bool { return p.door == Letter || p.door == Reply }

// Deliver does what a mail to recipient asks for, and returns nil once it holds. from is the envelope sender, "" for the null path. The error is a
// *Refusal.
func (s *Server) Deliver(ctx context.Context, from, recipient string, mail io.Reader) error {
	at, refusal := s.placeOf(recipient)
	if refusal != nil {
		return refusal
	}
	taken, refusal := s.receive(mail, at)
	if refusal != nil {
		return refusal
	}
	defer taken.free()
	if refusal := s.settle(ctx, at, from, taken); refusal != nil {
		return refusal
	}
	return nil
}

// Check says whether mail to recipient would be taken at all, before there is any: nil, or a *Refusal. It changes nothing.
func (s *Server) Check(recipient string) error {
	if _, refusal := s.placeOf(recipient); refusal != nil {
		return refusal
	}
	return nil
}

// placeOf returns what the address of a recipient stands for. It reads nothing but the address.
func (s *Server) placeOf(recipient string) (place, *Refusal) {
	at := strings.LastIndexByte(recipient, '@')
	local, domain := recipient[:max(at, 0)], strings.TrimSuffix(recipient[at+1:], ".")
	ours := strings.EqualFold(domain, s.config.ReturnDomain)
	if at < 0 || !ours && (s.config.ReplyDomain == "" || !strings.EqualFold(domain, s.config.ReplyDomain)) {
		return place{}, refuse(550, [3]int{5, 7, 1}, "this server takes no mail for other domains")
	}
	door, token := Route(local)
	switch door {
	case Unsubscribe:
		if _, member, err := s.config.Links.Unsubscribe.Read(token); err == nil && ours {
			return place{door: door, member: member}, nil
		}
		return place{}, refuse(550, [3]int{5, 1, 1}, "this unsubscribe address is not one of ours; use the link at the foot of the mail")
	case Return:
		return place{}, refuse(550, [3]int{5, 2, 1}, "returned mail is not read at this address yet")
	case Letter:
		if letter, target, err := s.config.Letters.Links.Letter.Read(token); err == nil {
			return place{door: door, first: letter, second: target}, nil
		}
	case Copy:
		if pair, member, err := s.config.Letters.Links.Copy.Read(token); err == nil {
			appeal, target := letters.Unpair(pair)
			return place{door: door, first: appeal, second: target, member: member}, nil
		}
	case Reply:
		if appeal, member, err := s.config.Links.Reply.Read(token); err == nil {
			return place{door: door, first: appeal, member: member}, nil
		}
	}
	return place{}, refuse(550, [3]int{5, 1, 1}, "there is no such mailbox here")
}

// settle does what a mail that was taken asks for at one place.
func (s *Server) settle(ctx context.Context, at place, from string, m *taken) *Refusal {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeLimit)
	defer cancel()
	switch at.door {
	case Letter:
		return s.answered(ctx, at, from, m)
	case Copy:
		return s.copied(ctx, at, from, m)
	case Reply:
		return s.replied(ctx, at, from, m)
	}
	if err := s.config.Members.Leave(ctx, audit.Member(), at.member, members.ByMail); err != nil {
		return s.later(ctx, "an unsubscribe mail", err)
	}
	s.config.Log.InfoContext(ctx, "a member left by mail")
	return nil
}

// later answers where something could not be written down.
func (s *Server) later(ctx context.Context, what string, err error) *Refusal {
	s.config.Log.ErrorContext(ctx, what+" could not be written down; its server keeps it and comes back", "error", codeOf(err))
	return refuse(451, [3]int{4, 3, 0}, "this cannot be written down at the moment; try again later")
}
