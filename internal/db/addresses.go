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
	_, err := tx.NewInsert().Model(&row).Exec(ctx)
	return doing("insert address", err)
}

// UpdateAddress saves the version that the caller read; ErrStale where it
// changed meanwhile or is another customer's.
func UpdateAddress(ctx context.Context, tx Tx, storeID int64, a customer.Address) error {
	row := addressRowOf(storeID, a)
	row.Version++
	result, err := tx.NewUpdate().Model(&row).
		ExcludeColumn("store_id", "id", "customer_id", "created_at").
		Where("store_id = ?", storeID).Where("id = ?", row.ID).
		Where("customer_id = ?", row.CustomerID).Where("version = ?", a.Version).
		Exec(ctx)
	return hit(result, err, ErrStale, "update address")
}

// AddressesOf reads a customer's addresses, the oldest first.
func AddressesOf(ctx context.Context, c Conn, storeID int64, customerID ident.ID) ([]customer.Address, error) {
	var rows []addressRow
	err := c.conn().NewSelect().Model(&rows).
		Where("store_id = ?", storeID).Where("customer_id = ?", uid(customerID)).Order("id").Scan(ctx)
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
	var rows []addressRow
	err := c.conn().NewSelect().Model(&rows).
		Where("store_id = ?", storeID).Where("id IN (?)", bun.List(uids(ids))).Scan(ctx)
	for _, row := range rows {
		set[ident.ID(row.ID)] = row.core()
	}
	return set, doing("read addresses", err)
}
