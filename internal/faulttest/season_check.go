package faulttest

import (
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// checkSeason compares the books of a season in themselves and returns what breaks
// exactly-once, one sentence each. before are the boxes that each subscription had
// when it began.
func checkSeason(b Books, before map[ident.ID]int) []string {
	c := newChecker(b)
	c.terms()
	c.counts(before)
	c.orders()
	c.payments()
	c.charges()
	c.stock()
	c.sent()
	c.totals()
	return append(c.violations, b.Unfinished()...)
}

// terms: each delivery whose deadline has passed has ended in one, and an order
// carries it exactly when it is ordered.
func (c *checker) terms() {
	for _, d := range c.Deliveries {
		_, carried := c.order[d.OrderID]
		if d.Deadline.After(c.Now) {
			if carried {
				c.say("delivery %s is ordered before its deadline", d.ID)
			}
			continue
		}
		if !slices.Contains(terms, d.State) {
			c.say("delivery %s fell due and is still %s", d.ID, d.State)
		}
		if (d.State == subscription.DeliveryOrdered) != carried {
			c.say("delivery %s is %s, carried by an order: %t", d.ID, d.State, carried)
		}
	}
}

// counts: each subscription counts one box more for each order.
func (c *checker) counts(before map[ident.ID]int) {
	ordered := map[ident.ID]int{}
	for _, o := range c.Orders {
		ordered[o.SubscriptionID]++
	}
	for _, sub := range c.Subscriptions {
		if want := before[sub.ID] + ordered[sub.ID]; sub.BoxesOrdered != want {
			c.say("subscription %s counts %d boxes, %d before and %d ordered", sub.Number, sub.BoxesOrdered, before[sub.ID], ordered[sub.ID])
		}
	}
}
