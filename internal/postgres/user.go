package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// serverUser is the user that the server's programs run as.
type serverUser struct {
	name     string
	uid, gid int
	switched bool // another one than this process runs as, so that credentials must be given
}

// chooseUser returns this process's own user or, for root, the first unprivileged one there is. The
// user must stand in the user database: initdb refuses one that does not.
func chooseUser() (serverUser, error) {
	if os.Geteuid() != 0 {
		return userByID(os.Geteuid())
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.Atoi(u.Uid)
		if err != nil {
			return serverUser{}, fmt.Errorf("user %s has no numeric id: %w", name, err)
		}
		return userByID(uid)
	}
	return serverUser{}, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody " +
		"to run it as; make one with: useradd --system postgres")
}

// userByID returns the user of that number, refusing one that this process cannot become.
func userByID(uid int) (serverUser, error) {
	if uid == 0 {
		return serverUser{}, errors.New("PostgreSQL does not run as root")
	}
	u, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		return serverUser{}, fmt.Errorf("PostgreSQL needs a user that the system knows; number %d has no entry: %w", uid, err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return serverUser{}, fmt.Errorf("the group of user %s is not a number: %w", u.Username, err)
	}
	if os.Geteuid() != 0 && uid != os.Geteuid() {
		return serverUser{}, fmt.Errorf("only root can run a program as user %s", u.Username)
	}
	return serverUser{name: u.Username, uid: uid, gid: gid, switched: os.Geteuid() == 0}, nil
}

// command makes a command that runs as u in dir, in a process group of its own: Ctrl-C on the terminal
// is for us, and we end the server once nobody needs it any more. Its environment is small and fixed;
// ours may hold secrets.
func (u serverUser) command(dir, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if u.switched {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(u.uid), Gid: uint32(u.gid), Groups: []uint32{}}
	}
	return cmd
}

// Unprivileged makes a command that runs as the user whom a server of ours would run as: for programs that, like PostgreSQL, refuse
// to run as root. Credentials are set in it where that is another user than this process's own.
func Unprivileged(dir, program string, args ...string) (*exec.Cmd, error) {
	u, err := chooseUser()
	if err != nil {
		return nil, err
	}
	return u.command(dir, program, args...), nil
}

// UnreachableError says that the folder of a server lies where the server's user cannot go.
type UnreachableError struct {
	Dir     string // the folder that was asked for
	Blocked string // the folder on the way to it, or itself, that the user cannot enter
	User    string // the user that the server runs as
	Instead string // a folder that would do
}

// Error names the folder, the reason, and the remedy.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("the database server runs as user %s, which cannot enter %s, so it cannot keep its data in %s; "+
		"choose a folder that it can enter, such as %s",
		e.User, e.Blocked, e.Dir, e.Instead)
}

// checkReach makes sure that u can enter dir, or, where dir is not there yet, the nearest folder above
// that is. It tries for real, since mode bits are not the whole truth (access lists, containers).
func (u serverUser) checkReach(dir string) error {
	near := dir
	for ; ; near = filepath.Dir(near) {
		if _, err := os.Stat(near); !errors.Is(err, os.ErrNotExist) {
			break
		}
	}
	if err := u.enter("/"); err != nil {
		return fmt.Errorf("cannot run a program as user %s: %w", u.name, err)
	}
	err := u.enter(near)
	if err == nil {
		return nil
	}
	if !errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("user %s cannot enter %s: %w", u.name, near, err)
	}
	blocked := near
	for up := filepath.Dir(near); up != "/" && u.enter(up) != nil; up = filepath.Dir(up) {
		blocked = up
	}
	instead, err := DefaultDir(filepath.Base(dir), "")
	if err != nil {
		return err
	}
	return &UnreachableError{Dir: dir, Blocked: blocked, User: u.name, Instead: instead}
}

// enter runs a command that does nothing, as u, in dir. The working directory is set after the user.
func (u serverUser) enter(dir string) error {
	return u.command(dir, "/bin/sh", "-c", ":").Run()
}
