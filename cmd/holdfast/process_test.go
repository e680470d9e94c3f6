package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is the program running. What it says on standard error is kept, and can be waited for.
type process struct {
	t   testing.TB
	cmd *exec.Cmd

	mu     sync.Mutex
	said   []string
	news   chan struct{} // closed and made anew with each line
	ended  chan struct{}
	stdout io.Reader
}

// patience is how long a test waits for something to happen: far longer than it takes, on a busy machine too.
const patience = 2 * time.Minute

// start starts the program with an environment of its own.
func start(t testing.TB, program string, env []string, user *syscall.Credential, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	p := &process{t: t, cmd: exec.CommandContext(ctx, program, args...), news: make(chan struct{}), ended: make(chan struct{})}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
	p.cmd.Dir = "/"
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if p.stdout, err = p.cmd.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.listen(stderr)
	t.Cleanup(func() {
		cancel()
		<-p.ended
		p.cmd.Wait() //nolint:errcheck // as a rule it has been waited for
		if t.Failed() {
			t.Logf("%s %s said:\n%s", program, strings.Join(args, " "), strings.Join(p.lines(), "\n"))
		}
	})
	return p
}

func (p *process) listen(stderr io.Reader) {
	defer close(p.ended)
	lines := bufio.NewScanner(stderr)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		p.mu.Lock()
		p.said = append(p.said, lines.Text())
		close(p.news)
		p.news = make(chan struct{})
		p.mu.Unlock()
	}
}

func (p *process) lines() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.said...)
}

// await waits until a line on standard error holds text, and returns it.
func (p *process) await(text string) string {
	p.t.Helper()
	limit := time.After(patience)
	for from := 0; ; {
		p.mu.Lock()
		said, news := p.said[from:], p.news
		p.mu.Unlock()
		for _, line := range said {
			if strings.Contains(line, text) {
				return line
			}
		}
		from += len(said)
		select {
		case <-news:
		case <-p.ended:
			p.t.Fatalf("it ended without saying %q", text)
		case <-limit:
			p.t.Fatalf("it did not say %q", text)
		}
	}
}

// exit waits for the end and returns the exit code and what is left of standard output.
func (p *process) exit() (int, string) {
	p.t.Helper()
	out, err := io.ReadAll(p.stdout)
	if err != nil {
		p.t.Fatal(err)
	}
	<-p.ended
	p.cmd.Wait() //nolint:errcheck // the exit code says it
	return p.cmd.ProcessState.ExitCode(), string(out)
}

// terminate asks the program to end and holds it to doing so with exit code 0 and in time.
func (p *process) terminate() {
	p.t.Helper()
	began := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if code, _ := p.exit(); code != exitDone {
		p.t.Errorf("after SIGTERM it exits with %d, want %d", code, exitDone)
	}
	if took := time.Since(began); took > endLimit {
		p.t.Errorf("the end took %v, want at most %v", took, endLimit)
	}
}

// addresses are where a server that logs JSON listens, by setting.
func (p *process) addresses() map[string]string {
	p.t.Helper()
	p.await(`"msg":"ready"`)
	found := map[string]string{}
	for _, line := range p.lines() {
		var entry struct{ Msg, Setting, Address string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			p.t.Fatalf("a line of the log is no JSON: %s", line)
		}
		if entry.Msg == "listening" {
			found[entry.Setting] = entry.Address
		}
	}
	return found
}

// get returns the status and the body of a page.
func get(t testing.TB, url string, header ...string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// openDir returns a folder that every user can enter, and that user owns where one is given.
func openDir(t testing.TB, user *syscall.Credential) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "holdfast-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if user != nil {
		if err := os.Chown(dir, int(user.Uid), int(user.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// copied returns a copy of the program that every user can run.
func copied(t testing.TB) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	path := filepath.Join(openDir(t, nil), "holdfast")
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
