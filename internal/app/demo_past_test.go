package app

import (
	"context"
	"net/http"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/demo"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// startDemo starts a demo in the folder and stops it once the test has looked.
func startDemo(t *testing.T, c Demo, look func(Addresses)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	at, wait, err := c.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	look(at)
	stop()
	if err := wait(); err != nil {
		t.Fatal(err)
	}
}

// books are the orders and the charges of a demo's folder, by their number.
func books(t *testing.T, folder string) (orders, paid int) {
	t.Helper()
	d, err := OpenDatabase(t.Context(), folder, "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	list, err := db.OrderList(t.Context(), d, demo.StoreID, db.OrderFilter{Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list {
		if o.Payment == order.PaymentPaid {
			paid++
		}
	}
	return len(list), paid
}

func TestADemoHasItsPastOnceAndKeepsItOverARestart(t *testing.T) {
	c := Demo{Listen: "127.0.0.1:0", Data: t.TempDir() + "/demo"}
	var charges int
	startDemo(t, c, func(at Addresses) {
		for _, page := range []string{at.Shop + "/", at.Shop + "/goods/hb-blend", at.Mails + "/"} {
			response, err := http.Get(page)
			if err != nil {
				t.Fatal(err)
			}
			if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
				t.Errorf("%s answers %d, %v", page, response.StatusCode, err)
			}
		}
		charges = len(thread.ReadLedger(t, at.Simulator).Succeeded())
	})
	orders, paid := books(t, c.Data)
	if orders < 250 || paid != charges {
		t.Errorf("%d orders, %d of them paid with %d charges", orders, paid, charges)
	}
	startDemo(t, c, func(at Addresses) {
		if n := len(thread.ReadLedger(t, at.Simulator).Succeeded()); n != charges {
			t.Errorf("after a restart the gateway knows %d charges, not %d", n, charges)
		}
	})
	if again, _ := books(t, c.Data); again != orders {
		t.Errorf("after a restart there are %d orders, not %d", again, orders)
	}
}

func TestAnEmptyDemoHasGoodsAndNobodyWhoBought(t *testing.T) {
	c := Demo{Listen: "127.0.0.1:0", Data: t.TempDir() + "/demo", Empty: true}
	startDemo(t, c, func(at Addresses) {
		if n := len(thread.ReadLedger(t, at.Simulator).Charges); n != 0 {
			t.Errorf("%d charges", n)
		}
	})
	if orders, _ := books(t, c.Data); orders != 0 {
		t.Errorf("%d orders", orders)
	}
}
