package faulttest

import (
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
)

const (
	chargeFile   = "internal/flow/charge.go"
	attemptsFile = "internal/flow/charge_attempts.go"
	callsFile    = "internal/flow/charge_calls.go"
	settleFile   = "internal/flow/settle.go"
)

// mutants are what the kills must show, each with words of what is found.
var mutants = []struct {
	mutant
	finds string
}{
	{
		mutant: mutant{name: "a new key on each try", changes: []change{
			{callsFile, "gateway.CreateIntent(ctx, c.attempt.Key, ", "gateway.CreateIntent(ctx, f.NewID().String(), "},
			{callsFile, "gateway.ConfirmIntent(ctx, c.attempt.Key, ", "gateway.ConfirmIntent(ctx, f.NewID().String(), "},
		}},
		// Of an intent whose creation nobody could write down there is a second one.
		finds: "the gateway has ",
	},
	{
		mutant: mutant{name: "no durable attempt before the call", changes: []change{
			{attemptsFile, "return db.InsertAttempts(ctx, tx, storeID, kept, stripe.RequestID(ctx))", "_ = stripe.RequestID(ctx)\n\treturn nil"},
			// They are written with their answers.
			{callsFile, "db.CloseAttempts(ctx, tx, storeID, closed)", "db.InsertAttempts(ctx, tx, storeID, closed, stripe.RequestID(ctx))"},
			{settleFile, "db.CloseAttempts(ctx, tx, storeID, s.attempts)", `db.InsertAttempts(ctx, tx, storeID, s.attempts, "")`},
			{settleFile, "!made || unanswered[c.attempt.ID]", "!made || len(unanswered) == 0"},
		}},
		// The bank is asked again what it has refused.
		finds: "times asked by the bank's book",
	},
}

// mutantsEvery is a smaller cut, on the quicker engine: the mistakes show at once.
const mutantsEvery = 60

// Undisturbed a mutant does all that the program does: it is the kills that show
// what is missing, the same ones that change nothing there.
func TestKillsShowDeliberateMistakes(t *testing.T) {
	t.Parallel()
	calm := lived(t, db.SQLite, mutantsEvery, runner, nil)
	kills := seasonKills(moments(t), calm)
	killed := lived(t, db.SQLite, mutantsEvery, runner, kills)
	report(t, killed.found)
	report(t, calm.differences(killed))
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			path, err := m.build(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			mutated := func() (string, error) { return path, nil }
			undisturbed := lived(t, db.SQLite, mutantsEvery, mutated, nil)
			report(t, undisturbed.found)
			report(t, calm.differences(undisturbed))

			killed := lived(t, db.SQLite, mutantsEvery, mutated, kills)
			found := strings.Join(killed.found, "\n")
			differs := calm.differences(killed)
			t.Logf("found:\n%s\nand %d figures differ:\n%s", found, len(differs), strings.Join(differs[:min(len(differs), maxShown)], "\n"))
			if !strings.Contains(found, m.finds) || len(differs) == 0 {
				t.Errorf("the kills do not show it: want %q and other figures", m.finds)
			}
		})
	}
}

func TestAMutantOfATextThatIsGoneIsNone(t *testing.T) {
	m := mutant{name: "of yesterday", changes: []change{{chargeFile, "no such line", ""}}}
	if _, err := m.build(t.TempDir()); err == nil || !strings.Contains(err.Error(), "0 times, not once") {
		t.Errorf("built: %v", err)
	}
}
