package postgres

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// bindToParent has the kernel send cmd a SIGINT (fast shutdown) when the thread that starts it ends, and
// so also when this process is killed.
func bindToParent(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGINT }

// watchParent has nothing to do where the kernel does it.
func watchParent(serverUser, *os.Process) (ended func(), err error) { return func() {}, nil }

// commandName returns the name of a running program, "" where none runs under that number.
func commandName(pid int) string {
	name, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(name))
}
