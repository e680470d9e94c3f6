package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"holdfast/internal/dbtest"
)

// TestMain runs the real main where the test binary is called holdfast, which is what the scripts do.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "holdfast" {
		main()
	}
	dbtest.Main(m)
}

// installed returns a folder with the program in it.
func installed(t testing.TB) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "holdfast")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestScripts runs each file of testdata: what is typed, what is printed, how it exits. Beside the commands of testscript
// there are
//
//	exits CODE COMMAND...   runs a command and holds it to its exit code
//	database [empty]        a database of the script's own, in HOLDFAST_DATABASE_URL
//	relay KIND              a relay, in HOLDFAST_SMTP_URL; the kinds are in relay_test.go
//	mode FILE OCTAL         sets the rights of a file; has-mode holds it to them
//	dkim-key FILE           makes a key to sign with
//	case-file FILE [altered] makes a case file
func TestScripts(t *testing.T) {
	t.Parallel()
	bin := installed(t)
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, testscript.Params{Files: []string{file}, RequireExplicitExec: true,
				Setup: func(env *testscript.Env) error {
					env.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
					return nil
				},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"exits":    exits,
					"mode":     setMode,
					"has-mode": hasMode,
					"dkim-key": makeSigningKey,

					"case-file": makeCaseFile,
					"database":  func(ts *testscript.TestScript, _ bool, args []string) { giveDatabase(t, ts, args) },
					"relay":     func(ts *testscript.TestScript, _ bool, args []string) { giveRelay(t, ts, args) },
				}})
		})
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("%s exits with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

func giveDatabase(t *testing.T, ts *testscript.TestScript, args []string) {
	if len(args) == 1 && args[0] == "empty" {
		ts.Setenv("HOLDFAST_DATABASE_URL", dbtest.EmptyURL(t))
		return
	}
	ts.Setenv("HOLDFAST_DATABASE_URL", dbtest.URL(t))
}

func setMode(ts *testscript.TestScript, _ bool, args []string) {
	file, mode := modeOf(ts, args)
	ts.Check(os.Chmod(file, mode))
}

func hasMode(ts *testscript.TestScript, _ bool, args []string) {
	file, want := modeOf(ts, args)
	info, err := os.Stat(file)
	ts.Check(err)
	if got := info.Mode().Perm(); got != want {
		ts.Fatalf("%s has the rights %v, want %v", args[0], got, want)
	}
}

func modeOf(ts *testscript.TestScript, args []string) (string, os.FileMode) {
	if len(args) != 2 {
		ts.Fatalf("usage: mode FILE OCTAL")
	}
	mode, err := strconv.ParseUint(args[1], 8, 9)
	ts.Check(err)
	return ts.MkAbs(args[0]), os.FileMode(mode)
}

func makeSigningKey(ts *testscript.TestScript, _ bool, args []string) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	ts.Check(err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
}
