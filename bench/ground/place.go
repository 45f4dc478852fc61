// Package ground is what the benchmarks stand on: a durable database, the built
// program in processes of its own, a shop with as many subscriptions as wanted,
// and what is needed to measure all that from outside. It decides nothing about
// what is measured.
package ground

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/testkit/pgtest"
)

// Place is a durable database of its own that ends with Close.
type Place struct {
	Engine db.Engine
	Dir    string // temporary folder, on a disk
	DB     *db.DB
	// Args tell a command of the program where the database is.
	Args []string
	// URL is what db.Open was given.
	URL string

	cluster *pgtest.Cluster
}

// tmpfsMagic is statfs's f_type of a tmpfs (linux/magic.h).
const tmpfsMagic = 0x01021994

// NewPlace makes a migrated database below a folder; empty is the system's
// folder for temporary files. A folder in memory is refused: its commits would
// cost nothing.
func NewPlace(ctx context.Context, kind db.Engine, parent string) (*Place, error) {
	if parent == "" {
		parent = os.TempDir()
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(parent, &fs); err != nil {
		return nil, fmt.Errorf("look at %s: %w", parent, err)
	}
	if fs.Type == tmpfsMagic {
		return nil, fmt.Errorf("%s is in memory (tmpfs): name a folder on a disk with --dir", parent)
	}
	dir, err := os.MkdirTemp(parent, "teiki-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	p := &Place{Engine: kind, Dir: dir}
	if err := p.open(ctx, parent); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (p *Place) open(ctx context.Context, parent string) (err error) {
	if p.Engine == db.Postgres {
		if p.cluster, err = pgtest.Start(ctx, pgtest.Options{Dir: parent, Durable: true}); err != nil {
			return err
		}
		if _, p.URL, err = p.cluster.NewDatabase(ctx, ""); err != nil {
			return err
		}
		p.Args = []string{"--database", p.URL}
	} else {
		p.URL = filepath.Join(p.Dir, "teiki.db")
		p.Args = []string{"--data", p.Dir}
	}
	if p.DB, err = db.Open(ctx, p.URL); err != nil {
		return err
	}
	return p.DB.Migrate(ctx)
}

// ServerPID is the process of the database server; zero where there is none.
func (p *Place) ServerPID() int {
	if p.cluster == nil {
		return 0
	}
	return p.cluster.PID()
}

// Scratch is the address of another, empty database beside it, with the same
// settings.
func (p *Place) Scratch(ctx context.Context) (string, error) {
	if p.cluster == nil {
		return filepath.Join(p.Dir, "scratch.db"), nil
	}
	_, url, err := p.cluster.NewDatabase(ctx, "")
	return url, err
}

// Close ends the database and removes it.
func (p *Place) Close() error {
	var err error
	if p.DB != nil {
		err = p.DB.Close()
	}
	if p.cluster != nil {
		err = errors.Join(err, p.cluster.Stop())
	}
	return errors.Join(err, os.RemoveAll(p.Dir))
}
