package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
)

// Where the servers and programs that root starts keep what is theirs: folders that any user can enter.
const (
	rootDataHome  = "/var/lib/holdfast"
	rootCacheHome = "/var/cache/holdfast"
)

// homelessHome is where a user without a home of its own keeps its data: it outlives a restart.
const homelessHome = "/var/tmp"

// DefaultDir returns a folder for the server called name that the server's user can enter, wherever the
// program was started from. dataHome is the value of XDG_DATA_HOME, "" if there is none. It makes nothing.
func DefaultDir(name, dataHome string) (string, error) {
	if os.Geteuid() == 0 {
		return filepath.Join(rootDataHome, name), nil
	}
	if filepath.IsAbs(dataHome) {
		return filepath.Join(dataHome, "holdfast", name), nil
	}
	home, ok := ownHome()
	if !ok {
		return filepath.Join(homelessFolder(), name), nil
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "holdfast", name), nil
	}
	return filepath.Join(home, ".local", "share", "holdfast", name), nil
}

// defaultCacheDir returns a folder for programs that were fetched, which the server's user can enter.
func defaultCacheDir() (string, error) {
	if os.Geteuid() == 0 {
		return rootCacheHome, nil
	}
	if _, ok := ownHome(); !ok {
		return filepath.Join(homelessFolder(), "cache"), nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for fetched programs: %w", err)
	}
	return filepath.Join(cache, "holdfast"), nil
}

// ownHome returns this user's home if it has one that belongs to it.
func ownHome() (string, bool) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", false
	}
	owner, err := ownerOf(home)
	return home, err == nil && owner == os.Geteuid()
}

func homelessFolder() string {
	return filepath.Join(homelessHome, "holdfast-"+strconv.Itoa(os.Geteuid()))
}

// ownerOf returns the user number of what lies at path, and of a link the link's own.
func ownerOf(path string) (int, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("%s: its owner cannot be read on this system", path)
	}
	return int(stat.Uid), nil
}

// makeFolders makes dir and what is missing above it. Root's are open to all to enter, a user's to the
// user alone. Folders that exist are left as they are, but must not belong to another ordinary user
// where they lie open to all (homelessHome), since that user could change what we keep there.
func makeFolders(dir string) error {
	if owner, err := ownerOf(dir); err == nil {
		if filepath.Dir(dir) == homelessHome && owner != os.Geteuid() {
			return fmt.Errorf("%s belongs to another user; remove it, or choose another folder", dir)
		}
		return nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("cannot use the folder %s: %w", dir, err)
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := makeFolders(parent); err != nil {
			return err
		}
	}
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o755
	}
	if err := os.Mkdir(dir, mode); errors.Is(err, os.ErrExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("cannot make the folder %s: %w; choose another one, or make it yourself", dir, err)
	}
	return os.Chmod(dir, mode) // whatever the umask took away
}
