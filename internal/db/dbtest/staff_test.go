package dbtest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

func member(id byte, mail string) staff.Member {
	return staff.Member{ID: ident.ID{id}, Mail: mail, Name: "雲雀 奏", Lang: "ja", Role: staff.RoleOwner, Version: 1}
}

func TestStaffEnterOnlyStoresThatGaveThemARole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		owner := member(1, "kanade@hibari.example")
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return errors.Join(
				db.InsertStaff(ctx, tx, owner, "hash-1", fixture.Start),
				db.SetStaffRole(ctx, tx, 1, owner.ID, staff.RoleViewer),
				db.SetStaffRole(ctx, tx, 1, owner.ID, staff.RoleOwner),
			)
		})
		got, hash, err := db.StaffByMail(ctx, d, 1, "Kanade@Hibari.example")
		if diff := cmp.Diff(owner, got); diff != "" || hash != "hash-1" || err != nil {
			t.Errorf("hash %q, %v: %s", hash, err, diff)
		}
		if diff := cmp.Diff([]staff.Member{owner}, must(db.StaffOf(ctx, d, 1))(t)); diff != "" {
			t.Error(diff)
		}
		if _, _, err := db.StaffByMail(ctx, d, 2, owner.Mail); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("store 2 by mail: %v, want ErrNotFound", err)
		}
		if _, err := db.StaffByID(ctx, d, 2, owner.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("store 2 by id: %v, want ErrNotFound", err)
		}
		if list := must(db.StaffOf(ctx, d, 2))(t); len(list) != 0 {
			t.Errorf("store 2 lists %v", list)
		}

		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return errors.Join(
				db.SetStaffRole(ctx, tx, 2, owner.ID, staff.RoleViewer),
				db.SetStaffRole(ctx, tx, 1, owner.ID, ""),
				db.SetStaffPassword(ctx, tx, owner.ID, 1, "hash-2"),
			)
		})
		if _, err := db.StaffByID(ctx, d, 1, owner.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("store 1 after the role was taken away: %v, want ErrNotFound", err)
		}
		got, hash, err = db.StaffByMail(ctx, d, 2, owner.Mail)
		if got.Role != staff.RoleViewer || got.Version != 2 || hash != "hash-2" || err != nil {
			t.Errorf("store 2 has role %q, version %d and hash %q, %v", got.Role, got.Version, hash, err)
		}
	})
}

func TestStaffMailIsTakenOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return db.InsertStaff(ctx, tx, member(1, "kanade@hibari.example"), "hash", fixture.Start)
		})
		err := try(t, d, func(ctx context.Context, tx db.Tx) error {
			return db.InsertStaff(ctx, tx, member(2, "KANADE@hibari.example"), "hash", fixture.Start)
		})
		if !db.IsUnique(err) {
			t.Errorf("second person: %v, want a unique violation", err)
		}
		err = try(t, d, func(ctx context.Context, tx db.Tx) error {
			return db.SetStaffPassword(ctx, tx, ident.ID{1}, 7, "hash")
		})
		if !errors.Is(err, db.ErrStale) {
			t.Errorf("password of a version that is gone: %v, want ErrStale", err)
		}
	})
}
