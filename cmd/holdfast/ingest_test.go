package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/seal"
	"holdfast/members"
)

func TestIngestTakesAMailOnceAndEndsWithACodeThatMailServersKnow(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	database := dbtest.URL(t)
	keys := filepath.Join(t.TempDir(), "keys")
	must(seal.Create(keys))
	ring, err := seal.Open(keys)
	must(err)
	links, err := campaigns.NewLinks(ring)
	must(err)
	pool, err := pgxpool.New(ctx, database)
	must(err)
	t.Cleanup(pool.Close)
	list := &members.Store{DB: pool, Ring: ring}
	m, err := list.Add(ctx, audit.System(), members.New{Address: "m@mail.example", Language: "en",
		Consent: members.Consent{Source: "test", GivenOn: time.Now().AddDate(0, -1, 0), Words: "Write to me."}})
	must(err)
	address := "u+" + links.Unsubscribe.Make(7, m.ID) + "@returns.refnet.example"
	env := append(os.Environ(), "HOLDFAST_DATABASE_URL="+database, "HOLDFAST_KEY_FILE="+keys, "HOLDFAST_ORGANISATION=RefNet",
		"HOLDFAST_RETURN_DOMAIN=returns.refnet.example", "HOLDFAST_REPLY_DOMAIN=answers.refnet.example")
	bin := installed(t)
	ingest := func(stdin string, extra []string, args ...string) (int, string, string) {
		t.Helper()
		command := exec.CommandContext(ctx, filepath.Join(bin, "holdfast"), append([]string{"ingest"}, args...)...)
		command.Env = append(append([]string{}, env...), extra...)
		command.Stdin = strings.NewReader(stdin)
		var out, said bytes.Buffer
		command.Stdout, command.Stderr = &out, &said
		err := command.Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return command.ProcessState.ExitCode(), out.String(), said.String()
	}
	const mail = "From: m@mail.example\nSubject: unsubscribe\n\nPlease.\n"
	for name, c := range map[string]struct {
		stdin string
		extra []string
		args  []string
		want  int
	}{
		"no recipient":           {mail, nil, nil, exitNoUser},
		"another domain":         {mail, nil, []string{"--to", "x@elsewhere.example"}, exitNoUser},
		"a forged token":         {mail, nil, []string{"--to", "l+aaaa@answers.refnet.example"}, exitNoUser},
		"no mail":                {"hello there\n\nno header", nil, []string{"--to", address}, exitBadMail},
		"no database":            {mail, []string{"HOLDFAST_DATABASE_URL=postgres://nobody@127.0.0.1:1/gone?connect_timeout=1"}, []string{"--to", address}, exitTryLater},
		"a setting that is gone": {mail, []string{"HOLDFAST_RETURN_DOMAIN="}, []string{"--to", address}, exitTryLater},
		"a file that is gone":    {mail, nil, []string{"--to", address, "/nowhere/mail"}, exitTryLater},
		"too large":              {mail + strings.Repeat("x", mostIngested), nil, []string{"--to", address}, exitBadMail},
	} {
		if code, out, said := ingest(c.stdin, c.extra, c.args...); code != c.want {
			t.Errorf("%s: exit %d, want %d\n%s%s", name, code, c.want, out, said)
		} else if strings.Contains(said, "m@mail.example") || strings.Contains(said, address) {
			t.Errorf("%s: it says an address:\n%s", name, said)
		}
	}
	if got, err := list.Get(ctx, m.ID); err != nil || got.State != members.Subscribed {
		t.Fatalf("a mail that was refused took the member off: %v, %v", got.State, err)
	}
	file := filepath.Join(t.TempDir(), "mail")
	must(os.WriteFile(file, []byte("Delivered-To: someone@elsewhere.example\nX-Original-To: <"+strings.ToUpper(address)+">\nReturn-Path: <m@mail.example>\n"+mail), 0o600))
	for range 2 {
		code, out, said := ingest("", nil, "--json", file)
		var results []ingested
		if code != 0 || json.Unmarshal([]byte(out), &results) != nil || len(results) != 1 || !results[0].Taken {
			t.Fatalf("exit %d\n%s%s", code, out, said)
		}
	}
	if got, err := list.Get(ctx, m.ID); err != nil || got.State != members.Left {
		t.Errorf("the member is %s, %v, want left", got.State, err)
	}
	code, out, _ := ingest("", nil, "--help")
	for _, want := range []string{"master.cf", "75", "67"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("the help does not say %q:\n%s", want, out)
		}
	}
}
