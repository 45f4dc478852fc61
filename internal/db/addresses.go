package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

type addressRow struct {
	bun.BaseModel `bun:"table:addresses"`

	StoreID    int64
	ID         uid
	CustomerID uid
	Country    place.Country
	Postcode   string
	Region     string
	City       string
	Street     string
	Building   string
	Family     string
	Given      string
	FamilyKana string
	GivenKana  string
	Phone      string
	Version    int64
	CreatedAt  instant
}

func (r addressRow) core() customer.Address {
	return customer.Address{
		ID: ident.ID(r.ID), CustomerID: ident.ID(r.CustomerID), Version: r.Version,
		Address: place.Address{
			Country: r.Country, Postcode: r.Postcode, Region: r.Region, City: r.City,
			Street: r.Street, Building: r.Building, Phone: r.Phone,
			Name: place.Name{
				Family: r.Family, Given: r.Given, FamilyKana: r.FamilyKana, GivenKana: r.GivenKana,
			},
		},
	}
}

func addressRowOf(storeID int64, a customer.Address) addressRow {
	return addressRow{
		StoreID: storeID, ID: uid(a.ID), CustomerID: uid(a.CustomerID),
		Country: a.Address.Country, Postcode: a.Address.Postcode, Region: a.Address.Region,
		City: a.Address.City, Street: a.Address.Street, Building: a.Address.Building,
		Family: a.Address.Name.Family, Given: a.Address.Name.Given,
		FamilyKana: a.Address.Name.FamilyKana, GivenKana: a.Address.Name.GivenKana,
		Phone: a.Address.Phone, Version: a.Version,
	}
}

// InsertAddress adds an address of a customer as version 1.
func InsertAddress(ctx context.Context, tx Tx, storeID int64, a customer.Address, now time.Time) error {
	row := addressRowOf(storeID, a)
	row.Version, row.CreatedAt = 1, at(now)
	err := insertRow(ctx, tx, row)
	return doing("insert address", err)
}

// UpdateAddress saves the version that the caller read; ErrStale where it
// changed meanwhile or is another customer's.
func UpdateAddress(ctx context.Context, tx Tx, storeID int64, a customer.Address) error {
	row := addressRowOf(storeID, a)
	result, err := tx.ExecContext(ctx, `UPDATE addresses SET country = ?, postcode = ?, region = ?, city = ?, street = ?,
			building = ?, family = ?, given = ?, family_kana = ?, given_kana = ?, phone = ?, version = version + 1
		WHERE store_id = ? AND id = ? AND customer_id = ? AND version = ?`,
		row.Country, row.Postcode, row.Region, row.City, row.Street, row.Building, row.Family, row.Given,
		row.FamilyKana, row.GivenKana, row.Phone, storeID, row.ID, row.CustomerID, a.Version)
	return hit(result, err, ErrStale, "update address")
}

// AddressesOf reads a customer's addresses, the oldest first.
func AddressesOf(ctx context.Context, c Conn, storeID int64, customerID ident.ID) ([]customer.Address, error) {
	rows, err := rowsOf[addressRow](ctx, c, "WHERE store_id = ? AND customer_id = ? ORDER BY id", storeID, uid(customerID))
	list := make([]customer.Address, len(rows))
	for i, row := range rows {
		list[i] = row.core()
	}
	return list, doing("read addresses of customer", err)
}

// AddressesByIDs reads a set of addresses; those not there are missing from it.
func AddressesByIDs(ctx context.Context, c Conn, storeID int64, ids []ident.ID) (map[ident.ID]customer.Address, error) {
	set := make(map[ident.ID]customer.Address, len(ids))
	if len(ids) == 0 {
		return set, nil
	}
	rows, err := rowsOf[addressRow](ctx, c, "WHERE store_id = ? AND id IN (?)", storeID, in(uids(ids)))
	for _, row := range rows {
		set[ident.ID(row.ID)] = row.core()
	}
	return set, doing("read addresses", err)
}
