package templates

import (
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	texttemplate "text/template"
	"text/template/parse"
)

func TestEveryTemplateFileIsClaimed(t *testing.T) {
	t.Parallel()
	claims := map[string]int{}
	for _, body := range bodies() {
		s := body.spec()
		claims["page/"+s.file+".html"]++
		for _, file := range s.paths() {
			if !strings.HasPrefix(file, "page/") {
				claims[file] = 1
			}
		}
	}
	found, err := fs.Glob(files, "p*/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range found {
		if claims[file] != 1 {
			t.Errorf("%s is claimed by %d pages, want 1", file, claims[file])
		}
		delete(claims, file)
	}
	for file := range claims {
		t.Errorf("%s is claimed and does not exist", file)
	}
}

func TestEveryPageHasASample(t *testing.T) {
	t.Parallel()
	sampled := map[string]bool{}
	for _, s := range samples(english) {
		sampled[s.spec.file] = true
	}
	for _, body := range bodies() {
		if !sampled[body.spec().file] {
			t.Errorf("%T has no sample", body)
		}
	}
}

// TestEveryBranchIsExecuted holds what a check of types would: every list of nodes in every template, each branch of each
// if, range and with, is executed by some sample, so that no field in it is misspelt. (That the messages it names exist in
// every language is held by TestEveryMessageThatATemplateNamesExists.)
func TestEveryBranchIsExecuted(t *testing.T) {
	t.Parallel()
	c := coverage{seen: map[string]bool{}, places: map[string]string{}}
	for _, lang := range []string{"en", "fr", "ar"} { // a language of staff, another, and one that nobody has read
		for _, s := range samples(lang) {
			set := c.parse(t, lang, press().words[lang].funcs(press()), s.spec.paths())
			if err := set.ExecuteTemplate(discard{}, "layout", s.page); err != nil {
				t.Errorf("%s in %s: %v", s.name, lang, err)
			}
		}
	}
	c.report(t)
}

// TestEveryBranchOfEveryMailIsExecuted is the same for mails, over all languages together.
func TestEveryBranchOfEveryMailIsExecuted(t *testing.T) {
	t.Parallel()
	c := coverage{seen: map[string]bool{}, places: map[string]string{}}
	for name, m := range mailSamples() {
		view, s, err := newAppealView(m)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for ext, funcs := range map[string]map[string]any{".html": s.words.funcs(press()), ".txt": textFuncs(s.words)} {
			set := c.parse(t, "appeal"+ext, funcs, []string{"mail/appeal" + ext})
			if err := set.ExecuteTemplate(discard{}, "appeal"+ext, view); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	c.report(t)
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// coverage puts a call of cover at the head of every list of nodes, and notes which were reached. The templates are
// executed without escaping, which is tested apart.
type coverage struct {
	seen   map[string]bool
	places map[string]string
	sets   map[string]*texttemplate.Template
}

func (c *coverage) parse(t *testing.T, key string, funcs map[string]any, paths []string) *texttemplate.Template {
	t.Helper()
	key = fmt.Sprint(key, paths)
	if set := c.sets[key]; set != nil {
		return set
	}
	set, err := texttemplate.New("").Option("missingkey=error").Funcs(funcs).
		Funcs(map[string]any{"cover": func(id string) string { c.seen[id] = true; return "" }}).ParseFS(files, paths...)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range set.Templates() {
		if one.Tree != nil && one.Root != nil {
			c.mark(t, one.ParseName, one.Name(), one.Root)
		}
	}
	if c.sets == nil {
		c.sets = map[string]*texttemplate.Template{}
	}
	c.sets[key] = set
	return set
}

func (c *coverage) mark(t *testing.T, file, name string, list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.IfNode:
			c.mark(t, file, name, n.List)
			c.mark(t, file, name, n.ElseList)
		case *parse.RangeNode:
			c.mark(t, file, name, n.List)
			c.mark(t, file, name, n.ElseList)
		case *parse.WithNode:
			c.mark(t, file, name, n.List)
			c.mark(t, file, name, n.ElseList)
		}
	}
	if len(list.Nodes) == 0 || onlyDefines(list) {
		return
	}
	id := fmt.Sprintf("%s %s at %d", file, name, list.Position())
	text := list.String()
	c.places[id] = text[:min(len(text), 100)]
	call, err := parse.Parse("cover", fmt.Sprintf("{{cover %q}}", id), "", "", map[string]any{"cover": func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	list.Nodes = slices.Insert(list.Nodes, 0, call["cover"].Root.Nodes[0])
}

// onlyDefines reports whether list is what is left of a file around its definitions.
func onlyDefines(list *parse.ListNode) bool {
	for _, node := range list.Nodes {
		if text, ok := node.(*parse.TextNode); !ok || strings.TrimSpace(string(text.Text)) != "" {
			return false
		}
	}
	return true
}

func (c *coverage) report(t *testing.T) {
	t.Helper()
	for id, text := range c.places {
		if !c.seen[id] {
			t.Errorf("%s is never executed: %q", id, text)
		}
	}
}

// TestLanguagesDoNotMix renders every page in every language at once, and compares with what it is alone.
func TestLanguagesDoNotMix(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for _, lang := range PublicLanguages() {
		for _, s := range onePerPage(lang) {
			page, err := s.render()
			if err != nil {
				t.Fatalf("%s in %s: %v", s.name, lang, err)
			}
			want[s.name+lang] = string(page)
		}
	}
	var all sync.WaitGroup
	for _, lang := range PublicLanguages() {
		all.Go(func() {
			for _, s := range onePerPage(lang) {
				if page, err := s.render(); err != nil || string(page) != want[s.name+lang] {
					t.Errorf("%s in %s is another page beside others (error %v)", s.name, lang, err)
				}
			}
		})
	}
	all.Wait()
}

// onePerPage returns the first sample of each page: the fullest.
func onePerPage(lang string) []sample {
	seen := map[string]bool{}
	return slices.DeleteFunc(samples(lang), func(s sample) bool {
		again := seen[s.spec.file]
		seen[s.spec.file] = true
		return again
	})
}

func TestAPageFallsBackToEnglish(t *testing.T) {
	t.Parallel()
	head := staffHead("fa", "groups")
	page, err := Render(head, Groups{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), `<html lang="en" dir="ltr">`) {
		t.Error("a staff page in Persian, which does not exist, is not shown in English")
	}
}

func TestAMessageThatIsMissingIsAnError(t *testing.T) {
	t.Parallel()
	if page, err := Render(publicHead("en"), Sorry{Word: "nothing_of_ours"}); err == nil {
		t.Errorf("a word that does not exist was rendered as %q", page)
	}
	if text, err := press().words["fr"].text("nothing.of_ours"); err == nil {
		t.Errorf("a message that does not exist was said as %q", text)
	}
	if text, err := press().words["en"].text("leave.back"); err == nil {
		t.Errorf("a message without its value was said as %q", text)
	}
}

// mutations calls try with a copy of page in which one string has been replaced by with, for each string in it.
func mutations(page any, with string, try func(where string, page any)) {
	var walk func(where string, v reflect.Value, rebuild func(reflect.Value) reflect.Value)
	walk = func(where string, v reflect.Value, rebuild func(reflect.Value) reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			changed := reflect.New(v.Type()).Elem()
			changed.SetString(with)
			if v.Type().PkgPath() != "html/template" {
				try(where, rebuild(changed).Interface())
			}
		case reflect.Struct:
			if v.Type().PkgPath() == "time" {
				return
			}
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(where+"."+v.Type().Field(i).Name, v.Field(i), func(field reflect.Value) reflect.Value {
						whole := reflect.New(v.Type()).Elem()
						whole.Set(v)
						whole.Field(i).Set(field)
						return rebuild(whole)
					})
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(fmt.Sprintf("%s[%d]", where, i), v.Index(i), func(item reflect.Value) reflect.Value {
					whole := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
					reflect.Copy(whole, v)
					whole.Index(i).Set(item)
					return rebuild(whole)
				})
			}
		case reflect.Pointer:
			if !v.IsNil() {
				walk(where, v.Elem(), func(target reflect.Value) reflect.Value {
					p := reflect.New(v.Type().Elem())
					p.Elem().Set(target)
					return rebuild(p)
				})
			}
		}
	}
	walk(path.Base(reflect.TypeOf(page).String()), reflect.ValueOf(page), func(v reflect.Value) reflect.Value { return v })
}
