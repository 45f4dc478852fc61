package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// Cart of a browser, or of a customer once logged in.
type Cart struct {
	ID         ident.ID
	CustomerID ident.ID // zero: a guest's
	Lines      []CartLine
	Checkout   json.RawMessage // what the checkout has asked so far; the pages' own document
	Version    int64
	UpdatedAt  time.Time
}

// CartLine is a variant in a cart. The zero cycle is a one-off purchase; Count
// is the fixed number of deliveries, 0 until cancelled.
type CartLine struct {
	ID        ident.ID
	VariantID ident.ID
	Quantity  int64
	Cycle     calendar.Cycle
	Count     int
}

// sameGoods reports whether two lines differ in their quantity only.
func (l CartLine) sameGoods(other CartLine) bool {
	return l.VariantID == other.VariantID && l.Cycle == other.Cycle && l.Count == other.Count
}

type cartRow struct {
	bun.BaseModel `bun:"table:carts"`

	StoreID    int64
	ID         uid
	CustomerID uid
	Checkout   string
	Version    int64
	UpdatedAt  instant
}

type cartLineRow struct {
	bun.BaseModel `bun:"table:cart_lines"`

	StoreID   int64
	ID        uid
	CartID    uid
	VariantID uid
	Quantity  int64
	Cycle     string
	Count     int
	Position  int
}

// emptyCheckout is the document of a cart whose checkout has not begun.
const emptyCheckout = "{}"

// InsertCart adds an empty cart. customerID is zero for a guest's.
func InsertCart(ctx context.Context, tx Tx, storeID int64, id, customerID ident.ID, now time.Time) error {
	row := cartRow{
		StoreID: storeID, ID: uid(id), CustomerID: uid(customerID),
		Checkout: emptyCheckout, Version: 1, UpdatedAt: at(now),
	}
	err := insertRow(ctx, tx, row)
	return doing("insert cart", err)
}

// CartByID reads a cart with its lines in the order they were added.
func CartByID(ctx context.Context, c Conn, storeID int64, id ident.ID) (Cart, error) {
	row, err := rowOf[cartRow](ctx, c, "WHERE store_id = ? AND id = ?", storeID, uid(id))
	if err != nil {
		return Cart{}, doing("read cart", err)
	}
	return withLines(ctx, c, row)
}

// CartOf reads the customer's cart, or ErrNotFound.
func CartOf(ctx context.Context, c Conn, storeID int64, customerID ident.ID) (Cart, error) {
	row, err := rowOf[cartRow](ctx, c, "WHERE store_id = ? AND customer_id = ? ORDER BY id DESC LIMIT 1", storeID, uid(customerID))
	if err != nil {
		return Cart{}, doing("read cart of customer", err)
	}
	return withLines(ctx, c, row)
}

func withLines(ctx context.Context, c Conn, row cartRow) (Cart, error) {
	lines, err := rowsOf[cartLineRow](ctx, c, "WHERE store_id = ? AND cart_id = ? ORDER BY position, id", row.StoreID, row.ID)
	if err != nil {
		return Cart{}, doing("read cart lines", err)
	}
	cart := Cart{
		ID: ident.ID(row.ID), CustomerID: ident.ID(row.CustomerID), Checkout: json.RawMessage(row.Checkout),
		Version: row.Version, UpdatedAt: row.UpdatedAt.time(), Lines: make([]CartLine, len(lines)),
	}
	for i, line := range lines {
		var cycle calendar.Cycle
		if err := cycle.UnmarshalText([]byte(line.Cycle)); err != nil {
			return Cart{}, fmt.Errorf("read cart line: cycle %q: %w", line.Cycle, err)
		}
		cart.Lines[i] = CartLine{
			ID: ident.ID(line.ID), VariantID: ident.ID(line.VariantID),
			Quantity: line.Quantity, Cycle: cycle, Count: line.Count,
		}
	}
	return cart, nil
}

// AddCartLine puts goods into a cart: onto the line that holds the same variant
// with the same cycle and count, else as a new last line.
func AddCartLine(ctx context.Context, tx Tx, storeID int64, cartID ident.ID, line CartLine, now time.Time) error {
	if err := touchCart(ctx, tx, storeID, cartID, now); err != nil {
		return err
	}
	cart, err := CartByID(ctx, tx, storeID, cartID)
	if err != nil {
		return err
	}
	for _, there := range cart.Lines {
		if there.sameGoods(line) {
			return setQuantity(ctx, tx, storeID, cartID, there.ID, there.Quantity+line.Quantity)
		}
	}
	row := cartLineRow{
		StoreID: storeID, ID: uid(line.ID), CartID: uid(cartID), VariantID: uid(line.VariantID),
		Quantity: line.Quantity, Cycle: line.Cycle.String(), Count: line.Count,
	}
	err = tx.Scan(ctx, &row.Position, "SELECT COALESCE(MAX(position), 0) + 1 FROM cart_lines WHERE store_id = ? AND cart_id = ?",
		storeID, uid(cartID))
	if err != nil {
		return doing("find the end of the cart", err)
	}
	return doing("add cart line", insertRow(ctx, tx, row))
}

// SetCartQuantity changes how many pieces a line holds, at least one.
func SetCartQuantity(ctx context.Context, tx Tx, storeID int64, cartID, lineID ident.ID, quantity int64, now time.Time) error {
	if err := touchCart(ctx, tx, storeID, cartID, now); err != nil {
		return err
	}
	return setQuantity(ctx, tx, storeID, cartID, lineID, quantity)
}

func setQuantity(ctx context.Context, tx Tx, storeID int64, cartID, lineID ident.ID, quantity int64) error {
	result, err := tx.ExecContext(ctx, "UPDATE cart_lines SET quantity = ? WHERE store_id = ? AND cart_id = ? AND id = ?", quantity, storeID, uid(cartID), uid(lineID))
	return hit(result, err, ErrNotFound, "set quantity of cart line")
}

// RemoveCartLine takes a line out; one that is not there is no error, since two
// tabs may both remove it.
func RemoveCartLine(ctx context.Context, tx Tx, storeID int64, cartID, lineID ident.ID, now time.Time) error {
	if err := touchCart(ctx, tx, storeID, cartID, now); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM cart_lines WHERE store_id = ? AND cart_id = ? AND id = ?", storeID, uid(cartID), uid(lineID))
	return doing("remove cart line", err)
}

// SaveCheckout keeps what the checkout has asked so far.
func SaveCheckout(ctx context.Context, tx Tx, storeID int64, cartID ident.ID, document json.RawMessage, now time.Time) error {
	result, err := tx.ExecContext(ctx, `UPDATE carts SET checkout = ?, version = version + 1, updated_at = ?
		WHERE store_id = ? AND id = ?`, string(document), at(now), storeID, uid(cartID))
	return hit(result, err, ErrNotFound, "save checkout")
}

// AdoptCart gives a guest's cart to the customer who logged in and returns the
// id of the cart to go on with: the guest's, or the one the customer had, with
// the guest's goods added to it.
func AdoptCart(ctx context.Context, tx Tx, storeID int64, guestCartID, customerID ident.ID, now time.Time) (ident.ID, error) {
	guest, err := CartByID(ctx, tx, storeID, guestCartID)
	if err != nil {
		return ident.ID{}, err
	}
	if !guest.CustomerID.IsZero() && guest.CustomerID != customerID {
		return ident.ID{}, fmt.Errorf("adopt cart of another customer: %w", ErrNotFound)
	}
	own, err := CartOf(ctx, tx, storeID, customerID)
	if errors.Is(err, ErrNotFound) {
		result, err := tx.ExecContext(ctx, `UPDATE carts SET customer_id = ?, version = version + 1, updated_at = ?
		WHERE store_id = ? AND id = ?`, uid(customerID), at(now), storeID, uid(guestCartID))
		return guestCartID, hit(result, err, ErrNotFound, "adopt cart")
	}
	if err != nil || own.ID == guestCartID {
		return own.ID, err
	}
	if err := DeleteCart(ctx, tx, storeID, guestCartID); err != nil {
		return ident.ID{}, err
	}
	for _, line := range guest.Lines {
		if err := AddCartLine(ctx, tx, storeID, own.ID, line, now); err != nil {
			return ident.ID{}, err
		}
	}
	return own.ID, nil
}

// DeleteCart removes a cart and its lines.
func DeleteCart(ctx context.Context, tx Tx, storeID int64, id ident.ID) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM cart_lines WHERE store_id = ? AND cart_id = ?", storeID, uid(id))
	if err != nil {
		return doing("delete cart lines", err)
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM carts WHERE store_id = ? AND id = ?", storeID, uid(id))
	return doing("delete cart", err)
}

// touchCart gives the cart its next version. It comes first: the row it locks
// makes two tabs of one cart work one after the other.
func touchCart(ctx context.Context, tx Tx, storeID int64, id ident.ID, now time.Time) error {
	result, err := tx.ExecContext(ctx, "UPDATE carts SET version = version + 1, updated_at = ? WHERE store_id = ? AND id = ?", at(now), storeID, uid(id))
	return hit(result, err, ErrNotFound, "change cart")
}

// TakeCart removes a cart that is being ordered, unless it changed since it was
// read at the version (ErrStale).
func TakeCart(ctx context.Context, tx Tx, storeID int64, id ident.ID, version int64) error {
	result, err := tx.ExecContext(ctx, "UPDATE carts SET version = version + 1 WHERE store_id = ? AND id = ? AND version = ?", storeID, uid(id), version)
	if err := hit(result, err, ErrStale, "take cart"); err != nil {
		return err
	}
	return DeleteCart(ctx, tx, storeID, id)
}
