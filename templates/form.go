package templates

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Choice is one of the values that a field may take.
type Choice struct {
	Value, Label string
	Lang         string // the language of Label, where it is another than the page's
	Chosen       bool
}

// control is one field of a form as a template sets it: label above, help under it, the error under the field.
type control struct {
	ID, Name, Label, Help, Value      string
	Problem, ProblemLang              string
	Type, Autocomplete, InputMode     string
	Lang                              string
	Unset                             string // what no choice is called
	Max                               string // of a day
	Rows                              int
	Required, Checked, Short, Written bool
	Choices                           []Choice
}

// Described returns the ids of what describes the control, for aria-describedby.
func (c control) Described() string {
	var ids []string
	if c.Help != "" {
		ids = append(ids, c.ID+"-help")
	}
	if c.Problem != "" {
		ids = append(ids, c.ID+"-problem")
	}
	return strings.Join(ids, " ")
}

// form is a page seen by its fields.
type form interface {
	problem(name string) (Problem, bool)
}

// field makes the control called name: labelled by the message "field.NAME", holding value, with its own problem.
func (w *words) field(page form, name string, value any) (control, error) {
	label, err := w.fieldLabel(name)
	if err != nil {
		return control{}, err
	}
	c := control{ID: fieldID(name), Name: name, Label: label, Type: "text"}
	switch v := value.(type) {
	case bool:
		c.Checked = v
	case string:
		c.Value = v
	case int:
		c.Value = strconv.Itoa(v)
	default:
		return control{}, fmt.Errorf("field %s: a form holds text, whole numbers and yes or no, not %T", name, value)
	}
	if problem, wrong := page.problem(name); wrong {
		if c.Problem, err = w.problemText(problem); err != nil {
			return control{}, err
		}
		if problem.Word == "" && w.lang != english {
			c.ProblemLang = english
		}
	}
	return c, nil
}

// fieldID turns a field's name, the path of a value as in "texts.fr.subject", into an id that a link can lead to.
func fieldID(name string) string {
	return "f-" + strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(name)
}

// fieldLabel names a field: by its last word that is neither a number nor a language, each of which it then adds.
func (w *words) fieldLabel(name string) (string, error) {
	base, suffix := "", ""
	for _, part := range strings.Split(name, ".") {
		if part == "texts" && base != "" {
			continue // the texts of something are called by that
		}
		if n, err := strconv.Atoi(part); err == nil {
			suffix += " " + w.number(int64(n+1))
		} else if _, isLanguage := w.Languages[part]; isLanguage {
			suffix += " (" + w.language(part) + ")"
		} else if base == "" || w.has("field."+part) {
			base = part
		}
	}
	label, err := w.text("field." + base)
	return label + suffix, err
}

// problemLabel is what the list of problems calls a field, with a colon where it is not a question. It may be a field
// that no form has.
func (w *words) problemLabel(name string) (string, error) {
	label, err := w.fieldLabel(name)
	if err != nil {
		label = name
	}
	if strings.HasSuffix(label, "?") || strings.HasSuffix(label, "؟") {
		return label, nil
	}
	colon, err := w.text("form.colon")
	return label + colon, err
}

func (w *words) problemText(p Problem) (string, error) {
	if p.Word != "" {
		return w.word("problem", p.Word)
	}
	return p.Text, nil
}

// The functions by which a template says more of a control, each after a bar.

func controlHelp(text string, c control) control         { c.Help = text; return c }
func controlNumeric(c control) control                   { c.InputMode = "numeric"; return c }
func controlLabel(text string, c control) control        { c.Label = text; return c }
func controlRequired(c control) control                  { c.Required = true; return c }
func controlShort(c control) control                     { c.Short = true; return c }
func controlName(name string, c control) control         { c.Name = name; return c }
func controlUnset(text string, c control) control        { c.Unset = text; return c }
func controlRows(n int, c control) control               { c.Rows = n; return c }
func controlLatest(day string, c control) control        { c.Max = day; return c }
func controlComplete(value string, c control) control    { c.Autocomplete = value; return c }
func controlChoices(choices []Choice, c control) control { c.Choices = choices; return c }

// controlType says what a field holds. A day that is none stays a text, so that what was typed is not lost.
func controlType(kind string, c control) control {
	if c.Type = kind; kind == "date" && c.Value != "" {
		if _, err := time.Parse(time.DateOnly, c.Value); err != nil {
			c.Type = "text"
		}
	}
	return c
}

// controlWritten says that what is typed is in lang, and set in the reading type.
func controlWritten(lang string, c control) control { c.Lang, c.Written = lang, true; return c }
