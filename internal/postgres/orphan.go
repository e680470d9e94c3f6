package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// What a server of an earlier start is known by.
const (
	postmasterPID = dataFolder + "/postmaster.pid" // its number, in the first line
	serverCommand = "postgres"                     // its name in the system's list of processes
)

// waitForOrphan returns the server's lock, held. When a server of an earlier start is still there,
// because its parent was killed a moment ago, it waits for that to end, and after a while tells it to.
func (h *home) waitForOrphan(ctx context.Context) (*os.File, error) {
	f, err := h.open(serverLock, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	remind := time.After(orphanPatience)
	for {
		free, err := tryLock(f)
		if free {
			return f, nil
		}
		orphan := h.readNumber(postmasterPID)
		if err == nil {
			select {
			case <-time.After(connectInterval):
			case <-remind:
				err = remindOrphan(orphan)
			case <-ctx.Done():
				err = &InUseError{Dir: h.dir, PID: orphan}
			}
		}
		if err != nil {
			f.Close()
			return nil, err
		}
	}
}

// waitUntilFree returns when no process holds the server's lock: what initdb started outlives it for a moment.
func (h *home) waitUntilFree() error {
	f, err := h.open(serverLock, os.O_RDWR)
	if err != nil {
		return err
	}
	defer f.Close()
	for until := time.Now().Add(quitPatience); time.Now().Before(until); time.Sleep(connectInterval) {
		if free, err := tryLock(f); free || err != nil {
			return err
		}
	}
	return fmt.Errorf("something that initdb started in %s does not end", h.path)
}

// remindOrphan tells a server without a parent to end. Its number comes from a file, so what runs under
// that number must be a server.
func remindOrphan(pid int) error {
	if name := commandName(pid); pid <= 1 || name != serverCommand {
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("an earlier database server (process %d) cannot be stopped: %w", pid, err)
	}
	return nil
}

// dropStalePID removes postmaster.pid when the number in it has gone to another program since, which
// happens in containers; the server would take that program for another server. Nothing of ours runs
// on the data: the server's lock is held. A number that nothing runs under is left for the server to judge.
func (h *home) dropStalePID() error {
	pid := h.readNumber(postmasterPID)
	if name := commandName(pid); pid == 0 || name == "" || name == serverCommand {
		return nil
	}
	if err := h.root.Remove(postmasterPID); err != nil {
		return fmt.Errorf("cannot remove what a killed server left: %w", err)
	}
	return nil
}
