package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// deadlineLease is long enough for a batch and short enough to be taken over
// soon after a crash.
const deadlineLease = 30 * time.Second

// PassDeadlines takes up to limit subscriptions with a delivery whose deadline
// has passed and gives each delivery its outcome: an order, or a state with its
// reason. It returns how many subscriptions it took; a record that cannot be
// processed is set aside with an alert and stops nobody else.
func (f *Flow) PassDeadlines(ctx context.Context, limit int) (int, error) {
	now := f.Now()
	lease := f.lease(deadlineLease)
	var refs []db.Ref
	err := f.write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		refs, err = db.Claim(ctx, tx, db.QueueSubscriptions, now, limit, lease)
		return err
	})
	if err != nil || len(refs) == 0 {
		return 0, err
	}
	for storeID, ids := range byStore(refs) {
		// a store that cannot be worked for must not stop the others
		err = errors.Join(err, f.passHalving(ctx, storeID, ids, lease.Token, now))
	}
	return len(refs), err
}

// passHalving processes a set; where the data themselves are refused it halves
// the set until the bad record stands alone, and quarantines that one. So it does
// with a delivery that is not as it was read although its subscription is: nobody
// changes one without the other, and what contradicts itself stays stale for ever.
func (f *Flow) passHalving(ctx context.Context, storeID int64, ids []ident.ID, token ident.ID, now time.Time) error {
	err := f.passSet(ctx, storeID, ids, token, now)
	if err == nil || (!db.IsData(err) && !errors.Is(err, db.ErrStale) && !errors.As(err, &errUnruly{})) {
		return err
	}
	if len(ids) == 1 {
		return f.quarantine(ctx, storeID, ids[0], token, err.Error(), now)
	}
	half := len(ids) / 2
	if err := f.passHalving(ctx, storeID, ids[:half], token, now); err != nil {
		return err
	}
	return f.passHalving(ctx, storeID, ids[half:], token, now)
}

// errUnruly says that a record of a set breaks a rule.
type errUnruly struct{ error }

func (f *Flow) quarantine(ctx context.Context, storeID int64, id, token ident.ID, reason string, now time.Time) error {
	slog.ErrorContext(ctx, "subscription set aside", "store", storeID, "subscription", id, "reason", reason)
	return f.write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := db.Quarantine(ctx, tx, db.QueueSubscriptions, db.Ref{StoreID: storeID, ID: id}, token); err != nil {
			return err
		}
		if err := db.RaiseAlerts(ctx, tx, storeID, []alert.Alert{{
			ID: f.NewID(), Kind: alert.KindQuarantined, Noun: "subscription", SubjectID: id, SubscriptionID: id, At: now,
			Args: map[string]any{"Reason": reason},
		}}); err != nil {
			return err
		}
		return db.WriteAudit(ctx, tx, storeID, []audit.Line{f.line(audit.System, "subscription.quarantined", "subscription", id, now, nil)})
	})
}

// dueBox is one subscription of a set with everything looked up and decided.
type dueBox struct {
	in       renewal.Input
	outcome  renewal.Outcome
	customer customer.Customer
	address  customer.Address
}

// dueSet is a store's share of a batch.
type dueSet struct {
	shop     Shop
	products map[ident.ID]catalog.Product // by variant
	boxes    []*dueBox
	// lockStock shares out the stock under lock from the start.
	lockStock bool
}

func (f *Flow) passSet(ctx context.Context, storeID int64, ids []ident.ID, token ident.ID, now time.Time) error {
	set, err := f.loadDue(ctx, storeID, ids)
	if err != nil {
		return err
	}
	decided := set.boxes[:0]
	orders := int64(0)
	for _, b := range set.boxes {
		if reason := decide(b, now); reason != "" {
			if err := f.quarantine(ctx, storeID, b.in.Subscription.ID, token, reason, now); err != nil {
				return err
			}
			continue
		}
		if b.outcome.Order != nil {
			orders++
		}
		decided = append(decided, b)
	}
	set.boxes = decided
	if len(decided) == 0 {
		return nil
	}
	var number int64
	if orders > 0 {
		if number, err = db.TakeNumbers(ctx, f.DB, storeID, "order", orders); err != nil {
			return fmt.Errorf("take order numbers: %w", err)
		}
	}
	save := func(ctx context.Context, tx db.Tx) error { return f.saveDue(ctx, tx, set, token, number, now) }
	err = f.write(ctx, save)
	if db.IsCheck(err) { // pieces that were there are gone: share out what is left
		set.lockStock = true
		err = f.write(ctx, save)
	}
	return err
}

// decide runs the rule and turns a panic into a reason: a record that breaks a
// rule must not break the run.
func decide(b *dueBox, now time.Time) (reason string) {
	defer func() {
		if r := recover(); r != nil {
			slog.Error("a rule panicked", "subscription", b.in.Subscription.ID, "panic", r, "stack", string(debug.Stack()))
			reason = fmt.Sprintf("panic: %v", r)
		}
	}()
	outcome, err := renewal.Decide(b.in, now)
	if err != nil {
		return err.Error()
	}
	b.outcome = outcome
	return ""
}

// loadDue reads all that decides about a set, in a fixed number of queries.
func (f *Flow) loadDue(ctx context.Context, storeID int64, ids []ident.ID) (*dueSet, error) {
	shop, err := f.Shop(ctx, f.DB, storeID)
	if err != nil {
		return nil, err
	}
	subscriptions, err := db.SubscriptionsByIDs(ctx, f.DB, storeID, ids)
	if err != nil {
		return nil, err
	}
	var customerIDs, addressIDs, cardIDs, variantIDs []ident.ID
	for _, s := range subscriptions {
		customerIDs = append(customerIDs, s.CustomerID)
		addressIDs = append(addressIDs, s.AddressID)
		if !s.CardID.IsZero() {
			cardIDs = append(cardIDs, s.CardID)
		}
		for _, item := range s.Items {
			variantIDs = append(variantIDs, item.VariantID)
		}
	}
	deliveries, err := db.OpenDeliveries(ctx, f.DB, storeID, ids)
	if err != nil {
		return nil, err
	}
	customers, err := db.CustomersByIDs(ctx, f.DB, storeID, customerIDs)
	if err != nil {
		return nil, err
	}
	addresses, err := db.AddressesByIDs(ctx, f.DB, storeID, addressIDs)
	if err != nil {
		return nil, err
	}
	cards, err := db.CardsByIDs(ctx, f.DB, storeID, cardIDs)
	if err != nil {
		return nil, err
	}
	unpaid, err := db.UnpaidSubscriptions(ctx, f.DB, storeID, ids)
	if err != nil {
		return nil, err
	}
	products, err := db.VariantsByIDs(ctx, f.DB, storeID, variantIDs)
	if err != nil {
		return nil, err
	}
	set := &dueSet{shop: shop, products: products}
	facts, stockOut := map[ident.ID]renewal.VariantFacts{}, map[ident.ID]catalog.StockOutRule{}
	for variant, p := range products {
		if p.Plan != nil {
			stockOut[p.ID] = p.Plan.StockOut
		}
		facts[variant] = renewal.VariantFacts{ProductID: p.ID, TaxClass: p.TaxClass, Status: p.Status}
	}
	for _, s := range subscriptions {
		_, hasCard := cards[s.CardID]
		set.boxes = append(set.boxes, &dueBox{
			customer: customers[s.CustomerID], address: addresses[s.AddressID],
			in: renewal.Input{
				Subscription: s, Deliveries: deliveries[s.ID], Variants: facts,
				Address: addresses[s.AddressID].Address, HasCard: hasCard, Unpaid: unpaid[s.ID],
				Settings: shop.Settings, Zone: shop.Location, StockOut: stockOut[s.ProductID],
			},
		})
	}
	return set, nil
}

// stateAfter is the subscription's state once its due boxes have their outcome.
func (b *dueBox) stateAfter() subscription.State {
	if b.outcome.Completed {
		return subscription.StateCompleted
	}
	return b.in.Subscription.State
}
