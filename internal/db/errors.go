package db

import (
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrNotFound is returned where one row was asked for and none is there.
var ErrNotFound = errors.New("not found")

// found turns the driver's word for an empty result into ErrNotFound.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// ErrUnreadable is returned for a row that holds what no program of this schema
// writes. Like refused data it is the row's own fault: see IsData.
var ErrUnreadable = errors.New("unreadable row")

// PostgreSQL's codes (www.postgresql.org/docs/15/errcodes-appendix.html).
const (
	pgUniqueViolation      = "23505"
	pgCheckViolation       = "23514"
	pgSerialisationFailure = "40001"
	pgDeadlock             = "40P01"
	pgLockNotAvailable     = "55P03"
	pgNotSupported         = "0A000"
)

// IsUnique reports whether a unique constraint refused the write: somebody else
// was first.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == pgUniqueViolation
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) &&
		(lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// IsCheck reports whether a check constraint refused the write, such as stock
// below zero.
func IsCheck(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == pgCheckViolation
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code() == sqlite3.SQLITE_CONSTRAINT_CHECK
}

// IsRetryable reports whether the database gave the transaction up in favour of
// another, or for a change of the schema: the same work can simply run again.
func IsRetryable(err error) bool {
	if isOutdated(err) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == pgSerialisationFailure || pg.Code == pgDeadlock || pg.Code == pgLockNotAvailable
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && (lite.Code()&0xff == sqlite3.SQLITE_BUSY || lite.Code()&0xff == sqlite3.SQLITE_LOCKED)
}

// IsData reports whether the data themselves were refused (a constraint, a value
// out of range, an unreadable row): running the same work again fails again.
func IsData(err error) bool {
	if errors.Is(err, ErrUnreadable) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		class := pg.Code[:2]
		return class == "22" || class == "23"
	}
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		return false
	}
	primary := lite.Code() & 0xff
	return primary == sqlite3.SQLITE_CONSTRAINT || primary == sqlite3.SQLITE_MISMATCH ||
		primary == sqlite3.SQLITE_TOOBIG || primary == sqlite3.SQLITE_RANGE
}
