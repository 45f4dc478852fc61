package i18n

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// message is one key in one language, cut into pieces at load time. Catalogues
// may hold {{.Name}} and nothing else of the template language, so that a text
// can neither fail nor run anything when a page is shown.
type message struct {
	other text
	forms map[plural.Form]text // only where the text varies with a count
}

// text alternates literal pieces and variable names: pieces[0] vars[0] pieces[1] …
type text struct {
	pieces []string
	vars   []string
}

var variable = regexp.MustCompile(`\{\{\s*\.([A-Z][A-Za-z0-9]*)\s*\}\}`)

func compile(source string) (text, error) {
	var t text
	end := 0
	for _, at := range variable.FindAllStringSubmatchIndex(source, -1) {
		t.pieces = append(t.pieces, source[end:at[0]])
		t.vars = append(t.vars, source[at[2]:at[3]])
		end = at[1]
	}
	t.pieces = append(t.pieces, source[end:])
	for _, piece := range t.pieces {
		if strings.Contains(piece, "{{") || strings.Contains(piece, "}}") {
			return text{}, fmt.Errorf("only {{.Name}} may stand in a text: %q", source)
		}
	}
	return t, nil
}

func compileMessage(m *goi18n.Message) (message, error) {
	if m.Other == "" {
		return message{}, fmt.Errorf("%s: no text", m.ID)
	}
	other, err := compile(m.Other)
	if err != nil {
		return message{}, fmt.Errorf("%s: %w", m.ID, err)
	}
	compiled := message{other: other}
	for form, source := range map[plural.Form]string{
		plural.Zero: m.Zero, plural.One: m.One, plural.Two: m.Two, plural.Few: m.Few, plural.Many: m.Many,
	} {
		if source == "" {
			continue
		}
		t, err := compile(source)
		if err != nil {
			return message{}, fmt.Errorf("%s: %w", m.ID, err)
		}
		if compiled.forms == nil {
			compiled.forms = map[plural.Form]text{}
		}
		compiled.forms[form] = t
	}
	return compiled, nil
}

// counted picks the text for a count by the plural rules of the language.
func (m message) counted(tag language.Tag, count int) text {
	if m.forms == nil {
		return m.other
	}
	digits := []byte(strconv.Itoa(max(count, -count)))
	for i := range digits {
		digits[i] -= '0'
	}
	form := plural.Cardinal.MatchDigits(tag, digits, len(digits), 0)
	if t, ok := m.forms[form]; ok {
		return t
	}
	return m.other
}

// fill puts values in; a variable without a value stays visible as {Name}.
func (t text) fill(value func(name string) (string, bool)) string {
	if len(t.vars) == 0 {
		return t.pieces[0]
	}
	var b strings.Builder
	for i, name := range t.vars {
		b.WriteString(t.pieces[i])
		if s, ok := value(name); ok {
			b.WriteString(s)
		} else {
			b.WriteString("{" + name + "}")
		}
	}
	b.WriteString(t.pieces[len(t.pieces)-1])
	return b.String()
}
