package db

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// Kinds of prices that a customer has once of a product.
const (
	PriceFirst = "first" // 初回価格
	PriceTrial = "trial" // お試し価格
)

// PriceUse names a price that is given once.
type PriceUse struct {
	ProductID ident.ID
	Kind      string
}

// priceUseRow is one holder's use of such a price. Holder is the customer or the
// card's fingerprint, in one column, so that one key guards both.
type priceUseRow struct {
	bun.BaseModel `bun:"table:price_uses"`
	StoreID       int64
	ProductID     uid
	Kind          string
	Holder        string
	CustomerID    uid
	OrderID       uid
	UsedAt        instant
}

func customerHolder(id ident.ID) string    { return "customer:" + id.String() }
func cardHolder(fingerprint string) string { return "card:" + fingerprint }

// PricesUsed tells which of the products' prices the customer has had.
func PricesUsed(ctx context.Context, c Conn, storeID int64, customerID ident.ID, products []ident.ID) (map[PriceUse]bool, error) {
	used := map[PriceUse]bool{}
	if len(products) == 0 {
		return used, nil
	}
	rows, err := selectInto[priceUseRow](ctx, c, `SELECT product_id, kind FROM price_uses
		WHERE store_id = ? AND product_id IN (?) AND holder = ?`, storeID, in(uids(products)), customerHolder(customerID))
	if err != nil {
		return nil, fmt.Errorf("read prices a customer has had: %w", err)
	}
	for _, r := range rows {
		used[PriceUse{ident.ID(r.ProductID), r.Kind}] = true
	}
	return used, nil
}

// TakePrices keeps that a customer has had prices with an order. Whoever takes one
// a second time is refused: IsUnique.
func TakePrices(ctx context.Context, tx Tx, storeID int64, customerID, orderID ident.ID, uses []PriceUse, now time.Time) error {
	rows := make([]priceUseRow, len(uses))
	for i, u := range uses {
		rows[i] = priceUseRow{
			StoreID: storeID, ProductID: uid(u.ProductID), Kind: u.Kind, Holder: customerHolder(customerID),
			CustomerID: uid(customerID), OrderID: uid(orderID), UsedAt: at(now),
		}
	}
	return insert(ctx, tx, rows)
}

// PriceHolder is a customer who has a product's first price behind them.
type PriceHolder struct {
	CustomerID ident.ID
	ProductID  ident.ID
}

// ImportedSubscribers are those whose subscription began in another cart, once a
// product, as far as EnterFirstPrices was never told of them. One that was
// cancelled there before its first box does not count.
func ImportedSubscribers(ctx context.Context, c Conn, storeID int64) ([]PriceHolder, error) {
	rows, err := selectInto[priceUseRow](ctx, c, `SELECT DISTINCT s.customer_id, s.product_id FROM subscription_origins AS o
		JOIN subscriptions AS s ON s.store_id = o.store_id AND s.id = o.subscription_id
		WHERE o.store_id = ? AND (s.state <> 'cancelled' OR s.boxes_ordered > 0) AND NOT EXISTS (
			SELECT 1 FROM price_uses AS u WHERE u.store_id = s.store_id AND u.customer_id = s.customer_id
				AND u.product_id = s.product_id AND u.kind = ?)
		ORDER BY s.customer_id, s.product_id`, storeID, PriceFirst)
	if err != nil {
		return nil, fmt.Errorf("read imported subscribers: %w", err)
	}
	list := make([]PriceHolder, len(rows))
	for i, r := range rows {
		list[i] = PriceHolder{CustomerID: ident.ID(r.CustomerID), ProductID: ident.ID(r.ProductID)}
	}
	return list, nil
}

// EnterFirstPrices keeps of customers that they have had first prices elsewhere.
// Who has had one here, too, keeps that order's.
func EnterFirstPrices(ctx context.Context, tx Tx, storeID int64, list []PriceHolder, now time.Time) error {
	rows := make([]priceUseRow, len(list))
	for i, h := range list {
		rows[i] = priceUseRow{
			StoreID: storeID, ProductID: uid(h.ProductID), Kind: PriceFirst, Holder: customerHolder(h.CustomerID),
			CustomerID: uid(h.CustomerID), UsedAt: at(now),
		}
	}
	_, err := insertOr(ctx, tx, rows, "ON CONFLICT (store_id, product_id, kind, holder) DO NOTHING")
	return doing("enter first prices", err)
}

// FreePrices gives back the prices that an order had taken, with its customer's
// and its card's holders.
func FreePrices(ctx context.Context, tx Tx, storeID int64, orderID ident.ID) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM price_uses WHERE store_id = ? AND order_id = ?", storeID, uid(orderID))
	return doing("give prices back", err)
}

// TakePricesByCard adds the card that paid an order to the holders of its prices.
// It reports the products whose price the card has had before, with another order:
// their holder stays who it was.
func TakePricesByCard(ctx context.Context, tx Tx, storeID int64, orderID ident.ID, fingerprint string) ([]ident.ID, error) {
	if fingerprint == "" {
		return nil, nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO price_uses (store_id, product_id, kind, holder, customer_id, order_id, used_at)
		SELECT store_id, product_id, kind, ?, customer_id, order_id, used_at FROM price_uses
		WHERE store_id = ? AND order_id = ? AND holder LIKE 'customer:%'
		ON CONFLICT (store_id, product_id, kind, holder) DO NOTHING`, cardHolder(fingerprint), storeID, uid(orderID))
	if err != nil {
		return nil, doing("keep the card that had a price", err)
	}
	rows, err := selectInto[priceUseRow](ctx, tx, `SELECT c.product_id FROM price_uses AS c
		WHERE c.store_id = ? AND c.holder = ? AND c.order_id <> ? AND (c.product_id, c.kind) IN (
			SELECT product_id, kind FROM price_uses WHERE store_id = ? AND order_id = ?)
		ORDER BY c.product_id`, storeID, cardHolder(fingerprint), uid(orderID), storeID, uid(orderID))
	return productIDs(rows), doing("read who had a price by card", err)
}

// Household is where a parcel goes, as far as it tells one household from another.
type Household struct {
	CustomerID ident.ID
	Phone      string
	Postcode   string
	Street     string
	Building   string
}

// PricesUsedNearby are the products whose prices somebody else has had with the
// same phone number or the same address.
func PricesUsedNearby(ctx context.Context, c Conn, storeID int64, h Household, uses []PriceUse) ([]ident.ID, error) {
	if len(uses) == 0 {
		return nil, nil
	}
	products := make([]ident.ID, len(uses))
	wanted := map[PriceUse]bool{}
	for i, u := range uses {
		products[i], wanted[u] = u.ProductID, true
	}
	// CROSS JOIN has SQLite begin with the few neighbours and not with all who ever
	// had the price.
	rows, err := selectInto[priceUseRow](ctx, c, `SELECT DISTINCT u.product_id, u.kind FROM (
			SELECT customer_id FROM addresses WHERE store_id = ? AND phone = ? AND phone <> ''
			UNION SELECT customer_id FROM addresses WHERE store_id = ? AND postcode = ? AND postcode <> ''
				AND street = ? AND building = ?) AS n
		CROSS JOIN price_uses AS u
		WHERE u.store_id = ? AND u.customer_id = n.customer_id AND u.customer_id <> ? AND u.product_id IN (?)
		ORDER BY u.product_id`,
		storeID, h.Phone, storeID, h.Postcode, h.Street, h.Building, storeID, uid(h.CustomerID), in(uids(products)))
	if err != nil {
		return nil, doing("read who had a price nearby", err)
	}
	var hit []priceUseRow
	for _, r := range rows {
		if wanted[PriceUse{ident.ID(r.ProductID), r.Kind}] {
			hit = append(hit, r)
		}
	}
	return productIDs(hit), nil
}

func productIDs(rows []priceUseRow) []ident.ID {
	var ids []ident.ID
	for _, r := range rows {
		if n := len(ids); n == 0 || ids[n-1] != ident.ID(r.ProductID) {
			ids = append(ids, ident.ID(r.ProductID))
		}
	}
	return ids
}
