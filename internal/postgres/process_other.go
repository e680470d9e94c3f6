//go:build unix && !linux

package postgres

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// bindToParent has nothing to do where the system has no parent-death signal; watchParent does it.
func bindToParent(*exec.Cmd) {}

// watchParent starts a shell that waits on a pipe held by this process alone, and sends the server a
// SIGINT (fast shutdown) when the pipe closes without a word, which is when this process is killed.
// ended must be called once the server has ended: it sends that word.
func watchParent(u serverUser, server *os.Process) (ended func(), err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("no pipe to watch over the server: %w", err)
	}
	defer read.Close()
	cmd := u.command("/", "/bin/sh", "-c", `read word || kill -INT "$0"`, strconv.Itoa(server.Pid))
	cmd.Stdin = read
	if err := cmd.Start(); err != nil {
		write.Close()
		return nil, fmt.Errorf("nothing watches over the server: %w", err)
	}
	return func() {
		write.WriteString("ended\n")
		write.Close()
		cmd.Wait()
	}, nil
}

// commandName returns the name of a running program, "" where none runs under that number.
func commandName(pid int) string {
	out, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return filepath.Base(strings.TrimSpace(string(out)))
}
