package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/console"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/shop"
)

// statuses of faults that a handler left to us. Forms show theirs themselves.
var statuses = map[fault.Code]int{
	fault.Invalid:      http.StatusBadRequest,
	fault.NotFound:     http.StatusNotFound,
	fault.Conflict:     http.StatusConflict,
	fault.Forbidden:    http.StatusForbidden,
	fault.TooMany:      http.StatusTooManyRequests,
	fault.Unavailable:  http.StatusServiceUnavailable,
	fault.Unauthorized: http.StatusUnauthorized,
}

// refusal is an answer of the protocol that no use case knows, with a text.
type refusal struct {
	status int
	key    string // of the text; empty where the page of the status says it all
	args   map[string]any
}

// Error is for logs.
func (e refusal) Error() string { return fmt.Sprintf("%d %s", e.status, e.key) }

// logged is the path of a request as it may stand in a log: a token that lets its
// holder in does not.
func logged(r *http.Request) string {
	if r.PathValue("token") != "" {
		return r.Pattern
	}
	return r.URL.Path
}

// fail answers with what went wrong. What a person can be told is told; anything
// else is logged, once and here, under the id that the page shows.
func (s *server) fail(w http.ResponseWriter, r *http.Request, a Audience, err error) {
	var refused refusal
	switch faults := fault.All(err); {
	case errors.As(err, &refused):
	case len(faults) > 0 && faults[0].Code == fault.Unauthorized:
		s.toLogin(w, r, a)
		return
	case len(faults) > 0:
		refused = refusal{status: statuses[faults[0].Code], key: faults[0].Key, args: faults[0].Args}
		if seconds, ok := faults[0].Args["Seconds"]; ok {
			w.Header().Set("Retry-After", fmt.Sprint(seconds))
		}
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		return // the visitor is gone
	default:
		slog.ErrorContext(r.Context(), "request failed", "request", reqctx.RequestID(r.Context()),
			"method", r.Method, "path", logged(r), "error", err)
		refused.status = http.StatusInternalServerError
	}
	if begun(r.Context()) {
		return
	}
	if refused.key == "fault.store.closed" {
		s.showClosed(w, r)
		return
	}
	s.show(w, r, a, refused)
}

// show renders the error page of the audience. It reads no database, but for the
// frame of a page that is not there: the others must also show when that is what
// failed.
func (s *server) show(w http.ResponseWriter, r *http.Request, a Audience, e refusal) {
	ctx := r.Context()
	if a == Internal || a == Hook {
		http.Error(w, http.StatusText(e.status), e.status)
		return
	}
	var err error
	if a == Door || a == Staff {
		r = inOwnLanguage(r)
		err = s.renderer.Render(w, e.status, reqctx.Lang(r.Context()), "console/error", s.consoleError(r, e))
	} else {
		err = s.renderer.Render(w, e.status, reqctx.Lang(ctx), "shop/error", s.shopError(r, e))
	}
	if err != nil {
		slog.ErrorContext(ctx, "error page failed", "request", reqctx.RequestID(ctx), "error", err)
		http.Error(w, http.StatusText(e.status)+" ("+reqctx.RequestID(ctx)+")", e.status)
	}
}

func (s *server) shopError(r *http.Request, e refusal) shop.ErrorPage {
	p := shop.ErrorPage{Base: s.errorBase(r, e), Status: e.status}
	if e.status == http.StatusNotFound && reqctx.Shop(r.Context()).Open {
		// whoever follows an old link is in the shop all the same: menu, cart and languages lead on
		p.Base = s.around.Around(r, p.Title)
		frame.At(r, &p.Base, r.URL.Path)
	}
	p.NoIndex = true
	if e.status >= http.StatusInternalServerError {
		p.RequestID = reqctx.RequestID(r.Context())
	}
	return p
}

// closedRetry tells search engines when to look again at a shop that prepares.
const closedRetry = "3600"

// showClosed says that the shop prepares. What customers have with it goes on, so
// that the page leads to my page and to the shop's address.
func (s *server) showClosed(w http.ResponseWriter, r *http.Request) {
	p := shop.ClosedPage{Base: s.errorBase(r, refusal{status: http.StatusServiceUnavailable})}
	p.Title = s.Catalog.For(reqctx.Lang(r.Context())).T("shop.closed.title")
	w.Header().Set("Retry-After", closedRetry)
	err := s.renderer.Render(w, http.StatusServiceUnavailable, reqctx.Lang(r.Context()), "shop/closed", p)
	if err != nil {
		slog.ErrorContext(r.Context(), "page of the closed shop failed", "request", reqctx.RequestID(r.Context()), "error", err)
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
	}
}

func (s *server) consoleError(r *http.Request, e refusal) console.ErrorPage {
	base := s.errorBase(r, e)
	base.Flash = nil // the page's own text says it
	p := console.ErrorPage{
		Base: console.Base{Base: base, Locked: s.Flow.Locked}, Heading: base.Title, Text: s.text(r, e),
	}
	if m, ok := reqctx.Staff(r.Context()); ok {
		words := s.Catalog.For(reqctx.Lang(r.Context()))
		// without numbers: this page reads no database
		p.Staff, p.Rooms = console.NewMember(words, m), console.Rooms(words, r.URL.Path, db.Waiting{}, m.Role)
	}
	if e.status >= http.StatusInternalServerError {
		p.RequestID = reqctx.RequestID(r.Context())
	}
	return p
}

// inOwnLanguage: the console speaks the language of who is logged in, whatever
// the address says.
func inOwnLanguage(r *http.Request) *http.Request {
	m, in := reqctx.Staff(r.Context())
	lang, known := i18n.Parse(m.Lang)
	if !in || !known {
		return r
	}
	return r.WithContext(reqctx.WithLang(r.Context(), lang))
}

// text is what the reader is told.
func (s *server) text(r *http.Request, e refusal) string {
	words := s.Catalog.For(reqctx.Lang(r.Context()))
	if e.key == "" {
		return words.T("fault.unavailable")
	}
	return words.TArgs(e.key, e.args)
}

func (s *server) errorBase(r *http.Request, e refusal) page.Base {
	ctx := r.Context()
	lang, owner := reqctx.Lang(ctx), reqctx.Shop(ctx)
	profile := owner.Settings.Profile
	base := page.Base{
		Lang: string(lang), Title: s.Catalog.For(lang).T("common.error.title"), Path: r.URL.Path, Bare: true,
		Store: page.Store{Name: profile.Name(string(lang)), Company: profile.LegalName, Phone: profile.Phone, Mail: profile.Mail},
		Demo:  reqctx.Demo(ctx),
	}
	for _, l := range i18n.Langs {
		base.Languages = append(base.Languages, page.Language{
			Lang: string(l), Name: s.Catalog.For(l).T("common.lang"), URL: l.URL(r.URL.Path), Current: l == lang,
		})
	}
	if e.status < http.StatusInternalServerError && e.status != http.StatusNotFound && e.key != "" {
		base.Flash = []page.Flash{{Kind: "error", Text: s.text(r, e)}}
	}
	return base
}

// audienceOf guesses whose error page an address without a route gets.
func audienceOf(r *http.Request) Audience {
	if r.URL.Path == "/admin" || strings.HasPrefix(r.URL.Path, "/admin/") {
		return Staff
	}
	return Public
}
