package importcsv

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// MovingInput is a file of customers or of subscriptions for a store that its
// merchant moves in.
type MovingInput struct {
	StoreID int64
	Content []byte
	Mapping Mapping
	// Cutover is the day from whose beginning on, in the store's time zone, the
	// engine here renews what the file holds; zero is today. Of subscriptions only.
	Cutover calendar.Date
	NewID   ident.Generator
	Now     time.Time
	// RequestID is what the audit lines of one import have in common.
	RequestID string
}

// actor writes the audit lines of an import.
func (in MovingInput) actor() audit.Actor {
	return audit.Actor{Kind: audit.ActorImport, RequestID: in.RequestID}
}

func (in MovingInput) line(verb, noun string, id ident.ID) audit.Line {
	return audit.Line{ID: in.NewID(), At: in.Now, Actor: in.actor(), Verb: verb, Noun: noun, NounID: id}
}

// batchRows is how many rows one transaction writes: few enough not to keep a
// running shop waiting, many enough to be done soon.
const batchRows = 500

// inBatches writes rows batch by batch. Each batch stands by itself, so that an
// import that was broken off goes on where it was when it is run again. A row that
// somebody else has brought in meanwhile is a Conflict: run again, it is there.
func inBatches[T any](ctx context.Context, d *db.DB, rows []T, written *int, write func(context.Context, db.Tx, []T) error) error {
	for batch := range slices.Chunk(rows, batchRows) {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := d.Write(ctx, func(ctx context.Context, tx db.Tx) error { return write(ctx, tx, batch) })
		if db.IsUnique(err) {
			return fault.New(fault.Conflict, "import.meanwhile")
		}
		if err != nil {
			return err
		}
		*written += len(batch)
	}
	return nil
}

// MovingReport is what a file of customers or of subscriptions is to a store.
type MovingReport struct {
	Noun     string // customers, subscriptions: the key of its texts
	Encoding Encoding
	Rows     int // without header and blank rows
	There    int // imported before: left as they are
	Written  int // by this run; none by a dry run
	Tallies  []Tally
	Notes    []Note
	Findings []Finding // by row; with any nothing is written
	DryRun   bool
}

// New is how many rows the store does not have yet, or did not before this run.
func (r MovingReport) New() int { return r.Rows - r.There }

// Tally counts rows by what they say in one respect. Key, with "." and the value,
// is the key of the value's text.
type Tally struct {
	Key    string
	Counts map[string]int
}

func (t Tally) count(value string) { t.Counts[value]++ }

// Note is what a merchant should know of rows that are fine. Key is of a text
// with the arguments Count and Rows, the numbers of the first rows.
type Note struct {
	Key  string
	Rows []int
}

// BadRows is how many rows have a finding.
func (r MovingReport) BadRows() int { return badRows(r.Findings) }

// Err says in words that rows are bad and nothing was written; nil where none
// is.
func (r MovingReport) Err(words *i18n.Localizer) error { return refused(r.Findings, words) }

// Print writes the report for a person, each finding on a line of its own.
func (r MovingReport) Print(w io.Writer, words *i18n.Localizer) error {
	text := []string{words.T("import.report.file", "Rows", words.Number(int64(r.Rows)), "Encoding", string(r.Encoding))}
	for _, f := range r.Findings {
		text = append(text, f.text(words))
	}
	if len(r.Findings) == 0 {
		text = append(text, words.T("import.report."+r.Noun,
			"New", words.Number(int64(r.New())), "There", words.Number(int64(r.There))))
		for _, t := range r.Tallies {
			text = append(text, t.text(words))
		}
		for _, n := range r.Notes {
			if len(n.Rows) > 0 {
				text = append(text, n.text(words))
			}
		}
		switch {
		case r.DryRun:
			text = append(text, words.T("import.report.dry_run"))
		case r.New() == 0:
			text = append(text, words.T("import.report.nothing"))
		default:
			text = append(text, words.T("import.report.done"))
		}
	}
	_, err := io.WriteString(w, strings.Join(text, "\n")+"\n")
	return err
}

// text lists the values, the most frequent first.
func (t Tally) text(words *i18n.Localizer) string {
	values := make([]string, 0, len(t.Counts))
	for value := range t.Counts {
		values = append(values, value)
	}
	slices.SortFunc(values, func(a, b string) int {
		return cmp.Or(cmp.Compare(t.Counts[b], t.Counts[a]), strings.Compare(a, b))
	})
	for i, value := range values {
		values[i] = words.T(t.Key+".value", "Value", words.T(t.Key+"."+value), "Count", words.Number(int64(t.Counts[value])))
	}
	return words.T(t.Key, "Counts", strings.Join(values, words.T("import.tally.separator")))
}

// maxNoted is how many rows a note names.
const maxNoted = 10

func (n Note) text(words *i18n.Localizer) string {
	shown := make([]string, 0, maxNoted)
	for _, row := range n.Rows[:min(len(n.Rows), maxNoted)] {
		shown = append(shown, words.Number(int64(row)))
	}
	list := strings.Join(shown, words.T("import.tally.separator"))
	if len(n.Rows) > maxNoted {
		list += "…"
	}
	return words.T(n.Key, "Count", words.Number(int64(len(n.Rows))), "Rows", list)
}
