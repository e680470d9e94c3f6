package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The two locks of a server's folder.
const (
	keeperLock = "lock"        // held by the process that looks after the server; holds its number
	serverLock = "server.lock" // inherited by the server and all processes of it
)

// InUseError says that another process runs a server on the same folder. The caller may choose another.
type InUseError struct {
	Dir string
	PID int // of the other process; 0 if it is not known
}

// Error names the folder and what to do.
func (e *InUseError) Error() string {
	who := "another process"
	if e.PID != 0 {
		who = fmt.Sprintf("process %d", e.PID)
	}
	return fmt.Sprintf("the database in %s is in use by %s; end that one first, or choose another folder", e.Dir, who)
}

// InUse reports whether a server runs on the folder dir, or is being started or stopped there. A folder
// that is no server's is not in use.
func InUse(dir string) (bool, error) {
	for _, name := range []string{keeperLock, serverLock} {
		f, err := os.Open(filepath.Join(dir, innerFolder, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, fmt.Errorf("cannot tell whether a server runs on %s: %w", dir, err)
		}
		free, err := tryLock(f)
		f.Close()
		if err != nil || !free {
			return !free, err
		}
	}
	return false, nil
}

// tryLock takes the exclusive lock on an open file and reports whether nobody else holds it. The lock
// belongs to the open file: it lasts until every process that has it open has closed it or ended.
func tryLock(f *os.File) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("cannot lock %s: %w", f.Name(), err)
	}
	return true, nil
}

// lockKeeper takes the lock of the process that looks after the server, or returns an InUseError.
func (h *home) lockKeeper() (*os.File, error) {
	f, err := h.open(keeperLock, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	free, err := tryLock(f)
	for try := 0; try < 5 && err == nil && !free; try++ { // InUse holds the lock for a moment
		time.Sleep(connectInterval)
		free, err = tryLock(f)
	}
	if err == nil && !free {
		err = &InUseError{Dir: h.dir, PID: h.readNumber(keeperLock)}
	}
	if err == nil {
		err = writeNumber(f, os.Getpid())
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func writeNumber(f *os.File, number int) error {
	_, err := f.WriteAt([]byte(strconv.Itoa(number)+"\n"), 0)
	return err
}

// readNumber returns the number in the first line of a file, 0 if there is none.
func (h *home) readNumber(name string) int {
	content, err := h.root.ReadFile(name)
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(content), "\n")
	number, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		return 0
	}
	return number
}
