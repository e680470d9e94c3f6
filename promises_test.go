package holdfast_test

import (
	"fmt"
	"go/ast"
	"os"
	"regexp"
	"strings"
	"testing"
)

// promised are the numbers of every promise about the engine, by the letter before them.
var promised = map[string]int{"I": 10, "F": 14, "M": 23, "C": 18}

var (
	promiseNumber = regexp.MustCompile(`^[IFMC][0-9]+$`)
	excuseLine    = regexp.MustCompile(`(?m)^- \*\*([IFMC][0-9]+)( \([^)]+\))?\*\*: \S`)
)

// provedIn returns the numbers that tests carry in their names, each with the tests.
func provedIn(list []source) map[string][]string {
	proved := map[string][]string{}
	for _, s := range list {
		if !s.test {
			continue
		}
		for _, decl := range s.file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") {
				continue
			}
			for _, word := range strings.Split(strings.TrimPrefix(f.Name.Name, "Test"), "_") {
				if promiseNumber.MatchString(word) {
					proved[word] = append(proved[word], s.room+"."+f.Name.Name)
				}
			}
		}
	}
	return proved
}

// TestEveryPromiseIsProvedOrTheReasonIsTold: a promise is carried by a test's name, or docs/promises.md says why not; not both, but for a part.
func TestEveryPromiseIsProvedOrTheReasonIsTold(t *testing.T) {
	page, err := os.ReadFile("docs/promises.md")
	if err != nil {
		t.Fatal(err)
	}
	proved := provedIn(sources(t))
	whole, part := map[string]bool{}, map[string]bool{}
	for _, m := range excuseLine.FindAllSubmatch(page, -1) {
		if len(m[2]) > 0 {
			part[string(m[1])] = true
		} else {
			whole[string(m[1])] = true
		}
	}
	known := map[string]bool{}
	for letter, most := range promised {
		for n := 1; n <= most; n++ {
			number := fmt.Sprintf("%s%d", letter, n)
			known[number] = true
			switch {
			case len(proved[number]) == 0 && !whole[number]:
				t.Errorf("%s: no test carries it in its name, and docs/promises.md does not say why", number)
			case len(proved[number]) > 0 && whole[number]:
				t.Errorf("%s: docs/promises.md says that it is not proved, and it is: %v", number, proved[number])
			}
		}
	}
	for _, listed := range []map[string]bool{whole, part} {
		for number := range listed {
			if !known[number] {
				t.Errorf("docs/promises.md gives a reason for %s, which is no promise", number)
			}
		}
	}
	for number, tests := range proved {
		if !known[number] {
			t.Errorf("%v carry %s, which is no promise", tests, number)
		}
	}
	if strings.Count(string(page), "\n- **") != len(excuseLine.FindAll(page, -1)) {
		t.Error("docs/promises.md has a line without a number or a reason")
	}
}
