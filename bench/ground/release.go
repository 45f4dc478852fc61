package ground

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/teiki-commerce/teiki/internal/db"
)

// SQL opens a plain connection to a database, with the durability that the
// program asks for.
func SQL(kind db.Engine, url string) (*sql.DB, error) {
	if kind == db.Postgres {
		return sql.Open("pgx", url)
	}
	return sql.Open("sqlite", "file:"+url+"?_txlock=immediate&_pragma=busy_timeout(10000)"+
		"&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
}

// Release makes the due boxes fall due now, all at once.
func (s *Shop) Release(ctx context.Context) error {
	return s.exec(ctx, `UPDATE subscriptions SET next_due = '`+s.now.UTC().Format("2006-01-02 15:04:05.000000")+
		`+00:00' WHERE store_id = 1 AND next_due IS NULL`)
}

// Settle gives the database the statistics and the order of files that it has
// after a while of ordinary work.
func (s *Shop) Settle(ctx context.Context) error {
	if s.place.Engine == db.Postgres {
		return errors.Join(s.exec(ctx, "VACUUM ANALYZE"), s.exec(ctx, "CHECKPOINT"))
	}
	return errors.Join(s.exec(ctx, "ANALYZE"), s.exec(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"))
}

func (s *Shop) exec(ctx context.Context, statement string) (err error) {
	conn, err := SQL(s.place.Engine, s.place.URL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement[:min(len(statement), 40)], err)
	}
	return nil
}
