package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/seal"
	"github.com/teiki-commerce/teiki/internal/simulate"
)

// OpenSource opens the database of a place to read it: the engine refuses every
// write, nothing is migrated, and nothing is made where nothing is.
func OpenSource(ctx context.Context, dataDir, databaseURL string) (*db.DB, error) {
	if databaseURL == "" {
		return db.OpenReadOnly(ctx, filepath.Join(dataDir, databaseFile))
	}
	if err := checkURL(databaseURL); err != nil {
		return nil, err
	}
	return db.OpenReadOnly(ctx, databaseURL)
}

// Simulation is one run of a store's copy.
type Simulation struct {
	Store    store.Store
	From, To calendar.Date
	Cards    simulation.Cards
	Progress func(calendar.Date) // told the business day that has come; nil for nobody
}

// SourceClock is the business clock of a database, a demo's moved one included.
func SourceClock(ctx context.Context, source *db.DB) (*BusinessClock, error) {
	clock := &BusinessClock{}
	if err := clock.Load(ctx, source); err != nil {
		return nil, fmt.Errorf("read the clock: %w", err)
	}
	return clock, nil
}

// Run copies the source, which is only read, and runs the copy forward. The clone
// guard is not asked: the copy reaches no gateway and no mail server but its own.
func (c Simulation) Run(ctx context.Context, source *db.DB, texts *i18n.Catalog) (simulation.Result, error) {
	clock, err := SourceClock(ctx, source)
	if err != nil {
		return simulation.Result{}, err
	}
	secret := make([]byte, seal.SecretSize)
	if _, err := rand.Read(secret); err != nil {
		return simulation.Result{}, fmt.Errorf("make a secret for the copy: %w", err)
	}
	return simulate.Copy(quietly(ctx), source, "", simulate.Input{
		StoreID: c.Store.ID, Now: clock.Now, From: c.From, To: c.To, Cards: c.Cards, Texts: texts,
		NewID: NewID, Wall: Wall, Secret: secret, Progress: c.Progress,
	})
}
