package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"holdfast/internal/dbtest"
)

// terminal is a pseudo-terminal: what is written to keys was typed, what comes back was shown.
type terminal struct {
	keys  *os.File
	tty   *os.File
	shown *shown
}

type shown struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *shown) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *shown) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(keys.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(keys.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{keys: keys, tty: tty, shown: &shown{}}
	go io.Copy(term.shown, keys) //nolint:errcheck // ends with the terminal
	t.Cleanup(func() { tty.Close(); keys.Close() })
	return term
}

// asking is a running "account add" that asks for a password on a terminal. prompts are what it says.
func asking(t *testing.T, on *terminal) (cmd *exec.Cmd, prompts io.Reader) {
	t.Helper()
	keyFile := filepath.Join(t.TempDir(), "keys")
	if out, err := exec.Command(filepath.Join(installed(t), "holdfast"), "key", "new", keyFile).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd = exec.Command(filepath.Join(installed(t), "holdfast"), "account", "add", "ada@staff.example", "--name", "Ada Example", "--role", "tracker")
	cmd.Env = append(os.Environ(), "HOLDFAST_DATABASE_URL="+dbtest.URL(t), "HOLDFAST_KEY_FILE="+keyFile, "HOLDFAST_ORGANISATION=Winterhaven Appeals")
	cmd.Stdin = on.tty
	prompts, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() }) //nolint:errcheck // as a rule it has ended
	return cmd, prompts
}

// await reads until something has been said.
func await(t *testing.T, from io.Reader, said string) {
	t.Helper()
	var text strings.Builder
	buffer := make([]byte, 1)
	for !strings.Contains(text.String(), said) {
		if _, err := from.Read(buffer); err != nil {
			t.Fatalf("%q was not said, but %q: %v", said, text.String(), err)
		}
		text.Write(buffer)
	}
}

func TestD10_PasswordsAreNotShown(t *testing.T) {
	t.Parallel()
	on := newTerminal(t)
	cmd, prompts := asking(t, on)
	for _, prompt := range []string{"password: ", "the same again: "} {
		await(t, prompts, prompt)
		awaitEcho(t, on, false)
		if _, err := on.keys.WriteString("nine quiet herons by the ferry\n"); err != nil {
			t.Fatal(err)
		}
	}
	await(t, prompts, "account 1 is made")
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(on.shown.String(), "herons") {
		t.Errorf("the terminal showed the password: %q", on.shown)
	}
	awaitEcho(t, on, true)
}

func TestInterruptedAtThePromptLeavesTheTerminalAsItWas(t *testing.T) {
	t.Parallel()
	on := newTerminal(t)
	cmd, prompts := asking(t, on)
	await(t, prompts, "password: ")
	awaitEcho(t, on, false)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	await(t, prompts, "holdfast: interrupted")
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitFailed {
		t.Errorf("it ended with %v, want exit code %d", err, exitFailed)
	}
	awaitEcho(t, on, true)
}

// awaitEcho waits until the terminal shows what is typed, or does not.
func awaitEcho(t *testing.T, on *terminal, want bool) {
	t.Helper()
	for range 10_000 { // there is no event for it
		state, err := unix.IoctlGetTermios(int(on.tty.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if (state.Lflag&unix.ECHO != 0) == want {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("echo never became %t; is it a terminal: %t", want, term.IsTerminal(int(on.tty.Fd())))
}
