// Package holdfast_test holds the house to its plan (house_test.go) and walks through it once (story_test.go).
package holdfast_test

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"holdfast/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// room is what a room may use of the others. Imports only go down; two rooms on one floor do not know each other, but
// for the arrows written here.
type room struct {
	floor  int
	what   string   // the line of the README's map
	beside []string // rooms of the same floor that it may import
}

var rooms = map[string]room{
	"cmd/holdfast": {floor: 5, what: "the keys: flags, environment, wiring, shutdown"},
	"demo":         {floor: 4, what: "fixtures and the demo's mailbox"},
	"trial":        {floor: 4, what: "bench and drill: what the fan-out can do, and what it survives"},
	"web":          {floor: 3, what: "people come in: admin API, admin pages, public pages"},
	"worker":       {floor: 3, what: "promises are kept: one file for each kind of job"},
	"inbound":      {floor: 3, what: "mail comes in"},
	"templates":    {floor: 2, what: "everything people read: pages, mails, printed letters"},
	"letters":      {floor: 1, what: "letters and how they are known, answers, the record of each office, reports", beside: []string{"campaigns", "members"}},
	"campaigns":    {floor: 1, what: "cases, targets, campaigns, appeals, the ledger", beside: []string{"members"}},
	"members":      {floor: 1, what: "members, groups, consent, import and export"},
	"accounts":     {floor: 1, what: "staff, roles, sessions, tokens"},
	"mailer":       {floor: 1, what: "what leaves by SMTP: composing, connections, verdicts"},
	"migrations":   {floor: 0, what: "the schema"},

	"internal/audit":       {what: "who did what"},
	"internal/browsertest": {what: "a real browser, for tests", beside: []string{"internal/npm"}},
	"internal/dbtest":      {what: "a real PostgreSQL, for tests", beside: []string{"internal/postgres", "migrations"}},
	"internal/failure":     {what: "the kinds of error"},
	"internal/npm":         {what: "what is fetched through npm, to the byte what was pinned"},
	"internal/postgres":    {what: "pools, and a server of our own", beside: []string{"internal/npm"}},
	"internal/seal":        {what: "sealed fields, blind indexes, signed links"},
	"internal/smtpsink":    {what: "a recording SMTP server that can misbehave"},
}

// onlyIn says where a package from outside may be imported, tests apart.
var onlyIn = map[string][]string{
	"github.com/gin-gonic/gin":            {"web"},
	"github.com/wneessen/go-mail":         {"mailer"},
	"github.com/emersion/go-message":      {"mailer"},
	"github.com/emersion/go-smtp":         {"inbound"},
	"github.com/pressly/goose":            {"migrations"},
	"github.com/alecthomas/kong":          {"cmd/holdfast"},
	"github.com/yuin/goldmark":            {"templates"},
	"github.com/microcosm-cc/bluemonday":  {"templates"},
	"github.com/xuri/excelize":            {"templates"},
	"github.com/rickar/cal":               {"letters"},
	"html/template":                       {"templates"},
	"golang.org/x/image":                  {"templates"},
	"github.com/riverqueue/river":         {"worker", "cmd/holdfast", "migrations", "campaigns/jobs.go", "letters/jobs.go"},
	"codeberg.org/go-pdf/fpdf":            {"templates"},
	"github.com/go-fonts/dejavu":          {"templates"},
	"holdfast/internal/dbtest":            {},
	"holdfast/internal/browsertest":       {},
	"github.com/prometheus/client_golang": {"web", "worker", "cmd/holdfast"},
	"github.com/tsenart/vegeta":           {"trial"},
}

// clocks are the rooms that may read the machine's clock: for deadlines of sockets and for measuring. Every decision is
// made by now_at().
var clocks = []string{"cmd/holdfast", "demo", "inbound", "internal/dbtest", "internal/postgres", "internal/smtpsink", "mailer", "migrations", "trial", "web", "worker", "internal/browsertest"}

// longFunctions and packageVariables are the exceptions, each with its reason.
var longFunctions = map[string]string{}

type source struct {
	path string // campaigns/appeal.go
	room string // campaigns
	test bool
	file *ast.File
	fset *token.FileSet
}

func sources(t *testing.T) []source {
	t.Helper()
	var list []source
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && path != "." && strings.HasPrefix(d.Name(), ".") {
			if err == nil {
				err = fs.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		list = append(list, source{path: path, room: filepath.ToSlash(filepath.Dir(path)), test: strings.HasSuffix(path, "_test.go"), file: file, fset: fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestImportsOnlyGoDown(t *testing.T) {
	for _, s := range sources(t) {
		if s.room == "." {
			continue
		}
		from, known := rooms[s.room]
		if !known {
			t.Errorf("%s: a new room %s: give it a floor in house_test.go and in docs/architecture.md", s.path, s.room)
			continue
		}
		if s.test {
			continue
		}
		for _, imp := range s.file.Imports {
			path, _ := strconv.Unquote(imp.Path.Value)
			to, ok := strings.CutPrefix(path, "holdfast/")
			if !ok {
				continue
			}
			switch target := rooms[to]; {
			case slices.Contains(from.beside, to):
			case strings.HasPrefix(to, "internal/") && !strings.HasPrefix(s.room, "internal/"):
			case strings.HasPrefix(s.room, "internal/"):
				t.Errorf("%s imports %s: the ground floor knows nothing of the rooms above, nor of each other", s.path, path)
			case target.floor >= from.floor:
				t.Errorf("%s imports %s: imports only go down", s.path, path)
			}
		}
	}
}

func TestImportsFromOutsideStayInTheirRoom(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, imp := range s.file.Imports {
			path, _ := strconv.Unquote(imp.Path.Value)
			for prefix, allowed := range onlyIn {
				if path != prefix && !strings.HasPrefix(path, prefix+"/") {
					continue
				}
				if !slices.Contains(allowed, s.room) && !slices.Contains(allowed, s.path) {
					t.Errorf("%s imports %s, which belongs to %v", s.path, path, allowed)
				}
			}
		}
	}
}

func TestEachPackageSaysWhatItPromises(t *testing.T) {
	docs := map[string][]string{}
	for _, s := range sources(t) {
		if s.test || s.room == "." {
			continue
		}
		docs[s.room] = append(docs[s.room], "")
		if s.file.Doc != nil {
			docs[s.room] = append(docs[s.room], s.file.Doc.Text())
		}
	}
	for room, texts := range docs {
		var found []string
		for _, text := range texts {
			if text != "" {
				found = append(found, text)
			}
		}
		name := filepath.Base(room)
		begins := "Package " + name + " promises "
		if room == "cmd/holdfast" {
			begins = "Command holdfast "
		}
		if len(found) != 1 || !strings.HasPrefix(found[0], begins) {
			t.Errorf("%s: want one package comment that begins with %q, found %d", room, begins, len(found))
		}
	}
}

var sqlWords = regexp.MustCompile(`(?s)^\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH [a-z]|CREATE|ALTER|DROP|TRUNCATE|LOCK TABLE)\s`)

func TestSQLStandsBesideItsNoun(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || strings.HasSuffix(s.path, "_sql.go") || s.room == "migrations" || s.room == "internal/postgres" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, _ := strconv.Unquote(lit.Value); sqlWords.MatchString(text) {
					t.Errorf("%s: SQL belongs into a file named …_sql.go", s.fset.Position(lit.Pos()))
				}
			}
			return true
		})
	}
}

// statements returns every constant whose name ends in SQL, worked out.
func statements(t *testing.T) map[string]string {
	t.Helper()
	byRoom := map[string][]*ast.File{}
	var fset *token.FileSet
	for _, s := range sources(t) {
		if !s.test && s.room != "." {
			byRoom[s.room] = append(byRoom[s.room], s.file)
			fset = s.fset
		}
	}
	list := map[string]string{}
	for room, files := range byRoom {
		config := types.Config{Importer: nothing{}, Error: func(error) {}} // what is imported has no part in a constant
		pkg, _ := config.Check(room, fset, files, nil)
		for _, name := range pkg.Scope().Names() {
			c, ok := pkg.Scope().Lookup(name).(*types.Const)
			if ok && strings.HasSuffix(name, "SQL") && c.Val().Kind() == constant.String {
				list[room+"."+name] = constant.StringVal(c.Val())
			}
		}
	}
	return list
}

type nothing struct{}

func (nothing) Import(path string) (*types.Package, error) {
	pkg := types.NewPackage(path, filepath.Base(path))
	pkg.MarkComplete()
	return pkg, nil
}

func TestEveryStatementIsPrepared(t *testing.T) {
	list := statements(t)
	if len(list) < 100 {
		t.Fatalf("only %d statements found; the search is broken", len(list))
	}
	for name, sql := range list {
		if strings.Contains(sql, "SELECT *") {
			t.Errorf("%s: columns are listed", name)
		}
		if strings.HasPrefix(name, "internal/dbtest.") || strings.HasPrefix(name, "migrations.") {
			continue // about servers and about other people's tables
		}
		dbtest.Prepare(t, name, sql)
	}
}

func TestF13_DecisionsAreMadeByTheOneClock(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || slices.Contains(clocks, s.room) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && (sel.Sel.Name == "Now" || sel.Sel.Name == "Since" || sel.Sel.Name == "Until") {
					t.Errorf("%s: time.%s; decisions use now_at()", s.fset.Position(sel.Pos()), sel.Sel.Name)
				}
			}
			return true
		})
	}
	for name, sql := range statements(t) {
		if regexp.MustCompile(`(?i)\b(now\(\)|current_timestamp|clock_timestamp)`).MatchString(sql) && !strings.HasPrefix(name, "internal/") {
			t.Errorf("%s reads another clock than now_at()", name)
		}
	}
}

func TestNothingReadsTheEnvironmentButTheKeys(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.room == "cmd/holdfast" || strings.HasPrefix(s.room, "internal/dbtest") || s.room == "internal/browsertest" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "os" && (sel.Sel.Name == "Getenv" || sel.Sel.Name == "LookupEnv") {
					t.Errorf("%s: settings are read in cmd/holdfast alone", s.fset.Position(sel.Pos()))
				}
			}
			return true
		})
	}
}

func TestFilesAndFunctionsAreShort(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		if lines := s.fset.Position(s.file.End()).Line; lines > 600 {
			t.Errorf("%s has %d lines, at most 600", s.path, lines)
		}
		for _, decl := range s.file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			lines := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line
			if name := s.room + "." + f.Name.Name; lines > 80 && longFunctions[name] == "" {
				t.Errorf("%s: %s has %d lines, at most 80", s.path, f.Name.Name, lines)
			}
			if f.Name.Name == "init" && f.Recv == nil {
				t.Errorf("%s: no init functions", s.path)
			}
		}
	}
}

func TestEveryJobHasOneWorker(t *testing.T) {
	kinds, workers := map[string]bool{}, map[string]int{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, decl := range s.file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if ok && f.Name.Name == "Kind" && f.Recv != nil && strings.HasSuffix(s.path, "/jobs.go") {
				kinds[s.room+"."+fmt.Sprint(f.Recv.List[0].Type)] = true
			}
		}
		if s.room != "worker" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			// A worker has what all workers of its job have, from River or from us, without a name of its own.
			if field, ok := n.(*ast.Field); ok && len(field.Names) == 0 {
				if idx, ok := field.Type.(*ast.IndexExpr); ok {
					if args, ok := idx.Index.(*ast.SelectorExpr); ok {
						workers[fmt.Sprint(args.X)+"."+args.Sel.Name]++
					}
				}
			}
			return true
		})
	}
	for kind := range kinds {
		if workers[kind] != 1 {
			t.Errorf("job %s has %d workers, want one", kind, workers[kind])
		}
		delete(workers, kind)
	}
	for kind := range workers {
		t.Errorf("a worker for %s, which no jobs.go declares", kind)
	}
	if len(kinds) == 0 {
		t.Error("no jobs found; the search is broken")
	}
}

// TestEveryJobSaysHowLongItMayTake: River ends a job after a minute, and a relay may think for ten after it has a mail. What ends before is sent again.
func TestEveryJobSaysHowLongItMayTake(t *testing.T) {
	says, types := map[string]bool{}, []string{}
	for _, s := range sources(t) {
		if s.test || s.room != "worker" {
			continue
		}
		for _, decl := range s.file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.Name == "Timeout" && d.Recv != nil {
					of := d.Recv.List[0].Type
					if star, ok := of.(*ast.StarExpr); ok {
						of = star.X
					}
					if idx, ok := of.(*ast.IndexExpr); ok {
						of = idx.X
					}
					says[fmt.Sprint(of)] = true
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if typ, ok := spec.(*ast.TypeSpec); ok && embedsDefaults(typ) {
						types = append(types, typ.Name.Name)
					}
				}
			}
		}
	}
	for _, name := range types {
		if !says[name] {
			t.Errorf("worker.%s has no Timeout of its own", name)
		}
	}
	if len(types) == 0 {
		t.Error("no workers found; the search is broken")
	}
}

// embedsDefaults reports whether a type has River's defaults of a worker.
func embedsDefaults(typ *ast.TypeSpec) bool {
	found := false
	ast.Inspect(typ, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "WorkerDefaults" {
			found = true
		}
		return true
	})
	return found
}

// TestTheMapIsTrue: the README's map and the plan in docs/architecture.md name each room with the words of this table.
func TestTheMapIsTrue(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(rooms))
	for name := range rooms {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		line := regexp.MustCompile(regexp.QuoteMeta("`"+name+"`") + `[^\n]*` + regexp.QuoteMeta(rooms[name].what))
		if !strings.HasPrefix(name, "internal/") && !line.Match(readme) {
			t.Errorf("README.md: the map lacks the line `%s` … %s", name, rooms[name].what)
		}
		if !strings.Contains(string(plan), "`"+name+"`") {
			t.Errorf("docs/architecture.md does not name %s", name)
		}
		if _, err := os.Stat(name); err != nil {
			t.Errorf("room %s stands in the table but not in the house", name)
		}
	}
	if lines := strings.Count(string(readme), "\n"); lines > 150 {
		t.Errorf("README.md has %d lines, at most 150", lines)
	}
}
