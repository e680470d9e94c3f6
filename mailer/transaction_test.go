package mailer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/internal/smtpsink"
)

func TestSendsInOrderAndRecordsReplies(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, extensions []string) {
		s, p, c := connect(t, smtpsink.Options{Extensions: extensions}, patient())
		got := sendN(t, c, 5)
		if got.err != nil || got.outcomes() != strings.TrimSpace(strings.Repeat("accepted/dot/250 ", 5)) {
			t.Fatalf("%s, %v", got.outcomes(), got.err)
		}
		if !slices.IsSorted(got.order) {
			t.Errorf("order of verdicts %v", got.order)
		}
		v := got.verdicts[2]
		want := Verdict{Outcome: Accepted, Step: AtDot, Code: 250, Enhanced: "2.0.0", Text: "2.0.0 kept", Relay: s.Addr(), Hash: hashOf(text(2))}
		if diff := cmp.Diff(want, v); diff != "" {
			t.Error(diff)
		}
		m := s.Messages()[2]
		if string(m.Data) != text(2) || m.Sender != "b+2@bounce.example" || Hash(m.Hash) != v.Hash {
			t.Errorf("arrived as %+v", m)
		}
		p.Put(c)
		if again := take(t, p); sendN(t, again, 1).outcomes() != "accepted/dot/250" || again != c {
			t.Error("the connection is not used again")
		}
		if ever, _ := s.Connections(); ever != 1 {
			t.Errorf("%d connections", ever)
		}
	})
}

func TestPipelinedGroupsAreOneRoundTripAMessage(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []string
	_, _, c := connect(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, string(e.Step))
		return smtpsink.Action{}
	}}, patient())
	// The gate of the second message is asked for its envelope before the body of the first leaves.
	var gates []int
	send(t, context.Background(), c, Window{Envelopes: envelopes(2), Gate: func(i int) bool { gates = append(gates, i); return true }})
	if diff := cmp.Diff([]int{0, 1, 0, 1}, gates); diff != "" {
		t.Errorf("the gate was asked about\n%s", diff)
	}
	mu.Lock()
	defer mu.Unlock()
	if diff := cmp.Diff(strings.Fields("connect ehlo mail rcpt data body dot kept mail rcpt data body dot kept"), seen); diff != "" {
		t.Error(diff)
	}
}

func TestW2_Dots(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		".\r\n", "..\r\n", ".a\r\n.\r\n..b\r\n", "a\r\n.\r\nb\r\n", "\r\n.\r\n", "a\n.\nb\r\n", ".", "a\r\n.", "", "\r\n", "a.\r\n.\r\n.\r\n.\r\n", "x\r\n\n.\r\n",
	} {
		s, p, c := connect(t, smtpsink.Options{}, patient())
		all := envelopes(3)
		all[1].Message = plain(body)
		if got := send(t, context.Background(), c, Window{Envelopes: all}); got.err != nil {
			t.Errorf("%q: %v", body, got.err)
		}
		want := body
		if !strings.HasSuffix(want, "\r\n") {
			want += "\r\n"
		}
		if got := string(s.Messages()[1].Data); got != want {
			t.Errorf("%q arrives as %q", body, got)
		}
		p.Put(c)
	}
}

func FuzzW2_Stuff(f *testing.F) {
	f.Add([]byte(".\r\n..\r\na\r\n."))
	f.Fuzz(func(t *testing.T, m []byte) {
		want := bytes.ReplaceAll(append([]byte("\r\n"), m...), []byte("\r\n."), []byte("\r\n.."))[2:]
		if got := stuff(bytes.Clone(m)); !bytes.Equal(got, want) {
			t.Errorf("stuff(%q) = %q, want %q", m, got, want)
		}
	})
}

func TestW4_W10_OneRecipientAndItsOwnSender(t *testing.T) {
	t.Parallel()
	s, _, c := connect(t, smtpsink.Options{}, patient())
	sendN(t, c, 20)
	for i, m := range s.Messages() {
		if diff := cmp.Diff([]string{recipient(i)}, m.Recipients); diff != "" || m.Sender != fmt.Sprintf("b+%d@bounce.example", i) {
			t.Errorf("message %d from %s: %s", i, m.Sender, diff)
		}
		if n := bytes.Count(m.Data, []byte("@members.example")); n != 1 {
			t.Errorf("message %d names %d members", i, n)
		}
	}
}

func TestW7_SMTPUTF8OnlyWhereOffered(t *testing.T) {
	t.Parallel()
	all := envelopes(3)
	all[1].Recipient, all[1].UTF8, _ = WireAddress("josé@bücher.example")
	s, _, c := connect(t, smtpsink.Options{}, patient())
	if got := send(t, context.Background(), c, Window{Envelopes: all}); got.err != nil {
		t.Fatal(got.err)
	}
	if m := s.Messages(); m[1].Recipients[0] != "josé@xn--bcher-kva.example" || m[1].Parameters != "BODY=8BITMIME SMTPUTF8" || m[0].Parameters != "" {
		t.Errorf("%+v", m)
	}
	s, _, c = connect(t, smtpsink.Options{Extensions: []string{"PIPELINING", "8BITMIME"}}, patient())
	got := send(t, context.Background(), c, Window{Envelopes: all})
	if got.outcomes() != "accepted/dot/250 refused/compose accepted/dot/250" || !errors.Is(got.verdicts[1].Err, ErrNeedsUTF8) {
		t.Errorf("%s, %v", got.outcomes(), got.verdicts[1].Err)
	}
	all[1].UTF8 = false // forgotten by the caller
	if got := send(t, context.Background(), c, Window{Envelopes: all[1:2]}); !errors.Is(got.verdicts[0].Err, ErrNeedsUTF8) {
		t.Errorf("%+v", got.verdicts[0])
	}
	if received(s) != "m0 m2" {
		t.Errorf("received %s", received(s))
	}
}

func TestW12_M20_SizeIsHonouredBeforeData(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, extensions []string) {
		limit := len(text(0)) + 50
		s, _, c := connect(t, smtpsink.Options{Extensions: append(slices.Clone(extensions), "PIPELINING", fmt.Sprintf("SIZE %d", limit))}, patient())
		all := envelopes(3)
		all[1].Message = plain(text(1) + strings.Repeat("x", 50))
		got := send(t, context.Background(), c, Window{Envelopes: all})
		if got.outcomes() != "accepted/dot/250 refused/compose accepted/dot/250" || !errors.Is(got.verdicts[1].Err, ErrTooLarge) {
			t.Errorf("%s, %v", got.outcomes(), got.verdicts[1].Err)
		}
		if want := fmt.Sprintf("SIZE=%d", len(text(0))); s.Messages()[0].Parameters != want {
			t.Errorf("MAIL said %q, want %q", s.Messages()[0].Parameters, want)
		}
	})
}

func TestM20_HELOOnly(t *testing.T) {
	t.Parallel()
	s, _, c := connect(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if strings.HasPrefix(e.Line, "EHLO") {
			return smtpsink.Action{Reply: "502 5.5.1 what is that"}
		}
		return smtpsink.Action{}
	}}, patient())
	if got := sendN(t, c, 3); got.err != nil || received(s) != "m0 m1 m2" {
		t.Errorf("%s, %v", got.outcomes(), got.err)
	}
}

func TestW16_NoAddressEndsItsBrackets(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var lines []string
	s, _, c := connect(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, e.Line)
		return smtpsink.Action{}
	}}, patient())
	all := envelopes(6)
	all[1].Recipient = "a>\r\nRCPT TO:<x@evil.example"
	all[2].Recipient = "a@b.example> NOTIFY=NEVER"
	all[3].Recipient = `"a> NOTIFY=NEVER"@b.example`
	all[4].Sender = "a@b.example>\r\nDATA\r\nx"
	got := send(t, context.Background(), c, Window{Envelopes: all})
	const want = "accepted/dot/250 refused/compose refused/compose accepted/dot/250 refused/compose accepted/dot/250"
	if got.outcomes() != want || !errors.Is(got.verdicts[1].Err, ErrAddress) {
		t.Errorf("%s", got.outcomes())
	}
	if r := received(s); r != `m0 "a> NOTIFY=NEVER"@b.example m5` {
		t.Errorf("received %s", r)
	}
	mu.Lock()
	defer mu.Unlock()
	if strings.Contains(strings.Join(lines, "\n"), "evil") {
		t.Errorf("the sink saw %q", lines)
	}
}

func TestP5_OneMessageThatCannotBeMade(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, extensions []string) {
		s, _, c := connect(t, smtpsink.Options{Extensions: extensions}, patient())
		all := envelopes(6)
		all[0].Message = func([]byte) ([]byte, Hash, error) { return nil, Hash{}, errTest }
		all[2].Message = func([]byte) ([]byte, Hash, error) { panic("a secret of the member") }
		all[3].SameAs = hashOf("other bytes")
		all[4].SameAs = hashOf(text(4))
		got := send(t, context.Background(), c, Window{Envelopes: all})
		const want = "refused/compose accepted/dot/250 refused/compose refused/compose accepted/dot/250 accepted/dot/250"
		if got.outcomes() != want || got.err != nil || received(s) != "m1 m4 m5" {
			t.Fatalf("%s, %v; received %s", got.outcomes(), got.err, received(s))
		}
		for i, target := range map[int]error{0: errTest, 2: ErrPanic, 3: ErrOtherBytes} {
			if !errors.Is(got.verdicts[i].Err, target) {
				t.Errorf("message %d: %v, want %v", i, got.verdicts[i].Err, target)
			}
		}
		if strings.Contains(got.verdicts[2].Err.Error(), "secret") {
			t.Errorf("the panic's words are shown: %v", got.verdicts[2].Err)
		}
	})
}

func TestGateHoldsBackTheRest(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, extensions []string) {
		s, _, c := connect(t, smtpsink.Options{Extensions: extensions}, patient())
		asked := map[int]int{}
		// Closed before the envelope of message 2: what was begun ends, and the connection stays.
		got := send(t, context.Background(), c, Window{Envelopes: envelopes(4), Gate: func(i int) bool { asked[i]++; return i < 2 }})
		if got.outcomes() != "accepted/dot/250 accepted/dot/250 unsent unsent" || got.err != nil {
			t.Fatalf("%s, %v", got.outcomes(), got.err)
		}
		if diff := cmp.Diff(map[int]int{0: 2, 1: 2, 2: 1}, asked); diff != "" {
			t.Error(diff)
		}
		// Closed between envelope and body of message 1: the only way out is to close.
		clear(asked)
		got = send(t, context.Background(), c, Window{Envelopes: envelopes(4), Gate: func(i int) bool { asked[i]++; return i < 1 || asked[i] < 2 }})
		if got.outcomes() != "accepted/dot/250 unsent unsent unsent" || !errors.Is(got.err, ErrGate) {
			t.Fatalf("%s, %v", got.outcomes(), got.err)
		}
		if received(s) != "m0 m1 m0" {
			t.Errorf("received %s", received(s))
		}
	})
}

func TestTicksAreForTheWaitAfterTheDotAlone(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	o := patient()
	o.Tick = time.Millisecond
	_, _, c := connect(t, smtpsink.Options{Fault: to(0, smtpsink.Rcpt, smtpsink.Action{Until: release})}, o)
	time.AfterFunc(50*time.Millisecond, func() { close(release) })
	got := send(t, context.Background(), c, Window{Envelopes: envelopes(1)})
	if got.outcomes() != "accepted/dot/250" {
		t.Errorf("%s, %v", got.outcomes(), got.err)
	}
}

// trickle takes so many octets and then fails.
type trickle struct{ room int }

func (w *trickle) Write(p []byte) (int, error) {
	n := min(w.room, len(p))
	if w.room -= n; n < len(p) {
		return n, io.ErrClosedPipe
	}
	return n, nil
}

func TestWhatIsCountedAsNotWrittenWasNotWritten(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	for _, size := range []int{1, 100, 4095, 4096, 4097, 20_000} {
		for _, room := range []int{0, 1, 50, size - 1, size} {
			c := &Conn{pool: &Pool{}, raw: &guard{Conn: near}, out: bufio.NewWriter(&trickle{room})}
			s := &sending{c: c}
			n, err := s.write(make([]byte, size))
			if want := min(room, size); n != want || (err == nil) != (want == size) {
				t.Errorf("%d octets into room for %d: %d, %v", size, room, n, err)
			}
		}
	}
}

func TestAWriteThatFailsAroundTheDot(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	p := startPool(t, patient(), relayTo(deadAddr(t)))
	first := len("MAIL FROM:<b+0@bounce.example>\r\nRCPT TO:<m0@members.example>\r\nDATA\r\n")
	dot := first + len(text(0)) + len(".\r\n")
	for _, tt := range []struct {
		room     int
		answer   string
		outcomes string
	}{
		{dot + 5, "250 2.0.0 kept\r\n", "accepted/dot/250 unsent"}, // what follows the dot did not leave
		{dot, "250 2.0.0 kept\r\n", "accepted/dot/250 unsent"},
		{dot, "", "unknown/dot unsent"},
		{dot - 1, "", "later/body unsent"}, // the line of the dot has not ended: nobody has it
		{dot - 1, "250 2.0.0 kept\r\n", "later/body unsent"},
		{dot - 1, "552 5.3.4 too large\r\n", "refused/body/552 unsent"},
		{first, "", "later/body unsent"},
		{first - 1, "", "unsent unsent"},
	} {
		in := io.MultiReader(strings.NewReader("250 ok\r\n250 ok\r\n354 go\r\n"), strings.NewReader(tt.answer))
		c := &Conn{pool: p, relay: p.relays[0], raw: &guard{Conn: near}, pipelining: true,
			out: bufio.NewWriter(&trickle{tt.room}), in: replies{in: bufio.NewReader(in)}}
		if got := sendN(t, c, 2); got.outcomes() != tt.outcomes {
			t.Errorf("room for %d, answer %q: %s, want %s", tt.room-dot, tt.answer, got.outcomes(), tt.outcomes)
		}
	}
}

func TestAContextThatHasEndedSendsNothing(t *testing.T) {
	t.Parallel()
	s, _, c := connect(t, smtpsink.Options{}, patient())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	got := send(t, ctx, c, Window{Envelopes: envelopes(3)})
	if got.outcomes() != "unsent unsent unsent" || !errors.Is(got.verdicts[0].Err, ErrStopped) {
		t.Errorf("%s, %v", got.outcomes(), got.verdicts[0].Err)
	}
	if c.Alive() {
		if again := sendN(t, c, 1); again.err != nil {
			t.Errorf("the next window: %v", again.err)
		}
	}
	if s.Count() > 1 {
		t.Errorf("received %s", received(s))
	}
}

func TestAPanickingCallbackLosesNothing(t *testing.T) {
	t.Parallel()
	_, p, c := connect(t, smtpsink.Options{}, patient())
	got := map[int]Outcome{}
	func() {
		defer func() { recover() }()
		c.Send(context.Background(), Window{Envelopes: envelopes(4), Gate: func(int) bool { return true }, Done: func(i int, v Verdict) {
			got[i] = v.Outcome
			if i == 1 {
				panic("in Done")
			}
		}})
	}()
	if diff := cmp.Diff(map[int]Outcome{0: Accepted, 1: Accepted, 2: Unsent, 3: Unsent}, got); diff != "" || c.Alive() {
		t.Errorf("alive %v, %s", c.Alive(), diff)
	}
	p.Put(c)
}

func TestContextEndsWhatIsBeforeTheDotAndNotWhatIsAfter(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, extensions []string) {
		for _, step := range []smtpsink.Step{smtpsink.Mail, smtpsink.Rcpt, smtpsink.Data} {
			ctx, cancel := context.WithCancel(context.Background())
			s, p, c := connect(t, smtpsink.Options{Extensions: extensions, Fault: func(e smtpsink.Event) smtpsink.Action {
				if e.Step == step && e.Message == 2 {
					cancel()
					return smtpsink.Action{Hang: true}
				}
				return smtpsink.Action{}
			}}, patient())
			got := send(t, ctx, c, Window{Envelopes: envelopes(4)})
			if got.outcomes() != "accepted/dot/250 unsent unsent unsent" || !errors.Is(got.err, ErrStopped) || received(s) != "m0" {
				t.Errorf("%s: %s, %v; received %s", step, got.outcomes(), got.err, received(s))
			}
			p.Put(c)
		}
		// After the dot: the rest is given back at once, the wait goes on until the reply comes.
		ctx, cancel := context.WithCancel(context.Background())
		release := make(chan struct{})
		s, _, c := connect(t, smtpsink.Options{Extensions: extensions, Fault: func(e smtpsink.Event) smtpsink.Action {
			if e.Step == smtpsink.Kept && e.Message == 2 {
				cancel()
				return smtpsink.Action{Until: release}
			}
			return smtpsink.Action{}
		}}, patient())
		var order []int
		got := send(t, ctx, c, Window{Envelopes: envelopes(4), Done: func(i int, v Verdict) {
			if order = append(order, i); len(order) == 3 {
				close(release)
			}
		}})
		if got.outcomes() != "accepted/dot/250 accepted/dot/250 unsent unsent" || received(s) != "m0 m1" {
			t.Errorf("%s, %v; received %s", got.outcomes(), got.err, received(s))
		}
		if diff := cmp.Diff([]int{0, 2, 3, 1}, order); diff != "" {
			t.Errorf("order of verdicts\n%s", diff)
		}
	})
}

func TestPoolCloseTurnsOpenWaitsIntoUnknown(t *testing.T) {
	t.Parallel()
	kept := make(chan struct{})
	s, p, c := connect(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Kept {
			close(kept)
			return smtpsink.Action{Hang: true}
		}
		return smtpsink.Action{}
	}}, patient())
	go func() {
		<-kept
		p.Close()
	}()
	got := sendN(t, c, 3)
	p.Put(c)
	if got.outcomes() != "unknown/dot unsent unsent" || !errors.Is(got.err, ErrStopped) || received(s) != "m0" {
		t.Errorf("%s, %v", got.outcomes(), got.err)
	}
	if _, err := p.Take(context.Background(), Bulk); !errors.Is(err, ErrClosed) {
		t.Errorf("Take after Close = %v", err)
	}
}

func TestWaitingTicksAndGivesTheRestBack(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, extensions []string) {
		release := make(chan struct{})
		o := patient()
		o.Tick = 10 * time.Millisecond
		s, p, c := connect(t, smtpsink.Options{Extensions: extensions, Fault: to(1, smtpsink.Kept, smtpsink.Action{Until: release})}, o)
		ticks := 0
		var order []int
		got := send(t, context.Background(), c, Window{Envelopes: envelopes(4),
			Done: func(i int, _ Verdict) { order = append(order, i) },
			Waiting: func(i int) {
				if ticks++; i != 1 || len(order) != 3 {
					t.Errorf("waiting for message %d after verdicts on %v", i, order)
				}
				if ticks == 3 {
					close(release)
				}
			}})
		if got.outcomes() != "accepted/dot/250 accepted/dot/250 unsent unsent" || ticks < 3 || received(s) != "m0 m1" {
			t.Errorf("%s after %d ticks; received %s", got.outcomes(), ticks, received(s))
		}
		p.Put(c)
	})
}
