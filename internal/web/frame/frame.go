// Package frame makes what every page of the shop and of my page has around its
// content: shop, menu, languages, cart, messages. It also words what several
// pages show the same way: goods, prices, addresses.
package frame

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/render"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// Frame is what handlers need to show a page.
type Frame struct {
	Flow    *flow.Flow
	Catalog *i18n.Catalog
	Render  *render.Renderer
}

// Words speaks the language of the request.
func (f *Frame) Words(r *http.Request) *i18n.Localizer {
	return f.Catalog.For(reqctx.Lang(r.Context()))
}

// Show writes a page in the language of the request.
func (f *Frame) Show(w http.ResponseWriter, r *http.Request, status int, name string, data any) error {
	return f.Render.Render(w, status, reqctx.Lang(r.Context()), name, data)
}

// Base is the frame of a page. Messages waiting for the next page are on it. It
// never fails.
func (f *Frame) Base(r *http.Request, title string) page.Base {
	b := f.Around(r, title)
	b.Flash = session.TakeFlashes(r.Context())
	return b
}

// Around is the frame of a page that nobody may be looking at, as of an address
// that is not there, which browsers ask for by themselves: it leaves the messages
// to the next page.
func (f *Frame) Around(r *http.Request, title string) page.Base {
	ctx := r.Context()
	shop, lang, words := reqctx.Shop(ctx), reqctx.Lang(ctx), f.Words(r)
	b := page.Base{
		Lang: string(lang), Title: title, Path: r.URL.Path, Store: StoreFacts(shop, words),
		Announcement: announcement(shop, words), Languages: languages(r, lang, f.Catalog),
		Demo: reqctx.Demo(ctx), Closed: !shop.Open,
	}
	b.Nav = []page.NavLink{
		{Text: words.T("shop.nav.goods"), Path: "/goods"},
		{Text: words.T("shop.nav.subscribable"), Path: "/goods?way=subscribe"},
		{Text: words.T("shop.legal.guide"), Path: "/legal/guide"},
		{Text: words.T("shop.legal.contact"), Path: "/legal/contact"},
	}
	here := r.URL.Path
	if r.URL.Query().Get("way") != "" {
		here += "?way=" + r.URL.Query().Get("way")
	}
	for i := range b.Nav {
		b.Nav[i].Current = b.Nav[i].Path == here
	}
	if c, ok := reqctx.Customer(ctx); ok {
		b.LoggedIn, b.CustomerName = true, words.Name(c.Name)
	}
	b.CartCount = f.cartCount(ctx)
	return b
}

// Bare is a frame without menu, for the way through the checkout.
func (f *Frame) Bare(r *http.Request, title string) page.Base {
	b := f.Base(r, title)
	b.Bare = true
	return b
}

// At says which address a page answers for where it is not the one asked: a form
// that comes back with faults has the address of its page.
func At(r *http.Request, b *page.Base, path string) {
	b.Path = path
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return
	}
	for i, l := range b.Languages {
		b.Languages[i].URL = i18n.Lang(l.Lang).URL(path)
	}
}

// CartKey is the cart of the request.
func CartKey(ctx context.Context) flow.CartKey {
	key := flow.CartKey{StoreID: reqctx.Shop(ctx).ID}
	key.CartID, _ = session.CartID(ctx)
	if c, ok := reqctx.Customer(ctx); ok {
		key.CustomerID = c.ID
	}
	return key
}

func (f *Frame) cartCount(ctx context.Context) int {
	key := CartKey(ctx)
	if key.CartID.IsZero() && key.CustomerID.IsZero() {
		return 0
	}
	n, err := f.Flow.CartCount(ctx, key)
	if err != nil {
		// a page without the little number is better than none
		slog.WarnContext(ctx, "cart not counted", "request", reqctx.RequestID(ctx), "error", err)
	}
	return n
}

// AbsoluteURL is the address of a path of the shop in the language of the
// request, for the gateway to send customers back to.
func AbsoluteURL(ctx context.Context, path string) string {
	return strings.TrimSuffix(reqctx.Shop(ctx).Profile.BaseURL, "/") + reqctx.Lang(ctx).URL(path)
}

// OrderPath is the address of a page about an order, such as "return".
func OrderPath(id ident.ID, what string) string { return "/orders/" + id.String() + "/" + what }

// StoreFacts is what pages say about the shop.
func StoreFacts(shop flow.Shop, words *i18n.Localizer) page.Store {
	p, lang := shop.Profile, string(words.Lang())
	return page.Store{
		Name: p.Name(lang), Company: p.LegalName, Phone: p.Phone, Mail: p.Mail,
		Address: strings.Join(words.Address(p.Address), " "), Hours: store.In(p.PhoneHours, lang),
	}
}

// announcement is the shop's own, else from which amount delivery is free at home.
func announcement(shop flow.Shop, words *i18n.Localizer) string {
	if text := store.In(shop.Profile.Announcement, string(words.Lang())); text != "" {
		return text
	}
	for _, method := range shop.Delivery.Methods {
		if zone, ok := method.Zone(shop.Profile.Address); ok && zone.FreeFrom > 0 {
			return words.T("shop.announce.free", "Threshold", money.Of(zone.FreeFrom, shop.Currency))
		}
	}
	return ""
}

// languages are this page in each language.
func languages(r *http.Request, current i18n.Lang, catalog *i18n.Catalog) []page.Language {
	path := r.URL.Path
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	list := make([]page.Language, len(i18n.Langs))
	for i, l := range i18n.Langs {
		list[i] = page.Language{
			Lang: string(l), Name: catalog.For(l).T("common.lang"), URL: l.URL(path), Current: l == current,
		}
	}
	return list
}
