// Package db holds all SQL, one file per noun, for SQLite and PostgreSQL alike.
// It owns rows, transactions and migrations; it decides nothing.
//
// Every function takes the store's id and binds it; the claim queries are the
// exception, since the engine works for all stores of the installation.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Engine names the kind of database.
type Engine string

// The two engines teiki runs on.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// DB is an open database. Reads go through it directly; writes only through
// Write.
type DB struct {
	Engine Engine
	reader *bun.DB
	writer *bun.DB

	generation *atomic.Uint64
	gate       *gate     // of the one writer; nil where there are many
	prepared   *prepared // statements of PostgreSQL's connections; nil on SQLite
	watch      Watcher
}

// Tx is a write transaction.
type Tx struct {
	tx     bun.Tx
	pool   *bun.DB
	engine Engine
	marks  *marks
	watch  Watcher
}

// Conn runs queries: a DB reads outside a transaction, a Tx within one.
type Conn interface {
	// Scan runs a query and fills dest: a slice of rows, or one row's columns,
	// where no row is sql.ErrNoRows.
	Scan(ctx context.Context, dest any, query string, args ...any) error
	// table is how rows of a type are stored.
	table(row reflect.Type) *schema.Table
}

// Scan reads outside a transaction; see Conn.
func (d *DB) Scan(ctx context.Context, dest any, query string, args ...any) error {
	if err := d.watch.see(query); err != nil {
		return err
	}
	if d.Engine == Postgres {
		err := scanBound(ctx, d.reader, d.reader.DB, dest, query, args)
		if isOutdated(err) {
			d.prepared.outdated()
			err = scanBound(ctx, d.reader, d.reader.DB, dest, query, args)
		}
		return err
	}
	return d.reader.NewRaw(query, args...).Scan(ctx, dest)
}

// Scan runs a query within the transaction; see Conn.
func (t Tx) Scan(ctx context.Context, dest any, query string, args ...any) error {
	if err := t.watch.see(query); err != nil {
		return err
	}
	if t.engine == Postgres {
		return scanBound(ctx, t.pool, t.tx.Tx, dest, query, args)
	}
	return t.tx.NewRaw(query, args...).Scan(ctx, dest)
}

func (d *DB) table(row reflect.Type) *schema.Table { return d.reader.Table(row) }
func (t Tx) table(row reflect.Type) *schema.Table  { return t.pool.Table(row) }

// ExecContext runs a statement that returns no rows.
func (t Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := t.watch.see(query); err != nil {
		return nil, err
	}
	if t.engine == Postgres {
		return execBound(ctx, t.tx.Tx, query, args)
	}
	return t.tx.ExecContext(ctx, query, args...)
}

// Pools of a process. SQLite has one writer by nature; PostgreSQL's pool leaves
// room for several processes below its default of 100 connections.
const (
	sqliteReaders = 8
	postgresConns = 24
	// connectionMaxIdle is when idle connections are closed, and not before: a new
	// one is a new server process, which first has to learn the whole catalogue.
	connectionMaxIdle = 5 * time.Minute
)

// postgresIdleTx ends a transaction that says nothing for so long. Its process is
// frozen or cut off, and the rows it has locked would stop all others until it
// comes back. Our transactions only compute between two statements.
const postgresIdleTx = "15s"

// sqliteOptions: immediate transactions, because a deferred one that reads
// before it writes fails under load; synchronous FULL, because a commit that
// said "sending" must survive power loss.
const sqliteOptions = "?_txlock=immediate&_time_format=sqlite" +
	"&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(1)&_pragma=cache_size(-32000)"

// Open opens a database by URL: "postgres://…" or a file path for SQLite. The
// schema is not touched; see Migrate.
func Open(ctx context.Context, address string) (*DB, error) {
	if IsPostgresURL(address) {
		return openPostgres(ctx, address, nil)
	}
	return openSQLite(ctx, strings.TrimPrefix(address, "sqlite:"), sqliteOptions)
}

// IsPostgresURL reports whether the URL names a PostgreSQL database.
func IsPostgresURL(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") ||
		strings.HasPrefix(address, "host=")
}

func openPostgres(ctx context.Context, address string, params map[string]string) (*DB, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	config.RuntimeParams["timezone"] = "UTC"
	config.RuntimeParams["idle_in_transaction_session_timeout"] = postgresIdleTx
	maps.Copy(config.RuntimeParams, params)
	kept := &prepared{}
	pool := stdlib.OpenDB(*config, stdlib.OptionResetSession(kept.renew))
	pool.SetMaxOpenConns(postgresConns)
	pool.SetMaxIdleConns(postgresConns)
	pool.SetConnMaxIdleTime(connectionMaxIdle)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("connect to PostgreSQL: %w", err), pool.Close())
	}
	b := bun.NewDB(pool, pgdialect.New())
	return &DB{Engine: Postgres, reader: b, writer: b, generation: &atomic.Uint64{}, prepared: kept}, nil
}

func openSQLite(ctx context.Context, path, options string) (*DB, error) {
	writer, err := sqlitePool(ctx, path, options, 1)
	if err != nil {
		return nil, err
	}
	reader, err := sqlitePool(ctx, path, options, sqliteReaders)
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	return &DB{Engine: SQLite, reader: reader, writer: writer, generation: &atomic.Uint64{}, gate: &gate{}}, nil
}

func sqlitePool(ctx context.Context, path, options string, conns int) (*bun.DB, error) {
	escaped := (&url.URL{Path: path}).EscapedPath() // '#', '?' and '%' mean something in a file URI
	pool, err := sql.Open("sqlite", "file:"+escaped+options)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), pool.Close())
	}
	return bun.NewDB(pool, sqlitedialect.New()), nil
}

// Close closes the pools.
func (d *DB) Close() error {
	if d.reader == d.writer {
		return d.writer.Close()
	}
	return errors.Join(d.reader.Close(), d.writer.Close())
}

// writing marks a context that is inside a write transaction.
type writing struct{}

// ErrNested is returned for a write transaction inside another: with SQLite's
// single writer it would wait for itself.
var ErrNested = errors.New("write transaction inside another")

// maxTries of a transaction that lost a race (deadlock, serialisation, busy).
const maxTries = 8

// Write runs fn in a write transaction, the only door to one. A transaction
// that the database gave up in favour of another (deadlock, busy) runs again
// from the start; fn must therefore have no effect outside the transaction. The
// context handed to fn refuses a nested Write.
func (d *DB) Write(ctx context.Context, fn func(context.Context, Tx) error) error {
	if ctx.Value(writing{}) != nil {
		return ErrNested
	}
	inside := context.WithValue(ctx, writing{}, true)
	var err error
	for try := 1; try <= maxTries; try++ {
		if err = d.writeOnce(ctx, inside, fn); err == nil || !IsRetryable(err) || ctx.Err() != nil {
			return err
		}
		if isOutdated(err) {
			d.prepared.outdated()
		}
		slog.DebugContext(ctx, "transaction runs again", "try", try, "error", err)
	}
	return err
}

func (d *DB) writeOnce(ctx, inside context.Context, fn func(context.Context, Tx) error) error {
	if d.gate != nil {
		if err := d.gate.enter(ctx); err != nil {
			return err
		}
		defer d.gate.leave()
	}
	touched := marks{}
	err := d.writer.RunInTx(ctx, nil, func(_ context.Context, tx bun.Tx) error {
		return fn(inside, Tx{tx: tx, pool: d.writer, engine: d.Engine, marks: &touched, watch: d.watch})
	})
	if touched.shop {
		d.generation.Add(1) // whatever became of it: reading once too often does no harm
	}
	return err
}
