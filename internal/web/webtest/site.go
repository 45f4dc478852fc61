// Package webtest serves the pages of a shop for tests: two stores, the whole
// thread behind them, and browsers that keep cookies and send what real ones
// send. Redirects are not followed, so that a test sees them.
package webtest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/teiki-commerce/teiki/internal/auth"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web"
)

// Password of everybody whom a Site registers.
const Password = "焙煎したての豆が好き"

// OtherHost is where store 2 answers; store 1 answers at the server's own.
const OtherHost = "other.example"

// Site is a running server.
type Site struct {
	*thread.World
	Handler http.Handler
	URL     string
	start   time.Time
	ahead   atomic.Int64 // of the wall clock since start
}

// New serves the pages of a database that dbtest opened. Options change the
// configuration.
func New(t testing.TB, d *db.DB, options ...func(*web.Config)) *Site {
	t.Helper()
	s := &Site{World: thread.New(t, d, 100), start: time.Now()}
	s.Flow.Wall = s.Wall
	c := web.Config{Flow: s.Flow, Catalog: s.Flow.Texts, Wall: s.Wall, CookieSuffix: "test"}
	for _, o := range options {
		o(&c)
	}
	handler, err := web.New(c)
	if err != nil {
		t.Fatalf("make the pages: %v", err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	s.Handler, s.URL = handler, server.URL
	fixture.Store(t, d, 2)
	err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		if err := db.AddHost(ctx, tx, thread.StoreID, "127.0.0.1"); err != nil {
			return err
		}
		return db.AddHost(ctx, tx, 2, OtherHost)
	})
	if err != nil {
		t.Fatalf("give the stores their hosts: %v", err)
	}
	return s
}

// Wall is the site's wall clock. It stands still until Later, so that the limits
// of logins do not depend on how busy the machine is.
func (s *Site) Wall() time.Time { return s.start.Add(time.Duration(s.ahead.Load())) }

// Later moves the wall clock.
func (s *Site) Later(d time.Duration) { s.ahead.Add(int64(d)) }

// Member registers a customer with the Password in store 1.
func (s *Site) Member(t testing.TB, mail string) customer.Customer {
	t.Helper()
	in := flow.RegisterInput{
		StoreID: thread.StoreID, Actor: audit.Actor{Kind: audit.ActorCustomer}, Remote: "192.0.2.1", Mail: mail,
		Password: Password, Lang: i18n.Ja,
	}
	in.Name.Family, in.Name.Given, in.Name.FamilyKana, in.Name.GivenKana = "早川", "千尋", "ハヤカワ", "チヒロ"
	c, err := s.Flow.Register(t.Context(), in)
	if err != nil {
		t.Fatalf("register %s: %v", mail, err)
	}
	return c
}

// Buyer is a shopper with an address and a card who can log in with the Password.
func (s *Site) Buyer(t testing.TB, mail string) *thread.Shopper {
	t.Helper()
	buyer := s.Shopper(t, mail)
	err := s.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		return db.SetPassword(ctx, tx, thread.StoreID, buyer.Customer.ID, auth.Hash(Password))
	})
	if err != nil {
		t.Fatalf("give %s a password: %v", mail, err)
	}
	return buyer
}

// Staff makes a member of staff with the Password and a role in store 1.
func (s *Site) Staff(t testing.TB, mail string, role staff.Role) staff.Member {
	t.Helper()
	m, err := s.Flow.CreateOwner(t.Context(), flow.CreateOwnerInput{
		StoreID: thread.StoreID, Actor: audit.System, Name: "森 あかね", Mail: mail, Password: Password, Lang: i18n.Ja,
	})
	if err != nil {
		t.Fatalf("make staff %s: %v", mail, err)
	}
	err = s.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		return db.SetStaffRole(ctx, tx, thread.StoreID, m.ID, role)
	})
	if err != nil {
		t.Fatalf("give %s a role: %v", mail, err)
	}
	m.Role = role
	return m
}

// Browser keeps cookies.
type Browser struct {
	site   *Site
	client *http.Client
	// Host is the host it believes to speak to; empty for the server's own.
	Host string
	// Header is sent with every request.
	Header http.Header
}

// Browser opens a new one.
func (s *Site) Browser(t testing.TB) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatalf("make a cookie jar: %v", err)
	}
	return &Browser{site: s, Header: http.Header{}, client: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Answer is what came back.
type Answer struct {
	Status   int
	Header   http.Header
	Location string
	Cookies  []*http.Cookie
	Body     string
}

// Doc is the page, to be searched by selector.
func (a *Answer) Doc(t testing.TB) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body))
	if err != nil {
		t.Fatalf("read the page: %v", err)
	}
	return doc
}

// Get asks for a page.
func (b *Browser) Get(t testing.TB, path string) *Answer {
	t.Helper()
	return b.Send(t, http.MethodGet, path, "", nil)
}

// Post sends a form, as a page of the shop does.
func (b *Browser) Post(t testing.TB, path string, form url.Values) *Answer {
	t.Helper()
	return b.Send(t, http.MethodPost, path, "application/x-www-form-urlencoded", []byte(form.Encode()))
}

// Send sends anything.
func (b *Browser) Send(t testing.TB, method, path, kind string, body []byte) *Answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, b.site.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatalf("make the request: %v", err)
	}
	if b.Host != "" {
		request.Host = b.Host
	}
	if method == http.MethodPost {
		request.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	for name, values := range b.Header {
		request.Header[name] = values
	}
	response, err := b.client.Do(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = response.Body.Close() }() // all of it is read
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: read the answer: %v", method, path, err)
	}
	return &Answer{
		Status: response.StatusCode, Header: response.Header, Location: response.Header.Get("Location"),
		Cookies: response.Cookies(), Body: string(content),
	}
}

// LogIn logs a customer in with the Password.
func (b *Browser) LogIn(t testing.TB, mail string) { b.logIn(t, "/login", mail) }

// LogInStaff logs a member of staff in with the Password.
func (b *Browser) LogInStaff(t testing.TB, mail string) { b.logIn(t, "/admin/login", mail) }

func (b *Browser) logIn(t testing.TB, path, mail string) {
	t.Helper()
	a := b.Post(t, path, url.Values{"mail": {mail}, "password": {Password}})
	if a.Status != http.StatusSeeOther {
		t.Fatalf("log %s in at %s: %d %s", mail, path, a.Status, a.Body)
	}
}
