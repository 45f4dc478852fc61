// Package app puts the parts together: configuration, clocks, the database, the
// use cases, the engine and the pages. It is the only place that reads the wall
// clock, makes ids and touches the machine's environment.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/engine"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/seal"
)

// Place is where an installation keeps its data: a database URL, or a folder
// with an SQLite file.
type Place struct {
	Data       string `help:"Folder of the SQLite database." default:"data" env:"TEIKI_DATA" placeholder:"DIR"`
	Database   string `help:"PostgreSQL URL; without it SQLite is used." env:"TEIKI_DATABASE" placeholder:"URL"`
	SecretFile string `help:"File of the instance secret (not on the data volume)." env:"TEIKI_SECRET_FILE" placeholder:"FILE"`
}

// OpenDatabase opens and migrates the database of a place. A folder that cannot
// be written, a server that is away and a newer schema are clear errors.
func OpenDatabase(ctx context.Context, dataDir, databaseURL string) (*db.DB, error) {
	address := databaseURL
	if address == "" {
		if err := os.MkdirAll(dataDir, 0o700); err != nil {
			return nil, fmt.Errorf("make the data folder: %w", err)
		}
		address = filepath.Join(dataDir, databaseFile)
	} else if err := checkURL(address); err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, address)
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// databaseFile is the SQLite file of a data folder.
const databaseFile = "teiki.db"

func checkURL(databaseURL string) error {
	if db.IsPostgresURL(databaseURL) {
		return nil
	}
	scheme, _, _ := strings.Cut(databaseURL, ":") // the rest may hold a password
	return fmt.Errorf("the database URL must begin with postgres://, not %q", scheme)
}

// House is a running installation without its pages.
type House struct {
	DB      *db.DB
	Flow    *flow.Flow
	Engine  *engine.Engine
	Clock   *BusinessClock
	Texts   *i18n.Catalog
	mailers *mailers
}

// OpenHouse opens the database of a place and puts the use cases on it.
func OpenHouse(ctx context.Context, place Place, budget flow.Budget) (*House, error) {
	d, err := OpenDatabase(ctx, place.Data, place.Database)
	if err != nil {
		return nil, err
	}
	h, err := furnish(ctx, d, place, budget)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return h, nil
}

func furnish(ctx context.Context, d *db.DB, place Place, budget flow.Budget) (*House, error) {
	secrets, locked, err := guard(ctx, d, place.SecretFile)
	if err != nil {
		return nil, err
	}
	texts, err := i18n.Load()
	if err != nil {
		return nil, fmt.Errorf("load the language catalogues: %w", err)
	}
	h := &House{DB: d, Clock: &BusinessClock{}, Texts: texts, mailers: newMailers(d, secrets)}
	if err := h.Clock.Load(ctx, d); err != nil {
		return nil, fmt.Errorf("read the clock: %w", err)
	}
	h.Flow = &flow.Flow{
		DB: d, Secrets: secrets, Texts: texts, Mailer: h.mailers.of, NewID: NewID,
		Now: h.Clock.Now, Wall: Wall, Budget: budget, Locked: locked,
	}
	h.Engine = engine.New(h.Flow)
	return h, nil
}

// guard compares the instance secret with the one the database was sealed with.
// A database that belongs to another secret is a copy or a restored backup: its
// pages run, but nothing is charged or mailed until a person has confirmed it.
func guard(ctx context.Context, d *db.DB, file string) (*seal.Box, bool, error) {
	if file == "" {
		var err error
		if file, err = defaultSecretFile(); err != nil {
			return nil, false, err
		}
	}
	_, err := db.Instance(ctx, d)
	fresh := errors.Is(err, db.ErrNotFound)
	if err != nil && !fresh {
		return nil, false, fmt.Errorf("read the instance: %w", err)
	}
	secret, err := instanceSecret(file, fresh)
	if err != nil {
		return nil, false, err
	}
	box := seal.New(secret)
	if fresh {
		if err := d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			return db.CreateInstance(ctx, tx, box.Check(), Wall())
		}); err != nil {
			return nil, false, fmt.Errorf("record the instance: %w", err)
		}
	}
	instance, err := db.Instance(ctx, d)
	if err != nil {
		return nil, false, fmt.Errorf("read the instance: %w", err)
	}
	locked := instance.SecretCheck != box.Check() || !instance.Confirmed
	if locked {
		slog.WarnContext(ctx, "this database belongs to another instance secret: nothing is charged or mailed; "+
			"start with the right secret, or run 'teiki adopt' if this database is to go on here")
	}
	return box, locked, nil
}

// Close closes what the house opened.
func (h *House) Close() error {
	h.mailers.close()
	return h.DB.Close()
}
