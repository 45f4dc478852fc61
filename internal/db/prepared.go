package db

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// prepared knows when the statements that PostgreSQL's connections have prepared
// are of a schema that another process has changed since. The server refuses such a
// statement for as long as it is kept, and a connection may have hundreds.
type prepared struct{ schema atomic.Uint64 }

// outdated tells of a statement that was refused.
func (p *prepared) outdated() { p.schema.Add(1) }

// keptOf is where a connection keeps of which schema its statements are.
const keptOf = "schema"

// renew is called before a connection is used again: it forgets what was prepared
// before a statement was refused, on whichever connection.
func (p *prepared) renew(ctx context.Context, c *pgx.Conn) error {
	now := p.schema.Load()
	kept, _ := c.PgConn().CustomData()[keptOf].(uint64)
	if kept == now {
		return nil
	}
	if err := c.DeallocateAll(ctx); err != nil {
		return err
	}
	c.PgConn().CustomData()[keptOf] = now
	return nil
}

// isOutdated reports whether a statement was refused because tables are not as they
// were when it was prepared. PostgreSQL has no code of its own for it: among those of
// the general one ("not supported") it is told by the routine that says so.
func isOutdated(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == pgNotSupported && pg.Routine == "RevalidateCachedQuery"
}
