package worker

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/mailer"
	"holdfast/members"
	"holdfast/templates"
)

// Sender is who writes: what every mail carries of the organisation.
type Sender struct {
	From         mailer.Address // in the organisation's own domain
	ListID       string         // "alerts.refnet.example" (RFC 2919)
	ListName     string
	PublicURL    string // without a slash at its end; links in mails begin with it
	ReturnDomain string // where returned mail and unsubscribe mails go
	ReplyDomain  string // where answers go, each to an address of its own; "" gives no Reply-To
	Signers      []mailer.Signer
}

// press holds the editions that were composed, ready to be filled. Safe for concurrent use.
type press struct {
	store  *campaigns.Store
	sender Sender
	links  campaigns.Links

	mu   sync.Mutex
	made map[int64]map[string]*edition
}

// mostMade is how many appeals the press keeps composed: those that leave at the same time, and some.
const mostMade = 16

// edition is one language of an appeal, composed.
type edition struct {
	composed *mailer.Composed
	holes    []string // the names of its holes, in their order
}

// of returns an appeal's editions by language. They are frozen, so they are composed once.
func (p *press) of(ctx context.Context, appealID int64) (map[string]*edition, error) {
	p.mu.Lock()
	made := p.made[appealID]
	p.mu.Unlock()
	if made != nil {
		return made, nil
	}
	a, err := p.store.Appeal(ctx, appealID)
	if err != nil {
		return nil, err
	}
	list, err := p.store.Editions(ctx, appealID)
	if err != nil {
		return nil, err
	}
	made = map[string]*edition{}
	for _, e := range list {
		if made[e.Language], err = p.compose(a, e); err != nil {
			return nil, fmt.Errorf("appeal %d in %s: %w: %w", appealID, e.Language, errUnwritable, err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.made) >= mostMade {
		clear(p.made)
	}
	p.made[appealID] = made
	return made, nil
}

func (p *press) compose(a campaigns.Appeal, e campaigns.Edition) (*edition, error) {
	draft := draftOf(p.sender, e)
	draft.Kind = mailer.Appeal
	draft.ListID, draft.ListName = p.sender.ListID, p.sender.ListName
	draft.Date = *a.LaunchedAt
	draft.Seed = fmt.Sprintf("appeal/%d/%s/%s", a.ID, e.Language, e.Mark)
	draft.Signers = p.sender.Signers
	made := &edition{}
	draft.Holes, made.holes = holesOf(e)
	var err error
	made.composed, err = mailer.Compose(draft)
	return made, err
}

// draftOf is what an edition says, from this sender.
func draftOf(s Sender, e campaigns.Edition) mailer.Draft {
	return mailer.Draft{From: s.From, Subject: e.Subject, Language: e.TextLanguage, Text: e.Text, HTML: e.HTML}
}

// Check reports whether every edition can be composed as this sender's mail: asked at launch, so that no appeal is launched
// that cannot leave. The error is failure.Invalid, by the language and the field of the text.
func (s Sender) Check(editions []campaigns.Edition) error {
	var check failure.Check
	for _, e := range editions {
		draft := draftOf(s, e)
		draft.Kind, draft.ListID, draft.ListName, draft.Signers = mailer.Appeal, s.ListID, s.ListName, s.Signers
		draft.Date, draft.Seed = time.Unix(0, 0), e.Mark
		draft.Holes, _ = holesOf(e)
		_, err := mailer.Compose(draft)
		if err := check.Join("texts."+e.TextLanguage+".", err); err != nil {
			return err
		}
	}
	return check.Err()
}

func holesOf(e campaigns.Edition) (holes []mailer.Hole, names []string) {
	for _, h := range []struct {
		name string
		kind mailer.HoleKind
	}{{campaigns.HoleName, mailer.Text}, {campaigns.HoleReport, mailer.Link}, {campaigns.HoleLeave, mailer.Link}} {
		mark := e.Mark + h.name
		if strings.Contains(e.Text, mark) || strings.Contains(e.HTML, mark) {
			holes = append(holes, mailer.Hole{Mark: mark, Kind: h.kind})
			names = append(names, h.name)
		}
	}
	return holes, names
}

// addressed is one member's copy and its envelope, but for the message itself.
type addressed struct {
	copy   mailer.Copy
	sender string
	utf8   bool
}

// address writes the envelope of one delivery. All in it follows from the appeal and the member, so that every attempt is the same.
func (p *press) address(e *edition, appealID, memberID int64, to members.Contact) (addressed, error) {
	wire, utf8, err := mailer.WireAddress(to.Address.Mailbox())
	if err != nil {
		return addressed{}, err
	}
	leave := p.links.Unsubscribe.Make(appealID, memberID)
	out := addressed{utf8: utf8, sender: "b+" + p.links.Return.Make(appealID, memberID) + "@" + p.sender.ReturnDomain}
	out.copy = mailer.Copy{Address: wire, Name: to.Name, MessageID: p.links.Message.Make(appealID, memberID),
		UnsubscribeURL: p.sender.PublicURL + "/u/" + leave, UnsubscribeMail: "u+" + leave + "@" + p.sender.ReturnDomain}
	if p.sender.ReplyDomain != "" {
		out.copy.ReplyTo = "r+" + p.links.Reply.Make(appealID, memberID) + "@" + p.sender.ReplyDomain
	}
	for _, hole := range e.holes {
		out.copy.Values = append(out.copy.Values, p.value(hole, out.copy, appealID, memberID))
	}
	return out, nil
}

func (p *press) value(hole string, c mailer.Copy, appealID, memberID int64) string {
	switch hole {
	case campaigns.HoleName:
		return templates.GreetingName(c.Name)
	case campaigns.HoleReport:
		return p.sender.PublicURL + "/r/" + p.links.Report.Make(appealID, memberID)
	default:
		return c.UnsubscribeURL
	}
}

// Post sends single mails to staff: a sign-in link, a test of an appeal. Safe for concurrent use.
type Post struct {
	store  *campaigns.Store
	relays *mailer.Pool
	sender Sender
}

// NewPost makes a Post.
func NewPost(store *campaigns.Store, relays *mailer.Pool, sender Sender) *Post {
	return &Post{store: store, relays: relays, sender: sender}
}

// Send sends an edition to one address as a system mail, its holes filled with what a reader would see, the links leading
// nowhere. The error says why it could not be sent, without naming the address.
func (p *Post) Send(ctx context.Context, to string, e campaigns.Edition) error {
	id := strings.ToLower(rand.Text())
	wire, utf8, err := mailer.WireAddress(to)
	if err != nil {
		return err
	}
	draft := draftOf(p.sender, e)
	draft.Kind, draft.Seed = mailer.System, id
	if draft.Date, err = p.store.Now(ctx); err != nil {
		return err
	}
	out := mailer.Copy{Address: wire, MessageID: id}
	var names []string
	draft.Holes, names = holesOf(e)
	for _, name := range names {
		value := p.sender.PublicURL + "/"
		if name == campaigns.HoleName {
			value = "" // as for a member whose name is not known
		}
		out.Values = append(out.Values, value)
	}
	verdict, err := deliverSystem(ctx, p.relays, draft, out, utf8)
	switch {
	case err != nil:
		return err
	case verdict.Err != nil:
		return verdict.Err
	case verdict.Outcome != mailer.Accepted:
		return fmt.Errorf("the relay answered %d at %s", verdict.Code, verdict.Step)
	}
	return nil
}

// deliverSystem sends one system mail, with the null sender: nothing is to answer it, and nothing to come back.
func deliverSystem(ctx context.Context, relays *mailer.Pool, draft mailer.Draft, out mailer.Copy, utf8 bool) (mailer.Verdict, error) {
	composed, err := mailer.Compose(draft)
	if err != nil {
		return mailer.Verdict{}, err
	}
	return relays.Deliver(ctx, mailer.Urgent, mailer.Envelope{Sender: "", Recipient: out.Address, UTF8: utf8,
		Message: func(dst []byte) ([]byte, mailer.Hash, error) { return composed.Fill(dst, out) }})
}
