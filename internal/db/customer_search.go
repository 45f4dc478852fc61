package db

import (
	"context"
	"fmt"
	"slices"
	"strings"

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

// customerLike is the condition of a customer whose name, kana or mail begins with
// the text or whose phone ends with it; empty where the text holds nothing to
// look for.
func customerLike(text string) (condition string, args []any) {
	var parts []string
	for _, s := range searchesOf(text) {
		part, values := s.condition()
		parts, args = append(parts, part), append(args, values...)
	}
	if len(parts) == 0 {
		return "", nil
	}
	return "(" + strings.Join(parts, " OR ") + ")", args
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
	var found []CustomerKey
	again, args := "1 = 0", []any(nil)
	for way, s := range searchesOf(text) {
		condition, values := s.condition()
		if way >= after.Way && limit > 0 {
			query, all := "SELECT id, "+again+" AS again FROM customers WHERE store_id = ? AND ", append(slices.Clone(args), storeID)
			if way > after.Way || after.ID.IsZero() {
				query, all = query+condition, append(all, values...)
			} else {
				var value string
				err := c.Scan(ctx, &value, "SELECT "+s.column+" FROM customers WHERE store_id = ? AND id = ?", storeID, uid(after.ID))
				if err != nil {
					return nil, CustomerKey{}, doing("go on searching customers", err)
				}
				query, all = query+"("+s.column+", id) > (?, ?) AND "+s.column+" < ?", append(all, value, uid(after.ID), s.until)
			}
			rows, err := selectInto[foundRow](ctx, c, query+" ORDER BY "+s.column+", id LIMIT ?", append(all, limit)...)
			if err != nil {
				return nil, CustomerKey{}, fmt.Errorf("search customers: %w", err)
			}
			for _, r := range rows {
				if !r.Again {
					found = append(found, CustomerKey{Way: way, ID: ident.ID(r.ID)})
				}
			}
			if limit -= len(rows); limit == 0 {
				return found, CustomerKey{Way: way, ID: ident.ID(rows[len(rows)-1].ID)}, nil
			}
		}
		again, args = again+" OR "+condition, append(args, values...)
	}
	return found, CustomerKey{}, nil
}
