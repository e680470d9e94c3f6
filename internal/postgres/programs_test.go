package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakePrograms makes a folder of programs that say they are of a version, and returns it.
func fakePrograms(t *testing.T, root, name, version string) string {
	t.Helper()
	dir := filepath.Join(root, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\necho 'postgres (PostgreSQL) %s'\n", version)
	for _, program := range []string{"initdb", "postgres"} {
		if err := os.WriteFile(filepath.Join(dir, program), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestSearchOrder(t *testing.T) {
	t.Setenv("PATH", "/nowhere") // neither programs nor npm but those of the test
	user, err := chooseUser()
	if err != nil {
		t.Fatal(err)
	}
	root := openFolder(t)
	fakePrograms(t, root, "14/bin", "14.19 (Debian 14.19-1)")
	fifteen := fakePrograms(t, root, "15/bin", "15.9 (Debian 15.9-0+deb12u1)")
	fakePrograms(t, root, "16a/bin", "16.2")
	sixteen := fakePrograms(t, root, "16b/bin", "16.10")
	fakePrograms(t, root, "broken/bin", "17.1")
	if err := os.Remove(filepath.Join(root, "broken/bin/initdb")); err != nil {
		t.Fatal(err)
	}
	beta := fakePrograms(t, root, "elsewhere", "17beta1")
	old := fakePrograms(t, root, "old", "13.1")
	machine := []string{filepath.Join(root, "*", "bin")}
	for name, test := range map[string]struct {
		look     search
		want     string // the folder
		problem  string // in the error
		wrongFor int    // the version of a VersionError
	}{
		"newest on the machine":            {look: search{places: machine}, want: sixteen},
		"the setting":                      {look: search{places: machine, binDir: fifteen}, want: fifteen},
		"the setting, a beta":              {look: search{places: machine, binDir: beta}, want: beta},
		"the setting, too old":             {look: search{places: machine, binDir: old}, problem: "PostgreSQL 15 or newer is needed; here is PostgreSQL 13.1"},
		"the setting, nothing there":       {look: search{places: machine, binDir: root}, problem: "no initdb in " + root},
		"the version of the data":          {look: search{places: machine, data: 15}, want: fifteen},
		"an old version, for its own data": {look: search{places: machine, data: 14}, want: filepath.Join(root, "14/bin")},
		"data of a version not here":       {look: search{places: machine, data: 17}, wrongFor: 17},
		"data, and a setting that differs": {look: search{places: machine, binDir: sixteen, data: 15}, wrongFor: 15},
		"nothing, and no npm":              {look: search{}, problem: "there is no npm"},
		"the bundle's data, and no npm":    {look: search{places: machine, data: bundleMajor}, problem: "there is no npm"},
	} {
		test.look.user, test.look.cacheDir, test.look.progress = user, filepath.Join(root, "cache"), func(string) {}
		got, err := test.look.run(testContext(t), true)
		var version *VersionError
		switch {
		case test.wrongFor != 0:
			if !errors.As(err, &version) || version.Data != test.wrongFor {
				t.Errorf("%s: got %v, %v", name, got, err)
			}
		case test.problem != "":
			if err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("%s: got %v, %v", name, got, err)
			}
		case err != nil || got.BinDir != test.want:
			t.Errorf("%s: got %v, %v; want %s", name, got, err, test.want)
		}
	}
}

func TestInstallCommand(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ system, release, want string }{
		{"linux", "PRETTY_NAME=\"Debian\"\nID=debian\n", "sudo apt-get install postgresql"},
		{"linux", "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "sudo apt-get install postgresql"},
		{"linux", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "sudo dnf install postgresql-server"},
		{"linux", "ID=alpine\n", "sudo apk add postgresql"},
		{"linux", "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", "sudo zypper install postgresql-server"},
		{"linux", "", "npm, which then fetches it (install Node.js)"},
		{"darwin", "", "brew install postgresql@18"},
	} {
		if got := installCommand(test.system, test.release); got != test.want {
			t.Errorf("%s %q: got %q, want %q", test.system, test.release, got, test.want)
		}
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		said         string
		major, minor int
	}{
		{"15.13", 15, 13}, {"18beta2", 18, -1}, {"17", 17, -1}, {"15.13 (Debian 15.13-0+deb12u1)", 15, 13},
	} {
		version := versionPattern.FindString(test.said)
		major, err := majorOf(version)
		if err != nil || major != test.major || minorOf(version) != test.minor {
			t.Errorf("%q: got %d, %d, %v", test.said, major, minorOf(version), err)
		}
	}
}

// What check shows: the programs that would be used, and nothing made by looking.
func TestFindMakesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(openFolder(t), "new")
	if _, err := Find(testContext(t), ServerConfig{Dir: dir}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("to look has made the folder: %v", err)
	}
	server := start(t, ServerConfig{Dir: dir})
	found, err := Find(testContext(t), ServerConfig{Dir: dir})
	if err != nil || found != server.Programs() {
		t.Errorf("Find says %v, %v; the server is %v", found, err, server.Programs())
	}
}
