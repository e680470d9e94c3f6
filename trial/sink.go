package trial

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"time"

	"holdfast/internal/smtpsink"
)

// SinkOptions say how a sink behaves that runs as a process of its own.
type SinkOptions struct {
	Delay time.Duration // that each byte takes, each way
	// Certificate is the file that the certificate is written to which the sink has made for itself; "" for no TLS. With it TLS begins
	// with the first byte.
	Certificate string
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
	options := smtpsink.Options{Discard: true, Delay: o.Delay}
	if o.Certificate != "" {
		own, _, err := smtpsink.Certificate("127.0.0.1", time.Now().AddDate(0, 0, 1))
		if err != nil {
			return err
		}
		options.TLS, options.Implicit = &tls.Config{Certificates: []tls.Certificate{own}}, true
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Certificate[0]})
		if err := os.WriteFile(o.Certificate, text, 0o600); err != nil {
			return fmt.Errorf("the certificate of the sink: %w", err)
		}
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
