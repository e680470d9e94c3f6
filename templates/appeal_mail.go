package templates

import (
	"bytes"
	"cmp"
	"html/template"
	"slices"
	"strings"
	texttemplate "text/template"
)

// AppealMail is an appeal as it goes to all members who read one language: facts that may be public, and holes.
//
// A hole is what differs from member to member. The caller puts a mark of ASCII letters and digits in its place,
// alone (Name) or as part of a link, and finds it again unchanged in text and HTML, to be replaced by a value that is
// encoded for the place it stands in. What replaces Name is made by GreetingName.
type AppealMail struct {
	Organisation Organisation
	Number       Number
	Kind         string // first, update, stop_action, outcome, correction
	Urgent       bool

	TextLanguage   string // of Subject, Headline and Body
	ReaderLanguage string // another where the reader gets the fallback: said in one sentence of the reader's own
	Subject        string
	Headline       string
	Body           string // Markdown

	Clock   Clock // its Now is the time of launch
	Asks    []Ask
	Targets []Target
	Outcome Outcome // of the kinds stop_action and outcome, where there is one

	Name      string // the hole after the greeting word; it is filled with GreetingName
	ReportURL string // /r/TOKEN, the member's own
	PublicURL string // /a/SLUG, to be passed on: without a token
	LeaveURL  string // /u/TOKEN, the member's own

	Test bool // a test, sent to staff: says so in the subject and on top
}

// wantsLetters reports whether the mail asks for letters. One that ends an action names no office any more, nor does a
// correction that comes when nothing is asked for any more.
func (m AppealMail) wantsLetters() bool {
	return m.Kind != "stop_action" && m.Kind != "outcome" && len(m.Asks) > 0
}

// mails are the parsed templates of all mails: the HTML part once for each language, the text part likewise.
type mails struct {
	html map[string]*template.Template
	text map[string]*texttemplate.Template
}

func newMails(p *printer) (*mails, error) {
	m := &mails{html: map[string]*template.Template{}, text: map[string]*texttemplate.Template{}}
	for lang, w := range p.words {
		html, err := template.New(lang).Option("missingkey=error").Funcs(w.funcs(p)).ParseFS(files, "mail/*.html")
		if err != nil {
			return nil, err
		}
		text, err := texttemplate.New(lang).Option("missingkey=error").Funcs(textFuncs(w)).ParseFS(files, "mail/*.txt")
		if err != nil {
			return nil, err
		}
		m.html[lang], m.text[lang] = html, text
	}
	return m, nil
}

// textFuncs are the functions of text parts. A text is wrapped by what sets it, never as a whole.
func textFuncs(w *words) texttemplate.FuncMap {
	return texttemplate.FuncMap{
		"t": w.text, "word": w.word, "hole": func(s string) hole { return hole(s) }, "country": w.country, "lines": textLines,
		"called": func(n Number) string { return n.In(w.lang) },
		"set":    func(s string) string { return wrap(s, textColumns) },
		"item": func(mark, s string) string {
			return indent(wrap(s, textColumns-columnsOf(mark)), mark, strings.Repeat(" ", len([]rune(mark))))
		},
		"kindOf": func(v appealView) (string, error) {
			switch {
			case v.Kind != "first":
				return w.word("kind", v.Kind)
			case v.Urgent:
				return w.text("action.urgent")
			}
			return w.text("action.slow")
		},
		"durability": func(value string) (string, error) {
			if value == "" {
				return "", nil
			}
			return w.word("durability", value)
		},
		"next":    func(i int) int { return i + 1 },
		"isolate": func(s string) string { return isolate(w.lang, s) }, "listed": w.listed,
		"underline": func(s string) string {
			longest := 0
			for _, line := range strings.Split(s, "\n") {
				longest = max(longest, columnsOf(line))
			}
			return s + "\n" + strings.Repeat("-", longest)
		},
	}
}

// appealView is what the two templates of an appeal are executed with: the same for both, but for the body.
type appealView struct {
	AppealMail
	Lang, Dir    string // of everything but the text itself: the text's language, where the interface has it
	Note         string // in the reader's language: that the text is in another
	Times        []timeLine
	BodyHTML     template.HTML
	BodyText     string
	WantsLetters bool
}

// RenderAppeal composes an appeal: its subject, and two parts of the same content with the same links. A text that holds
// what CheckMarkdown or CheckLine refuses in braces, or a placeholder that has no value, is failure.Invalid.
func RenderAppeal(m AppealMail) (subject, text, html string, err error) {
	view, s, err := newAppealView(m)
	if err != nil {
		return "", "", "", err
	}
	subject = view.Subject
	if m.Test {
		subject = s.text("mail.test_subject") + " " + subject
	}
	if s.err != nil {
		return "", "", "", s.err
	}
	text, html, err = press().mails.render("appeal", view.Lang, view)
	return subject, text, html, err
}

// newAppealView is m with everything said that depends on the language, and who says it.
func newAppealView(m AppealMail) (appealView, *speaker, error) {
	lang := m.TextLanguage
	if !slices.Contains(PublicLanguages(), lang) {
		lang = PublicLanguage(m.TextLanguage, m.ReaderLanguage)
	}
	s := &speaker{words: press().words[lang]}
	view := appealView{AppealMail: m, Lang: lang, Dir: Direction(lang), WantsLetters: m.wantsLetters(), Times: s.mailLines(m.Clock)}
	if err := view.fill(s); err != nil {
		return view, nil, err
	}
	note, err := languageNote(m)
	view.Note = note
	return view, s, err
}

// fill puts values into the coordinator's texts, and sets each for its part.
func (v *appealView) fill(s *speaker) error {
	lines := []struct {
		field string
		text  *string
	}{{"subject", &v.Subject}, {"headline", &v.Headline}, {"body", &v.Body}}
	for _, line := range lines {
		filled, err := s.fillPlaces(line.field, *line.text, v.Number, v.Clock)
		if err != nil {
			return err
		}
		*line.text = typeset(v.TextLanguage, filled)
	}
	v.Subject, v.Headline = oneLine(v.Subject), oneLine(v.Headline)
	v.Asks = slices.Clone(v.Asks)
	for i, ask := range v.Asks {
		filled, err := s.fillPlaces("asks."+itoa(i), ask.Text, v.Number, v.Clock)
		if err != nil {
			return err
		}
		v.Asks[i].Text = oneLine(typeset(cmp.Or(ask.Lang, v.TextLanguage), filled))
	}
	body, err := press().markdown.html(v.Body)
	v.BodyHTML, v.BodyText = mailStyles(body), press().markdown.plain(v.Body)
	return err
}

// languageNote says in the reader's language that the text is in another.
func languageNote(m AppealMail) (string, error) {
	if m.ReaderLanguage == "" || m.ReaderLanguage == m.TextLanguage {
		return "", nil
	}
	w := press().words[PublicLanguage(m.ReaderLanguage)]
	if w.lang == m.TextLanguage {
		return "", nil
	}
	return w.text("mail.other_language", "Language", w.language(m.TextLanguage))
}

// NoteLang returns the language that Note is written in.
func (v appealView) NoteLang() string { return PublicLanguage(v.ReaderLanguage) }

// mailStyles writes the styles of a coordinator's text into its tags: mail programs drop style sheets. The HTML
// comes from the sanitiser, in which these tags can stand only where they are tags.
func mailStyles(html template.HTML) template.HTML {
	return template.HTML(strings.NewReplacer(
		"<p>", `<p style="margin:0 0 16px">`,
		"<ul>", `<ul style="margin:0 0 16px;padding:0 24px">`,
		"<ol>", `<ol style="margin:0 0 16px;padding:0 24px">`,
		"<ol start", `<ol style="margin:0 0 16px;padding:0 24px" start`,
		"<h2>", `<h2 style="margin:24px 0 8px;font-size:20px;line-height:1.3">`,
		"<h3>", `<h3 style="margin:24px 0 8px;font-size:18px;line-height:1.3">`,
		"<h4>", `<h4 style="margin:24px 0 8px;font-size:18px;line-height:1.3">`,
		"<blockquote>", `<blockquote style="margin:0 0 16px;padding:0 16px;border:0 solid #DDD8CE;border-width:0 3px">`,
		"<a href", `<a style="color:#0B5C63" href`,
	).Replace(string(html)))
}

// render executes both templates of a mail.
func (m *mails) render(name, lang string, view any) (text, html string, err error) {
	var out bytes.Buffer
	if err := m.html[lang].ExecuteTemplate(&out, name+".html", view); err != nil {
		return "", "", err
	}
	html = out.String()
	out.Reset()
	if err := m.text[lang].ExecuteTemplate(&out, name+".txt", view); err != nil {
		return "", "", err
	}
	return tidy(out.String()), html, nil
}

// tidy leaves at most one empty line between paragraphs, none at either end, and no space at the end of a line.
func tidy(s string) string {
	var lines []string
	for _, line := range strings.Split(s, "\n") {
		line = strings.TrimRight(line, " ")
		if line == "" && (len(lines) == 0 || lines[len(lines)-1] == "") {
			continue
		}
		lines = append(lines, line)
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}
