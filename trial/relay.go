package trial

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"holdfast/internal/smtpsink"
)

// RelayOptions say how the relay of a drill is made.
type RelayOptions struct {
	Doors int           // ports; each worker has one of its own, so that the log says whose a connection was
	Delay time.Duration // that each byte takes, each way
	Dir   string        // each door writes a log of its own there: door-0.log
}

// order is what the relay is told to do, one line of JSON each. Either it misbehaves at the next Times events of a step, whichever
// door they come to, or it is Away.
type order struct {
	Step  smtpsink.Step `json:"step,omitempty"`
	Times int           `json:"times,omitempty"`
	Reply string        `json:"reply,omitempty"`
	Cut   bool          `json:"cut,omitempty"`
	Wait  time.Duration `json:"wait,omitempty"` // before the reply
	Away  time.Duration `json:"away,omitempty"` // all connections are cut, and no port listens

	until time.Time // when it is forgotten, however often it was followed
}

// orderLife is how long an order stands: the last few mails of an appeal should not meet all that was meant for many.
const orderLife = time.Second

// relayAnswer is what the relay says when it has begun, and to each order.
type relayAnswer struct {
	Addresses []string `json:"addresses,omitempty"`
	Messages  int      `json:"messages"`
	Error     string   `json:"error,omitempty"`
}

// relay is the sink of a drill, in a process of its own: it keeps no message, logs everything and misbehaves as it is told.
type relay struct {
	o       RelayOptions
	logs    []*os.File
	mu      sync.Mutex
	orders  []order
	doors   []*smtpsink.Sink // nil while away
	address []string
	kept    int // by doors that were closed since
	away    sync.WaitGroup
}

// ServeRelay is the relay process of a drill: it says where it listens, then takes orders until its input ends.
func ServeRelay(o RelayOptions, in io.Reader, out io.Writer) error {
	r := &relay{o: o}
	defer r.close()
	for i := range o.Doors {
		f, err := os.OpenFile(doorLog(o.Dir, i), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return fmt.Errorf("the log of the relay: %w", err)
		}
		r.logs = append(r.logs, f)
		door, err := r.open(i, "")
		if err != nil {
			return err
		}
		r.doors, r.address = append(r.doors, door), append(r.address, door.Addr())
	}
	say := json.NewEncoder(out)
	if err := say.Encode(relayAnswer{Addresses: r.address}); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		answer := relayAnswer{}
		var told order
		if err := json.Unmarshal(lines.Bytes(), &told); err != nil {
			answer.Error = err.Error()
		} else if err := r.take(told); err != nil {
			answer.Error = err.Error()
		}
		answer.Messages = r.count()
		if err := say.Encode(answer); err != nil {
			return err
		}
	}
	r.away.Wait()
	return lines.Err()
}

// doorLog is the file that door i writes to.
func doorLog(dir string, i int) string { return filepath.Join(dir, fmt.Sprintf("door-%d.log", i)) }

func (r *relay) open(i int, address string) (*smtpsink.Sink, error) {
	return smtpsink.Start(smtpsink.Options{Addr: address, Discard: true, Delay: r.o.Delay, Log: r.logs[i], Fault: r.fault,
		OnMessage: func(m smtpsink.Message) { r.look(i, m) }})
}

func (r *relay) take(told order) error {
	switch {
	case told.Away > 0:
		return r.leave(told.Away)
	case told.Times > 0:
		r.mu.Lock()
		defer r.mu.Unlock()
		told.until = time.Now().Add(orderLife)
		r.orders = append(r.orders, told)
	}
	return nil
}

// fault says what is to be done at an event: what the oldest order for that step says.
func (r *relay) fault(e smtpsink.Event) smtpsink.Action {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.orders) > 0 {
		now := time.Now()
		r.orders = slices.DeleteFunc(r.orders, func(told order) bool { return now.After(told.until) })
	}
	for i := range r.orders {
		told := &r.orders[i]
		if told.Step != e.Step {
			continue
		}
		action := smtpsink.Action{Reply: told.Reply, Cut: told.Cut}
		if told.Wait > 0 {
			over := make(chan struct{})
			time.AfterFunc(told.Wait, func() { close(over) })
			action.Until = over
		}
		if told.Times--; told.Times == 0 {
			r.orders = slices.Delete(r.orders, i, i+1)
		}
		return action
	}
	return smtpsink.Action{}
}

// leave closes every door, and opens all of them again after a while, at the same addresses.
func (r *relay) leave(away time.Duration) error {
	r.mu.Lock()
	doors := r.doors
	r.doors = nil
	r.mu.Unlock()
	if doors == nil {
		return errors.New("the relay is away already")
	}
	var kept int
	for _, door := range doors {
		door.Close()
		kept += door.Count()
	}
	r.away.Go(func() {
		time.Sleep(away)
		var back []*smtpsink.Sink
		for i, address := range r.address {
			door, err := r.open(i, address)
			for try := 0; err != nil && try < 100; try++ { // somebody's outgoing connection may have the port for a moment
				time.Sleep(100 * time.Millisecond)
				door, err = r.open(i, address)
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, "the relay does not come back:", err)
				os.Exit(1)
			}
			back = append(back, door)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.doors, r.kept = back, r.kept+kept
	})
	return nil
}

func (r *relay) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.kept
	for _, door := range r.doors {
		n += door.Count()
	}
	return n
}

func (r *relay) close() {
	r.away.Wait()
	for _, door := range r.doors {
		door.Close()
	}
	for _, f := range r.logs {
		f.Close()
	}
}

// numbers are what tells one member's mail from another's: the number in address and name.
var numbers = regexp.MustCompile(`(?:member|Example-)0*([0-9]+)`)

// look notes in the log a message in which anybody but its recipient is named (I6, W4).
func (r *relay) look(door int, m smtpsink.Message) {
	if len(m.Recipients) == 1 && namesOnly(m.Recipients[0], m.Data) {
		return
	}
	fmt.Fprintf(r.logs[door], "0\t%s\t%d\tforeign\tnumber=\"%d\"\n", time.Now().UTC().Format(logTime), m.Connection, m.Number)
}

// namesOnly reports whether a message names its recipient and nobody else.
func namesOnly(recipient string, data []byte) bool {
	own := numbers.FindStringSubmatch(recipient)
	text := strings.ReplaceAll(string(data), "=\r\n", "") // the soft line breaks of quoted-printable
	found := numbers.FindAllStringSubmatch(text, -1)
	for _, other := range found {
		if own == nil || other[1] != own[1] {
			return false
		}
	}
	return len(found) > 0
}

// farRelay is the relay's process, seen from its parent.
type farRelay struct {
	*process
	mu        sync.Mutex
	addresses []string
}

func startRelay(self string, o RelayOptions) (*farRelay, error) {
	p, err := start(self, nil, "trial-relay", "--doors", fmt.Sprint(o.Doors), "--delay", o.Delay.String(), "--dir", o.Dir)
	if err != nil {
		return nil, err
	}
	var first relayAnswer
	if err := p.hear(&first); err != nil {
		p.kill()
		return nil, err
	}
	return &farRelay{process: p, addresses: first.Addresses}, nil
}

// tell gives an order; the zero order only asks. The answer is how many messages were kept so far.
func (r *farRelay) tell(told order) (messages int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	line, err := json.Marshal(told)
	if err != nil {
		return 0, err
	}
	var answer relayAnswer
	if err := r.ask(string(line), &answer); err != nil {
		return 0, err
	}
	if answer.Error != "" {
		return 0, errors.New(answer.Error)
	}
	return answer.Messages, nil
}
