package flow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
	"github.com/teiki-commerce/teiki/internal/core/stock"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// Verb is what every change of a running subscription is told: who changes which
// one, and what was shown before. Version and Digest are those of the Effect that
// the customer saw; a preview needs neither. Together they name the request, too:
// the same form submitted twice is one change.
type Verb struct {
	StoreID        int64
	Actor          audit.Actor
	CustomerID     ident.ID // whose subscription it must be
	SubscriptionID ident.ID
	Version        int64
	Digest         string
}

// Changed is the answer to a change, the same for every repeat of it.
type Changed struct {
	State   subscription.State `json:"state"`
	OrderID ident.ID           `json:"order_id"` // of a resume that ships
}

// deed is what one verb adds to what all have in common.
type deed struct {
	decide func(c *changing, now time.Time) (renewal.Change, error)
	// audit says what was done, with its fields.
	audit func(e Effect) (verb string, fields map[string]audit.Change)
	mail  func(e Effect) string // event
	// leaves takes back the orders that could not be paid.
	leaves bool
	// returns takes back the order of the delivery on this slot; 0 for none.
	returns int
	// anew says that the deliveries of orders that are taken back are ordered again.
	anew bool
}

// changing is a subscription that is about to be changed, with all that decides.
type changing struct {
	dueBox
	set     *dueSet
	product catalog.Product         // whose plan rules the subscription
	failing []failingOrder          // taken back by those who leave
	left    renewal.Input           // in, once they are
	taken   []subscription.Delivery // that they carried
	change  renewal.Change
}

// plan is the product's plan now. A product that has none any more leaves its
// customers what every plan does unless it says otherwise.
func (c *changing) plan() catalog.Plan {
	if c.product.Plan == nil {
		return catalog.NewPlan()
	}
	return *c.product.Plan
}

// loadChanging reads what the deadline run reads of a subscription, and all its
// deliveries. Another customer's is not found.
func (f *Flow) loadChanging(ctx context.Context, v Verb) (*changing, error) {
	set, err := f.loadDue(ctx, v.StoreID, []ident.ID{v.SubscriptionID})
	if err != nil {
		return nil, fmt.Errorf("read the subscription to change: %w", err)
	}
	if len(set.boxes) != 1 || set.boxes[0].in.Subscription.CustomerID != v.CustomerID {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	c := &changing{dueBox: *set.boxes[0], set: set}
	deliveries, err := db.Deliveries(ctx, f.DB, v.StoreID, []ident.ID{v.SubscriptionID})
	if err != nil {
		return nil, fmt.Errorf("read its deliveries: %w", err)
	}
	c.in.Deliveries = deliveries[v.SubscriptionID]
	for _, p := range set.products {
		if p.ID == c.in.Subscription.ProductID {
			c.product = p
		}
	}
	if v.Actor.Kind == audit.ActorStaff {
		c.in.Staff, c.in.StaffGraceDays = true, c.plan().StaffGraceDays
	}
	c.left = c.in
	return c, nil
}

// preview shows what a verb would do now.
func (f *Flow) preview(ctx context.Context, v Verb, d deed) (Effect, error) {
	c, err := f.decideChange(ctx, v, d, f.Now())
	if err != nil {
		return Effect{}, err
	}
	return c.effect(), nil
}

func (f *Flow) decideChange(ctx context.Context, v Verb, d deed, now time.Time) (*changing, error) {
	c, err := f.loadChanging(ctx, v)
	if err != nil {
		return nil, err
	}
	if d.leaves {
		if err := f.withoutFailing(ctx, c, v.StoreID); err != nil {
			return nil, err
		}
	}
	if d.returns > 0 {
		if err := f.withoutOrder(ctx, c, v.StoreID, d.returns, now); err != nil {
			return nil, err
		}
	}
	c.change, err = d.decide(c, now)
	if d.anew {
		c.taken = nil // written as they are ordered anew
	}
	return c, err
}

// do changes a subscription as it was shown. It refuses (Conflict) when the
// subscription or the effect is another by now; the caller shows it again.
func (f *Flow) do(ctx context.Context, v Verb, d deed) (Changed, error) {
	key := "change:" + v.SubscriptionID.String() + ":" + strconv.FormatInt(v.Version, 10) + ":" + v.Digest
	answer, err := f.changedBefore(ctx, v, key)
	if err == nil || !errors.Is(err, db.ErrNotFound) {
		return answer, err
	}
	answer, err = f.doFirst(ctx, v, d, key)
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.Invalid) { // or a second submit that lost to the first
		if first, lookErr := f.changedBefore(ctx, v, key); lookErr == nil {
			return first, nil
		}
	}
	return answer, err
}

func (f *Flow) doFirst(ctx context.Context, v Verb, d deed, key string) (Changed, error) {
	now := f.Now()
	c, err := f.decideChange(ctx, v, d, now)
	if err != nil {
		return Changed{}, err
	}
	e := c.effect()
	if e.Version() != v.Version || e.Digest() != v.Digest {
		return Changed{}, fault.New(fault.Conflict, "fault.order.changed")
	}
	var number int64
	if c.change.Box != nil {
		if number, err = db.TakeNumbers(ctx, f.DB, v.StoreID, "order", 1); err != nil {
			return Changed{}, fmt.Errorf("take an order number: %w", err)
		}
	}
	lease := f.lease(chargeLease)
	if len(c.failing) > 0 {
		if err := f.cancelIntents(ctx, v.StoreID, c.set.shop, c.failing, lease); err != nil {
			return Changed{}, errors.Join(err, f.dropFailing(ctx, v.StoreID, c.failing, lease))
		}
	}
	var w dueWrites
	answer := f.writeChange(&w, c, d, e, v.Actor, number, now)
	err = f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		text, err := json.Marshal(answer)
		if err != nil {
			return fmt.Errorf("write the answer: %w", err)
		}
		first, stored, err := db.Remember(ctx, tx, v.StoreID, key, string(text), now)
		if err != nil {
			return err
		}
		if !first {
			return json.Unmarshal([]byte(stored), &answer)
		}
		if err := f.takeBack(ctx, tx, v.StoreID, c.failing, v.Actor, lease, now); err != nil {
			return err
		}
		return f.saveChange(ctx, tx, v.StoreID, c, &w, now)
	})
	if err != nil && len(c.failing) > 0 {
		err = errors.Join(err, f.dropFailing(ctx, v.StoreID, c.failing, lease))
	}
	return answer, stale(err)
}

// changedBefore is the first answer to a request, ErrNotFound where there was none.
func (f *Flow) changedBefore(ctx context.Context, v Verb, key string) (Changed, error) {
	answer, err := firstAnswer[Changed](ctx, f.DB, v.StoreID, key)
	if err != nil {
		return Changed{}, err
	}
	subscriptions, err := db.SubscriptionsByIDs(ctx, f.DB, v.StoreID, []ident.ID{v.SubscriptionID})
	if err != nil {
		return Changed{}, err
	}
	if len(subscriptions) != 1 || subscriptions[0].CustomerID != v.CustomerID {
		return Changed{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return answer, nil
}

// writeChange collects the rows beside the subscription's own.
func (f *Flow) writeChange(w *dueWrites, c *changing, d deed, e Effect, actor audit.Actor, number int64, now time.Time) Changed {
	s := c.change.Subscription
	answer := Changed{State: s.State}
	if box := c.change.Box; box != nil {
		ordering := c.dueBox
		ordering.outcome.Order = &renewal.Due{Delivery: box.Deliveries[0], Priced: box.Priced, Want: box.Want}
		f.writeOrder(w, c.set, ordering, number, now)
		answer.OrderID = w.orders[0].ID
		for i := range c.change.Updated {
			if c.change.Updated[i].State == subscription.DeliveryOrdered {
				c.change.Updated[i].OrderID = answer.OrderID
			}
		}
		w.updated = nil // written with the others
	}
	for _, planned := range c.change.Planned {
		planned.ID = f.NewID()
		w.planned = append(w.planned, planned)
	}
	verb, fields := d.audit(e)
	w.audit = append(w.audit, f.line(actor, verb, "subscription", s.ID, now, fields))
	if c.customer.Mail != "" {
		event := d.mail(e)
		dedupe := event + ":" + s.ID.String() + ":" + strconv.FormatInt(s.Version, 10)
		w.mails = append(w.mails, f.newMail(event, dedupe, order.Order{SubscriptionID: s.ID, Lang: c.customer.Lang}, c.customer))
	}
	return answer
}

func (f *Flow) saveChange(ctx context.Context, tx db.Tx, storeID int64, c *changing, w *dueWrites, now time.Time) error {
	if err := db.ChangeSubscription(ctx, tx, storeID, c.change.Subscription, c.change.NextDue); err != nil {
		return err
	}
	if err := db.SetItemQuantities(ctx, tx, storeID, c.change.Subscription.Items); err != nil {
		return err
	}
	if box := c.change.Box; box != nil {
		if err := reserveBox(ctx, tx, storeID, box.Want); err != nil {
			return err
		}
	}
	if err := db.RetractDeliveries(ctx, tx, storeID, c.change.Retracted); err != nil {
		return err
	}
	// The order first: its deliveries refer to it.
	if err := w.save(ctx, tx, f, storeID, now); err != nil {
		return err
	}
	if err := db.ResolveAlertsOfSubjects(ctx, tx, storeID, c.solved(), now); err != nil {
		return err
	}
	return db.RewriteDeliveries(ctx, tx, storeID, slices.Concat(c.taken, c.change.Updated))
}

// solved are the deliveries that waited for somebody to decide, and wait no more.
func (c *changing) solved() []ident.ID {
	waits := func(d subscription.Delivery) bool {
		return d.State == subscription.DeliveryBlocked || d.Cause == subscription.CauseCutover
	}
	waited := map[ident.ID]bool{}
	for _, d := range c.in.Deliveries {
		waited[d.ID] = waits(d)
	}
	var ids []ident.ID
	for _, d := range c.change.Updated {
		if waited[d.ID] && !waits(d) {
			ids = append(ids, d.ID)
		}
	}
	return ids
}

// reserveBox refuses a box that the stock cannot fill, under lock.
func reserveBox(ctx context.Context, tx db.Tx, storeID int64, want stock.Want) error {
	var variants []ident.ID
	for id := range want {
		variants = append(variants, id)
	}
	available, err := db.LockStock(ctx, tx, storeID, variants)
	if err != nil {
		return err
	}
	if stock.Allocate(available, []stock.Box{{Want: want}})[0] == nil {
		return fault.New(fault.Conflict, "fault.resume.stock")
	}
	return nil
}

// digest is a short name for what was shown.
func digest(shown any) string {
	b, err := json.Marshal(shown)
	if err != nil {
		return "" // nothing in it can fail to marshal; an empty digest never matches
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}
