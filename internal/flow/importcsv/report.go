package importcsv

import (
	"errors"
	"io"
	"strings"
	"unicode"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// Report is what an import did, or would do.
type Report struct {
	Encoding Encoding
	Rows     int // without header and blank rows
	Products Counts
	Variants Counts
	Findings []Finding // by row; with any nothing is written
	Written  bool
}

// Counts sort what a file names by what becomes of it.
type Counts struct {
	New       int
	Changed   int
	Unchanged int
}

func (c *Counts) count(isNew, changed bool) {
	switch {
	case isNew:
		c.New++
	case changed:
		c.Changed++
	default:
		c.Unchanged++
	}
}

// BadRows is how many rows have a finding.
func (r Report) BadRows() int { return badRows(r.Findings) }

func badRows(findings []Finding) int {
	rows := map[int]bool{}
	for _, f := range findings {
		rows[f.Row] = true
	}
	return len(rows)
}

// Print writes the report for a person, each finding on a line of its own. What
// they come to is Err.
func (r Report) Print(w io.Writer, words *i18n.Localizer) error {
	text := words.T("import.report.file", "Rows", words.Number(int64(r.Rows)), "Encoding", string(r.Encoding)) + "\n"
	for _, f := range r.Findings {
		text += f.text(words) + "\n"
	}
	if len(r.Findings) == 0 {
		text += r.Products.text(words, "import.report.products") + "\n" +
			r.Variants.text(words, "import.report.variants") + "\n"
		switch {
		case !r.Written:
			text += words.T("import.report.dry_run") + "\n"
		case r.Products.New+r.Products.Changed+r.Variants.New+r.Variants.Changed == 0:
			text += words.T("import.report.nothing") + "\n"
		default:
			text += words.T("import.report.done") + "\n"
		}
	}
	_, err := io.WriteString(w, text)
	return err
}

func (c Counts) text(words *i18n.Localizer, key string) string {
	return words.T(key, "New", words.Number(int64(c.New)),
		"Changed", words.Number(int64(c.Changed)), "Unchanged", words.Number(int64(c.Unchanged)))
}

// Err says in words that rows are bad and nothing was written; nil where none
// is.
func (r Report) Err(words *i18n.Localizer) error { return refused(r.Findings, words) }

func refused(findings []Finding, words *i18n.Localizer) error {
	if len(findings) == 0 {
		return nil
	}
	return errors.New(words.Plural("import.report.bad", badRows(findings)))
}

// text is a finding in words.
func (f Finding) text(words *i18n.Localizer) string {
	reason := words.Fault(f.Fault)
	if f.Column == "" {
		return words.T("import.report.row", "Row", f.Row, "Reason", reason)
	}
	if f.Value == "" {
		return words.T("import.report.cell_empty", "Row", f.Row, "Column", f.Column, "Reason", reason)
	}
	return words.T("import.report.cell", "Row", f.Row, "Column", f.Column, "Value", shown(f.Value), "Reason", reason)
}

// maxShown is how much of a cell a report repeats.
const maxShown = 60

// shown keeps a finding on one line, and in its direction.
func shown(value string) string {
	value = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ReplaceAll(value, "\n", "⏎"))
	if text := []rune(value); len(text) > maxShown {
		value = string(text[:maxShown]) + "…"
	}
	return value
}

// Refusal says in words why a file as a whole was refused. Other errors stay as
// they are.
func Refusal(words *i18n.Localizer, err error) error {
	faults := fault.All(err)
	if len(faults) == 0 {
		return err
	}
	texts := make([]string, len(faults))
	for i, why := range faults {
		texts[i] = words.Fault(why)
	}
	return errors.New(strings.Join(texts, "\n"))
}
