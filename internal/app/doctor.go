package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/width"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/seal"
)

// Health is how a part of the installation is.
type Health string

// The three: as it should be, worth a look, and in the way of selling.
const (
	Healthy Health = "ok"
	Doubt   Health = "doubt"
	Ill     Health = "ill"
)

// Finding is what the doctor says about one part, in words: how it is, and what
// to do about it where that is not well.
type Finding struct {
	Part   string
	Health Health
	Text   string
	Advice string
}

// examination collects what is found. What cannot be read any more is left out:
// the reason stands above.
type examination struct {
	place    Place
	words    *i18n.Localizer
	findings []Finding
	db       *db.DB
	secrets  *seal.Box
}

// Examine looks at an installation from its configuration to its mail server. It
// writes nothing, charges nothing and mails nothing.
func Examine(ctx context.Context, place Place, words *i18n.Localizer) (findings []Finding, err error) {
	e := &examination{place: place, words: words}
	defer func() {
		if e.db != nil {
			err = errors.Join(err, e.db.Close())
		}
	}()
	for _, look := range []func(context.Context) (bool, error){
		e.configuration, e.database, e.clock, e.secret, e.stores,
	} {
		if goOn, err := look(ctx); err != nil || !goOn {
			return e.findings, err
		}
	}
	return e.findings, nil
}

// find notes how a part is. Its name is the text doctor.part.<part>, what is said
// doctor.<part>.<what>, and where that is not well doctor.<part>.<what>.advice.
func (e *examination) find(part, store string, health Health, what string, args ...any) {
	f := Finding{
		Part: e.words.T("doctor.part." + part), Health: health, Text: e.words.T("doctor."+part+"."+what, args...),
	}
	if store != "" {
		f.Part += e.words.T("doctor.part.of", "Store", store)
	}
	if health != Healthy {
		f.Advice = e.words.T("doctor."+part+"."+what+".advice", args...)
	}
	e.findings = append(e.findings, f)
}

// PrintFindings writes the findings as a table, what to do below each.
func PrintFindings(w io.Writer, findings []Finding, words *i18n.Localizer) error {
	marks, parts := 0, 0
	for _, f := range findings {
		marks = max(marks, columns(words.T("doctor.health."+string(f.Health))))
		parts = max(parts, columns(f.Part))
	}
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s  %s  %s\n", padded(words.T("doctor.health."+string(f.Health)), marks), padded(f.Part, parts), f.Text)
		if f.Advice != "" {
			fmt.Fprintf(&b, "%s  %s  → %s\n", padded("", marks), padded("", parts), f.Advice)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Verdict is an error in words where anything is in the way of selling.
func Verdict(findings []Finding, words *i18n.Localizer) error {
	ill := 0
	for _, f := range findings {
		if f.Health == Ill {
			ill++
		}
	}
	if ill == 0 {
		return nil
	}
	return errors.New(words.T("doctor.verdict", "Count", ill))
}

// columns is how many cells of a terminal a text takes: those of East Asia take
// two.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

func padded(text string, to int) string { return text + strings.Repeat(" ", max(to-columns(text), 0)) }
