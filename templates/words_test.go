package templates

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	texttemplate "text/template"
	"text/template/parse"

	"github.com/google/go-cmp/cmp"
)

// pluralForms are the forms of cardinal numbers in each language (CLDR 48, supplemental/plurals).
func pluralForms() map[string][]string {
	return map[string][]string{
		"en": {"one", "other"}, "fr": {"one", "many", "other"}, "es": {"one", "many", "other"},
		"ar": {"zero", "one", "two", "few", "many", "other"}, "fa": {"one", "other"},
	}
}

// messages reads the files of one language: each id with its forms, a plain message under "".
func messages(t *testing.T, pattern string) map[string]map[string]string {
	t.Helper()
	names, err := fs.Glob(files, pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no files (%v)", pattern, err)
	}
	all := map[string]map[string]string{}
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if err := json.Unmarshal(text, &tree); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		collect(t, all, "", tree)
	}
	return all
}

func collect(t *testing.T, all map[string]map[string]string, prefix string, tree map[string]any) {
	t.Helper()
	for key, value := range tree {
		id := strings.TrimPrefix(prefix+"."+key, ".")
		switch value := value.(type) {
		case string:
			if all[id] != nil {
				t.Errorf("%s is given twice", id)
			}
			all[id] = map[string]string{"": value}
		case map[string]any:
			if value["other"] == nil {
				collect(t, all, id, value)
				continue
			}
			all[id] = map[string]string{}
			for form, text := range value {
				all[id][form] = text.(string)
			}
		}
	}
}

func ids(all map[string]map[string]string) []string {
	list := make([]string, 0, len(all))
	for id := range all {
		list = append(list, id)
	}
	sort.Strings(list)
	return list
}

func TestEveryLanguageHasTheSameMessages(t *testing.T) {
	t.Parallel()
	for _, room := range []struct {
		name      string
		languages []string
	}{{"public", PublicLanguages()}, {"mail", PublicLanguages()}, {"staff", StaffLanguages()},
		{"sending", PublicLanguages()}, {"sending_staff", StaffLanguages()},
		{"paper", PublicLanguages()}, {"paper_staff", StaffLanguages()},
		{"tally", PublicLanguages()}, {"tally_staff", StaffLanguages()},
		{"desk", PublicLanguages()}, {"desk_staff", StaffLanguages()},
		{"answers", PublicLanguages()}, {"answers_staff", StaffLanguages()},
		{"record_staff", StaffLanguages()}, {"demo_staff", StaffLanguages()}} {
		want := ids(messages(t, "words/"+room.name+".en.json"))
		for _, lang := range room.languages {
			if diff := cmp.Diff(want, ids(messages(t, "words/"+room.name+"."+lang+".json"))); diff != "" {
				t.Errorf("%s in %s differs from English (-en +%s):\n%s", room.name, lang, lang, diff)
			}
		}
		found, _ := fs.Glob(files, "words/"+room.name+".*.json")
		if len(found) != len(room.languages) {
			t.Errorf("%s has files %v, want one for each of %v", room.name, found, room.languages)
		}
	}
}

var placeholders = regexp.MustCompile(`{{\.(\w+)}}`)

func namesIn(text string) []string {
	var names []string
	for _, m := range placeholders.FindAllStringSubmatch(text, -1) {
		if m[1] != "Count" && !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	sort.Strings(names)
	return names
}

// TestEveryMessageIsSound holds, for each message of each language: the forms of its plural are those of the language, each
// has the same values as in English, no brace is left over, and it can be said with every kind of number.
func TestEveryMessageIsSound(t *testing.T) {
	t.Parallel()
	english := messages(t, "words/*.en.json")
	for _, lang := range PublicLanguages() {
		w := press().words[lang]
		for id, forms := range messages(t, "words/*."+lang+".json") {
			plural := english[id]["other"] != ""
			if plural {
				var got []string
				for form := range forms {
					got = append(got, form)
				}
				want := slices.Sorted(slices.Values(pluralForms()[lang]))
				if diff := cmp.Diff(want, slices.Sorted(slices.Values(got))); diff != "" {
					t.Errorf("%s in %s has other plural forms than the language:\n%s", id, lang, diff)
				}
			}
			pairs := []any{}
			for _, name := range namesIn(english[id][""] + english[id]["other"]) {
				pairs = append(pairs, name, "x")
			}
			for form, text := range forms {
				if diff := cmp.Diff(namesIn(english[id][""]+english[id]["other"]), namesIn(text)); diff != "" {
					t.Errorf("%s (%s) in %s has other values than in English:\n%s", id, form, lang, diff)
				}
				if strings.TrimSpace(text) == "" || strings.ContainsAny(placeholders.ReplaceAllString(text, ""), "{}") {
					t.Errorf("%s (%s) in %s is %q", id, form, lang, text)
				}
				if strings.Contains(text, "'") || strings.Contains(text, "...") {
					t.Errorf("%s (%s) in %s has a typewriter's sign: %q", id, form, lang, text)
				}
			}
			numbers := []int{0, 1, 2, 3, 11, 100, 101, 1000000}
			if !plural {
				numbers = numbers[:1]
			}
			for _, n := range numbers {
				say := func() (string, error) { return w.text(id, pairs...) }
				if plural {
					say = func() (string, error) { return w.count(id, n, pairs...) }
				}
				if text, err := say(); err != nil || strings.Contains(text, "<no value>") {
					t.Errorf("%s with %d in %s: %q, %v", id, n, lang, text, err)
				}
			}
		}
	}
}

func TestUnreadLanguagesAreMarked(t *testing.T) {
	t.Parallel()
	for _, lang := range PublicLanguages() {
		want := "yes"
		if slices.Contains(UnreadLanguages(), lang) {
			want = "no"
		}
		if got := messages(t, "words/public."+lang+".json")["read_by_native_speaker"][""]; got != want {
			t.Errorf("words/public.%s.json says that a native speaker has read it: %q, the constant says %q", lang, got, want)
		}
	}
}

// named is a call in a template that names a message by a constant.
type named struct{ file, function, id string }

// namedIn finds the messages that a template names, in all its nodes.
func namedIn(file string, tree *parse.Tree) []named {
	var list []named
	var walk func(n parse.Node)
	pipe := func(p *parse.PipeNode) {
		if p != nil {
			walk(p)
		}
	}
	walk = func(n parse.Node) {
		switch n := n.(type) {
		case *parse.ListNode:
			if n != nil {
				for _, child := range n.Nodes {
					walk(child)
				}
			}
		case *parse.ActionNode:
			pipe(n.Pipe)
		case *parse.TemplateNode:
			pipe(n.Pipe)
		case *parse.IfNode:
			pipe(n.Pipe)
			walk(n.List)
			walk(n.ElseList)
		case *parse.RangeNode:
			pipe(n.Pipe)
			walk(n.List)
			walk(n.ElseList)
		case *parse.WithNode:
			pipe(n.Pipe)
			walk(n.List)
			walk(n.ElseList)
		case *parse.PipeNode:
			for _, c := range n.Cmds {
				walk(c)
			}
		case *parse.CommandNode:
			if f, ok := n.Args[0].(*parse.IdentifierNode); ok && len(n.Args) > 1 {
				if s, ok := n.Args[1].(*parse.StringNode); ok {
					list = append(list, named{file, f.Ident, s.Text})
				}
			}
			for _, arg := range n.Args {
				walk(arg)
			}
		}
	}
	walk(tree.Root)
	return list
}

// templateNames returns what each template file names, and in which languages the file must exist.
func templateNames(t *testing.T) (list []named, languages map[string][]string) {
	t.Helper()
	languages = map[string][]string{"mail/sign_in.html": StaffLanguages(), "mail/sign_in.txt": StaffLanguages()}
	for _, body := range bodies() {
		for _, file := range body.spec().paths() {
			if len(body.spec().languages()) > len(languages[file]) {
				languages[file] = body.spec().languages()
			}
		}
	}
	found, err := fs.Glob(files, "[mp]*/*.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range found {
		text, err := files.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		w := press().words[english]
		set, err := texttemplate.New(path.Base(file)).Funcs(w.funcs(press())).Funcs(textFuncs(w)).Parse(string(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range set.Templates() {
			list = append(list, namedIn(file, one.Tree)...)
		}
		if languages[file] == nil {
			languages[file] = PublicLanguages()
		}
	}
	return list, languages
}

func TestEveryMessageThatATemplateNamesExists(t *testing.T) {
	t.Parallel()
	all := map[string]map[string]map[string]string{}
	for _, lang := range PublicLanguages() {
		all[lang] = messages(t, "words/*."+lang+".json")
	}
	list, languages := templateNames(t)
	for _, n := range list {
		var wanted []string
		switch n.function {
		case "t", "n":
			if !strings.HasSuffix(n.id, ".") { // one that ends so is put together with a word of a family
				wanted = []string{n.id}
			}
		case "word", "options", "values":
			values, known := families()[n.id]
			if !known {
				t.Errorf("%s: there is no family of words called %s", n.file, n.id)
			}
			for _, value := range strings.Fields(values) {
				wanted = append(wanted, n.id+"."+value)
			}
		}
		for _, lang := range languages[n.file] {
			for _, id := range wanted {
				if all[lang][id] == nil {
					t.Errorf("%s names %s, which does not exist in %s", n.file, id, lang)
				}
			}
		}
	}
}

var quoted = regexp.MustCompile(`"([a-z_]+(?:\.[a-z_]+)*\.?)"`)

// TestEveryMessageIsUsed keeps the files free of what no template and no function says.
func TestEveryMessageIsUsed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{"read_by_native_speaker": true}
	list, _ := templateNames(t)
	for _, n := range list {
		used[n.id] = true
		for _, part := range strings.Split(n.id, ".") {
			used["field."+part] = true
		}
	}
	for family, values := range families() {
		for _, value := range strings.Fields(values) {
			used[family+"."+value] = true
		}
	}
	sources, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{}
	for _, s := range sources {
		if strings.HasSuffix(s.Name(), ".go") && !strings.HasSuffix(s.Name(), "_test.go") {
			text, err := os.ReadFile(s.Name())
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(text))
		}
	}
	pages, err := fs.Glob(files, "p*/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range pages {
		text, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		for _, m := range quoted.FindAllStringSubmatch(text, -1) {
			used[m[1]] = true
			for _, part := range strings.Split(m[1], ".") {
				used["field."+part] = true
			}
		}
	}
	for _, id := range ids(messages(t, "words/*.en.json")) {
		if !used[id] {
			t.Errorf("nothing says %s", id)
		}
	}
}

var checkList = regexp.MustCompile(`(\w+) (?:= ANY \(|<@ )ARRAY\[([^\]]*)\]`)

// TestEveryWordOfTheSchemaHasAMessage compares the families with the lists of words that the schema allows.
func TestEveryWordOfTheSchemaHasAMessage(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile("../migrations/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	known := []string{}
	for _, values := range families() {
		known = append(known, strings.Fields(values)...)
	}
	ours := regexp.MustCompile(`^(kind|state|reason|channel|method|side|power|removal_timing|after_deadline|outcome|durability|contribution|on_unknown|roles|left_how)$`)
	checked := 0
	for _, m := range checkList.FindAllSubmatch(schema, -1) {
		if !ours.Match(m[1]) {
			continue
		}
		for _, value := range regexp.MustCompile(`'(\w+)'`).FindAllSubmatch(m[2], -1) {
			checked++
			if word := string(value[1]); !slices.Contains(known, word) {
				t.Errorf("the schema allows %s to be %q, which no family of words has", m[1], word)
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d words of the schema were compared", checked)
	}
}

func TestFrenchIsSetWithItsSpaces(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Renvoi : Canada":          "Renvoi\u00a0: Canada",
		"À qui écrire ?":           "À qui écrire\u202f?",
		"vite ; merci !":           "vite\u202f; merci\u202f!",
		"le mot « non »":           "le mot «\u00a0non\u00a0»",
		"https://exemple.example/": "https://exemple.example/",
	} {
		if got := typeset("fr-CA", in); got != want {
			t.Errorf("typeset(%q) = %q, want %q", in, got, want)
		}
		if got := typeset("en", in); got != in {
			t.Errorf("typeset in English changed %q to %q", in, got)
		}
	}
	for id, forms := range messages(t, "words/*.fr.json") {
		for _, text := range forms {
			if set := typeset("fr", text); regexp.MustCompile(`[^\x{00a0}\x{202f}\s.\d}][:;!?»](\s|$)`).MatchString(set) {
				t.Errorf("%s in French has a double sign without its space: %q", id, text)
			}
		}
	}
}
