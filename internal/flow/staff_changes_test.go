package flow_test

import (
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// byStaff is a change that a member of staff makes.
func byStaff(w *thread.World, s subscription.Subscription) flow.Verb {
	return flow.Verb{
		StoreID: thread.StoreID, Actor: audit.Actor{Kind: audit.ActorStaff, ID: w.Flow.NewID()},
		CustomerID: s.CustomerID, SubscriptionID: s.ID,
	}
}

// shown is a verb with what a preview showed.
func shown(v flow.Verb, e flow.Effect) flow.Verb {
	v.Version, v.Digest = e.Version(), e.Digest()
	return v
}

// failed lets a subscriber's second box fail at its deadline.
func failed(t *testing.T, w *thread.World) *thread.Shopper {
	t.Helper()
	s := w.Shopper(t, "hana@example.jp")
	s.Subscribe(t, failsLater)
	w.Drain(t)
	w.AdvanceTo(t, s.Deadline(t))
	return s
}

func openAlert(t *testing.T, w *thread.World, kind alert.Kind) alert.Alert {
	t.Helper()
	list, err := db.OpenAlerts(t.Context(), w.DB, thread.StoreID, ident.ID{}, 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		if a.Kind == kind {
			return a
		}
	}
	t.Fatalf("no alert of kind %s is open", kind)
	return alert.Alert{}
}

func TestStaffTakeAnOrderBackThatCouldNotBeCharged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		s := failed(t, w)
		running, boxes := s.Subscription(t)
		in := flow.TakeBack{Verb: byStaff(w, running), Slot: 2}
		effect, err := w.Flow.PreviewTakeBack(t.Context(), in)
		if err != nil || len(effect.TakenBack) != 1 {
			t.Fatalf("preview: %d orders, %v", len(effect.TakenBack), err)
		}
		in.Verb = shown(in.Verb, effect)
		for range 2 { // the second submit is the first again
			if _, err := w.Flow.TakeBack(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		after, list := s.Subscription(t)
		if list[1].State != subscription.DeliveryCancelled || after.BoxesOrdered != running.BoxesOrdered-1 || after.State != subscription.StateActive {
			t.Errorf("%s, %d boxes, %s", list[1].State, after.BoxesOrdered, after.State)
		}
		if o := s.Orders(t)[1]; o.Payment != order.PaymentCancelled {
			t.Errorf("the order is %s", o.Payment)
		}
		if n, err := db.CountOpenAlerts(t.Context(), d, thread.StoreID); n != 0 || err != nil {
			t.Errorf("%d alerts open, %v", n, err)
		}
		if _, err := w.Flow.PreviewTakeBack(t.Context(), flow.TakeBack{Verb: byStaff(w, running), Slot: boxes[0].Slot}); !fault.Is(err, fault.Conflict) {
			t.Errorf("an order that is paid: %v", err)
		}
		w.Sound(t)
	})
}

func TestASwitchToCashMakesTheOrderAnewAndChargesNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		s := failed(t, w)
		running, _ := s.Subscription(t)
		charges := len(w.Ledger(t).Succeeded())
		in := flow.PayOnDelivery{Verb: byStaff(w, running)}
		effect, err := w.Flow.PreviewPayOnDelivery(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		in.Verb = shown(in.Verb, effect)
		if _, err := w.Flow.PayOnDelivery(t.Context(), in); !fault.Is(err, fault.Invalid) {
			t.Fatalf("without the customer's consent: %v", err)
		}
		in.Agreed = true
		if _, err := w.Flow.PayOnDelivery(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		w.Drain(t)
		orders := s.Orders(t)
		if len(orders) != 3 || orders[1].Payment != order.PaymentCancelled || orders[2].PaidBy != string(pricing.MethodCOD) || orders[2].Fee == 0 {
			t.Errorf("orders afterwards: %d, %+v", len(orders), orders[len(orders)-1])
		}
		if n := len(w.Ledger(t).Succeeded()); n != charges {
			t.Errorf("%d charges, %d before", n, charges)
		}
		w.Sound(t)
	})
}

func TestTheLinkThatPaysIsMailedOnceForAForm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		s := failed(t, w)
		a := openAlert(t, w, alert.KindPaymentFailed)
		before, err := db.MailsOfOrder(t.Context(), d, thread.StoreID, a.OrderID, 50)
		if err != nil {
			t.Fatal(err)
		}
		actor, request := audit.Actor{Kind: audit.ActorStaff, ID: w.Flow.NewID()}, w.Flow.NewID()
		for range 2 {
			if err := w.Flow.SendPayLink(t.Context(), thread.StoreID, actor, a.ID, request); err != nil {
				t.Fatal(err)
			}
		}
		after, err := db.MailsOfOrder(t.Context(), d, thread.StoreID, a.OrderID, 50)
		if err != nil || len(after) != len(before)+1 || after[0].Recipient != s.Customer.Mail {
			t.Errorf("%d mails, %d before, %v", len(after), len(before), err)
		}
	})
}

func TestAMessageIsHandledOnceAndItsNoteStaysOutOfTheTrail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		err := w.Flow.Contact(t.Context(), flow.ContactInput{
			StoreID: thread.StoreID, Remote: "192.0.2.1", Name: "𠮷田 花", Mail: "hana@example.jp", Body: "届きません。", Lang: "ja",
		})
		if err != nil {
			t.Fatal(err)
		}
		list, err := db.Conversations(t.Context(), d, thread.StoreID, db.ConversationFilter{Open: true, Limit: 5})
		if err != nil || len(list) != 1 {
			t.Fatalf("%d messages, %v", len(list), err)
		}
		said, actor := list[0], audit.Actor{Kind: audit.ActorStaff, ID: w.Flow.NewID()}
		if err := w.Flow.HandleConversation(t.Context(), thread.StoreID, actor, said.ID, said.Version+1, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("of another version: %v", err)
		}
		if err := w.Flow.HandleConversation(t.Context(), 2, actor, said.ID, said.Version, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("another store's: %v", err)
		}
		if err := w.Flow.HandleConversation(t.Context(), thread.StoreID, actor, said.ID, said.Version, "花さんに電話で回答"); err != nil {
			t.Fatal(err)
		}
		if err := w.Flow.HandleConversation(t.Context(), thread.StoreID, actor, said.ID, said.Version, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		kept, err := db.ConversationByID(t.Context(), d, thread.StoreID, said.ID)
		if err != nil || kept.Note != "花さんに電話で回答" || kept.HandledBy != actor.ID || kept.HandledAt.IsZero() {
			t.Errorf("kept is %+v, %v", kept, err)
		}
		trail, err := db.AuditTrail(t.Context(), d, thread.StoreID, []ident.ID{said.ID}, 5)
		if err != nil || len(trail) != 1 || len(trail[0].Changes) != 0 {
			t.Errorf("the trail tells %+v, %v", trail, err)
		}
	})
}

func TestANewPasswordNeedsTheOldOneAndEndsTheSessionsBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		m, err := w.Flow.CreateOwner(t.Context(), flow.CreateOwnerInput{
			StoreID: thread.StoreID, Actor: audit.System, Name: "森 健太", Mail: "mori@hibari.example", Password: "hibari and beans", Lang: "ja",
		})
		if err != nil {
			t.Fatal(err)
		}
		in := flow.StaffPassword{StoreID: thread.StoreID, Actor: audit.Actor{Kind: audit.ActorStaff, ID: m.ID}, Mail: m.Mail, Remote: "192.0.2.1", Old: "wrong", New: "焙煎したての豆が好き"}
		if _, err := w.Flow.ChangeStaffPassword(t.Context(), in); len(fault.All(err)) != 1 || fault.All(err)[0].Field != "old" {
			t.Errorf("with a wrong password: %v", err)
		}
		in.Old, in.New = "hibari and beans", "short"
		if _, err := w.Flow.ChangeStaffPassword(t.Context(), in); len(fault.All(err)) != 1 || fault.All(err)[0].Field != "new" {
			t.Errorf("with a weak one: %v", err)
		}
		before, err := db.StaffByID(t.Context(), d, thread.StoreID, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		in.New = "焙煎したての豆が好き"
		after, err := w.Flow.ChangeStaffPassword(t.Context(), in)
		if err != nil || after.Version != before.Version+1 {
			t.Errorf("version %d after %d, %v", after.Version, before.Version, err)
		}
		if _, err := w.Flow.StaffLogin(t.Context(), thread.StoreID, m.Mail, "焙煎したての豆が好き", "192.0.2.1"); err != nil {
			t.Errorf("log in with the new one: %v", err)
		}
	})
}
