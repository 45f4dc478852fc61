package flow_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// The bank's question is answered long after it was taken for abandoned, and then
// the gateway can be heard, but not asked, for hours.
func TestAMessageThatCannotBeHandledForHoursIsNotForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := asked(t, w, 1)[0]
		o, _ := renewal(t, w, hana)
		page := payAgain(t, w, o)
		w.Pass(t, 40*time.Minute)
		answer(t, w, page, "approve")
		w.Fault(t, readIntent, "before", "500", 0)
		for _, e := range w.Events(t) {
			w.Deliver(t, e)
		}
		for range 40 { // many tries, one soon after the other
			w.Pass(t, 15*time.Second)
		}
		for range 5 {
			w.Pass(t, time.Hour)
		}
		w.Heal(t)
		w.Pass(t, time.Hour)
		if o, _ = renewal(t, w, hana); o.Payment != order.PaymentPaid {
			t.Errorf("the order is %s", o.Payment)
		}
		w.Sound(t)
	})
}

// The bank's question is answered after it was taken for abandoned; the customer
// closes the tab, and no message ever comes.
func TestAQuestionOfTheBankThatIsAnsweredLateIsSeenWithoutAnyMessage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		members := asked(t, w, 3)
		const late, away, never = 0, 1, 2
		pages := make([]string, len(members))
		for i, m := range members {
			o, _ := renewal(t, w, m)
			pages[i] = payAgain(t, w, o)
		}
		w.Pass(t, 40*time.Minute)
		answer(t, w, pages[late], "approve")
		answer(t, w, pages[away], "approve")
		members[away].Fault(t, readIntent, "before", "reset", 1) // just when it is looked at
		for range 4 {
			w.Pass(t, time.Hour)
		}
		for i, want := range map[int]order.PaymentState{late: order.PaymentPaid, away: order.PaymentPaid, never: order.PaymentFailing} {
			if o, _ := renewal(t, w, members[i]); o.Payment != want {
				t.Errorf("order %d is %s, want %s", i, o.Payment, want)
			}
		}
		if next, due, err := db.NextDue(t.Context(), d, db.QueuePayments); due || err != nil {
			t.Errorf("a question that nobody answers is looked at again at %s, %v", next, err)
		}
		w.Sound(t)
	})
}

// What no column takes must not reach one: messages that come at the same moment
// are stored together, and those that wait are looked up together.
func TestAMessageOfCharactersThatNothingIsNamedWithIsRefusedAndStopsNoOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		w.PayPage(t, hana.Page(t, apply(t, hana)), visa)
		long := fmt.Sprintf("%0300d", 7)
		for name, body := range map[string]string{
			"NUL in its id":           `{"id":"evt_\u0000","object":"event","type":"payout.paid","data":{"object":{"id":"po_1"}}}`,
			"NUL in its type":         `{"id":"evt_1","object":"event","type":"payment_intent.\u0000","data":{"object":{"id":"po_1"}}}`,
			"NUL in its object":       `{"id":"evt_2","object":"event","type":"payment_intent.succeeded","data":{"object":{"id":"pi_\u0000"}}}`,
			"half a character":        `{"id":"evt_` + "\xe3\x81" + `","object":"event","type":"payout.paid","data":{"object":{"id":"po_1"}}}`,
			"a lone surrogate":        `{"id":"evt_\ud800","object":"event","type":"payout.paid","data":{"object":{"id":"po_1"}}}`,
			"a line break":            `{"id":"evt_\n","object":"event","type":"payout.paid","data":{"object":{"id":"po_1"}}}`,
			"an id that is too long":  `{"id":"evt_` + long + `","object":"event","type":"payout.paid","data":{"object":{"id":"po_1"}}}`,
			"an object that is, too":  `{"id":"evt_3","object":"event","type":"payout.paid","data":{"object":{"id":"po_` + long + `"}}}`,
			"an object without an id": `{"id":"evt_4","object":"event","type":"balance.available","data":{"object":{}}}`,
		} {
			err := w.Flow.ReceiveWebhook(t.Context(), thread.StoreID, []byte(body), thread.Sign([]byte(body), thread.WebhookSecret, w.Wall.Now()))
			if name == "an object without an id" {
				ok(t, err)
			} else if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		deliverAll(t, w)
		mustBePaidOnce(t, w, hana)
	})
}
