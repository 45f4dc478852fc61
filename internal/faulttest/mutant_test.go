package faulttest

import (
	"strings"
	"sync"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
)

const chargeFile, settleFile = "internal/flow/charge.go", "internal/flow/settle.go"

// mutants are what the storm must find, each with words of what it finds.
var mutants = []struct {
	mutant
	kills moment
	finds string
}{
	{
		mutant: mutant{name: "a new key on each try", changes: []change{
			{chargeFile, "gateway.CreateIntent(ctx, c.attempt.Key, ", "gateway.CreateIntent(ctx, f.NewID().String(), "},
			{chargeFile, "gateway.ConfirmIntent(ctx, c.attempt.Key, ", "gateway.ConfirmIntent(ctx, f.NewID().String(), "},
		}},
		// The first intent is forgotten by the shop, and known to the gateway.
		kills: momentCreated, finds: "the gateway has ",
	},
	{
		mutant: mutant{name: "no durable attempt before the call", changes: []change{
			{chargeFile, "return db.InsertAttempts(ctx, tx, storeID, kept, stripe.RequestID(ctx))", "return nil"},
			// They are written with their answers.
			{chargeFile, "db.CloseAttempts(ctx, tx, storeID, closed)", "db.InsertAttempts(ctx, tx, storeID, closed, stripe.RequestID(ctx))"},
			{settleFile, "db.CloseAttempts(ctx, tx, storeID, s.attempts)", `db.InsertAttempts(ctx, tx, storeID, s.attempts, "")`},
			{settleFile, "!made || unanswered[c.attempt.ID]", "!made || len(unanswered) == 0"},
		}},
		// The bank is asked again what it has refused.
		kills: momentRefused, finds: "times asked by the bank's book",
	},
}

// mutantsEvery is a smaller cut: a few kills are enough.
const mutantsEvery, mutantDeaths = 60, 4

func TestDeliberateMutantsAreFound(t *testing.T) {
	calm := sync.OnceValue(func() outcome { return lived(t, db.SQLite, mutantsEvery, runner, nil) })
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			path, err := m.build(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			mutated := func() (string, error) { return path, nil }
			var kills []kill
			for i := range mutantDeaths {
				kills = append(kills, momentKill(calm().events, m.kills, i, mutantDeaths))
			}
			undisturbed := lived(t, db.SQLite, mutantsEvery, mutated, nil)
			report(t, undisturbed.found) // it is the kills that show the mistake
			report(t, calm().differences(undisturbed))
			killed := lived(t, db.SQLite, mutantsEvery, mutated, kills)
			found := killed.found
			t.Logf("%d findings:\n%s", len(found), strings.Join(found[:min(len(found), maxShown)], "\n"))
			differs := calm().differences(killed)
			t.Logf("%d figures differ:\n%s", len(differs), strings.Join(differs[:min(len(differs), maxShown)], "\n"))
			if !strings.Contains(strings.Join(found, "\n"), m.finds) || len(differs) == 0 {
				t.Errorf("the storm does not see it: want %q and other figures", m.finds)
			}
		})
	}
}

func TestAMutantOfTextThatIsGoneIsNoMutant(t *testing.T) {
	m := mutant{name: "of yesterday", changes: []change{{chargeFile, "no such line", ""}}}
	if _, err := m.build(t.TempDir()); err == nil || !strings.Contains(err.Error(), "0 times, not once") {
		t.Errorf("built: %v", err)
	}
}
