package web_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

// cardFailsLater is stored without complaint and declined at each charge after.
const cardFailsLater = "4000000000000341"

func TestTheGatewayHearsTheIDOfTheRequestThatAsksIt(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	buyer := site.Buyer(t, "hana@example.jp")
	buyer.Subscribe(t, cardFailsLater)
	site.Drain(t)
	_, deliveries := buyer.Subscription(t)
	site.AdvanceTo(t, deliveries[1].Deadline)
	orders := buyer.Orders(t)
	open := slices.IndexFunc(orders, func(o order.Order) bool { return o.Payment != order.PaymentPaid })
	if open < 0 {
		t.Fatalf("no order is unpaid among %d", len(orders))
	}
	a := site.Browser(t).Post(t, "/pay/"+site.Flow.PayToken(thread.StoreID, orders[open].ID)+"/confirm", nil)
	if a.Status >= http.StatusInternalServerError {
		t.Fatalf("pay again: %d %s", a.Status, a.Body)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site.SimURL+"/_sim/ledger", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var ledger struct {
		Charges []struct {
			RequestID string `json:"request_id"`
		} `json:"charges"`
	}
	if err := json.NewDecoder(response.Body).Decode(&ledger); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range ledger.Charges {
		ids = append(ids, c.RequestID)
	}
	if !slices.Contains(ids, a.Header.Get("X-Request-Id")) {
		t.Errorf("the page says request %s, the gateway heard %q", a.Header.Get("X-Request-Id"), ids)
	}
}
