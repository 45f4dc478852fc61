package frame

import (
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// Faults are what is wrong with a form, by the field of the page.
type Faults struct {
	byID  map[string]string
	lines []page.FieldError
}

// FaultsOf words the faults of a form. ids maps the paths of faults to ids of
// inputs, to nothing where the page has no input for them; a fault it does not
// name keeps its path. label is what an input is called on the page.
func FaultsOf(words *i18n.Localizer, list fault.List, ids map[string]string, label func(id string) string) Faults {
	f := Faults{byID: map[string]string{}}
	for _, e := range list {
		id, named := ids[e.Field]
		if !named {
			id = e.Field
		}
		if _, said := f.byID[id]; said {
			continue
		}
		text := words.Fault(e)
		f.byID[id] = text
		f.lines = append(f.lines, page.FieldError{ID: id, Text: About(words, label(id), text)})
	}
	return f
}

// Labels names inputs by their ids with texts of the catalogue; keys maps ids to
// message keys. An input it does not know has no name.
func Labels(words *i18n.Localizer, keys map[string]string) func(id string) string {
	return func(id string) string {
		if key, known := keys[id]; known {
			return words.T(key)
		}
		return ""
	}
}

// About is a line of the summary above a form: beside its field "please fill in"
// is enough, up there it says which field it is about. A text that begins with
// the field's name says so already.
func About(words *i18n.Localizer, label, text string) string {
	if label == "" || strings.HasPrefix(text, label) {
		return text
	}
	return words.T("fault.about", "Field", label, "Text", text)
}

// Field is an input with what was typed and what is wrong with it.
func (f Faults) Field(id, typed string) page.Field {
	return page.Field{Value: typed, Error: f.byID[id]}
}

// Error is what is wrong with an input.
func (f Faults) Error(id string) string { return f.byID[id] }

// Summary lists all faults for the head of the form.
func (f Faults) Summary() []page.FieldError { return f.lines }
