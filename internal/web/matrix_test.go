package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

// things are what the addresses of the table name in the matrix; all belong to
// the owner.
type things struct {
	order, subscription, alert, product, message, customer, simulation ident.ID
	orderNumber, number                                                string
	slug, token                                                        string
}

// fill writes the things into a route's address.
func (n things) fill(t *testing.T, r web.Route) string {
	t.Helper()
	id := n.order
	switch {
	case strings.Contains(r.Path(), "/subscriptions/"):
		id = n.subscription
	case strings.Contains(r.Path(), "/alerts/"):
		id = n.alert
	case strings.Contains(r.Path(), "/customers/"):
		id = n.customer
	case strings.Contains(r.Path(), "/conversations/"):
		id = n.message
	case strings.Contains(r.Path(), "/products/"):
		id = n.product
	case strings.Contains(r.Path(), "/simulations/"):
		id = n.simulation
	}
	number := n.orderNumber
	if strings.Contains(r.Path(), "/subscriptions/") {
		number = n.number
	}
	path := strings.NewReplacer("{id}", id.String(), "{number}", number, "{slug}", n.slug, "{token}", n.token,
		"{page}", "terms", "{$}", "",
		"{hash}", strings.Repeat("0", 64), "{width}", "320").Replace(r.Path())
	if strings.Contains(path, "{") {
		t.Fatalf("%s: the matrix does not know what to write there", r.Pattern)
	}
	return path
}

// visitor is somebody who tries every route.
type visitor struct {
	name     string
	browser  *webtest.Browser
	customer bool
	owner    bool // of the things
	role     staff.Role
}

// verdict is what the table promises a visitor.
type verdict string

const (
	admitted verdict = "admitted"
	toLogin  verdict = "sent to the login"
	toDoor   verdict = "sent to the console's login"
	hidden   verdict = "told that there is no such thing"
	denied   verdict = "refused"
)

func promised(r web.Route, v visitor) verdict {
	switch r.Audience {
	case web.Customer, web.Buyer:
		if !v.customer {
			return toLogin
		}
		if r.Owner.Check != nil && !v.owner {
			return hidden
		}
	case web.Staff:
		if v.role == "" {
			return toDoor
		}
		if !v.role.Includes(r.Role) {
			return denied
		}
	default:
	}
	return admitted
}

func judge(a *webtest.Answer) verdict {
	switch {
	case a.Status == http.StatusSeeOther && strings.HasPrefix(a.Location, "/login?next="):
		return toLogin
	case a.Status == http.StatusSeeOther && strings.HasPrefix(a.Location, "/admin/login?next="):
		return toDoor
	case a.Status == http.StatusNotFound:
		return hidden
	case a.Status == http.StatusForbidden:
		return denied
	case a.Status >= http.StatusInternalServerError:
		return "failed"
	}
	return admitted
}

// The matrix of role × route × owner, made from the table: a route that is added
// is tried by everybody without a word more.
func TestEveryRouteLetsInWhomItIsForAndNobodyElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		owned := ownedThings(t, site)
		visitors := visitors(t, site)
		routes := web.RoutesOf(site.Handler)
		for _, leaving := range []bool{false, true} { // logouts come last
			for _, r := range routes {
				if r.Audience == web.Internal || r.Audience == web.Hook || strings.HasSuffix(r.Path(), "/logout") != leaving {
					continue
				}
				for _, v := range visitors {
					a := v.browser.Send(t, r.Method(), owned.fill(t, r), "application/x-www-form-urlencoded", nil)
					got, want := judge(a), promised(r, v)
					if got == hidden && (r.Audience == web.Public || r.Audience == web.Shopper || r.Audience == web.File) && r.Owner.Check == nil {
						got = admitted // an empty form names no goods, and there is no such picture
					}
					if got != want {
						t.Errorf("%s is %s at %s (%d %s), the table promises: %s", v.name, got, r.Pattern, a.Status, a.Location, want)
					}
				}
			}
		}
	})
}

func TestAPayLinkThatWasNotSignedOpensNothing(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	owned := ownedThings(t, site)
	last := owned.token[len(owned.token)-5:]
	forged := map[string]string{
		"made up":          strings.Repeat("A", len(owned.token)),
		"cut":              owned.token[:len(owned.token)-1],
		"another store's":  site.Flow.PayToken(2, owned.order),
		"with other bytes": strings.TrimSuffix(owned.token, last) + strings.Map(func(r rune) rune { return r ^ 1 }, "abcde"),
	}
	b := site.Browser(t)
	for _, r := range web.RoutesOf(site.Handler) {
		if !strings.Contains(r.Path(), "{token}") {
			continue
		}
		for name, token := range forged {
			path := strings.Replace(r.Path(), "{token}", url.PathEscape(token), 1)
			if a := b.Send(t, r.Method(), path, "application/x-www-form-urlencoded", nil); a.Status != http.StatusNotFound {
				t.Errorf("%s with a token %s: %d", r.Pattern, name, a.Status)
			}
		}
	}
}

// ownedThings are an order with its subscription, an alert and a message of the
// owner, and a simulation of the store.
func ownedThings(t *testing.T, site *webtest.Site) things {
	t.Helper()
	owner := site.Buyer(t, "owner@example.jp")
	placed := owner.Place(t, owner.Order(t, owner.Fill(t, 1, thread.Monthly, pricing.MethodCOD)))
	orders, err := db.OrdersByIDs(t.Context(), site.DB, thread.StoreID, []ident.ID{placed.OrderID})
	if err != nil || len(orders) != 1 {
		t.Fatalf("read the order: %d, %v", len(orders), err)
	}
	subscriptions, err := db.SubscriptionsByIDs(t.Context(), site.DB, thread.StoreID, []ident.ID{orders[0].SubscriptionID})
	if err != nil || len(subscriptions) != 1 {
		t.Fatalf("read the subscription: %d, %v", len(subscriptions), err)
	}
	n := things{
		order: placed.OrderID, orderNumber: placed.Number, subscription: orders[0].SubscriptionID,
		number: subscriptions[0].Number, alert: site.Flow.NewID(), slug: site.Product.Slug, product: site.Product.ID,
		message: site.Flow.NewID(), customer: owner.Customer.ID, simulation: endedSimulation(t, site),
		token: site.Flow.PayToken(thread.StoreID, placed.OrderID),
	}
	err = site.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		said := db.Conversation{ID: n.message, CustomerID: owner.Customer.ID, Name: "𠮷田 花", Mail: "owner@example.jp", Body: "届きません。", Channel: db.ChannelForm, At: site.Clock.Now()}
		if err := db.InsertConversation(ctx, tx, thread.StoreID, said); err != nil {
			return err
		}
		return db.RaiseAlerts(ctx, tx, thread.StoreID, []alert.Alert{{
			ID: n.alert, Kind: alert.KindStockOut, Noun: "subscription", SubjectID: n.subscription,
			SubscriptionID: n.subscription, At: site.Clock.Now(), Version: 1,
		}})
	})
	if err != nil {
		t.Fatalf("open an alert: %v", err)
	}
	return n
}

func endedSimulation(t *testing.T, site *webtest.Site) ident.ID {
	t.Helper()
	now := site.Clock.Now()
	today := calendar.DateOf(now)
	s := db.Simulation{ID: site.Flow.NewID(), From: today, To: today, StaffID: site.Flow.NewID(), CreatedAt: now}
	token := site.Flow.NewID()
	err := site.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		if err := db.InsertSimulation(ctx, tx, thread.StoreID, s); err != nil {
			return err
		}
		lease := db.Lease{Token: token, Now: now, Until: now.Add(time.Minute)}
		if _, err := db.Claim(ctx, tx, db.QueueSimulations, now, 1, lease); err != nil {
			return err
		}
		s.State = db.SimulationDone
		s.Result = &simulation.Result{From: today, To: today, Currency: "JPY", Days: []simulation.Day{{Date: today}}}
		return db.EndSimulation(ctx, tx, thread.StoreID, s, token, now)
	})
	if err != nil {
		t.Fatalf("make a simulation: %v", err)
	}
	return s.ID
}

func visitors(t *testing.T, site *webtest.Site) []visitor {
	t.Helper()
	site.Buyer(t, "other@example.jp")
	list := []visitor{{name: "a guest", browser: site.Browser(t)}}
	for _, mail := range []string{"other@example.jp", "owner@example.jp"} {
		v := visitor{name: mail, browser: site.Browser(t), customer: true, owner: strings.HasPrefix(mail, "owner")}
		v.browser.LogIn(t, mail)
		list = append(list, v)
	}
	for _, role := range []staff.Role{staff.RoleViewer, staff.RoleOperator, staff.RoleManager, staff.RoleOwner} {
		site.Staff(t, string(role)+"@hibari.example", role)
		v := visitor{name: "a " + string(role), browser: site.Browser(t), role: role}
		v.browser.LogInStaff(t, string(role)+"@hibari.example")
		list = append(list, v)
	}
	site.Staff(t, "gone@hibari.example", staff.RoleOwner)
	gone := visitor{name: "an owner whose role was taken away", browser: site.Browser(t)}
	gone.browser.LogInStaff(t, "gone@hibari.example")
	m, _, err := db.StaffByMail(t.Context(), site.DB, thread.StoreID, "gone@hibari.example")
	if err == nil {
		err = site.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			return db.SetStaffRole(ctx, tx, thread.StoreID, m.ID, "")
		})
	}
	if err != nil {
		t.Fatalf("take the role away: %v", err)
	}
	return append(list, gone)
}

func TestNothingOfOneStoreIsReachedFromAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		owned := ownedThings(t, site)
		member, owner := site.Browser(t), site.Browser(t)
		member.Host, owner.Host = webtest.OtherHost, webtest.OtherHost
		a := member.Post(t, "/register", url.Values{
			"family": {"早川"}, "given": {"千尋"}, "family_kana": {"ハヤカワ"}, "given_kana": {"チヒロ"},
			"mail": {"owner@example.jp"}, "password": {webtest.Password}, // the same mail as in store 1
		})
		if a.Status != http.StatusSeeOther {
			t.Fatalf("register in the other store: %d %s", a.Status, a.Body)
		}
		_, err := site.Flow.CreateOwner(t.Context(), flow.CreateOwnerInput{
			StoreID: 2, Actor: audit.System, Name: "森 あかね", Mail: "mori@other.example", Password: webtest.Password, Lang: i18n.Ja,
		})
		if err != nil {
			t.Fatal(err)
		}
		owner.LogInStaff(t, "mori@other.example")
		tried := 0
		for _, r := range web.RoutesOf(site.Handler) {
			if !strings.Contains(r.Path(), "{") || strings.Contains(r.Path(), "{page}") || strings.Contains(r.Path(), "{$}") {
				continue
			}
			b := member
			if r.Audience == web.Staff {
				b = owner
			}
			a := b.Send(t, r.Method(), owned.fill(t, r), plainForm, []byte("version=1"))
			if a.Status != http.StatusNotFound {
				t.Errorf("%s: the other store answers %d %s", r.Pattern, a.Status, a.Location)
			}
			tried++
		}
		if tried < 10 {
			t.Errorf("only %d routes were tried", tried)
		}
	})
}
