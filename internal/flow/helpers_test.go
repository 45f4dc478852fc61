package flow_test

import (
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// waitFor polls until a condition holds.
func waitFor(t *testing.T, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	for !holds() {
		select {
		case <-ticker.C:
		case <-limit.C:
			t.Fatal("waited too long")
		}
	}
}

func placedOf(o order.Order) flow.Placed { return flow.Placed{OrderID: o.ID, Number: o.Number} }

// failedCharges are the charges that the gateway declined.
func failedCharges(t *testing.T, w *thread.World) int {
	t.Helper()
	l := w.Ledger(t)
	return len(l.Charges) - len(l.Succeeded())
}

func tokyo(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
