package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// process is a program that ends with us.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{} // closed once it has ended
	err    error         // how it ended; valid once exited is closed
}

// startProcess starts cmd on a thread that lives as long as it does: the parent-death signal is sent
// when the thread that made the child ends, not only when the process does.
func startProcess(u serverUser, cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, exited: make(chan struct{})}
	bindToParent(cmd)
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		ended, err := watchParent(u, cmd.Process)
		if err != nil {
			cmd.Process.Kill()
			cmd.Wait()
			started <- err
			return
		}
		started <- nil
		p.err = cmd.Wait()
		ended()
		close(p.exited)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// stop ends the server: in good order while ctx lasts, then at once.
func (p *process) stop(ctx context.Context) error {
	if err := p.signal(syscall.SIGINT); err != nil {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-ctx.Done():
	}
	if err := p.signal(syscall.SIGQUIT); err != nil {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(quitPatience):
		return fmt.Errorf("the database server (process %d) does not stop", p.cmd.Process.Pid)
	}
}

// killAll ends the program and whatever it has started at once, and returns when the program has ended. What it started may
// take a moment longer: nobody waits for a grandchild.
func (p *process) killAll() error {
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("cannot end %s: %w", p.cmd.Path, err)
	}
	<-p.exited
	return nil
}

func (p *process) signal(signal syscall.Signal) error {
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("cannot stop the database server: %w", err)
	}
	return nil
}
