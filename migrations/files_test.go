package migrations_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"holdfast/migrations"
)

var update = flag.Bool("update", false, "draw schema.sql anew and add new files to hashes.txt")

const hashesFile = "hashes.txt"

// problems says what is wrong with the files of a row of steps.
func problems(steps fs.FS) ([]string, error) {
	form := regexp.MustCompile(`^(\d{4})_[a-z0-9_]+\.sql$`)
	names, err := fs.Glob(steps, "*")
	if err != nil {
		return nil, err
	}
	var wrong []string
	next := 1
	for _, name := range names {
		match := form.FindStringSubmatch(name)
		if match == nil {
			wrong = append(wrong, name+": the name is not of the form 0001_word.sql")
			continue
		}
		if number, err := strconv.Atoi(match[1]); err != nil || number != next {
			wrong = append(wrong, fmt.Sprintf("%s: the next number is %04d", name, next))
		} else {
			next++
		}
		content, err := fs.ReadFile(steps, name)
		if err != nil {
			return nil, err
		}
		first, rest, _ := strings.Cut(string(content), "\n")
		if !strings.HasPrefix(first, "-- ") || strings.Contains(first, "+goose") {
			wrong = append(wrong, name+": the first line does not say what the file is for")
		}
		if strings.Count(rest, "-- +goose Up") != 1 {
			wrong = append(wrong, name+`: there is not one line "-- +goose Up"`)
		}
		for _, never := range []string{"-- +goose Down", "-- +goose NO TRANSACTION"} {
			if strings.Contains(rest, never) {
				wrong = append(wrong, name+": steps only go forward, each in a transaction; no "+never)
			}
		}
	}
	return wrong, nil
}

func TestFilesAreARowWithoutGaps(t *testing.T) {
	t.Parallel()
	wrong, err := problems(migrations.Files())
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range wrong {
		t.Error(what)
	}
}

func TestProblemsAreFound(t *testing.T) {
	t.Parallel()
	good := &fstest.MapFile{Data: []byte("-- What for.\n-- +goose Up\nSELECT 1;\n")}
	for name, test := range map[string]struct {
		steps fstest.MapFS
		want  []string
	}{
		"good":      {fstest.MapFS{"0001_a.sql": good, "0002_b.sql": good}, nil},
		"gap":       {fstest.MapFS{"0001_a.sql": good, "0003_b.sql": good}, []string{"0003_b.sql: the next number is 0002"}},
		"duplicate": {fstest.MapFS{"0001_a.sql": good, "0001_b.sql": good}, []string{"0001_b.sql: the next number is 0002"}},
		"name":      {fstest.MapFS{"1_a.sql": good}, []string{"1_a.sql: the name is not of the form 0001_word.sql"}},
		"no word of what for": {fstest.MapFS{"0001_a.sql": {Data: []byte("SELECT 1;\n-- +goose Up\n")}},
			[]string{"0001_a.sql: the first line does not say what the file is for"}},
		"backward": {fstest.MapFS{"0001_a.sql": {Data: []byte("-- What for.\n-- +goose Up\n-- +goose Down\n")}},
			[]string{"0001_a.sql: steps only go forward, each in a transaction; no -- +goose Down"}},
	} {
		got, err := problems(test.steps)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// compareHashes returns the lines for files that hashes (in the form of sha256sum) does not note yet,
// and what has changed or gone against what it notes.
func compareHashes(steps fs.FS, hashes string) (fresh string, wrong []string, err error) {
	noted := map[string]string{}
	for line := range strings.Lines(hashes) {
		hash, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		noted[name] = hash
	}
	names, err := fs.Glob(steps, "*")
	if err != nil {
		return "", nil, err
	}
	for _, name := range names {
		content, err := fs.ReadFile(steps, name)
		if err != nil {
			return "", nil, err
		}
		hash := fmt.Sprintf("%x", sha256.Sum256(content))
		switch noted[name] {
		case hash:
		case "":
			fresh += hash + "  " + name + "\n"
		default:
			wrong = append(wrong, name+" has changed since it was noted in "+hashesFile+". A step that anybody may have "+
				"run never changes: write a new one. If nobody can have run it, remove its line and run: go test ./migrations -update")
		}
		delete(noted, name)
	}
	for name := range noted {
		wrong = append(wrong, name+" is noted in "+hashesFile+" and gone; a step that anybody may have run stays")
	}
	return fresh, wrong, nil
}

func TestOldFilesAreUnchanged(t *testing.T) {
	t.Parallel()
	hashes, err := os.ReadFile(hashesFile)
	if err != nil && !*update {
		t.Fatal(err)
	}
	fresh, wrong, err := compareHashes(migrations.Files(), string(hashes))
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range wrong {
		t.Error(what)
	}
	if fresh == "" {
		return
	}
	if !*update {
		t.Fatalf("%s lacks the lines\n%srun: go test ./migrations -update", hashesFile, fresh)
	}
	if err := os.WriteFile(hashesFile, append(hashes, fresh...), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestChangedAndLostFilesAreFound(t *testing.T) {
	t.Parallel()
	steps := fstest.MapFS{"0001_a.sql": {Data: []byte("one")}, "0002_b.sql": {Data: []byte("two")}}
	noted, wrong, err := compareHashes(steps, "")
	if err != nil || len(wrong) != 0 || strings.Count(noted, "\n") != 2 {
		t.Fatalf("new files: %q, %v, %v", noted, wrong, err)
	}
	if fresh, wrong, _ := compareHashes(steps, noted); fresh != "" || len(wrong) != 0 {
		t.Errorf("unchanged files: %q, %v", fresh, wrong)
	}
	steps["0002_b.sql"].Data = bytes.ToUpper(steps["0002_b.sql"].Data)
	delete(steps, "0001_a.sql")
	if fresh, wrong, _ := compareHashes(steps, noted); fresh != "" || len(wrong) != 2 {
		t.Errorf("one file changed and one gone: %q, %v", fresh, wrong)
	}
}
