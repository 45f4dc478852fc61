package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

// lastRune makes of a text one that sorts after every text that begins alike.
const lastRune = "\U0010FFFF"

// searched is a column of customers that has an index for finding the beginning of
// a text, with the range of its values.
type searched struct{ column, from, until string }

// searchesOf are the columns in which a text is looked for: name, kana, the end of
// a phone number, mail. None where it holds nothing to look for.
func searchesOf(text string) []searched {
	folded := place.Fold(text)
	if folded == "" {
		return nil
	}
	list := []searched{{"name_search", folded, folded + lastRune}, {"kana_search", folded, folded + lastRune}}
	if digits := reversedDigits(text); len(digits) >= 4 {
		list = append(list, searched{"phone_search", digits, digits + lastRune})
	}
	if mail := place.MailAddress(text); mail != "" {
		list = append(list, searched{"mail", mail, mail + lastRune})
	}
	return list
}

// condition keeps the customers whose column is in the range.
func (s searched) condition() (string, []any) {
	return "(" + s.column + " >= ? AND " + s.column + " < ?)", []any{s.from, s.until}
}

// customersLike is a table of no more than limit ids for each way in which customers
// are found by a text.
func customersLike(storeID int64, text string, limit int) (table string, args []any) {
	parts, args := []string{"SELECT id FROM customers WHERE store_id = ? AND 1 = 0"}, []any{storeID}
	for _, s := range searchesOf(text) {
		condition, values := s.condition()
		parts = append(parts, "SELECT id FROM (SELECT id FROM customers WHERE store_id = ? AND "+condition+" LIMIT ?) AS "+s.column)
		args = append(append(append(args, storeID), values...), limit)
	}
	return strings.Join(parts, " UNION "), args
}

// CustomerKey is the place in the customers found by a text after which a search
// goes on: one who was found by the n-th of the ways to find customers. Zero is the
// beginning.
type CustomerKey struct {
	Way int
	ID  ident.ID
}

// IsZero reports whether the search is at its beginning.
func (k CustomerKey) IsZero() bool { return k == CustomerKey{} }

type foundRow struct {
	ID    uid
	Again bool
}

// matchingCustomers reads the next customers after a key whose name, kana or mail
// begins with the text or whose phone ends with it, in the order of the index by
// which each is found: no more than limit are read, however many there are. One who
// is found in a second way is left out. The key it returns is where to go on, zero
// at the end.
func matchingCustomers(ctx context.Context, c Conn, storeID int64, text string, after CustomerKey, limit int) ([]CustomerKey, CustomerKey, error) {
	var keys []CustomerKey
	again, args := "1 = 0", []any(nil)
	for way, s := range searchesOf(text) {
		condition, values := s.condition()
		if way >= after.Way && limit > 0 {
			query, all := "SELECT id, "+again+" AS again FROM customers WHERE store_id = ? AND ", append(slices.Clone(args), storeID)
			value, known := "", false
			if way == after.Way && !after.ID.IsZero() {
				// one who is gone, or is called otherwise by now, begins the way anew
				err := found(c.Scan(ctx, &value, "SELECT COALESCE("+s.column+", '') FROM customers WHERE store_id = ? AND id = ?", storeID, uid(after.ID)))
				if err != nil && !errors.Is(err, ErrNotFound) {
					return nil, CustomerKey{}, fmt.Errorf("go on searching customers: %w", err)
				}
				known = value >= s.from
			}
			if known {
				query, all = query+"("+s.column+", id) > (?, ?) AND "+s.column+" < ?", append(all, value, uid(after.ID), s.until)
			} else {
				query, all = query+condition, append(all, values...)
			}
			rows, err := selectInto[foundRow](ctx, c, query+" ORDER BY "+s.column+", id LIMIT ?", append(all, limit)...)
			if err != nil {
				return nil, CustomerKey{}, fmt.Errorf("search customers: %w", err)
			}
			for _, r := range rows {
				if !r.Again {
					keys = append(keys, CustomerKey{Way: way, ID: ident.ID(r.ID)})
				}
			}
			if limit -= len(rows); limit == 0 {
				return keys, CustomerKey{Way: way, ID: ident.ID(rows[len(rows)-1].ID)}, nil
			}
		}
		again, args = again+" OR "+condition, append(args, values...)
	}
	return keys, CustomerKey{}, nil
}

// searchCustomers is a page of the customers whom a text finds, before all the one
// whose number it is.
func searchCustomers(ctx context.Context, c Conn, storeID int64, text string, after CustomerKey, limit int) ([]customer.Customer, CustomerKey, error) {
	numbered, err := rowsOf[customerRow](ctx, c, "WHERE store_id = ? AND number = ?", storeID, strings.ToUpper(place.Fold(text)))
	if err != nil {
		return nil, CustomerKey{}, fmt.Errorf("search customers: %w", err)
	}
	var keys []CustomerKey
	next := after
	for step := 0; step < searchSteps && len(keys) <= limit; step++ {
		found, last, err := matchingCustomers(ctx, c, storeID, text, next, max(limit+1, searchStep))
		if err != nil {
			return nil, CustomerKey{}, err
		}
		keys, next = append(keys, found...), last
		if next.IsZero() {
			break
		}
	}
	if len(keys) > limit {
		keys = keys[:limit]
		next = keys[limit-1]
	}
	for _, r := range numbered {
		keys = slices.DeleteFunc(keys, func(k CustomerKey) bool { return k.ID == ident.ID(r.ID) })
		if after.IsZero() {
			keys = slices.Insert(keys, 0, CustomerKey{ID: ident.ID(r.ID)})
		}
	}
	list, err := customersInOrder(ctx, c, storeID, keys)
	return list, next, err
}

// customersInOrder reads the customers of keys in the order of the keys.
func customersInOrder(ctx context.Context, c Conn, storeID int64, keys []CustomerKey) ([]customer.Customer, error) {
	ids := make([]ident.ID, len(keys))
	for i, k := range keys {
		ids[i] = k.ID
	}
	byID, err := CustomersByIDs(ctx, c, storeID, ids)
	if err != nil {
		return nil, fmt.Errorf("find customers: %w", err)
	}
	list := make([]customer.Customer, 0, len(ids))
	for _, id := range ids {
		if found, ok := byID[id]; ok {
			list = append(list, found)
		}
	}
	return list, nil
}
