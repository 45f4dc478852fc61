package thread

import (
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/db"
)

// allRows is more than any world holds.
const allRows = 10_000

// Sound fails the test where the books contradict each other: an order charged
// twice, paid without a charge or charged without being paid, another amount,
// stock that is not what the orders hold, an order that no audit line tells of.
func (w *World) Sound(t testing.TB) {
	t.Helper()
	orders := w.AllOrders(t)
	ids := make([]ident.ID, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	paid := w.chargesByOrder(t, ids)
	told := w.told(t, ids)
	held := map[ident.ID]int64{}
	for _, o := range orders {
		if !told[o.ID] {
			t.Errorf("order %s: no audit line tells of it", o.Number)
		}
		charges := paid[o.ID]
		want := 0
		if o.Payment == order.PaymentPaid && o.PaidBy == string(pricing.MethodCard) {
			want = 1
		}
		if len(charges) != want {
			t.Errorf("order %s is %s with %d charges", o.Number, o.Payment, len(charges))
		}
		for _, c := range charges {
			if c.Amount != o.Total {
				t.Errorf("order %s of %d was charged %d", o.Number, o.Total, c.Amount)
			}
		}
		if o.Payment == order.PaymentCancelled {
			continue
		}
		for _, l := range o.Lines {
			held[l.VariantID] += l.Quantity
		}
	}
	w.soundStock(t, held)
}

// soundStock compares what is reserved with what the living orders hold.
func (w *World) soundStock(t testing.TB, held map[ident.ID]int64) {
	t.Helper()
	var variants []ident.ID
	for _, v := range w.Product.Variants {
		variants = append(variants, v.ID)
	}
	counts, err := db.StockCounts(t.Context(), w.DB, StoreID, variants)
	if err != nil {
		t.Fatalf("read the stock: %v", err)
	}
	for id, c := range counts {
		if c.Reserved != held[id] || c.OnHand < c.Reserved {
			t.Errorf("%d of %d pieces reserved, the orders hold %d", c.Reserved, c.OnHand, held[id])
		}
	}
}

// chargesByOrder are the charges that took money, each with the order whose
// payment it names.
func (w *World) chargesByOrder(t testing.TB, orderIDs []ident.ID) map[ident.ID][]Charge {
	t.Helper()
	payments, err := db.PaymentsOfOrders(t.Context(), w.DB, StoreID, orderIDs)
	if err != nil {
		t.Fatalf("read payments: %v", err)
	}
	orderOf := map[string]ident.ID{}
	for _, p := range payments {
		orderOf[p.ID.String()] = p.OrderID
	}
	list := map[ident.ID][]Charge{}
	for _, c := range w.Ledger(t).Succeeded() {
		id, known := orderOf[c.Metadata["payment_id"]]
		if !known {
			t.Errorf("charge of %d for nobody: %v", c.Amount, c.Metadata)
		}
		list[id] = append(list[id], c)
	}
	return list
}

// told are the orders that audit lines tell of.
func (w *World) told(t testing.TB, orderIDs []ident.ID) map[ident.ID]bool {
	t.Helper()
	lines, err := db.AuditTrail(t.Context(), w.DB, StoreID, orderIDs, allRows)
	if err != nil {
		t.Fatalf("read the audit trail: %v", err)
	}
	told := map[ident.ID]bool{}
	for _, l := range lines {
		told[l.NounID] = true
	}
	return told
}

// AllOrders are the orders of the shop, the oldest first.
func (w *World) AllOrders(t testing.TB) []order.Order {
	t.Helper()
	list, err := db.OrderList(t.Context(), w.DB, StoreID, db.OrderFilter{Limit: allRows})
	if err != nil {
		t.Fatalf("read the orders: %v", err)
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// Reserved are the pieces of the product's first variant that orders hold.
func (w *World) Reserved(t testing.TB) int64 {
	t.Helper()
	id := w.Product.Variants[0].ID
	counts, err := db.StockCounts(t.Context(), w.DB, StoreID, []ident.ID{id})
	if err != nil {
		t.Fatalf("read the stock: %v", err)
	}
	return counts[id].Reserved
}
