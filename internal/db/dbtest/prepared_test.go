package dbtest_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// A process that has read and written for a while goes on when another one changes
// the schema under it, on whichever of its connections.
func TestAChangeOfTheSchemaByAnotherProcessStopsNobody(t *testing.T) {
	url := dbtest.URL(t, db.Postgres)
	d := must(db.Open(t.Context(), url))(t)
	other := must(db.Open(t.Context(), url))(t)
	t.Cleanup(func() {
		for _, d := range []*db.DB{d, other} {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	change := func(statement string) {
		t.Helper()
		write(t, other, func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, statement)
			return err
		})
	}
	// many at once use many connections, each with statements of its own
	work := func(what string) {
		t.Helper()
		var group sync.WaitGroup
		for i := range 12 {
			group.Go(func() {
				key := fmt.Sprintf("%s %d", what, i)
				err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
					if _, _, err := db.Remember(ctx, tx, 1, key, "answer", fixture.Start); err != nil {
						return err
					}
					_, err := db.Answer(ctx, tx, 1, key)
					return err
				})
				if err != nil {
					t.Errorf("write %s: %v", key, err)
				}
				if answer, err := db.Answer(t.Context(), d, 1, key); err != nil || answer != "answer" {
					t.Errorf("read %s: %q, %v", key, answer, err)
				}
			})
		}
		group.Wait()
	}
	work("before")
	for _, statement := range []string{
		"ALTER TABLE requests ALTER COLUMN answer TYPE varchar",
		"ALTER TABLE requests ADD COLUMN more text",
		"ALTER TABLE requests ALTER COLUMN answer TYPE text",
	} {
		change(statement)
		work(statement)
	}
}
