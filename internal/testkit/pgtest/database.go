package pgtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// NewDatabase makes a database as a copy of template (empty: a blank one) and
// returns its address. It lives until the cluster stops or DropDatabase.
func (c *Cluster) NewDatabase(ctx context.Context, template string) (name, dsn string, err error) {
	c.adminMu.Lock()
	defer c.adminMu.Unlock()
	c.created++
	name = fmt.Sprintf("db_%d", c.created)
	if err := c.createLocked(ctx, name, template); err != nil {
		return "", "", err
	}
	return name, c.DSN(name), nil
}

// DropDatabase removes a database, whoever is still connected to it.
func (c *Cluster) DropDatabase(ctx context.Context, name string) error {
	return c.exec(ctx, "DROP DATABASE "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
}

// createLocked copies files instead of writing them through the log, which
// takes a twentieth of the time for a small template without fsync.
func (c *Cluster) createLocked(ctx context.Context, name, template string) error {
	if template == "" {
		template = "template0"
	}
	return c.execLocked(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy",
		pgx.Identifier{name}.Sanitize(), pgx.Identifier{template}.Sanitize()))
}

func (c *Cluster) exec(ctx context.Context, sql string) error {
	c.adminMu.Lock()
	defer c.adminMu.Unlock()
	return c.execLocked(ctx, sql)
}

func (c *Cluster) execLocked(ctx context.Context, sql string) error {
	if c.admin == nil {
		return errors.New("the PostgreSQL cluster has been stopped")
	}
	if _, err := c.admin.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w\n%s", sql, err, c.logTail())
	}
	return nil
}

// databaseTimeout bounds one statement of the harness itself.
const databaseTimeout = 30 * time.Second

// CreateDatabase makes a database for one test as a copy of template (empty: a
// blank one), drops it when the test ends, and returns its address.
func (c *Cluster) CreateDatabase(t testing.TB, template string) (dsn string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), databaseTimeout)
	defer cancel()
	name, dsn, err := c.NewDatabase(ctx, template)
	if err != nil {
		t.Fatalf("create a test database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), databaseTimeout)
		defer cancel()
		if err := c.DropDatabase(ctx, name); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return dsn
}

// template is a database that is filled once and then only copied.
type template struct {
	once sync.Once
	err  error
}

// Template makes a database called name, fills it with migrate, and closes it
// to connections so that it can be copied. All further calls with the same name
// find it ready. It returns name, to be handed to CreateDatabase.
func (c *Cluster) Template(t testing.TB, name string, migrate func(dsn string) error) string {
	t.Helper()
	c.templatesMu.Lock()
	tpl := c.templates[name]
	if tpl == nil {
		tpl = &template{}
		c.templates[name] = tpl
	}
	c.templatesMu.Unlock()

	tpl.once.Do(func() { tpl.err = c.fillTemplate(name, migrate) })
	if tpl.err != nil {
		t.Fatalf("make template database %s: %v", name, tpl.err)
	}
	return name
}

func (c *Cluster) fillTemplate(name string, migrate func(dsn string) error) error {
	if strings.HasPrefix(name, "template") || strings.HasPrefix(name, "db_") {
		return errors.New("names beginning with template or db_ are taken")
	}
	ctx, cancel := context.WithTimeout(context.Background(), databaseTimeout)
	defer cancel()
	c.adminMu.Lock()
	err := c.createLocked(ctx, name, "")
	c.adminMu.Unlock()
	if err != nil {
		return err
	}
	if err := migrate(c.DSN(name)); err != nil {
		return fmt.Errorf("fill it: %w", err)
	}
	// A connection that migrate left open would make every copy fail or wait.
	return c.exec(ctx, "ALTER DATABASE "+pgx.Identifier{name}.Sanitize()+" ALLOW_CONNECTIONS false")
}
