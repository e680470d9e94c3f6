package inbound

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"holdfast/members"
)

func TestU10_GoodTokenTakesOffThatMemberAlone(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"", "stranger@elsewhere.example", "dürer@elsewhere.example"} {
		t.Run("from "+from, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, false)
			goes, stays := h.member(t, "goes"), h.member(t, "stays")
			if err := h.send(t, from, h.address(goes)); err != nil {
				t.Fatalf("the mail was refused: %v", err)
			}
			if got := h.state(t, goes); got != members.Left {
				t.Errorf("the member is %s, want left", got)
			}
			if got := h.state(t, stays); got != members.Subscribed {
				t.Errorf("the other member is %s, want subscribed", got)
			}
			if m, err := h.members.Get(context.Background(), goes); err != nil || m.LeftHow != members.ByMail {
				t.Errorf("left how = %q, %v, want %q", m.LeftHow, err, members.ByMail)
			}
		})
	}
}

func TestU10_LetterCaseOfTheAddressIsNotLookedAt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false)
	id := h.member(t, "upper")
	if err := h.send(t, "a@b.example", strings.ToUpper(h.address(id))); err != nil {
		t.Fatal(err)
	}
	if got := h.state(t, id); got != members.Left {
		t.Errorf("the member is %s, want left", got)
	}
}

func TestU10_BadTokenTakesOffNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false)
	id := h.member(t, "stays")
	good := h.links.Unsubscribe.Make(anyAppeal, id)
	bad := map[string]string{
		"another purpose": h.links.Report.Make(anyAppeal, id),
		"a return token":  h.links.Return.Make(anyAppeal, id),
		"too short":       good[1:],
		"too long":        good + "a",
		"no token at all": "aaaa",
	}
	for i := range good {
		flipped := []byte(good)
		flipped[i] = "ab"[b2i(flipped[i] == 'a')]
		bad[fmt.Sprintf("altered at %d", i)] = string(flipped)
	}
	answers := map[string]bool{}
	for name, token := range bad {
		err := h.server.Deliver(context.Background(), "", "u+"+token+"@"+returnDomain, strings.NewReader(mail))
		if err == nil {
			t.Errorf("%s: taken", name)
			continue
		}
		answers[err.Error()] = true
	}
	if len(answers) != 1 {
		t.Errorf("bad tokens get %d different answers, want one: %v", len(answers), answers)
	}
	if got := code(h.send(t, "a@b.example", "u+"+bad["altered at 9"]+"@"+returnDomain)); got != "550 5.1.1" {
		t.Errorf("over SMTP the answer is %q, want 550 5.1.1", got)
	}
	if got := h.state(t, id); got != members.Subscribed {
		t.Errorf("the member is %s, want subscribed", got)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestU5_TwiceIsOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false)
	id := h.member(t, "often")
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := h.server.Deliver(context.Background(), "", h.address(id), strings.NewReader(mail)); err != nil {
				t.Errorf("refused: %v", err)
			}
		})
	}
	all.Wait()
	if err := h.send(t, "a@b.example", h.address(id)); err != nil {
		t.Errorf("once more, over SMTP: %v", err)
	}
	if n := countLeavings(t, h.pool, id); n != 1 {
		t.Errorf("the audit trail has %d leavings, want 1", n)
	}
}

func TestU8_WhoNeverWasGetsTheSameAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false)
	known := reply(t, h, h.address(h.member(t, "known")))
	if unknown := reply(t, h, h.address(987654)); unknown != known {
		t.Errorf("the answers differ: %q for a member, %q for nobody", known, unknown)
	}
}

// reply returns the server's last line for a whole mail to one recipient.
func reply(t *testing.T, h *house, to string) string {
	t.Helper()
	client := h.dial(t)
	if err := client.Mail("a@b.example", nil); err != nil {
		t.Fatal(err)
	}
	if err := client.Rcpt(to, nil); err != nil {
		t.Fatal(err)
	}
	data, err := client.Data()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := data.Write([]byte(mail)); err != nil {
		t.Fatal(err)
	}
	answer, err := data.CloseWithResponse()
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusText
}

func TestU2_NamingTheAddressIsNotAMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false)
	id := h.member(t, "probed")
	client := h.dial(t)
	if err := errors.Join(client.Mail("", nil), client.Rcpt(h.address(id), nil), client.Reset()); err != nil {
		t.Fatal(err)
	}
	// The mail that follows on the same connection is for somebody else.
	if err := errors.Join(client.Mail("", nil), client.Rcpt(h.address(h.member(t, "goes")), nil), finish(client, mail)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(client.Mail("", nil), client.Rcpt(h.address(id), nil), client.Quit()); err != nil {
		t.Fatal(err)
	}
	// Half a mail: the connection ends before the final dot.
	conn, answers := raw(t, h.addr)
	for _, line := range []string{"EHLO x.example", "MAIL FROM:<a@b.example>", "RCPT TO:<" + h.address(id) + ">", "DATA"} {
		fmt.Fprintf(conn, "%s\r\n", line)
	}
	awaitLine(t, answers, "354")
	fmt.Fprintf(conn, "Subject: unsubscribe\r\n\r\nPlea")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, answers); err != nil {
		t.Fatal(err)
	}
	if got := h.state(t, id); got != members.Subscribed {
		t.Errorf("the member is %s, want subscribed", got)
	}
}

func raw(t *testing.T, addr string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return conn, bufio.NewReader(conn)
}

func awaitLine(t *testing.T, answers *bufio.Reader, prefix string) string {
	t.Helper()
	for {
		line, err := answers.ReadString('\n')
		if err != nil {
			t.Fatalf("the connection ended before %s: %v", prefix, err)
		}
		if strings.HasPrefix(line, prefix) {
			return line
		}
	}
}

func TestNothingIsTakenThatNobodyReads(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false)
	id := h.member(t, "stays")
	token := h.links.Return.Make(anyAppeal, id)
	for to, want := range map[string]string{
		"b+" + token + "@" + returnDomain:        "550 5.2.1",
		"r+" + token + "@" + replyDomain:         "550 5.1.1",
		"l+" + token + "@" + replyDomain:         "550 5.1.1",
		"c+" + token + "@" + replyDomain:         "550 5.1.1",
		"postmaster@" + returnDomain:             "550 5.1.1",
		"somebody@elsewhere.example":             "550 5.7.1",
		"u+" + token + "@" + returnDomain + ".x": "550 5.7.1",
		// the unsubscribe address stands at the return domain alone
		strings.Replace(h.address(id), returnDomain, replyDomain, 1): "550 5.1.1",
	} {
		if got := code(h.send(t, "", to)); got != want {
			t.Errorf("a mail to %s is answered %q, want %q", to, got, want)
		}
	}
	if got := h.state(t, id); got != members.Subscribed {
		t.Errorf("the member is %s, want subscribed", got)
	}
}

func TestNotWrittenDownIsNotTaken(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false)
	id := h.member(t, "again")
	h.members.DB = gone(t)
	if got := code(h.send(t, "a@b.example", h.address(id))); got != "451 4.3.0" {
		t.Errorf("without a database the answer is %q, want 451 4.3.0", got)
	}
	h.members.DB = h.pool
	if err := h.send(t, "a@b.example", h.address(id)); err != nil {
		t.Errorf("the next attempt: %v", err)
	}
	if got := h.state(t, id); got != members.Left {
		t.Errorf("the member is %s, want left", got)
	}
}

func TestLMTPAnswersForEachRecipient(t *testing.T) {
	t.Parallel()
	h := newHouse(t, true)
	first, second := h.member(t, "first"), h.member(t, "second")
	conn, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	client := smtp.NewClientLMTP(conn)
	defer client.Close()
	if err := client.Mail("a@b.example", nil); err != nil {
		t.Fatal(err)
	}
	if got := code(client.Rcpt("u+nonsense@"+returnDomain, nil)); got != "550 5.1.1" {
		t.Errorf("a bad recipient is answered %q, want 550 5.1.1", got)
	}
	// The same address twice is two recipients, and two answers.
	for _, to := range []string{h.address(first), h.address(second), h.address(first)} {
		if err := client.Rcpt(to, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := finish(client, mail); err != nil {
		t.Fatal(err)
	}
	for _, id := range []int64{first, second} {
		if got := h.state(t, id); got != members.Left {
			t.Errorf("member %d is %s, want left", id, got)
		}
	}
}

func TestB11_LimitsOfOneMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false)
	id := h.member(t, "large")
	client := h.dial(t)
	if got := code(client.Mail("a@b.example", &smtp.MailOptions{Size: maxMessageBytes + 1})); got != "552 5.3.4" {
		t.Errorf("a mail that says it is too large is answered %q, want 552 5.3.4", got)
	}
	if err := client.Mail("a@b.example", nil); err != nil {
		t.Fatal(err)
	}
	for i := range maxRecipients {
		if err := client.Rcpt(h.address(id), nil); err != nil {
			t.Fatalf("recipient %d: %v", i+1, err)
		}
	}
	if got := code(client.Rcpt(h.address(id), nil)); got != "452 4.5.3" {
		t.Errorf("one recipient more than %d is answered %q, want 452 4.5.3", maxRecipients, got)
	}
	if got := code(finish(client, strings.Repeat(mail, maxMessageBytes/len(mail)+1))); got != "552 5.3.4" {
		t.Errorf("a mail that is too large is answered %q, want 552 5.3.4", got)
	}
	if got := h.state(t, id); got != members.Subscribed {
		t.Errorf("a mail that was refused took the member off")
	}
	if err := h.send(t, "a@b.example", h.address(id)); err != nil {
		t.Errorf("the next mail: %v", err)
	}
}

func TestS4_ConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false)
	var first net.Conn
	for i := range maxConnections {
		conn, answers := raw(t, h.addr)
		awaitLine(t, answers, "220")
		if i == 0 {
			first = conn
		}
	}
	_, answers := raw(t, h.addr)
	greeted := make(chan error, 1)
	go func() { _, err := answers.ReadString('\n'); greeted <- err }()
	select {
	case <-greeted:
		t.Fatalf("connection %d was served", maxConnections+1)
	case <-time.After(50 * time.Millisecond): // there is no event for what does not happen
	}
	first.Close()
	if err := <-greeted; err != nil {
		t.Errorf("the waiting connection, once another has ended: %v", err)
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false)
	_, answers := raw(t, h.addr)
	awaitLine(t, answers, "220")
	h.stop()
	if _, err := io.Copy(io.Discard, answers); err != nil && !errors.Is(err, net.ErrClosed) && !strings.Contains(err.Error(), "reset") {
		t.Errorf("the open connection: %v", err)
	}
	if _, err := net.Dial("tcp", h.addr); err == nil {
		t.Error("it still accepts")
	}
}

func TestLogsHoldNoAddressAndNoToken(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false)
	id := h.member(t, "quiet")
	if err := h.send(t, "someone.private@elsewhere.example", h.address(id)); err != nil {
		t.Fatal(err)
	}
	conn, answers := raw(t, h.addr)
	awaitLine(t, answers, "220")
	fmt.Fprintf(conn, "RCPT TO:<%s>\r\n%s\r\n", h.address(id), strings.Repeat("x", 2*maxLineBytes))
	io.Copy(io.Discard, answers) //nolint:errcheck // however it ends
	h.members.DB = gone(t)
	if err := h.send(t, "someone.private@elsewhere.example", h.address(id)); err == nil {
		t.Fatal("taken without a database")
	}
	text := h.log.String()
	for _, secret := range []string{"someone.private", "quiet@", h.links.Unsubscribe.Make(anyAppeal, id), returnDomain} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %q:\n%s", secret, text)
		}
	}
	for _, said := range []string{"left by mail", "could not be written down"} {
		if !strings.Contains(text, said) {
			t.Errorf("the log does not say %q:\n%s", said, text)
		}
	}
}
