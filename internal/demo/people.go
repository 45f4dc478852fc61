package demo

import (
	"context"
	"fmt"

	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
)

// staff makes the owner.
func (s seeder) staff(ctx context.Context, passwordHash string) error {
	owner := staff.Member{ID: s.newID(), Mail: OwnerMail, Name: "森 あかね", Lang: "ja"}
	if err := db.InsertStaff(ctx, s.tx, owner, passwordHash, s.now); err != nil {
		return err
	}
	return db.SetStaffRole(ctx, s.tx, StoreID, owner.ID, staff.RoleOwner)
}

// customer makes somebody who has registered and bought nothing yet.
func (s seeder) customer(ctx context.Context, passwordHash string) error {
	number, err := db.TakeNumbersTx(ctx, s.tx, StoreID, db.NumberCustomer, 1)
	if err != nil {
		return err
	}
	const phone = "090-5550-0142"
	name := place.Name{Family: "早川", Given: "千尋", FamilyKana: "ハヤカワ", GivenKana: "チヒロ"}
	buyer := customer.Customer{
		ID: s.newID(), Number: fmt.Sprintf("C%06d", number), Name: name, Mail: CustomerMail, Phone: phone,
		Lang: "ja", CreatedAt: s.now,
	}
	if err := db.InsertCustomer(ctx, s.tx, StoreID, buyer, passwordHash); err != nil {
		return err
	}
	return db.InsertAddress(ctx, s.tx, StoreID, customer.Address{
		ID: s.newID(), CustomerID: buyer.ID, Address: place.Address{
			Country: "JP", Postcode: "167-0042", Region: "JP-13", City: "杉並区", Street: "西荻北3-18-6",
			Building: "メゾン西荻 203", Name: name, Phone: phone,
		},
	}, s.now)
}
