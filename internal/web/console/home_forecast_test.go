package console_test

import (
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

func TestHomeShowsOrdersOnTheirWayBesideTheBoxesThatArePlanned(t *testing.T) {
	k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleOperator)
	k.Shopper(t, "hana@example.jp").Subscribe(t, cardOK)
	k.AdvanceTo(t, fixture.Start.AddDate(0, 0, 20))
	later := k.Shopper(t, "ken@example.jp")
	later.Place(t, later.Order(t, later.Fill(t, 2, thread.Monthly, pricing.MethodCOD)))
	// Hana's second box is an order since midnight and comes on the 23rd; Ken's
	// second is still to be ordered
	k.AdvanceTo(t, fixture.Start.AddDate(0, 0, 29))
	doc := k.page(t, k.handlers.Home, "/admin")
	has(t, doc, ".fc-sum", "これからの見込み3,640円", "受注済み1,980円", "カード0円", "代引3,640円")
	if made, all := doc.Find(".fc svg rect.fc-made").Length(), doc.Find(".fc svg rect").Length(); made != 1 || all != 2 {
		t.Errorf("%d of %d bars are orders, want 1 of 2", made, all)
	}
	if n := doc.Find(".fc-table tbody tr").Length(); n != 2 {
		t.Errorf("the table has %d days, want 2", n)
	}
}
