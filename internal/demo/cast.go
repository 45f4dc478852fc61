package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/db"
)

// role is somebody whose subscription stands in a certain way today.
type role struct {
	sku   string
	cycle int // in days
	// One deadline was, or is, so many days from today: −1 was midnight, 0 comes
	// tonight. It is that of the box after so many others.
	deadline int
	boxes    int
	quantity int64
	count    int
	card     string // empty: cash on delivery
	// bank is what the card's bank says from a few days before that deadline on.
	bank string
}

// firstDate of a role: the deadline is so many days before the delivery as the
// plan's grace.
func (s *story) firstDate(r role, grace int) (date calendar.Date, daysAgo int) {
	daysAgo = r.cycle*r.boxes - r.deadline - grace
	return s.today.AddDays(-daysAgo), daysAgo
}

// play lets somebody take a role.
func (s *story) play(r role, what string) (*shopper, error) {
	who, err := s.crowd.somebody()
	if err != nil {
		return nil, err
	}
	p := &shopper{identity: who}
	return p, s.playAs(p, r, what)
}

func (s *story) playAs(p *shopper, r role, what string) error {
	product, ok := s.productOf(r.sku)
	if !ok || product.Plan == nil {
		return fmt.Errorf("nobody can subscribe to %s", r.sku)
	}
	first, daysAgo := s.firstDate(r, product.Plan.CustomerGraceDays)
	buy := purchase{
		wishes: []wish{{sku: r.sku, quantity: max(r.quantity, 1), cycle: cycleOf(r.cycle), count: r.count}},
		first:  first, card: r.card, slot: pick(s.dice, timeSlots),
	}
	s.plan(daysAgo+7+s.dice.below(4), 8+s.dice.below(14), s.dice.below(60), what, func(ctx context.Context) error {
		return s.buy(ctx, p, buy)
	})
	if r.bank != "" {
		s.plan(4-r.deadline, 9, 0, what, func(ctx context.Context) error { return s.behave(ctx, p, r.bank) })
	}
	return nil
}

// cycleOf writes a number of days as the plans do.
func cycleOf(days int) string {
	if days%7 == 0 {
		return fmt.Sprintf("%dw", days/7)
	}
	return fmt.Sprintf("%dd", days)
}

const (
	visa       = "4242424242424242"
	mastercard = "5555555555554444"
)

// cast are the people who stand for what can happen.
func (s *story) cast() error {
	for _, r := range []struct {
		what string
		role
	}{
		{"due tonight", role{sku: "HB-BLEND-B-200g", cycle: 30, boxes: 3, quantity: 2, card: visa}},
		{"due tonight", role{sku: "HB-BLEND-G-200g", cycle: 30, boxes: 2, card: mastercard}},
		{"due tonight", role{sku: "HB-BLEND-B-500g", cycle: 30, boxes: 5, quantity: 2, card: visa}},
		{"due tonight", role{sku: "HB-DECAF-B-200g", cycle: 45, boxes: 2, quantity: 3}},
		{"due tomorrow", role{sku: "HB-BLEND-G-500g", cycle: 30, deadline: 1, boxes: 4, card: visa}},
		{"due tomorrow", role{sku: "HB-BLEND-B-200g", cycle: 30, deadline: 1, boxes: 1, quantity: 4, card: mastercard}},
		{"due tomorrow", role{sku: "HB-DEEP-B-200g", cycle: 14, deadline: 1, boxes: 6, card: visa}},
		{"due tomorrow", role{sku: "HB-BLEND-B-200g", cycle: 30, deadline: 1, boxes: 2}},
		{"due in two days", role{sku: "HB-DEEP-G-200g", cycle: 14, deadline: 2, boxes: 3, quantity: 2, card: visa}},

		{"declined, tried again", role{sku: "HB-BLEND-B-200g", cycle: 30, deadline: -1, boxes: 3, quantity: 2, card: visa, bank: "insufficient_funds"}},
		{"declined, tried again", role{sku: "HB-BLEND-G-200g", cycle: 30, deadline: -2, boxes: 2, card: visa, bank: "do_not_honor"}},
		{"card expired", role{sku: "HB-BLEND-B-500g", cycle: 30, deadline: -5, boxes: 5, card: mastercard, bank: "expired_card"}},
		{"card lost", role{sku: "HB-DEEP-G-500g", cycle: 14, deadline: -3, boxes: 5, card: visa, bank: "lost_card"}},
		{"the bank wants to see them", role{sku: "HB-BLEND-B-200g", cycle: 30, deadline: -2, boxes: 4, quantity: 3, card: visa, bank: "authentication_required"}},
		{"unpaid, and the next box waits", role{sku: "HB-DEEP-B-200g", cycle: 14, deadline: -17, boxes: 3, card: visa, bank: "stolen_card"}},

		{"three boxes agreed", role{sku: "HB-BLEND-B-200g", cycle: 30, deadline: -30, boxes: 2, count: 3, card: visa}},
		{"three boxes agreed", role{sku: "HB-BLEND-G-500g", cycle: 30, deadline: -12, boxes: 2, count: 3}},
	} {
		if _, err := s.play(r.role, r.what); err != nil {
			return err
		}
	}
	for _, part := range []func() error{s.soldOut, s.ended, s.paused, s.leaving, s.abandoned, s.mistyped, s.deskWork} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// soldOut: one kind of coffee is sold out and boxes wait for it; of another there
// was none for some weeks, and who got two at a time then missed one.
func (s *story) soldOut() error {
	for _, deadline := range []int{-6, -2} {
		if _, err := s.play(role{sku: "HB-DECAF-G-200g", cycle: 45, deadline: deadline, boxes: 2, card: visa}, "waits for stock"); err != nil {
			return err
		}
	}
	s.plan(14, 18, 0, "counted: sold out", func(ctx context.Context) error { return s.count(ctx, "HB-DECAF-G-200g", 0) })

	if _, err := s.play(role{sku: "HB-DEEP-B-500g", cycle: 14, deadline: -24, boxes: 4, card: visa}, "misses a box"); err != nil {
		return err
	}
	s.plan(41, 18, 0, "counted: sold out", func(ctx context.Context) error { return s.count(ctx, "HB-DEEP-B-500g", 0) })
	s.plan(21, 10, 0, "roasted again", func(ctx context.Context) error {
		if err := s.count(ctx, "HB-DEEP-B-500g", 400); err != nil {
			return err
		}
		return s.retryAlerts(ctx, alert.KindStockOut)
	})
	return nil
}

// ended: a limited roast is over, and two subscriptions to it are still there.
func (s *story) ended() error {
	for _, r := range []role{
		{sku: limitedSKU, cycle: 30, deadline: -4, boxes: 2, card: visa},
		{sku: limitedSKU, cycle: 30, deadline: -9, boxes: 3, quantity: 2, card: mastercard},
	} {
		if _, err := s.play(r, "subscribes to the limited roast"); err != nil {
			return err
		}
	}
	return nil
}

// paused with boxes that the pause holds; one of them is back since.
func (s *story) paused() error {
	for _, c := range []struct {
		role
		paused, back int // days ago; 0: still paused
	}{
		{role{sku: "HB-BLEND-B-200g", cycle: 30, deadline: -20, boxes: 3, quantity: 2, card: visa}, 33, 0},
		{role{sku: "HB-DEEP-B-200g", cycle: 14, deadline: -16, boxes: 5, card: visa}, 34, 0},
		{role{sku: "HB-BLEND-G-200g", cycle: 30, deadline: -8, boxes: 1}, 12, 0},
		{role{sku: "HB-BLEND-B-500g", cycle: 30, deadline: -40, boxes: 2, card: mastercard}, 52, 15},
	} {
		p, err := s.play(c.role, "subscribes, to pause later")
		if err != nil {
			return err
		}
		product, _ := s.productOf(c.sku)
		s.plan(c.paused, 21, 10, "pauses", func(ctx context.Context) error { return s.pause(ctx, p, product.Code) })
		if c.back > 0 {
			s.plan(c.back, 9, 40, "resumes", func(ctx context.Context) error { return s.resume(ctx, p, product.Code, true) })
		}
	}
	return nil
}

// leaving: at once, and after a minimum that is still owed.
func (s *story) leaving() error {
	for _, c := range []struct {
		role
		daysAgo int
		reason  string
	}{
		{role{sku: "HB-BLEND-B-200g", cycle: 30, deadline: -20, boxes: 4, card: visa}, 1, "too_much"},
		{role{sku: "HB-DRIP-10", cycle: 0, deadline: -10, boxes: 1, card: visa}, 4, "taste"},
		{role{sku: "HB-SUP-30", cycle: 30, deadline: -8, boxes: 2, card: mastercard}, 3, "price"},
	} {
		var p *shopper
		var err error
		if c.cycle == 0 {
			p, err = s.monthly(c.sku, 48, visa)
		} else {
			p, err = s.play(c.role, "subscribes, to leave later")
		}
		if err != nil {
			return err
		}
		product, _ := s.productOf(c.sku)
		s.plan(c.daysAgo, 19, 5, "leaves", func(ctx context.Context) error { return s.cancel(ctx, p, product.Code, c.reason) })
	}
	// a series of six, begun with the shop, has come to its end
	_, err := s.monthly("HB-SERIES", 181, mastercard)
	return err
}

// monthly lets somebody subscribe to a product with a monthly cycle alone.
func (s *story) monthly(sku string, daysAgo int, card string) (*shopper, error) {
	who, err := s.crowd.somebody()
	if err != nil {
		return nil, err
	}
	product, ok := s.productOf(sku)
	if !ok {
		return nil, fmt.Errorf("the shop has no %s", sku)
	}
	p, w := &shopper{identity: who}, wish{sku: sku, quantity: 1, cycle: "1m"}
	if !product.Plan.UntilCancelled {
		w.count = product.Plan.FixedCounts[0]
	}
	s.plan(daysAgo, 10, 20, "subscribes by the month", func(ctx context.Context) error {
		return s.buy(ctx, p, purchase{wishes: []wish{w}, card: card})
	})
	return p, nil
}

// abandoned: card pages that were left; the last one is still open.
func (s *story) abandoned() error {
	for _, at := range []time.Time{
		s.now.AddDate(0, 0, -41), s.now.AddDate(0, 0, -3), s.now.Add(-9 * time.Minute),
	} {
		who, err := s.crowd.somebody()
		if err != nil {
			return err
		}
		p, buy := &shopper{identity: who}, purchase{wishes: []wish{s.wish(s.goods["HB-GUA"])}, card: visa, leaves: true}
		s.events = append(s.events, event{at: at, what: "leaves the card page", do: func(ctx context.Context) error {
			return s.buy(ctx, p, buy)
		}})
	}
	return nil
}

// mistyped: an address that no mail reaches.
func (s *story) mistyped() error {
	who, err := s.crowd.somebody()
	if err != nil {
		return err
	}
	who.mail = "noriko.aoki" + unreachable
	p := &shopper{identity: who}
	s.plan(6, 22, 12, "mistypes the mail address", func(ctx context.Context) error {
		return s.buy(ctx, p, purchase{wishes: []wish{{sku: "HB-MUG-C", quantity: 1}, {sku: "HB-DRIP-10", quantity: 1}}, card: visa})
	})
	return nil
}

// deskWork: a test card is many people's, and each time the shop asks whether it
// was one person's.
func (s *story) deskWork() error {
	for _, daysAgo := range []int{90, 60, 40, 25, 12, 4} {
		s.plan(daysAgo, 9, 30, "staff look at shared cards", func(ctx context.Context) error {
			return s.resolveAlerts(ctx, alert.KindPriceCard)
		})
	}
	return nil
}

// unreachable is a domain that is none (RFC 2606).
const unreachable = "@exmaple.invalid"

// Unreachable reports whether a mail server refuses the address for ever.
func Unreachable(mail string) bool { return strings.HasSuffix(mail, unreachable) }

// chihiro is the customer whom visitors log in as: five subscriptions, each in
// another state, and half a year of orders.
func (s *story) chihiro() error {
	p := &shopper{identity: identity{lang: "ja"}}
	subscribe := func(daysAgo, hour int, w wish) {
		s.plan(daysAgo, hour, 12, "Chihiro subscribes", func(ctx context.Context) error {
			if err := s.recognise(ctx, p); err != nil {
				return err
			}
			return s.buy(ctx, p, purchase{wishes: []wish{w}, card: visa, slot: "1820"})
		})
	}
	do := func(daysAgo int, what string, act func(context.Context) error) { s.plan(daysAgo, 20, 40, what, act) }

	subscribe(172, 21, wish{sku: "HB-BLEND-B-200g", quantity: 2, cycle: "1m"})
	subscribe(150, 12, wish{sku: "HB-DRIP-10", quantity: 1, cycle: "1m"})
	subscribe(139, 22, wish{sku: "HB-FILTER-100", quantity: 1, cycle: "2m"})
	subscribe(118, 8, wish{sku: "HB-SERIES", quantity: 1, cycle: "1m", count: 6})
	subscribe(80, 19, wish{sku: "HB-DECAF-B-200g", quantity: 1, cycle: "45d"})
	do(104, "Chihiro skips", func(ctx context.Context) error { return s.skip(ctx, p, "HB-BLEND") })
	do(73, "Chihiro leaves the drip bags", func(ctx context.Context) error { return s.cancel(ctx, p, "HB-DRIP", "taste") })
	do(68, "the bank declines", func(ctx context.Context) error { return s.behave(ctx, p, "insufficient_funds") })
	do(55, "Chihiro gives another card", func(ctx context.Context) error { return s.newCard(ctx, p, mastercard) })
	do(54, "the bank accepts again", func(ctx context.Context) error { return s.behave(ctx, p, "ok") })
	do(41, "Chihiro pauses the decaf", func(ctx context.Context) error { return s.pause(ctx, p, "HB-DECAF") })
	do(29, "Chihiro buys a mug", func(ctx context.Context) error {
		return s.buy(ctx, p, purchase{wishes: []wish{{sku: "HB-MUG-C", quantity: 2}}, card: mastercard, slot: "1416"})
	})
	do(8, "Chihiro takes more", func(ctx context.Context) error { return s.quantity(ctx, p, "HB-BLEND", 3) })
	do(2, "Chihiro skips the filters", func(ctx context.Context) error { return s.skip(ctx, p, "HB-FILTER") })
	return nil
}

// recognise finds the customer whom the seed made.
func (s *story) recognise(ctx context.Context, p *shopper) error {
	if !p.id.IsZero() {
		return nil
	}
	known, _, err := db.CustomerByMail(ctx, s.Flow.DB, StoreID, CustomerMail)
	if err != nil {
		return fmt.Errorf("read the demo's customer: %w", err)
	}
	addresses, err := db.AddressesOf(ctx, s.Flow.DB, StoreID, known.ID)
	if err != nil || len(addresses) == 0 {
		return errors.Join(errors.New("the demo's customer has no address"), err)
	}
	p.id, p.addressID, p.name, p.mail = known.ID, addresses[0].ID, known.Name, known.Mail
	return nil
}
