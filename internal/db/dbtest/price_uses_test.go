package dbtest_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

func TestAPriceIsUsedOnceByACustomerAndByACard(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := renewBoth(t, d)
		ctx, hana, kenji := t.Context(), r.order.CustomerID, ident.ID{77}
		first := db.PriceUse{ProductID: r.product.ID, Kind: db.PriceFirst}
		trial := db.PriceUse{ProductID: r.product.ID, Kind: db.PriceTrial}
		other := r.order
		other.ID, other.Number, other.Lines = ident.ID{78}, "O2", nil
		take := func(store int64, customer, orderID ident.ID, uses ...db.PriceUse) func(context.Context, db.Tx) error {
			return func(ctx context.Context, tx db.Tx) error {
				return db.TakePrices(ctx, tx, store, customer, orderID, uses, fixture.Start)
			}
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error { return db.InsertOrders(ctx, tx, 1, []order.Order{other}) })
		write(t, d, take(1, hana, r.order.ID, first))
		used := func(store int64, customer ident.ID) map[db.PriceUse]bool {
			return must(db.PricesUsed(ctx, d, store, customer, []ident.ID{r.product.ID}))(t)
		}
		if diff := cmp.Diff(map[db.PriceUse]bool{first: true}, used(1, hana)); diff != "" {
			t.Error(diff)
		}
		if n := len(used(2, hana)) + len(used(1, kenji)); n != 0 {
			t.Errorf("%d uses of another store or customer", n)
		}
		refused(t, d, db.IsUnique, map[string]func(context.Context, db.Tx) error{
			"a second time": take(1, hana, other.ID, first), "with another price": take(1, hana, other.ID, trial, first),
		})
		write(t, d, take(2, hana, r.order.ID, first)) // store 2 has its own
		byCard := func(orderID ident.ID) (products []ident.ID) {
			write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
				products, err = db.TakePricesByCard(ctx, tx, 1, orderID, "fp_4242")
				return err
			})
			return products
		}
		if products := byCard(r.order.ID); len(products) != 0 {
			t.Errorf("the card had prices before: %v", products)
		}
		if products := byCard(r.order.ID); len(products) != 0 {
			t.Errorf("asked again, the order is its own stranger: %v", products)
		}
		write(t, d, take(1, kenji, other.ID, first, trial))
		if diff := cmp.Diff([]ident.ID{r.product.ID}, byCard(other.ID)); diff != "" {
			t.Errorf("the same card with another customer: %s", diff)
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error { return db.FreePrices(ctx, tx, 1, r.order.ID) })
		if n := len(used(1, hana)); n != 0 {
			t.Errorf("%d uses are left of an order given up", n)
		}
		if n := len(used(2, hana)); n != 1 {
			t.Errorf("store 2 has %d", n)
		}
	})
}

func TestDiscountsAndAgreementsReadBackAsWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := renewBoth(t, d)
		ctx, p := t.Context(), r.product
		tiers := []catalog.VolumeTier{{From: 3, Discount: catalog.Discount{BasisPoints: 500}}, {From: 6, Discount: catalog.Discount{Amount: 150}}}
		counts := []catalog.CountDiscount{{FromBox: 3, Discount: catalog.Discount{Amount: 100}}}
		p.VolumeTiers, p.Plan.VolumeTiers, p.Plan.CountDiscounts = tiers, tiers[:1], counts
		p.Plan.Shipping, p.Plan.FreeBox, p.Plan.StockOut = catalog.ShippingFreeBox, 3, catalog.StockOutRest
		p.Plan.ResumeSkips, p.Plan.AllowPause = true, false
		p.Texts["ja"] = catalog.Text{Name: "ひばりブレンド", Plan: "毎月お届けします。\n𠮷"}
		price := p.Variants[0].Prices["JPY"]
		price.Trial = 500
		p.Variants[0].Prices["JPY"] = price
		s := r.subscription
		s.ID, s.Number, s.Items = ident.ID{81}, "S2", nil
		s.Agreement = subscription.AgreementOn(*p.Plan)
		write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
			if p, err = db.UpsertProduct(ctx, tx, 1, p, fixture.Start.Add(time.Minute)); err != nil {
				return err
			}
			return db.InsertSubscriptions(ctx, tx, 1, []db.NewSubscription{{Subscription: s, Terms: []byte("{}")}}, fixture.Start)
		})
		if diff := cmp.Diff(p, must(db.ProductsByIDs(ctx, d, 1, []ident.ID{p.ID}))(t)[p.ID]); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]subscription.Subscription{s}, must(db.SubscriptionsByIDs(ctx, d, 1, []ident.ID{s.ID}))(t)); diff != "" {
			t.Error(diff)
		}
		plain := must(db.SubscriptionsByIDs(ctx, d, 1, []ident.ID{r.subscription.ID}))(t)
		if diff := cmp.Diff(subscription.Agreement{}, plain[0].Agreement); diff != "" {
			t.Errorf("who agreed on nothing: %s", diff)
		}
	})
}
