package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/demo"
	"github.com/teiki-commerce/teiki/internal/web"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// pages makes the handler of every page; links is set for a demo.
func (h *House) pages(ctx context.Context, port int, proxies []netip.Prefix, links *demoLinks) (http.Handler, error) {
	https, err := h.overHTTPS(ctx)
	if err != nil {
		return nil, err
	}
	config := web.Config{
		Flow: h.Flow, Catalog: h.Texts, Wall: Wall, Wake: h.Engine.Wake, CookieSuffix: strconv.Itoa(port),
		Proxies: proxies, HTTPS: https,
	}
	if links != nil {
		links.house = h
		config.Demo = &web.Demo{Bar: links.bar, Handler: links.handler()}
	}
	return web.New(config)
}

// overHTTPS reports whether visitors come over https, as the stores' own
// addresses say.
func (h *House) overHTTPS(ctx context.Context) (bool, error) {
	stores, err := db.Stores(ctx, h.DB)
	if err != nil {
		return false, fmt.Errorf("read the stores: %w", err)
	}
	for _, s := range stores {
		settings, err := db.Settings(ctx, h.DB, s.ID)
		if err != nil {
			return false, err
		}
		if strings.HasPrefix(settings.Profile.BaseURL, "https://") {
			return true, nil
		}
	}
	return false, nil
}

// demoLinks is the bar on top of a demo's pages.
type demoLinks struct {
	house *House
	clock *mover
	mails string
	sim   string
}

// The addresses that move the clock.
const (
	forwardPath  = "/_demo/forward"
	deadlinePath = "/_demo/deadline"
)

func (l *demoLinks) bar(r *http.Request) *page.Demo {
	loc := l.house.Texts.For(reqctx.Lang(r.Context()))
	zone := reqctx.Shop(r.Context()).Location
	d := &page.Demo{
		Clock: loc.DateTime(l.house.Clock.Now(), zone), ForwardURL: forwardPath, DeadlineURL: deadlinePath,
		MailboxURL: l.mails + "/", LedgerURL: l.sim + "/_sim/ledger?format=html",
		Return: reqctx.Lang(r.Context()).URL(r.URL.Path), ConsoleURL: "/admin",
		CustomerMail: demo.CustomerMail, StaffMail: demo.OwnerMail, Password: demoPassword,
	}
	if r.URL.Path == d.ConsoleURL || strings.HasPrefix(r.URL.Path, d.ConsoleURL+"/") {
		d.ConsoleURL, d.ShopURL = "", "/"
	}
	next, ok, err := l.clock.NextDeadline(r.Context())
	if err != nil {
		slog.WarnContext(r.Context(), "read the next deadline", "error", err)
	}
	if ok {
		d.Due, d.NextDeadline = next, loc.DeadlineAt(next, zone)
	}
	return d
}

func (l *demoLinks) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+forwardPath, func(w http.ResponseWriter, r *http.Request) {
		l.move(w, r, l.house.Clock.Now().Add(24*time.Hour))
	})
	mux.HandleFunc("POST "+deadlinePath, func(w http.ResponseWriter, r *http.Request) {
		target := l.house.Clock.Now()
		next, ok, err := l.clock.NextDeadline(r.Context())
		if err != nil {
			l.failed(w, r, err)
			return
		}
		if ok && next.After(target) {
			target = next
		}
		l.move(w, r, target)
	})
	return mux
}

func (l *demoLinks) move(w http.ResponseWriter, r *http.Request, target time.Time) {
	if err := l.clock.Forward(r.Context(), target); err != nil {
		l.failed(w, r, err)
		return
	}
	back := redirect.Local(r.FormValue("return"), "/")
	if u, err := url.Parse(back); err != nil || strings.HasPrefix(u.Path, "/_demo/") {
		back = "/"
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

func (l *demoLinks) failed(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "move the demo's clock", "error", err)
	http.Error(w, "the clock could not be moved", http.StatusInternalServerError)
}
