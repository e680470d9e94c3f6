package mailer

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/internal/failure"
)

func TestParseRelays(t *testing.T) {
	t.Parallel()
	got, err := ParseRelays("smtp://us%40er:p%2Css%40@one.example, smtps://two.example?weight=3&conns=2&rate=90/m smtp+insecure://127.0.0.1:2525?rate=10\n" +
		"smtp+insecure://[::1]")
	if err != nil {
		t.Fatal(err)
	}
	want := []Relay{
		{Name: "one.example:587", Host: "one.example", Port: 587, User: "us@er", Password: "p,ss@", Security: StartTLS, Weight: 1, Conns: 8},
		{Name: "two.example:465", Host: "two.example", Port: 465, Security: TLS, Weight: 3, Conns: 2, Rate: 1.5},
		{Name: "127.0.0.1:2525", Host: "127.0.0.1", Port: 2525, Security: Insecure, Weight: 1, Conns: 8, Rate: 10},
		{Name: "[::1]:25", Host: "::1", Port: 25, Security: Insecure, Weight: 1, Conns: 8},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEveryMistakeInTheRelaysIsToldAtOnceWithoutThePassword(t *testing.T) {
	t.Parallel()
	const secret = "hunter2secret"
	mistakes := []string{
		"http://u:" + secret + "@a.example",
		"smtp://u:" + secret + "@b.example:99999",
		"smtp://u:" + secret + "@c.example:x",
		"smtp://u:" + secret + "%zz@d.example",
		"smtp+insecure://u:" + secret + "@e.example",
		"smtp://u@f.example",
		"smtp://:" + secret + "@g.example",
		"smtp://u:" + secret + "@h.example/path",
		"smtp://i.example?weight=0&conns=x&rate=-1",
		"smtp://j.example?rate=5/d",
		"smtp://k.example?wieght=2",
		"smtp://l.example?weight=1&weight=2",
		"smtp://m.example", "smtp://m.example:587",
		"smtp://",
	}
	_, err := ParseRelays(strings.Join(mistakes, ","))
	if !failure.Is(err, failure.Invalid) {
		t.Fatalf("ParseRelays = %v, want Invalid", err)
	}
	for i := range mistakes {
		if i != 12 && !strings.Contains(err.Error(), fmt.Sprintf("relay %d:", i+1)) {
			t.Errorf("relay %d (%s) is not named", i+1, mistakes[i])
		}
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("the error shows the password: %v", err)
	}
	for _, empty := range []string{"", " , "} {
		if _, err := ParseRelays(empty); !failure.Is(err, failure.Invalid) {
			t.Errorf("ParseRelays(%q) = %v", empty, err)
		}
	}
}

func TestPasswordIsNeverPrinted(t *testing.T) {
	t.Parallel()
	relays, err := ParseRelays("smtp://u:hunter2secret@a.example")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		fmt.Fprintf(&b, verb, relays)
		fmt.Fprintf(&b, verb, relays[0].Password)
	}
	text, err := json.Marshal(relays)
	if err != nil {
		t.Fatal(err)
	}
	b.Write(text)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "relay", relays[0], "password", relays[0].Password)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "relay", relays[0], "password", relays[0].Password)
	for _, shown := range []string{"hunter2", fmt.Sprintf("%x", "hunter2")} {
		if strings.Contains(b.String(), shown) {
			t.Errorf("printed: %s", b.String())
		}
	}
}
