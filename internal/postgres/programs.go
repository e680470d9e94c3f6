package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// Programs are the server programs of one PostgreSQL.
type Programs struct {
	BinDir  string // the folder of initdb and postgres; "" where they have yet to be fetched
	Version string // as "15.13"
	Major   int
	Origin  string // where they come from, in words for the reader
}

// String says which programs these are, and from where.
func (p Programs) String() string {
	if p.BinDir == "" {
		return fmt.Sprintf("PostgreSQL %s (%s)", p.Version, p.Origin)
	}
	return fmt.Sprintf("PostgreSQL %s in %s (%s)", p.Version, p.BinDir, p.Origin)
}

// machinePlaces are the folders, as patterns, where packages put the server's programs.
var machinePlaces = []string{
	"/usr/lib/postgresql/*/bin",         // Debian, Ubuntu
	"/usr/pgsql-*/bin",                  // PostgreSQL's own packages for RHEL and its kin
	"/usr/lib/postgresql[0-9]*/bin",     // SUSE
	"/usr/libexec/postgresql[0-9]*",     // Alpine
	"/usr/local/pgsql/bin",              // built from source
	"/opt/homebrew/opt/postgresql*/bin", // Homebrew
	"/usr/local/opt/postgresql*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// search is one look for server programs.
type search struct {
	binDir   string   // the explicit setting, "" for none
	places   []string // patterns of folders on the machine
	cacheDir string   // where fetched programs are kept
	user     serverUser
	data     int // the major version that a data directory needs, 0 for any
	dataPath string
	progress func(string)
}

// run returns the programs to use; with fetch it gets them through npm where there is no other way.
// The order: the explicit setting, the newest that fits on this machine, the pinned bundle.
func (s search) run(ctx context.Context, fetch bool) (Programs, error) {
	if s.binDir != "" {
		found, err := programsIn(s.binDir, s.user, "the setting")
		if err != nil {
			return Programs{}, fmt.Errorf("the PostgreSQL programs that were set: %w", err)
		}
		if !s.fits(found) {
			return Programs{}, s.misfit([]Programs{found})
		}
		return found, nil
	}
	var best Programs
	machine := s.onMachine()
	for _, p := range machine {
		if s.fits(p) && newer(p, best) {
			best = p
		}
	}
	if best.Major != 0 {
		return best, nil
	}
	if s.data != 0 && s.data != bundleMajor {
		return Programs{}, s.misfit(machine)
	}
	bundle, err := s.bundle()
	if err != nil || bundle.BinDir != "" || !fetch {
		return bundle, err
	}
	return s.fetchBundle(ctx)
}

func (s search) fits(p Programs) bool {
	if s.data != 0 {
		return p.Major == s.data
	}
	return p.Major >= Oldest
}

func newer(a, b Programs) bool {
	if a.Major != b.Major {
		return a.Major > b.Major
	}
	return minorOf(a.Version) > minorOf(b.Version)
}

// misfit says why none of the programs found will do.
func (s search) misfit(found []Programs) error {
	versions := make([]string, len(found))
	for i, p := range found {
		versions[i] = p.String()
	}
	have := "there is none here"
	if len(found) > 0 {
		have = "here is " + strings.Join(versions, ", ")
	}
	if s.data == 0 {
		return fmt.Errorf("PostgreSQL %d or newer is needed; %s", Oldest, have)
	}
	return &VersionError{DataDir: s.dataPath, Data: s.data, Have: have}
}

// VersionError says that data was made by a major version of PostgreSQL that is not here. Nothing was
// done to the data.
type VersionError struct {
	DataDir string
	Data    int    // the major version that made the data
	Have    string // what is here instead, in words
}

// Error names the versions and the ways out.
func (e *VersionError) Error() string {
	return fmt.Sprintf("the data in %s was made by PostgreSQL %d and only that version can open it; %s. "+
		"Nothing was changed. Install PostgreSQL %d beside the other (it will be found), or, to move to a newer version, "+
		"dump the data with the programs of version %d (pg_dump), start on an empty folder, and load the dump",
		e.DataDir, e.Data, e.Have, e.Data, e.Data)
}

// onMachine returns every set of programs on this machine that the server's user can run.
func (s search) onMachine() []Programs {
	var dirs []string
	for _, program := range []string{"postgres", "initdb", "pg_ctl"} {
		if path, err := exec.LookPath(program); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, place := range s.places {
		matches, err := filepath.Glob(place)
		if err != nil {
			continue // our own patterns are well formed
		}
		dirs = append(dirs, matches...)
	}
	var found []Programs
	seen := map[string]bool{}
	for _, dir := range dirs {
		if seen[resolve(dir)] {
			continue
		}
		seen[resolve(dir)] = true
		if p, err := programsIn(dir, s.user, "found on this machine"); err == nil {
			found = append(found, p)
		}
	}
	return found
}

// resolve returns the folder that really holds the server, behind links such as those in /usr/local/bin.
func resolve(dir string) string {
	path, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
	if err != nil {
		return dir
	}
	return filepath.Dir(path)
}

// programsIn looks at the programs in a folder, as the user that will run them.
func programsIn(dir string, u serverUser, origin string) (Programs, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Programs{}, err
	}
	dir = resolve(dir)
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return Programs{}, fmt.Errorf("no initdb in %s: %w", dir, err)
	}
	out, err := u.command("/", filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return Programs{}, fmt.Errorf("user %s cannot run %s: %w", u.name, filepath.Join(dir, "postgres"), err)
	}
	version := versionPattern.FindString(strings.TrimPrefix(string(out), "postgres (PostgreSQL) "))
	major, err := majorOf(version)
	if err != nil {
		return Programs{}, fmt.Errorf("%s says %q, not its version", filepath.Join(dir, "postgres"), strings.TrimSpace(string(out)))
	}
	return Programs{BinDir: dir, Version: version, Major: major, Origin: origin}, nil
}

// versionPattern matches a version as the server writes it: 15.13, 18beta2.
var versionPattern = regexp.MustCompile(`^\d+(\.\d+|[a-z]+\d+)?`)

func majorOf(version string) (int, error) {
	digits := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if digits >= 0 {
		version = version[:digits]
	}
	return strconv.Atoi(version)
}

// minorOf returns the minor version, -1 for a beta.
func minorOf(version string) int {
	_, minor, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(minor)
	if err != nil {
		return -1
	}
	return n
}

// errNoPrograms says that there is no PostgreSQL here and no way to fetch one, and the one command that
// helps on this system.
func errNoPrograms(reason string) error {
	release, err := os.ReadFile("/etc/os-release")
	if err != nil {
		release = nil // not a Linux, or a very bare one
	}
	return errors.New("no PostgreSQL " + strconv.Itoa(Oldest) + " or newer was found on this machine, and " + reason +
		"; install it with: " + installCommand(runtime.GOOS, string(release)))
}

// installCommand returns the command that installs PostgreSQL on a system, told by its os-release file.
func installCommand(system, release string) string {
	if system == "darwin" {
		return "brew install postgresql@" + strconv.Itoa(bundleMajor)
	}
	kin := ""
	for line := range strings.Lines(release) {
		if name, value, _ := strings.Cut(strings.TrimSpace(line), "="); name == "ID" || name == "ID_LIKE" {
			kin += " " + strings.Trim(value, `"`)
		}
	}
	for _, family := range []struct{ id, command string }{
		{"debian", "sudo apt-get install postgresql"},
		{"ubuntu", "sudo apt-get install postgresql"},
		{"fedora", "sudo dnf install postgresql-server"},
		{"rhel", "sudo dnf install postgresql-server"},
		{"suse", "sudo zypper install postgresql-server"},
		{"alpine", "sudo apk add postgresql"},
		{"arch", "sudo pacman -S postgresql"},
	} {
		if strings.Contains(kin, family.id) {
			return family.command
		}
	}
	return "npm, which then fetches it (install Node.js)"
}
