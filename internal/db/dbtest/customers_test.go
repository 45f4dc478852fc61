package dbtest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// twins puts the same person, with equal ids, into both stores.
func twins(t *testing.T, d *db.DB) (one, two fixture.Person) {
	t.Helper()
	return fixture.Customer(t, d, fixture.IDs(), 1, "hana@example.jp"),
		fixture.Customer(t, d, fixture.IDs(), 2, "hana@example.jp")
}

func TestCustomerReadsBackAsWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, _ := twins(t, d)
		ctx := t.Context()
		if diff := cmp.Diff(one.Customer, must(db.Customer(ctx, d, 1, one.Customer.ID))(t)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]customer.Address{one.Address}, must(db.AddressesOf(ctx, d, 1, one.Customer.ID))(t)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]customer.Card{one.Card}, must(db.CardsOf(ctx, d, 1, one.Customer.ID))(t)); diff != "" {
			t.Error(diff)
		}
		ids := []ident.ID{one.Customer.ID, {1}}
		if diff := cmp.Diff(map[ident.ID]customer.Customer{one.Customer.ID: one.Customer},
			must(db.CustomersByIDs(ctx, d, 1, ids))(t)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(map[ident.ID]customer.Address{one.Address.ID: one.Address},
			must(db.AddressesByIDs(ctx, d, 1, []ident.ID{one.Address.ID}))(t)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(map[ident.ID]customer.Card{one.Card.ID: one.Card},
			must(db.CardsByIDs(ctx, d, 1, []ident.ID{one.Card.ID}))(t)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestChangesOfACustomerLeaveTheTwinInTheOtherStoreAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, two := twins(t, d)
		if one.Customer.ID != two.Customer.ID {
			t.Fatal("the twins have different ids")
		}
		changed := one
		changed.Customer.Name.Family, changed.Customer.Mail = "髙橋", "Hana2@Example.JP"
		changed.Address.Address.Street = "新宿9-9-9"
		changed.Card.ExpYear = 2034
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			if err := db.UpdateCustomer(ctx, tx, 1, changed.Customer); err != nil {
				return err
			}
			if err := db.UpdateAddress(ctx, tx, 1, changed.Address); err != nil {
				return err
			}
			if _, err := db.UpsertCard(ctx, tx, 1, changed.Card, fixture.Start); err != nil {
				return err
			}
			return db.SetPassword(ctx, tx, 1, one.Customer.ID, "hash-1")
		})
		ctx := t.Context()
		got, hash, err := db.CustomerByMail(ctx, d, 1, "HANA2@example.jp")
		if err != nil || got.Name.Family != "髙橋" || hash != "hash-1" || !got.HasLogin {
			t.Errorf("store 1 has %+v with hash %q, %v", got, hash, err)
		}
		same := must(db.Customer(ctx, d, 2, two.Customer.ID))(t)
		if diff := cmp.Diff(two.Customer, same); diff != "" {
			t.Errorf("store 2 changed: %s", diff)
		}
		if diff := cmp.Diff([]customer.Address{two.Address}, must(db.AddressesOf(ctx, d, 2, two.Customer.ID))(t)); diff != "" {
			t.Errorf("store 2 changed: %s", diff)
		}
		if diff := cmp.Diff([]customer.Card{two.Card}, must(db.CardsOf(ctx, d, 2, two.Customer.ID))(t)); diff != "" {
			t.Errorf("store 2 changed: %s", diff)
		}
		if _, _, err := db.CustomerByMail(ctx, d, 2, "hana2@example.jp"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("store 2 finds store 1's mail: %v", err)
		}
	})
}

func TestSecondSaveOfTheSameVersionIsStale(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, _ := twins(t, d)
		save := func(ctx context.Context, tx db.Tx) error {
			return errors.Join(db.UpdateCustomer(ctx, tx, 1, one.Customer), db.UpdateAddress(ctx, tx, 1, one.Address))
		}
		write(t, d, save)
		for name, fn := range map[string]func(context.Context, db.Tx) error{
			"customer": func(ctx context.Context, tx db.Tx) error { return db.UpdateCustomer(ctx, tx, 1, one.Customer) },
			"address":  func(ctx context.Context, tx db.Tx) error { return db.UpdateAddress(ctx, tx, 1, one.Address) },
		} {
			if err := try(t, d, fn); !errors.Is(err, db.ErrStale) {
				t.Errorf("second save of the %s: %v, want ErrStale", name, err)
			}
		}
	})
}

func TestAddressIsChangedByItsOwnCustomerOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, _ := twins(t, d)
		stolen := one.Address
		stolen.CustomerID, stolen.Address.Street = ident.ID{98}, "別の町1-1"
		err := try(t, d, func(ctx context.Context, tx db.Tx) error { return db.UpdateAddress(ctx, tx, 1, stolen) })
		if !errors.Is(err, db.ErrStale) {
			t.Errorf("another customer's change: %v, want ErrStale", err)
		}
		if diff := cmp.Diff([]customer.Address{one.Address}, must(db.AddressesOf(t.Context(), d, 1, one.Customer.ID))(t)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestMailIsTakenOncePerStoreWhateverItsCase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, _ := twins(t, d)
		again := customer.Customer{ID: ident.ID{9}, Number: "C9", Mail: "HANA@example.JP", CreatedAt: fixture.Start}
		err := try(t, d, func(ctx context.Context, tx db.Tx) error { return db.InsertCustomer(ctx, tx, 1, again, "") })
		if !db.IsUnique(err) {
			t.Errorf("a second %s in store 1: %v, want a unique violation", one.Customer.Mail, err)
		}
		// Phone customers have no mail, however many there are.
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			for _, id := range []byte{10, 11} {
				c := customer.Customer{ID: ident.ID{id}, Number: string('A' + rune(id)), CreatedAt: fixture.Start}
				if err := db.InsertCustomer(ctx, tx, 1, c, ""); err != nil {
					return err
				}
			}
			return nil
		})
		if _, _, err := db.CustomerByMail(t.Context(), d, 1, ""); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the empty mail finds somebody: %v", err)
		}
	})
}

func TestFirstGatewayIDIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := customer.Customer{ID: ident.ID{9}, Number: "C9", CreatedAt: fixture.Start}
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return errors.Join(db.InsertCustomer(ctx, tx, 1, c, ""), db.InsertCustomer(ctx, tx, 2, c, ""))
		})
		for _, try := range []string{"cus_first", "cus_second"} {
			write(t, d, func(ctx context.Context, tx db.Tx) error {
				kept, err := db.SetGatewayID(ctx, tx, 1, c.ID, try)
				if err == nil && kept != "cus_first" {
					t.Errorf("after %s the customer has %s", try, kept)
				}
				return err
			})
		}
		if other := must(db.Customer(t.Context(), d, 2, c.ID))(t); other.GatewayID != "" {
			t.Errorf("store 2 got %s", other.GatewayID)
		}
		err := try(t, d, func(ctx context.Context, tx db.Tx) error {
			_, err := db.SetGatewayID(ctx, tx, 1, ident.ID{77}, "cus_x")
			return err
		})
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("nobody's gateway id: %v, want ErrNotFound", err)
		}
	})
}

func TestCardKeepsItsFirstIDAndItsCustomer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, _ := twins(t, d)
		again := one.Card
		again.ID, again.ExpYear = ident.ID{99}, 2035
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			kept, err := db.UpsertCard(ctx, tx, 1, again, fixture.Start)
			if err == nil && (kept.ID != one.Card.ID || kept.ExpYear != 2035) {
				t.Errorf("kept %+v, want id %s and the new expiry", kept, one.Card.ID)
			}
			return err
		})
		stranger := one.Card
		stranger.CustomerID = ident.ID{98}
		err := try(t, d, func(ctx context.Context, tx db.Tx) error {
			if err := db.InsertCustomer(ctx, tx, 1,
				customer.Customer{ID: stranger.CustomerID, Number: "C98", CreatedAt: fixture.Start}, ""); err != nil {
				return err
			}
			_, err := db.UpsertCard(ctx, tx, 1, stranger, fixture.Start)
			return err
		})
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("another customer's card: %v, want ErrNotFound", err)
		}
	})
}
