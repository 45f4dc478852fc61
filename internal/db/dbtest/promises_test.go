package dbtest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/stock"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// renewed is a subscription whose first box was ordered and is to be paid.
type renewed struct {
	product      catalog.Product
	subscription subscription.Subscription
	delivery     subscription.Delivery
	order        order.Order
	payment      payment.Payment
}

// renewBoth puts the same renewal, with equal ids, into both stores.
func renewBoth(t *testing.T, d *db.DB) renewed {
	t.Helper()
	var r renewed
	for _, storeID := range dbtest.Stores {
		r = renew(t, d, storeID)
	}
	return r
}

func renew(t *testing.T, d *db.DB, storeID int64) renewed {
	t.Helper()
	newID := fixture.IDs()
	person := fixture.Customer(t, d, newID, storeID, "hana@example.jp")
	r := renewed{product: fixture.Product(t, d, newID, storeID, "HB-BLEND", 10)}
	variant := r.product.Variants[0]
	r.subscription = subscription.Subscription{
		ID: newID(), Number: "S1", CustomerID: person.Customer.ID, State: subscription.StateActive, Currency: "JPY",
		ProductID: r.product.ID, Cycle: monthly, Anchor: calendar.On(2026, 12, 5), Minimum: 1, BoxesOrdered: 1,
		LastSlot: 2, AddressID: person.Address.ID, ShippingMethod: "takkyubin", TimeSlot: "1820", Pays: "card",
		CardID: person.Card.ID, GraceDays: 5, Visible: 3, Version: 1,
		Items: []subscription.Item{{
			ID: newID(), VariantID: variant.ID, Quantity: 1, Agreed: 1_330, First: 980, Regular: 1_480,
		}},
	}
	r.order = order.Order{
		ID: newID(), Number: "O1", CustomerID: person.Customer.ID, SubscriptionID: r.subscription.ID,
		Source: order.SourceRenewal, Lang: "ja", Currency: "JPY", Goods: 980, Shipping: 650, TaxTotal: 131,
		Total: 1_630, Payment: order.PaymentDue, Fulfilment: order.FulfilmentHeld, PaidBy: "card",
		Address: person.Address.Address, ShippingMethod: "takkyubin", TimeSlot: "1820",
		DeliveryDate: calendar.On(2026, 12, 5), ShippingDate: calendar.On(2026, 12, 4), Box: 1,
		Breakdown: order.Breakdown{
			Steps: []order.Step{{Reason: "price.first", Amount: 980}},
			Tax:   []order.TaxSum{{BasisPoints: 800, Amount: 980, Tax: 72}, {BasisPoints: 1_000, Amount: 650, Tax: 59}},
		},
		Lines: []order.Line{{
			ID: newID(), VariantID: variant.ID, SKU: variant.SKU, Name: "ひばりブレンド", OptionText: "200g",
			Quantity: 1, Unit: 980, Regular: 1_480, Total: 980, BasisPoints: 800, Reason: "price.first",
		}},
		PlacedAt: fixture.Start, Version: 1,
	}
	r.delivery = planned(newID(), r.subscription, 1)
	r.delivery.State, r.delivery.Box, r.delivery.OrderID = subscription.DeliveryOrdered, 1, r.order.ID
	r.payment = payment.Payment{
		ID: newID(), OrderID: r.order.ID, CustomerID: person.Customer.ID, SubscriptionID: r.subscription.ID,
		DeliveryID: r.delivery.ID, Kind: payment.KindMain, State: payment.StateDue, Amount: money.Yen(1_630),
		CardID: person.Card.ID, NextAt: fixture.Start, Version: 1,
	}
	write(t, d, func(ctx context.Context, tx db.Tx) error {
		return errors.Join(
			db.InsertSubscriptions(ctx, tx, storeID, []db.NewSubscription{{
				Subscription: r.subscription, Terms: []byte(`{"total":1630}`), NextDue: fixture.Start,
			}}, fixture.Start),
			db.InsertOrders(ctx, tx, storeID, []order.Order{r.order}),
			db.InsertDeliveries(ctx, tx, storeID, []subscription.Delivery{r.delivery}),
			db.InsertPayments(ctx, tx, storeID, []payment.Payment{r.payment}, fixture.Start),
		)
	})
	return r
}

func planned(id ident.ID, s subscription.Subscription, slot int) subscription.Delivery {
	date := s.Cycle.Slot(s.Anchor, slot)
	return subscription.Delivery{
		ID: id, SubscriptionID: s.ID, Slot: slot, Date: date, ShippingDate: date.AddDays(-1),
		DeadlineDate: date.AddDays(-5), Deadline: date.AddDays(-4).Start(time.UTC),
		State: subscription.DeliveryPlanned, Quoted: 1_980, Version: 1,
	}
}

func TestRenewalReadsBackAsWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := renewBoth(t, d)
		ctx := t.Context()
		for _, storeID := range dbtest.Stores {
			if diff := cmp.Diff([]order.Order{r.order}, must(db.OrdersByIDs(ctx, d, storeID, []ident.ID{r.order.ID}))(t)); diff != "" {
				t.Errorf("order of store %d: %s", storeID, diff)
			}
			if diff := cmp.Diff([]payment.Payment{r.payment},
				must(db.PaymentsOfOrders(ctx, d, storeID, []ident.ID{r.order.ID}))(t)); diff != "" {
				t.Errorf("payment of store %d: %s", storeID, diff)
			}
			if diff := cmp.Diff(r.subscription, must(db.SubscriptionByNumber(ctx, d, storeID, "S1"))(t)); diff != "" {
				t.Errorf("subscription of store %d: %s", storeID, diff)
			}
		}
	})
}

// refused tries writes one by one, each in its own transaction, and wants each
// refused for the reason that is says.
func refused(t *testing.T, d *db.DB, is func(error) bool, writes map[string]func(context.Context, db.Tx) error) {
	t.Helper()
	for name, fn := range writes {
		if err := try(t, d, fn); !is(err) {
			t.Errorf("%s: %v, want it refused", name, err)
		}
	}
}

func TestDeliveryIsInOneOrderOrNone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := renewBoth(t, d)
		insert := func(change func(*subscription.Delivery)) func(context.Context, db.Tx) error {
			return func(ctx context.Context, tx db.Tx) error {
				delivery := planned(ident.ID{80}, r.subscription, 2)
				change(&delivery)
				return db.InsertDeliveries(ctx, tx, 1, []subscription.Delivery{delivery})
			}
		}
		refused(t, d, db.IsCheck, map[string]func(context.Context, db.Tx) error{
			"planned with an order":    insert(func(d *subscription.Delivery) { d.OrderID = r.order.ID }),
			"ordered without an order": insert(func(d *subscription.Delivery) { d.State = subscription.DeliveryOrdered }),
		})
		refused(t, d, db.IsUnique, map[string]func(context.Context, db.Tx) error{
			"the same slot again": insert(func(d *subscription.Delivery) { d.Slot = 1 }),
			"the same box again": insert(func(d *subscription.Delivery) {
				d.Box, d.State, d.OrderID = 1, subscription.DeliveryOrdered, r.order.ID
			}),
		})
		write(t, d, insert(func(*subscription.Delivery) {}))
		stale := planned(ident.ID{80}, r.subscription, 2)
		stale.Version = 2
		refused(t, d, func(err error) bool { return errors.Is(err, db.ErrStale) }, map[string]func(context.Context, db.Tx) error{
			"another version": func(ctx context.Context, tx db.Tx) error {
				return db.UpdateDeliveries(ctx, tx, 1, []subscription.Delivery{stale})
			},
		})
	})
}

func TestOrderHasOneMainPaymentThatIsNotVoid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := renewBoth(t, d)
		pay := func(id byte, kind payment.Kind) func(context.Context, db.Tx) error {
			return func(ctx context.Context, tx db.Tx) error {
				p := r.payment
				p.ID, p.Kind = ident.ID{id}, kind
				return db.InsertPayments(ctx, tx, 1, []payment.Payment{p}, fixture.Start)
			}
		}
		refused(t, d, db.IsUnique, map[string]func(context.Context, db.Tx) error{"a second": pay(81, payment.KindMain)})
		write(t, d, pay(82, payment.KindDifference))
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			locked, err := db.LockPayments(ctx, tx, 1, []ident.ID{r.payment.ID})
			if err != nil {
				return err
			}
			locked[0].State, locked[0].NextAt = payment.StateVoid, time.Time{}
			return db.UpdatePayments(ctx, tx, 1, locked)
		})
		write(t, d, pay(83, payment.KindMain))
		if got := must(db.PaymentsByIDs(t.Context(), d, 2, []ident.ID{r.payment.ID}))(t); !cmp.Equal(got, []payment.Payment{r.payment}) {
			t.Errorf("store 2's payment changed: %+v", got)
		}
	})
}

func TestPaymentHasOneOpenAttemptAndEachAnswerStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := renewBoth(t, d)
		attempt := func(no int, key string) payment.Attempt {
			return payment.Attempt{
				ID: ident.ID{byte(90 + no)}, PaymentID: r.payment.ID, No: no, Step: payment.StepCreate, Key: key,
				Params: payment.Params{Amount: 1_630, Currency: "jpy"}, State: payment.AttemptOpen, StartedAt: fixture.Start,
			}
		}
		insert := func(a payment.Attempt) func(context.Context, db.Tx) error {
			return func(ctx context.Context, tx db.Tx) error {
				return db.InsertAttempts(ctx, tx, 1, []payment.Attempt{a}, "req")
			}
		}
		answer := func(state payment.AttemptState) func(context.Context, db.Tx) error {
			return func(ctx context.Context, tx db.Tx) error {
				a := attempt(1, "key-1")
				a.State, a.IntentID, a.EndedAt = state, "pi_1", fixture.Start.Add(time.Second)
				return db.CloseAttempts(ctx, tx, 1, []payment.Attempt{a})
			}
		}
		write(t, d, insert(attempt(1, "key-1")))
		refused(t, d, db.IsUnique, map[string]func(context.Context, db.Tx) error{"a second open one": insert(attempt(2, "key-2"))})
		write(t, d, answer(payment.AttemptUnknown))
		refused(t, d, db.IsUnique, map[string]func(context.Context, db.Tx) error{"one beside an unknown": insert(attempt(2, "key-2"))})
		write(t, d, answer(payment.AttemptSucceeded))
		write(t, d, answer(payment.AttemptDeclined))
		refused(t, d, db.IsUnique, map[string]func(context.Context, db.Tx) error{"the same key again": insert(attempt(2, "key-1"))})
		write(t, d, insert(attempt(2, "key-2")))
		list := must(db.AttemptsOf(t.Context(), d, 1, []ident.ID{r.payment.ID}))(t)
		if len(list) != 2 || list[0].State != payment.AttemptSucceeded || list[0].IntentID != "pi_1" {
			t.Errorf("attempts %+v, want the first succeeded and two in all", list)
		}
		last := must(db.LastAttempts(t.Context(), d, 1, []ident.ID{r.payment.ID}))(t)
		if diff := cmp.Diff(map[ident.ID]payment.Attempt{r.payment.ID: attempt(2, "key-2")}, last); diff != "" {
			t.Error(diff)
		}
		if list := must(db.AttemptsOf(t.Context(), d, 2, []ident.ID{r.payment.ID}))(t); len(list) != 0 {
			t.Errorf("store 2 has attempts %+v", list)
		}
	})
}

func TestOrderHasOneOpenHostedSession(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := renewBoth(t, d)
		open := func(storeID int64, id byte) func(context.Context, db.Tx) error {
			return func(ctx context.Context, tx db.Tx) error {
				return db.InsertHostedSession(ctx, tx, storeID, db.HostedSession{
					ID: ident.ID{id}, OrderID: r.order.ID, PaymentID: r.payment.ID, Mode: db.SessionPayment,
					State: db.SessionOpen, Key: "key", ExpiresAt: fixture.Start.Add(time.Hour), NextAt: fixture.Start,
				}, fixture.Start)
			}
		}
		write(t, d, open(1, 95))
		write(t, d, open(2, 95))
		refused(t, d, db.IsUnique, map[string]func(context.Context, db.Tx) error{"a second": open(1, 96)})
		for _, want := range []bool{true, false} {
			write(t, d, func(ctx context.Context, tx db.Tx) error {
				closed, err := db.CloseHostedSession(ctx, tx, 1, ident.ID{95}, db.SessionExpired)
				if closed != want {
					t.Errorf("closed %t, want %t", closed, want)
				}
				return err
			})
		}
		write(t, d, open(1, 96))
		if other := must(db.OpenHostedSession(t.Context(), d, 2, r.order.ID))(t); other.ID != (ident.ID{95}) {
			t.Errorf("store 2's session: %+v", other)
		}
	})
}

func TestNothingIsSoldBelowZero(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := renewBoth(t, d)
		variant := r.product.Variants[0].ID
		count := byte(0)
		newID := func() ident.ID { count++; return ident.ID{100, count} }
		reserve := func(pieces int64) func(context.Context, db.Tx) error {
			return func(ctx context.Context, tx db.Tx) error {
				return db.MoveStock(ctx, tx, 1, []db.StockMove{
					{VariantID: variant, Reserved: pieces - 1, OrderID: r.order.ID, Cause: stock.CauseReserve},
					{VariantID: variant, Reserved: 1, OrderID: r.order.ID, Cause: stock.CauseReserve},
				}, newID, fixture.Start)
			}
		}
		write(t, d, reserve(10))
		refused(t, d, db.IsCheck, map[string]func(context.Context, db.Tx) error{"the eleventh of ten": reserve(1)})
		for storeID, want := range map[int64]int64{1: 0, 2: 10} {
			if got := must(db.Products(t.Context(), d, storeID))(t)[0].Variants[0].Available; got != want {
				t.Errorf("store %d has %d, want %d", storeID, got, want)
			}
		}
	})
}

func TestMailsAndAlertsAreWrittenOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := renewBoth(t, d)
		ctx := t.Context()
		for id := range byte(2) {
			write(t, d, func(ctx context.Context, tx db.Tx) error {
				return errors.Join(
					db.WriteMails(ctx, tx, 1, []db.Mail{{
						ID: ident.ID{110 + id}, Event: "ordered", Dedupe: "order/O1", OrderID: r.order.ID, Recipient: "hana@example.jp",
					}}, fixture.Start),
					db.RaiseAlerts(ctx, tx, 1, []alert.Alert{{
						ID: ident.ID{120 + id}, Kind: alert.KindPaymentFailed, Noun: "order", SubjectID: r.order.ID,
						OrderID: r.order.ID, At: fixture.Start,
					}}),
				)
			})
		}
		if mails := must(db.MailsOfOrder(ctx, d, 1, r.order.ID, 10))(t); len(mails) != 1 || mails[0].ID != (ident.ID{110}) {
			t.Errorf("mails %+v, want the first only", mails)
		}
		if mails := must(db.MailsOfOrder(ctx, d, 2, r.order.ID, 10))(t); len(mails) != 0 {
			t.Errorf("store 2 has mails %+v", mails)
		}
		for storeID, want := range map[int64]int{1: 1, 2: 0} {
			if n := must(db.CountOpenAlerts(ctx, d, storeID))(t); n != want {
				t.Errorf("store %d has %d open alerts, want %d", storeID, n, want)
			}
		}
	})
}

func TestRowsOfOneStoreNeverReferToAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := renew(t, d, 1) // store 2 has nothing
		refused(t, d, func(err error) bool { return db.IsData(err) && !db.IsUnique(err) && !db.IsCheck(err) },
			map[string]func(context.Context, db.Tx) error{
				"order": func(ctx context.Context, tx db.Tx) error { return db.InsertOrders(ctx, tx, 2, []order.Order{r.order}) },
				"payment": func(ctx context.Context, tx db.Tx) error {
					return db.InsertPayments(ctx, tx, 2, []payment.Payment{r.payment}, fixture.Start)
				},
				"subscription": func(ctx context.Context, tx db.Tx) error {
					return db.InsertSubscriptions(ctx, tx, 2, []db.NewSubscription{{Subscription: r.subscription}}, fixture.Start)
				},
				"stock": func(ctx context.Context, tx db.Tx) error {
					return db.SetStock(ctx, tx, 2, r.product.Variants[0].ID, 1, 0, calendar.Date{}, ident.ID{1}, fixture.Start)
				},
			})
	})
}
