package trial

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is this program once more, under another command.
type process struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
	ended chan struct{} // closed when it has ended, and err is set
	err   error
}

// start starts self with args. env nil means the environment of this process. What it says as an error goes where ours goes.
func start(self string, env []string, args ...string) (*process, error) {
	return startAside(self, env, os.Stderr, args...)
}

// startAside is start for a process whose errors go to a file.
func startAside(self string, env []string, errors *os.File, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(self, args...), ended: make(chan struct{})}
	p.cmd.Args[0] = "holdfast" // whatever the file is called
	p.cmd.Env = env
	p.cmd.Stderr = errors
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s %s: %w", filepath.Base(self), strings.Join(args, " "), err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// hear reads one line of JSON that the process says.
func (p *process) hear(v any) error {
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("%s says nothing: %w", p.cmd.Args[1], err)
	}
	return json.Unmarshal(line, v)
}

// ask says one line and reads the answer.
func (p *process) ask(line string, v any) error {
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		return fmt.Errorf("%s does not listen: %w", p.cmd.Args[1], err)
	}
	return p.hear(v)
}

// stop ends the process in good order, within patience, else at once.
func (p *process) stop(patience time.Duration) error {
	p.in.Close()
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
		return p.err
	case <-time.After(patience):
		p.kill()
		return errors.New(p.cmd.Args[1] + " did not end in time")
	}
}

// kill ends it as a power cut would.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

// cpu is the processor time that a process has used, in user and system mode, and with reaped that of its children that have
// ended. It is counted in the system's ticks, 10 ms as a rule.
func cpu(pid int, reaped bool) (time.Duration, error) {
	fields, err := stat(pid)
	if err != nil {
		return 0, err
	}
	n := 2
	if reaped {
		n = 4
	}
	var ticks int64
	for _, f := range fields[11 : 11+n] { // utime stime cutime cstime, proc(5)
		t, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += t
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

// ticksPerSecond is USER_HZ, which is 100 on every Linux that Go runs on.
const ticksPerSecond = 100

// stat reads /proc/PID/stat from the third field on: the second, the program's name, may hold anything.
func stat(pid int) ([]string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, fmt.Errorf("the processor time of process %d cannot be read (this needs Linux): %w", pid, err)
	}
	i := strings.LastIndexByte(string(text), ')')
	fields := strings.Fields(string(text[i+1:]))
	if len(fields) < 15 {
		return nil, fmt.Errorf("/proc/%d/stat is not as proc(5) says", pid)
	}
	return fields, nil
}

// parent is the process that started pid.
func parent(pid int) (int, error) {
	fields, err := stat(pid)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(fields[1])
}

// familyCPU is the processor time of a process and all its children, those that have ended included.
func familyCPU(pid int) (time.Duration, error) {
	total, err := cpu(pid, true)
	if err != nil {
		return 0, err
	}
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, dir := range dirs {
		child, _ := strconv.Atoi(filepath.Base(dir))
		if up, err := parent(child); err != nil || up != pid {
			continue // not ours, or gone since: then it is counted with its parent the next time
		}
		t, err := cpu(child, false)
		if err == nil {
			total += t
		}
	}
	return total, nil
}

// peakMemory is the most memory that a process has had at once (VmHWM), in bytes.
func peakMemory(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("the memory of process %d cannot be read (this needs Linux): %w", pid, err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("/proc/%d/status has no VmHWM", pid)
}
