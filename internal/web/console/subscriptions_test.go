package console_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// listed are the numbers of the subscriptions of a list's page, in its order.
func listed(doc *goquery.Document) []string {
	return doc.Find("tbody .row-lk").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
}

func TestSubscriptionsAreFoundByWhatStaffKnowOfThemWithTheirTotal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleViewer)
		byCard, byCOD := k.Shopper(t, "hana@example.jp"), k.Shopper(t, "ken@example.jp")
		byCard.Subscribe(t, cardFailsLater)
		k.Drain(t)
		byCOD.Place(t, byCOD.Order(t, byCOD.Fill(t, 2, thread.Monthly, pricing.MethodCOD)))
		k.Drain(t)
		fixture.Store(t, d, 2)
		fixture.Customer(t, d, k.Flow.NewID, 2, "ken@example.jp") // the twin in another store
		card, boxes := byCard.Subscription(t)
		cod, _ := byCOD.Subscription(t)
		next := boxes[1].Date.String()
		k.AdvanceTo(t, fixture.Start.AddDate(0, 0, 5)) // their second boxes are less than 30 days away
		for name, c := range map[string]struct {
			query url.Values
			want  []string
			sum   []string
		}{
			// 1,330 + 650; 2 × 1,330 + 650 + 330
			"everything":          {url.Values{}, []string{cod.Number, card.Number}, []string{"2件", "5,620円", "今後30日間"}},
			"a mail":              {url.Values{"q": {"ken@"}}, []string{cod.Number}, []string{"1件", "3,640円"}},
			"a name":              {url.Values{"q": {"𠮷田"}}, []string{card.Number, cod.Number}, []string{"2件"}},
			"kana":                {url.Values{"q": {"ﾖｼﾀﾞ"}}, []string{card.Number, cod.Number}, []string{"2件"}},
			"a phone":             {url.Values{"q": {"5678"}}, []string{card.Number}, []string{"1件"}},
			"a number":            {url.Values{"q": {strings.ToLower(card.Number)}}, []string{card.Number}, []string{"1件", "1,980円"}},
			"nobody":              {url.Values{"q": {"山本%_"}}, nil, []string{"0件", "0円"}},
			"the product":         {url.Values{"product": {k.Product.ID.String()}}, []string{cod.Number, card.Number}, []string{"5,620円"}},
			"another product":     {url.Values{"product": {ident.ID{9}.String()}}, nil, []string{"0件"}},
			"the day":             {url.Values{"from": {next}, "until": {next}}, []string{card.Number, cod.Number}, []string{"2件", "5,620円", "のお届けを集計"}},
			"until the day":       {url.Values{"until": {next}, "q": {"ken@"}}, []string{cod.Number}, []string{"1件", "3,640円"}},
			"before the day":      {url.Values{"until": {boxes[1].Date.AddDays(-1).String()}}, nil, []string{"0件", "0円"}},
			"from the day after":  {url.Values{"from": {boxes[1].Date.AddDays(1).String()}}, []string{card.Number, cod.Number}, []string{"2件"}},
			"trouble":             {url.Values{"trouble": {"1"}}, nil, []string{"0件"}},
			"paused ones":         {url.Values{"state": {"paused"}}, nil, []string{"0件", "0円"}},
			"nonsense":            {url.Values{"from": {"tomorrow"}, "product": {"x"}, "before": {"y"}}, []string{cod.Number, card.Number}, []string{"5,620円"}},
			"all states":          {url.Values{"state": {"all"}}, []string{cod.Number, card.Number}, []string{"2件", "5,620円"}},
			"dates the wrong way": {url.Values{"from": {"2027-01-01"}, "until": {"2026-01-01"}}, nil, []string{"0件"}},
		} {
			t.Run(name, func(t *testing.T) {
				doc := k.page(t, k.handlers.Subscriptions, "/admin/subscriptions?"+c.query.Encode())
				if got := listed(doc); !slices.Equal(got, c.want) {
					t.Errorf("listed are %q, want %q", got, c.want)
				}
				has(t, doc, ".list-sum", c.sum...)
			})
		}

		k.AdvanceTo(t, boxes[1].Deadline)
		doc := k.page(t, k.handlers.Subscriptions, "/admin/subscriptions?trouble=1&q=hana%40")
		if got := listed(doc); !slices.Equal(got, []string{card.Number}) {
			t.Errorf("in trouble are %q", got)
		}
		has(t, doc, "tbody .state", "決済エラー")
		if typed := doc.Find("#find-q").AttrOr("value", ""); typed != "hana@" || doc.Find("#find-trouble[checked]").Length() != 1 {
			t.Errorf("the form shows %q", typed)
		}
		if path := doc.Find(".tabs li:last-child a").AttrOr("href", ""); path != "/admin/subscriptions?q=hana%40&state=all&trouble=1" {
			t.Errorf("the tab of all leads to %s", path)
		}
	})
}

func TestListsOfSubscriptionsGoOnByDateAndByAge(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		w.Members(t, 3)
		all := calendar.Date{Year: 2026, Month: 11, Day: 1}
		for name, filter := range map[string]db.SubscriptionFilter{
			"by age": {State: subscription.StateActive}, "by date": {From: all},
		} {
			whole, _, err := db.FindSubscriptions(t.Context(), d, thread.StoreID, filter, db.SubscriptionKey{}, 10)
			if err != nil || len(whole) != 3 {
				t.Fatalf("%s: %d subscriptions, %v", name, len(whole), err)
			}
			var parts []string
			var key db.SubscriptionKey
			for range whole {
				page, next, err := db.FindSubscriptions(t.Context(), d, thread.StoreID, filter, key, 1)
				if err != nil || len(page) != 1 || next.ID.IsZero() != (len(parts) == 2) {
					t.Fatalf("%s, page %d: %d subscriptions, next %v, %v", name, len(parts)+1, len(page), next, err)
				}
				parts, key = append(parts, page[0].Number), next
			}
			if want := []string{whole[0].Number, whole[1].Number, whole[2].Number}; !slices.Equal(parts, want) {
				t.Errorf("%s: page by page %q, at once %q", name, parts, want)
			}
		}
	})
}
