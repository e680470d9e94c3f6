package templates

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"sync"
)

//go:embed page partial mail static words locale
var files embed.FS

// press holds everything that is parsed once: words, pages, mails, and the files served beside them. It is made when it is
// first asked for, since not every command shows a page; Check asks for it at the start of those that do.
var press = sync.OnceValue(mustPress)

// Check parses everything there is. A template or a file of words that does not parse ends the program.
func Check() { press() }

type printer struct {
	words    map[string]*words
	sheets   map[string]*sheet
	mails    *mails
	markdown *markdown
	assets   map[string]Asset
}

func mustPress() *printer {
	p, err := newPrinter()
	if err != nil {
		panic("templates: " + err.Error())
	}
	return p
}

func newPrinter() (*printer, error) {
	bundle, err := readMessages()
	if err != nil {
		return nil, err
	}
	p := &printer{words: map[string]*words{}, sheets: map[string]*sheet{}, markdown: newMarkdown()}
	for _, lang := range PublicLanguages() {
		if p.words[lang], err = newWords(bundle, lang); err != nil {
			return nil, err
		}
	}
	if p.assets, err = readAssets(); err != nil {
		return nil, err
	}
	for _, body := range bodies() {
		if p.sheets[body.spec().file], err = newSheet(p, body.spec()); err != nil {
			return nil, err
		}
	}
	p.mails, err = newMails(p)
	return p, err
}

// spec says which templates a page is made of. The layout calls the page's own "title" and "main".
type spec struct {
	file     string // page/FILE.html, claimed by this page alone
	layout   string // partial/layout_LAYOUT.html
	partials []string
}

func (s spec) paths() []string {
	paths := []string{"partial/layout_" + s.layout + ".html"}
	for _, partial := range s.partials {
		paths = append(paths, "partial/"+partial+".html")
	}
	return append(paths, "page/"+s.file+".html")
}

// languages returns the languages in which a page of this layout exists.
func (s spec) languages() []string {
	if s.layout == publicLayout {
		return PublicLanguages()
	}
	return StaffLanguages()
}

// The layouts.
const (
	publicLayout   = "public"   // for anybody: no navigation, five languages
	staffLayout    = "staff"    // for those signed in, with navigation
	fragmentLayout = "fragment" // a part of a staff page, sent alone while it is looked at
)

// sheet is a page's templates, once for each language.
type sheet struct{ inLanguage map[string]*template.Template }

func newSheet(p *printer, s spec) (*sheet, error) {
	parsed, err := template.New(s.file).Option("missingkey=error").Funcs(p.words[english].funcs(p)).ParseFS(files, s.paths()...)
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", s.file, err)
	}
	out := &sheet{inLanguage: map[string]*template.Template{}}
	for _, lang := range s.languages() {
		own, err := parsed.Clone()
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", s.file, err)
		}
		out.inLanguage[lang] = own.Funcs(p.words[lang].funcs(p)).Lookup("layout")
		if out.inLanguage[lang] == nil {
			return nil, fmt.Errorf("page %s: layout %s defines no template called layout", s.file, s.layout)
		}
	}
	return out, nil
}

// Organisation is who speaks on every page and in every mail: what the law wants named (CASL, section 6(2)).
type Organisation struct {
	Name          string
	PostalAddress string // on one line or several
	Contact       string // an e-mail address that a person reads
}

// Head is what every page has beside its body.
type Head struct {
	Lang         string // the reader's language, as PublicLanguage or StaffLanguage chose it
	Organisation Organisation
	Languages    []string  // in which the reader may have this page; links to "?lang=XX" where there are several
	Demo         bool      // says on each page that persons are invented and mail is caught
	Notice       Notice    // what has just happened
	Problems     []Problem // what is wrong with the form that was sent

	// Of staff pages only.
	SignedInAs string   // the account's name; empty before signing in
	May        Powers   // what the account may do
	Section    string   // the entry of the navigation this page belongs to: one of sections
	Sections   []string // the entries this account may see; nil shows all
	Alarm      *Fault   // the worst that is wrong with sending, where it is grave
	Zone       string   // IANA time zone in which times are shown; UTC where it is empty
}

// Powers are what an account may do: a page shows no button that would be refused.
type Powers struct {
	EditCampaigns, EditTexts, Launch, Stop bool
	ReadCases, EditCases                   bool
	EditTargets, EditLetters               bool
	ReadMembers, EditMembers               bool
	SeeEngine                              bool
	ImportMembers, ExportMembers           bool
}

// Notice says on top of a page what has just happened, by one of the Notice words or in words of its own.
type Notice struct {
	Word string // a Notice word
	Text string // instead of Word
}

// Problem is one thing wrong with a form: the field by its name, and why, by one of the Problem words or in words
// of its own (those of a failure.Field, which are English).
type Problem struct {
	Field string // as the form names it; empty for the form as a whole
	Word  string // a Problem word
	Text  string // instead of Word
}

// Body is the body of a page: one of the structs of this package, each tied to its own template.
type Body interface{ spec() spec }

// Page is what a template is executed with.
type Page[T Body] struct {
	Head Head
	Body T
}

// Render writes the page whose body is body, whole or not at all. The language falls back to English where the page
// does not exist in head.Lang. An error is a fault of ours: a template or a message that does not fit.
func Render[T Body](head Head, body T) ([]byte, error) {
	about := body.spec()
	in := press().sheets[about.file].inLanguage
	if in[head.Lang] == nil {
		head.Lang = english
	}
	head.Zone = cmp.Or(head.Zone, "UTC")
	var out bytes.Buffer
	if err := in[head.Lang].Execute(&out, Page[T]{Head: head, Body: body}); err != nil {
		return nil, fmt.Errorf("page %s in %s: %w", about.file, head.Lang, err)
	}
	return out.Bytes(), nil
}

// problem returns what is wrong with the field called name.
func (p Page[T]) problem(name string) (Problem, bool) {
	for _, problem := range p.Head.Problems {
		if problem.Field == name {
			return problem, true
		}
	}
	return Problem{}, false
}
