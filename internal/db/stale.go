package db

import (
	"database/sql"
	"errors"
	"fmt"
)

// ErrStale is returned when a row was changed since the caller read it: its
// version is another, and nothing was written.
var ErrStale = errors.New("changed meanwhile")

// hit turns the result of a write that must change a row into an error: none
// where no row was there to change.
func hit(result sql.Result, err, none error, doing string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if rows == 0 {
		return fmt.Errorf("%s: %w", doing, none)
	}
	return nil
}

// doing wraps an error with what was being done; an empty result becomes
// ErrNotFound.
func doing(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, found(err))
}
