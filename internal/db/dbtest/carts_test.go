package dbtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

var (
	cartID    = ident.ID{40}
	otherCart = ident.ID{41}
	monthly   = calendar.Cycle{Every: 1, Unit: calendar.UnitMonth}
)

func line(id byte, quantity int64, cycle calendar.Cycle) db.CartLine {
	return db.CartLine{ID: ident.ID{id}, VariantID: ident.ID{7}, Quantity: quantity, Cycle: cycle}
}

func TestCartKeepsOneLinePerGoodsAndCycle(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		later := fixture.Start.Add(time.Minute)
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			for _, store := range dbtest.Stores {
				if err := db.InsertCart(ctx, tx, store, cartID, ident.ID{}, fixture.Start); err != nil {
					return err
				}
			}
			return errors.Join(
				db.AddCartLine(ctx, tx, 1, cartID, line(3, 1, calendar.Cycle{}), later),
				db.AddCartLine(ctx, tx, 1, cartID, line(1, 1, monthly), later),
				db.AddCartLine(ctx, tx, 1, cartID, line(2, 2, monthly), later),
			)
		})
		want := db.Cart{
			ID: cartID, Checkout: json.RawMessage("{}"), Version: 4, UpdatedAt: later,
			Lines: []db.CartLine{line(3, 1, calendar.Cycle{}), line(1, 3, monthly)},
		}
		if diff := cmp.Diff(want, must(db.CartByID(t.Context(), d, 1, cartID))(t)); diff != "" {
			t.Error(diff)
		}
		other := must(db.CartByID(t.Context(), d, 2, cartID))(t)
		if len(other.Lines) != 0 || other.Version != 1 {
			t.Errorf("store 2's cart changed: %+v", other)
		}
	})
}

func TestCartChangesAndGoes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			for _, store := range dbtest.Stores {
				if err := errors.Join(
					db.InsertCart(ctx, tx, store, cartID, ident.ID{}, fixture.Start),
					db.AddCartLine(ctx, tx, store, cartID, line(1, 1, monthly), fixture.Start),
					db.AddCartLine(ctx, tx, store, cartID, line(2, 1, calendar.Cycle{}), fixture.Start),
				); err != nil {
					return err
				}
			}
			return nil
		})
		before := must(db.CartByID(ctx, d, 2, cartID))(t)
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return errors.Join(
				db.SetCartQuantity(ctx, tx, 1, cartID, ident.ID{1}, 5, fixture.Start),
				db.RemoveCartLine(ctx, tx, 1, cartID, ident.ID{2}, fixture.Start),
				db.RemoveCartLine(ctx, tx, 1, cartID, ident.ID{2}, fixture.Start),
				db.SaveCheckout(ctx, tx, 1, cartID, json.RawMessage(`{"slot":"1820"}`), fixture.Start),
			)
		})
		got := must(db.CartByID(ctx, d, 1, cartID))(t)
		if diff := cmp.Diff([]db.CartLine{line(1, 5, monthly)}, got.Lines); diff != "" {
			t.Error(diff)
		}
		if string(got.Checkout) != `{"slot":"1820"}` || got.Version != 7 {
			t.Errorf("checkout %s in version %d, want the slot in version 7", got.Checkout, got.Version)
		}
		err := try(t, d, func(ctx context.Context, tx db.Tx) error {
			return db.SetCartQuantity(ctx, tx, 1, cartID, ident.ID{2}, 1, fixture.Start)
		})
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("quantity of a line that is gone: %v, want ErrNotFound", err)
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error { return db.DeleteCart(ctx, tx, 1, cartID) })
		if _, err := db.CartByID(ctx, d, 1, cartID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("after its end: %v, want ErrNotFound", err)
		}
		if diff := cmp.Diff(before, must(db.CartByID(ctx, d, 2, cartID))(t)); diff != "" {
			t.Errorf("store 2's cart changed: %s", diff)
		}
	})
}

func TestLoginKeepsTheGoodsOfBothCarts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		buyer := ident.ID{20}
		adopt := func(guest, customer ident.ID) (id ident.ID, err error) {
			err = try(t, d, func(ctx context.Context, tx db.Tx) error {
				id, err = db.AdoptCart(ctx, tx, 1, guest, customer, fixture.Start)
				return err
			})
			return id, err
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return errors.Join(
				db.InsertCart(ctx, tx, 1, cartID, ident.ID{}, fixture.Start),
				db.AddCartLine(ctx, tx, 1, cartID, line(1, 1, monthly), fixture.Start),
				db.InsertCart(ctx, tx, 1, otherCart, ident.ID{}, fixture.Start),
				db.AddCartLine(ctx, tx, 1, otherCart, line(2, 2, monthly), fixture.Start),
				db.AddCartLine(ctx, tx, 1, otherCart, line(3, 1, calendar.Cycle{}), fixture.Start),
			)
		})
		if _, err := db.CartOf(ctx, d, 1, buyer); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("before the login: %v, want ErrNotFound", err)
		}
		for range 2 { // the second login of one browser changes nothing
			if id := must(adopt(cartID, buyer))(t); id != cartID {
				t.Errorf("first cart: goes on with %s", id)
			}
		}
		if id := must(adopt(otherCart, buyer))(t); id != cartID {
			t.Errorf("second cart: goes on with %s, want the customer's", id)
		}
		got := must(db.CartOf(ctx, d, 1, buyer))(t)
		want := []db.CartLine{line(1, 3, monthly), line(3, 1, calendar.Cycle{})}
		if diff := cmp.Diff(want, got.Lines); diff != "" || got.ID != cartID {
			t.Errorf("cart %s: %s", got.ID, diff)
		}
		if _, err := db.CartByID(ctx, d, 1, otherCart); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the guest's cart is still there: %v", err)
		}
		if _, err := adopt(cartID, ident.ID{21}); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("another customer takes the cart: %v, want ErrNotFound", err)
		}
		if _, err := db.CartOf(ctx, d, 2, buyer); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("store 2 sees the cart: %v", err)
		}
	})
}
