package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/teiki-commerce/teiki/internal/db"
)

// Adopt makes the database belong to the instance secret of this installation: a
// person's word that it is to charge and mail from here. Secrets sealed with the
// old one can no longer be opened and must be entered again.
func Adopt(ctx context.Context, place Place) (err error) {
	d, err := OpenDatabase(ctx, place.Data, place.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	box, locked, err := guard(ctx, d, place.SecretFile)
	if err != nil {
		return err
	}
	if !locked {
		return errors.New("this database belongs to this installation already")
	}
	err = d.Write(ctx, func(ctx context.Context, tx db.Tx) error { return db.ConfirmInstance(ctx, tx, box.Check()) })
	if err != nil {
		return fmt.Errorf("confirm the instance: %w", err)
	}
	return nil
}
