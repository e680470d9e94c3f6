package trial

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"holdfast/internal/smtpsink"
)

// SinkOptions say how a sink behaves that runs as a process of its own.
type SinkOptions struct {
	Listen string        // host:port on loopback; "" for a free port
	Delay  time.Duration // that each byte takes, each way
	Log    string        // the file that gets a line for each event; "" for none
	Fault  func(smtpsink.Event) smtpsink.Action
}

// sinkCount is what a sink process answers when it is asked.
type sinkCount struct {
	Address  string `json:"address,omitempty"`
	Messages int    `json:"messages"`
	Bytes    int64  `json:"bytes"`
}

// ServeSink is the sink process: it writes one line of JSON with its address, then one for each line that it reads, and ends with
// its input.
func ServeSink(o SinkOptions, in io.Reader, out io.Writer) error {
	options := smtpsink.Options{Addr: o.Listen, Discard: true, Delay: o.Delay, Fault: o.Fault}
	if o.Log != "" {
		f, err := os.OpenFile(o.Log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return fmt.Errorf("the log of the sink: %w", err)
		}
		defer f.Close()
		options.Log = f
	}
	sink, err := smtpsink.Start(options)
	if err != nil {
		return err
	}
	defer sink.Close()
	say := json.NewEncoder(out)
	if err := say.Encode(sinkCount{Address: sink.Addr()}); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if err := say.Encode(sinkCount{Messages: sink.Count(), Bytes: sink.Bytes()}); err != nil {
			return err
		}
	}
	return lines.Err()
}

// sink is a sink process, seen from its parent.
type sink struct {
	*process
	address string
}

func startSink(self string, args ...string) (*sink, error) {
	p, err := start(self, nil, append([]string{"trial-sink"}, args...)...)
	if err != nil {
		return nil, err
	}
	var first sinkCount
	if err := p.hear(&first); err != nil {
		p.kill()
		return nil, err
	}
	return &sink{process: p, address: first.Address}, nil
}

func (s *sink) count() (c sinkCount, err error) {
	err = s.ask("count", &c)
	return c, err
}
