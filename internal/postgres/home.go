package postgres

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// What lies in the folder of a server; see the package comment.
const (
	innerFolder  = "postgres"
	markFile     = "holdfast.txt"
	dataFolder   = "data"
	unfinished   = "data.part"
	passwordFile = "password"
	logFile      = "server.log"
	socketFolder = "run"
	elsewhere    = "run.elsewhere" // names the socket folder of the last start where it is not socketFolder
)

const markText = `holdfast made this folder for a PostgreSQL server of its own and keeps all of its data here.
data is an ordinary data directory of the major version that data/PG_VERSION names.
`

// home is the folder of one server that is ours: everything in it was made by us.
type home struct {
	dir  string // as the caller named it, absolute
	path string // dir/postgres
	user serverUser
	root *os.Root // of path; nothing outside can be reached through it, whatever links the server's user made
}

// openHome opens the folder of a server and makes it where there is none. The server runs as the user
// that the folder belongs to, so that it does not matter who starts it the next time.
func openHome(dir string) (*home, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("the folder of the database: %w", err)
	}
	h := &home{dir: dir, path: filepath.Join(dir, innerFolder)}
	owner, err := ownerOf(h.path)
	there := err == nil
	if there {
		if h.user, err = userByID(owner); err != nil {
			return nil, fmt.Errorf("%s cannot be used: %w; start it as the user it belongs to, or choose another folder", h.path, err)
		}
	} else if h.user, err = chooseUser(); err != nil {
		return nil, err
	}
	if err := h.user.checkReach(dir); err != nil {
		return nil, err
	}
	if !there {
		if err := h.make(); err != nil {
			return nil, err
		}
	}
	if h.root, err = os.OpenRoot(h.path); err != nil {
		return nil, fmt.Errorf("cannot open the folder of the database: %w", err)
	}
	if _, err := h.root.Lstat(markFile); err != nil {
		h.root.Close()
		return nil, fmt.Errorf("%s is there but was not made by holdfast (no %s in it); choose another folder", h.path, markFile)
	}
	return h, nil
}

// make makes the folder under another name and renames it, so that it is never seen half made. When
// another process is faster, its folder is the one.
func (h *home) make() error {
	if err := makeFolders(h.dir); err != nil {
		return err
	}
	if err := h.user.checkReach(h.dir); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(h.dir, ".postgres-")
	if err != nil {
		return fmt.Errorf("cannot write in the folder %s: %w; choose another one", h.dir, err)
	}
	defer os.RemoveAll(fresh) // there is nothing left to remove once it is renamed
	if err := os.WriteFile(filepath.Join(fresh, markFile), []byte(markText), 0o644); err != nil {
		return fmt.Errorf("the folder of the database: %w", err)
	}
	if h.user.switched {
		if err := os.Lchown(fresh, h.user.uid, h.user.gid); err != nil {
			return fmt.Errorf("the folder of the database: %w", err)
		}
	}
	if err := os.Rename(fresh, h.path); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("the folder of the database: %w", err)
	}
	return nil
}

func (h *home) close() { h.root.Close() }

// open opens a file of the folder, and makes it, for the server's user alone, where there is none.
func (h *home) open(name string, flags int) (*os.File, error) {
	f, err := h.root.OpenFile(name, flags|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		f, err = h.root.OpenFile(name, flags, 0)
	} else if err == nil && h.user.switched {
		err = f.Chown(h.user.uid, h.user.gid)
	}
	if err != nil {
		return nil, fmt.Errorf("the folder of the database: %w", err)
	}
	return f, nil
}

// password returns the password of the server's role; the first start makes one up.
func (h *home) password() (string, error) {
	content, err := h.root.ReadFile(passwordFile)
	if err == nil && len(content) > 0 {
		return strings.TrimSpace(string(content)), nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("the password of the database: %w", err)
	}
	if h.initialised() {
		return "", fmt.Errorf("the password of the database is gone: put it back into %s", filepath.Join(h.path, passwordFile))
	}
	f, err := h.open(passwordFile, os.O_WRONLY)
	if err != nil {
		return "", err
	}
	password := rand.Text()
	_, err = f.WriteString(password + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("the password of the database: %w", err)
	}
	return password, nil
}

// initialised reports whether there is a data directory.
func (h *home) initialised() bool {
	_, err := h.root.Lstat(dataFolder)
	return err == nil
}

// dataVersion returns the major version that the data directory was made by, 0 if there is none yet.
func (h *home) dataVersion() (int, error) {
	if !h.initialised() {
		return 0, nil
	}
	version := h.readNumber(filepath.Join(dataFolder, "PG_VERSION"))
	if version == 0 {
		return 0, fmt.Errorf("%s has no readable PG_VERSION, so it is not a whole data directory; "+
			"put a backup in its place, or move it away to begin anew", h.dataPath())
	}
	return version, nil
}

func (h *home) dataPath() string { return filepath.Join(h.path, dataFolder) }

// longestSocketFolder leaves room for the socket's name: the whole path must stay under 100 bytes
// (sun_path holds 104 on some systems).
const longestSocketFolder = 99 - len("/.s.PGSQL.5432")

// socketPath returns the folder for the socket and makes it. Where our own folder's path is too long for
// a socket, or has characters that a connection setting would read as something else, it is a fresh
// folder among the temporary ones.
func (h *home) socketPath() (string, error) {
	if err := h.forgetSockets(); err != nil {
		return "", err
	}
	own := filepath.Join(h.path, socketFolder)
	if len(own) <= longestSocketFolder && plainPath(own) {
		if err := h.root.Mkdir(socketFolder, 0o700); errors.Is(err, os.ErrExist) {
			return own, nil
		} else if err != nil {
			return "", fmt.Errorf("the folder of the socket: %w", err)
		}
		return own, h.give(own)
	}
	for _, parent := range []string{os.TempDir(), "/tmp"} {
		if h.user.enter(parent) != nil {
			continue
		}
		short, err := os.MkdirTemp(parent, "holdfast-")
		if err != nil {
			continue
		}
		if len(short) > longestSocketFolder || !plainPath(short) {
			os.Remove(short)
			continue
		}
		err = h.root.WriteFile(elsewhere, []byte(short+"\n"), 0o600)
		return short, errors.Join(err, h.give(short))
	}
	return "", fmt.Errorf("the path of %s is too long for a socket, and no temporary folder will do; choose a shorter one", h.dir)
}

// give makes the server's user the owner of a folder that we have just made.
func (h *home) give(path string) error {
	if !h.user.switched {
		return nil
	}
	if err := os.Lchown(path, h.user.uid, h.user.gid); err != nil {
		return fmt.Errorf("the folder of the socket: %w", err)
	}
	return nil
}

// forgetSockets removes the temporary folder that the last start made for its socket, where it made one.
func (h *home) forgetSockets() error {
	content, err := h.root.ReadFile(elsewhere)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the folder of the socket: %w", err)
	}
	folder := strings.TrimSpace(string(content))
	if owner, err := ownerOf(folder); err == nil && owner == h.user.uid && strings.HasPrefix(filepath.Base(folder), "holdfast-") {
		os.Remove(filepath.Join(folder, ".s.PGSQL.5432"))
		os.Remove(filepath.Join(folder, ".s.PGSQL.5432.lock"))
		os.Remove(folder) // which fails, rightly, if anything else is in it
	}
	return h.root.Remove(elsewhere)
}

// plainPath reports whether path means itself in a list of folders, of hosts, and in an address.
func plainPath(path string) bool {
	return strings.IndexFunc(path, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+", r))
	}) < 0
}
