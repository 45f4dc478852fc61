package db

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"
)

// Installation is the one row that says which instance secret the database
// belongs to.
type Installation struct {
	SecretCheck string // seal.Box.Check of the secret it was sealed with
	Confirmed   bool   // a person has said that this is no copy of a running installation
	DemoOffset  time.Duration
	CreatedAt   time.Time
}

// ErrBackwards is returned for a demo clock that would go back.
var ErrBackwards = errors.New("the clock goes forward only")

type instanceRow struct {
	bun.BaseModel `bun:"table:instance"`

	ID           int
	SecretCheck  string
	Confirmed    bool
	DemoOffsetUs int64
	CreatedAt    instant
}

// instanceID is the id of the only row.
const instanceID = 1

// Instance reads the installation; ErrNotFound before CreateInstance.
func Instance(ctx context.Context, c Conn) (Installation, error) {
	row, err := rowOf[instanceRow](ctx, c, "WHERE id = ?", instanceID)
	if err != nil {
		return Installation{}, doing("read instance", err)
	}
	return Installation{
		SecretCheck: row.SecretCheck, Confirmed: row.Confirmed,
		DemoOffset: time.Duration(row.DemoOffsetUs) * time.Microsecond, CreatedAt: row.CreatedAt.time(),
	}, nil
}

// CreateInstance records the secret of a new database, confirmed. Where another
// process was first its row stays: read Instance afterwards.
func CreateInstance(ctx context.Context, tx Tx, check string, now time.Time) error {
	row := instanceRow{ID: instanceID, SecretCheck: check, Confirmed: true, CreatedAt: at(now)}
	_, err := insertOr(ctx, tx, []instanceRow{row}, "ON CONFLICT (id) DO NOTHING")
	return doing("create instance", err)
}

// ConfirmInstance records that the database belongs to the installation with
// this secret from now on, as a person has decided.
func ConfirmInstance(ctx context.Context, tx Tx, check string) error {
	result, err := tx.ExecContext(ctx, "UPDATE instance SET secret_check = ?, confirmed = ? WHERE id = ?", check, true, instanceID)
	return hit(result, err, ErrNotFound, "confirm instance")
}

// DemoOffset is how far the business clock of a demo is ahead; zero before
// CreateInstance.
func DemoOffset(ctx context.Context, c Conn) (time.Duration, error) {
	instance, err := Instance(ctx, c)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return instance.DemoOffset, err
}

// SetDemoOffset moves the demo's clock, forward only: ErrBackwards otherwise.
func SetDemoOffset(ctx context.Context, tx Tx, offset time.Duration) error {
	result, err := tx.ExecContext(ctx, "UPDATE instance SET demo_offset_us = ? WHERE id = ? AND demo_offset_us <= ?", offset.Microseconds(), instanceID, offset.Microseconds())
	return hit(result, err, ErrBackwards, "move the demo's clock")
}
