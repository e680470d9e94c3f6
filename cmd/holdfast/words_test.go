package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/seal"
)

// The last net under the logs: whatever a room hands over, no address, token or password is written (D1), and a line stays a
// line (D5).
func TestD1_LogsHoldNoSecret(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	if err := seal.Generate(&file); err != nil {
		t.Fatal(err)
	}
	ring, err := seal.Parse(strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	links, err := campaigns.NewLinks(ring)
	if err != nil {
		t.Fatal(err)
	}
	token := links.Report.Make(7, 9)
	for _, json := range []string{asText, asJSON} {
		var out bytes.Buffer
		log := newLog(&out, logFormat{format: json, level: slog.LevelDebug})
		log.Info("mail to mira@members.example refused", "to", "<mira@members.example>", "url", "https://act.refnet.example/u/"+token,
			"error", fmt.Errorf("550 mira@members.example: %w", errors.New("no such user jon.o'neil+x@members.example")),
			"database", "postgres://holdfast:hush-hush@db/x", "many", []string{"mira@members.example"},
			slog.Group("inner", "address", "mira@members.example"), "lines", "one\ntwo\r\nthree\x1b[2J")
		log.With("who", "mira@members.example").WithGroup("g").Warn(token)
		text := out.String()
		for _, secret := range []string{"mira", "neil", token, "hush-hush", "\x1b"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %q:\n%s", json, secret, text)
			}
		}
		if lines := strings.Count(text, "\n"); lines != 2 {
			t.Errorf("%s: %d lines, want 2:\n%s", json, lines, text)
		}
	}
}

func TestLogsKeepWhatIsNoSecret(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := newLog(&out, logFormat{format: asJSON})
	log.Info("ready", "version", "v1.2.3", "worker", true, "after", 3*time.Second, "code", 550, "relay", "relay.refnet.example:587")
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "time")
	want := map[string]any{"level": "INFO", "msg": "ready", "version": "v1.2.3", "worker": true, "after": 3e9, "code": 550.0, "relay": "relay.refnet.example:587"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSendingLine(t *testing.T) {
	t.Parallel()
	eligible := int64(1000)
	for _, c := range []struct {
		receipt campaigns.Receipt
		took    time.Duration
		want    string
	}{
		{campaigns.Receipt{}, 0, "  sending    ······························  0 of 0"},
		{campaigns.Receipt{Eligible: &eligible, Accepted: 498, Refused: 1, Skipped: map[string]int64{"left": 1}, Queued: 500}, 5 * time.Second,
			"  sending    █████████████▒×···············  500 of 1,000  100/s  5s left"},
		{campaigns.Receipt{Eligible: &eligible, Accepted: 996, Refused: 1, Skipped: map[string]int64{"left": 1}, Unknown: 1, Stopped: 1}, time.Millisecond,
			"  sending    ██████████████████████████▒×?-  1,000 of 1,000"},
	} {
		if got := sendingLine(c.receipt, c.took); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -999: "-999"} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
	if got := bar(0.5, 4) + bar(-1, 2) + bar(7, 2); got != "██··"+"··"+"██" {
		t.Errorf("bars are %q", got)
	}
	if got := fit("███·", 3) + "|" + fit("ab", 3) + "|" + fit("ab", 0); got != "██|ab|" {
		t.Errorf("fitted are %q", got)
	}
	if got := oneLine(" a\r\nb\x1b[2Jc\u009bd "); got != "a  b[2Jcd" {
		t.Errorf("one line is %q", got)
	}
}

// Where lines cannot be written over, what takes a moment shows nothing, and a log is written as it is.
func TestProgressOffATerminal(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := newProgressLine(f)
	p.show("one")
	fmt.Fprintln(p, "log")
	p.lastAt = p.lastAt.Add(-plainEvery)
	p.show("two")
	p.show("three")
	p.end()
	text, err := os.ReadFile(f.Name())
	if err != nil || string(text) != "log\ntwo\n" {
		t.Errorf("wrote %q, %v, want the log and one line", text, err)
	}
}

// On a terminal there is one line, which a log does not break.
func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := newProgressLine(f)
	p.live = true
	p.show("one")
	fmt.Fprintln(p, "log")
	p.show("two")
	p.end()
	p.end()
	text, err := os.ReadFile(f.Name())
	want := clearLine + "one" + clearLine + "log\n" + "one" + clearLine + "two" + clearLine
	if err != nil || string(text) != want {
		t.Errorf("wrote %q, %v, want %q", text, err, want)
	}
}
