package render

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// FieldView is what the "field" partial shows: a label, an input, a hint and an
// error, tied together for screen readers.
type FieldView struct {
	ID           string
	Label        string
	Hint         string
	Value        string
	Error        string
	Type         string
	Autocomplete string
	InputMode    string
	MaxLength    string
	Optional     bool
}

func funcs(words *i18n.Localizer, assets *Assets) template.FuncMap {
	return template.FuncMap{
		"t":         words.T,
		"tn":        words.Plural,
		"money":     words.Money,
		"moneytax":  words.MoneyTax,
		"date":      words.Date,
		"dateyear":  words.DateYear,
		"dateshort": words.DateShort,
		"month":     words.Month,
		"weekdays":  words.Weekdays,
		"cycle":     words.Cycle,
		// Times in page structs are in the store's zone.
		"deadline": func(t time.Time) string { return words.DeadlineAt(t, t.Location()) },
		"url":      words.Lang().URL,
		"asset":    assets.URL,
		"picture":  assets.picture,
		"photo":    photo,
		"photoset": photoSet,
		"icon":     assets.icon,
		"field": func(id, label string, f page.Field, options ...string) (FieldView, error) {
			return fieldView(words, id, label, f, options)
		},
	}
}

// icon draws a symbol of the sprite; it is decoration, the text beside it speaks.
func (a *Assets) icon(name string) (template.HTML, error) {
	sprite, ok := a.byName["icons.svg"]
	if !ok || !strings.Contains(string(sprite.content), `id="`+name+`"`) {
		return "", fmt.Errorf("no icon %q", name)
	}
	return template.HTML(`<svg class="ic ic-` + name + `" aria-hidden="true" focusable="false"><use href="` + sprite.url + `#` + name + `"/></svg>`), nil
}

// fieldView takes options as pairs of name and value.
func fieldView(words *i18n.Localizer, id, label string, f page.Field, options []string) (FieldView, error) {
	view := FieldView{ID: id, Label: words.T(label), Value: f.Value, Error: f.Error, Type: "text"}
	if len(options)%2 != 0 {
		return view, fmt.Errorf("field %s: options go in pairs", id)
	}
	for i := 0; i < len(options); i += 2 {
		switch name, value := options[i], options[i+1]; name {
		case "type":
			view.Type = value
		case "hint":
			view.Hint = words.T(value)
		case "autocomplete":
			view.Autocomplete = value
		case "inputmode":
			view.InputMode = value
		case "maxlength":
			view.MaxLength = value
		case "optional":
			view.Optional = value == "yes"
		default:
			return view, fmt.Errorf("field %s: unknown option %q", id, name)
		}
	}
	return view, nil
}
