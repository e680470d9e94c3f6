package inbound

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/members"
)

// Config is what a Server needs. All fields but ReplyDomain and LMTP are needed.
type Config struct {
	ReturnDomain string // of the unsubscribe and return addresses
	ReplyDomain  string // of the Reply-To addresses; "" where there are none
	Links        campaigns.Links
	Members      *members.Store
	LMTP         bool // speak LMTP instead of SMTP
	Log          *slog.Logger
}

// Server takes mail in. It is safe for concurrent use.
type Server struct{ config Config }

// New returns a server that does nothing until Serve or Deliver is called.
func New(c Config) *Server { return &Server{config: c} }

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

// Deliver does what a mail to recipient asks for, and returns nil once it holds. The error is a *Refusal. The mail itself
// is not needed: the address says it all.
func (s *Server) Deliver(ctx context.Context, recipient string) error {
	member, refusal := s.memberOf(recipient)
	if refusal != nil {
		return refusal
	}
	if refusal := s.takeOff(ctx, member); refusal != nil {
		return refusal
	}
	return nil
}

// memberOf returns which member the address of a recipient takes off. It reads nothing but the address.
func (s *Server) memberOf(recipient string) (int64, *Refusal) {
	at := strings.LastIndexByte(recipient, '@')
	local, domain := recipient[:max(at, 0)], strings.TrimSuffix(recipient[at+1:], ".")
	ours := strings.EqualFold(domain, s.config.ReturnDomain)
	if at < 0 || !ours && (s.config.ReplyDomain == "" || !strings.EqualFold(domain, s.config.ReplyDomain)) {
		return 0, refuse(550, [3]int{5, 7, 1}, "this server takes no mail for other domains")
	}
	door, token := Route(local)
	switch door {
	case Unsubscribe:
		if _, member, err := s.config.Links.Unsubscribe.Read(token); err == nil && ours {
			return member, nil
		}
		return 0, refuse(550, [3]int{5, 1, 1}, "this unsubscribe address is not one of ours; use the link at the foot of the mail")
	case Return:
		return 0, refuse(550, [3]int{5, 2, 1}, "returned mail is not read at this address yet")
	case Reply:
		return 0, refuse(550, [3]int{5, 2, 1}, "answers are not read at this address yet; write to the contact named in the mail")
	}
	return 0, refuse(550, [3]int{5, 1, 1}, "there is no such mailbox here")
}

func (s *Server) takeOff(ctx context.Context, member int64) *Refusal {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeLimit)
	defer cancel()
	if err := s.config.Members.Leave(ctx, audit.Member(), member, members.ByMail); err != nil {
		s.config.Log.ErrorContext(ctx, "an unsubscribe mail could not be written down; its server keeps it and comes back", "error", err)
		return refuse(451, [3]int{4, 3, 0}, "this cannot be written down at the moment; try again later")
	}
	s.config.Log.InfoContext(ctx, "a member left by mail")
	return nil
}
