package dbtest_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// Other shop systems had holes where one engine compared texts more loosely than
// the other.
func TestTextsAreComparedBytewise(t *testing.T) {
	keys := []string{"a", "A", "a ", "\u00e1", "a\u0301", "ア", "ｱ", "あ", "𠮷", "吉", "髙", "高", "a%", "a'", `a\`, "a?", "?0"}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			for _, key := range keys {
				first, _, err := db.Remember(ctx, tx, 1, key, "answer to "+key, fixture.Start)
				if err != nil {
					return err
				}
				if !first {
					t.Errorf("%q is taken for another key", key)
				}
			}
			return nil
		})
		for _, key := range keys {
			if got := must(db.Answer(t.Context(), d, 1, key))(t); got != "answer to "+key {
				t.Errorf("%q reads %q", key, got)
			}
		}
	})
}

func TestTextsAreOrderedBytewise(t *testing.T) {
	codes := []string{"b", "あ", "Z", "ア", "a", "一", "ゐ"}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			for i, mail := range codes {
				m := member(byte(i+1), mail)
				if err := db.InsertStaff(ctx, tx, m, "hash", fixture.Start); err != nil {
					return err
				}
				if err := db.SetStaffRole(ctx, tx, 1, m.ID, m.Role); err != nil {
					return err
				}
			}
			return nil
		})
		var got []string
		for _, m := range must(db.StaffOf(t.Context(), d, 1))(t) {
			got = append(got, m.Mail)
		}
		if !slices.IsSorted(got) || len(got) != len(codes) {
			t.Errorf("order %q, want that of the bytes", got)
		}
	})
}

func TestNULIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, text := range []string{"\x00", "a\x00b", "a\x00"} {
			err := try(t, d, func(ctx context.Context, tx db.Tx) error {
				_, _, err := db.Remember(ctx, tx, 1, "nul", text, fixture.Start)
				return err
			})
			if err == nil {
				t.Errorf("%q was taken, and reads %q", text, must(db.Answer(t.Context(), d, 1, "nul"))(t))
			}
		}
	})
}

func TestTimesKeepTheirMicroseconds(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*60*60)
	instants := []time.Time{
		time.Date(2026, 12, 1, 9, 0, 0, 123_456_000, tokyo),
		time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 12, 1, 0, 0, 0, 1_999, time.UTC), // cut, not rounded
		time.Date(1899, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for i, instant := range instants {
			c := customer.Customer{ID: ident.ID{byte(i)}, Number: instant.String(), CreatedAt: instant}
			c.ID[15] = 1
			write(t, d, func(ctx context.Context, tx db.Tx) error { return db.InsertCustomer(ctx, tx, 1, c, "") })
			got := must(db.Customer(t.Context(), d, 1, c.ID))(t).CreatedAt
			if want := instant.UTC().Truncate(time.Microsecond); got != want {
				t.Errorf("%s reads %s, want %s", instant, got, want)
			}
		}
	})
}

func TestIDsAreOrderedAsTheirBytes(t *testing.T) {
	ids := []ident.ID{{0: 0xff}, {0: 0x7f}, {0: 0x80}, {15: 1}, {0: 0x30}, {15: 0xff}}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, _ := twins(t, d)
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			for _, id := range ids {
				address := one.Address
				address.ID = id
				if err := db.InsertAddress(ctx, tx, 1, address, fixture.Start); err != nil {
					return err
				}
			}
			return nil
		})
		list := must(db.AddressesOf(t.Context(), d, 1, one.Customer.ID))(t)
		if len(list) != len(ids)+1 {
			t.Errorf("read %d addresses, want %d", len(list), len(ids)+1)
		}
		if !slices.IsSortedFunc(list, func(a, b customer.Address) int { return a.ID.Compare(b.ID) }) {
			t.Errorf("order %v", list)
		}
	})
}
