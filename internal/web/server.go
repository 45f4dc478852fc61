// Package web serves the shop, my page, the console and what other programs
// call. It owns the table of routes, what happens before and after a handler,
// and how errors look; the pages themselves are in the packages below it.
package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/stripe"
	"github.com/teiki-commerce/teiki/internal/web/console"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/hooks"
	"github.com/teiki-commerce/teiki/internal/web/mypage"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/render"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/shop"
	"github.com/teiki-commerce/teiki/internal/web/static"
	"github.com/teiki-commerce/teiki/internal/web/templates"
)

// Config is what New needs.
type Config struct {
	Flow    *flow.Flow
	Catalog *i18n.Catalog
	// Wall is the clock of sessions and logins; it never jumps.
	Wall func() time.Time
	// Wake tells the engine that there is work; nil where none runs in this
	// process.
	Wake func()
	// HTTPS says that visitors come over https, whether we end it ourselves or a
	// proxy before us does: cookies are Secure then, and browsers are told to stay.
	HTTPS bool
	// CookieSuffix tells the cookies of this process from those of others on the
	// same machine, such as its port: browsers share cookies among ports.
	CookieSuffix string
	// Proxies are the networks whose X-Forwarded-For is believed; others could
	// write any address there and so escape the limits of the login.
	Proxies []netip.Prefix
	// FormTargets are further origins that forms may lead to, beside the payment
	// gateway's.
	FormTargets []string
	// Demo is set in demo instances only.
	Demo *Demo
}

// Demo is what a demo instance adds.
type Demo struct {
	// Bar is what the bar on top of a page says; nil for a page without it.
	Bar func(r *http.Request) *page.Demo
	// Handler answers below /_demo/.
	Handler http.Handler
}

// server holds what all requests share.
type server struct {
	Config
	renderer *render.Renderer
	around   *frame.Frame
	assets   *render.Assets
	mux      *http.ServeMux
	cross    *http.CrossOriginProtection
	csp      *cspReports
	shop     *shop.Handlers
	mypage   *mypage.Handlers
	console  *console.Handlers
	hooks    *hooks.Handlers
	sessions sync.Map // sessionKey → *session.Manager
}

// New makes the handler of every page of an installation. An error is a mistake
// in this program: a template that does not parse, a route that lacks something.
func New(c Config) (http.Handler, error) {
	assets, err := render.NewAssets(static.FS)
	if err != nil {
		return nil, err
	}
	renderer, err := render.New(templates.FS, assets, c.Catalog)
	if err != nil {
		return nil, err
	}
	around := &frame.Frame{Flow: c.Flow, Catalog: c.Catalog, Render: renderer}
	s := &server{
		Config: c, renderer: renderer, around: around, assets: assets,
		cross: http.NewCrossOriginProtection(),
		csp:   &cspReports{},
		shop:  shop.New(shop.Deps{Frame: around}), mypage: mypage.New(mypage.Deps{Frame: around}),
		console: &console.Handlers{Flow: c.Flow, Catalog: c.Catalog, Render: renderer, Wake: c.Wake},
		hooks:   &hooks.Handlers{Flow: c.Flow, Wake: c.Wake},
	}
	if s.mux, err = s.build(s.routes()); err != nil {
		return nil, err
	}
	return s, nil
}

// build makes the mux of the table.
func (s *server) build(routes []Route) (*http.ServeMux, error) {
	mux := http.NewServeMux()
	for _, r := range routes {
		if err := r.complete(); err != nil {
			return nil, err
		}
		mux.Handle(r.Pattern, s.enter(r))
	}
	return mux, nil
}

// requestIDHeader tells the visitor, and whoever runs a proxy before us, which
// request it was.
const requestIDHeader = "X-Request-Id"

// ServeHTTP does what comes before the mux: the request's id, the language of
// the address, and what is left of a panic.
func (s *server) ServeHTTP(plain http.ResponseWriter, r *http.Request) {
	w := &writer{ResponseWriter: plain, gzip: s.mayCompress(r)}
	ctx, id := r.Context(), s.Flow.NewID().String()
	lang, path := i18n.Cut(r.URL.Path)
	ctx = context.WithValue(ctx, writerKey{}, w)
	ctx = reqctx.WithRequestID(stripe.WithRequestID(ctx, id), id)
	ctx = reqctx.WithLang(ctx, lang)
	ctx = reqctx.WithRemote(ctx, s.remote(r))
	r = r.WithContext(ctx)
	target := *r.URL
	target.Path = path
	if target.RawPath != "" {
		_, target.RawPath = i18n.Cut(target.RawPath)
	}
	r.URL = &target
	w.Header().Set(requestIDHeader, id)
	s.secure(w.Header())
	err := caught(func() error {
		if _, pattern := s.mux.Handler(r); pattern == "" {
			s.lost(w, r)
		} else {
			s.mux.ServeHTTP(w, r)
		}
		return nil
	})
	if err != nil {
		s.fail(w, r, Public, err)
	}
	w.finish()
}

// caught turns a panic into an error. http.ErrAbortHandler is the server's own
// way to drop a connection.
func caught(do func() error) (err error) {
	defer func() {
		v := recover()
		if v == http.ErrAbortHandler { //nolint:errorlint // a panic's value, compared as net/http compares it
			panic(v)
		}
		if v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return do()
}

// lost answers what no route does: an unknown address, a method that an address
// does not have, or a redirect to the address as it should be written.
func (s *server) lost(w http.ResponseWriter, r *http.Request) {
	answer := &quiet{header: http.Header{}}
	s.mux.ServeHTTP(answer, r)
	refused := refusal{status: answer.status, key: "fault.not_found"}
	if answer.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", answer.header.Get("Allow"))
		refused.key = "fault.invalid"
	}
	// shoppers keep the shop around them, staff the console
	audience := Public
	if audienceOf(r) == Staff {
		audience = Door
	}
	s.inShop(audience, s.inSession(audience, func(w http.ResponseWriter, r *http.Request) {
		known, err := s.identify(r, Route{Audience: audience})
		if err != nil {
			s.fail(w, r, audience, err)
			return
		}
		s.show(w, known, audience, refused)
	}))(w, r)
}

// quiet keeps a status and headers and drops the text.
type quiet struct {
	header http.Header
	status int
}

func (q *quiet) Header() http.Header         { return q.header }
func (q *quiet) Write(b []byte) (int, error) { return len(b), nil }
func (q *quiet) WriteHeader(status int)      { q.status = status }

type writerKey struct{}

// begun reports whether the answer to a request has begun, so that no other can
// be given.
func begun(ctx context.Context) bool {
	w, ok := ctx.Value(writerKey{}).(*writer)
	return ok && w.begun
}

// errUnknownHost is for a host that no store answers at.
var errUnknownHost = errors.New("no store answers at this host")

// errNoStore is for an installation without a store, which noStore explains to
// who has just started it.
var errNoStore = errors.New("there is no store yet")

const noStore = `There is no shop yet. Make one, with its first owner, on this machine:

    teiki setup --help

ショップがまだありません。このサーバーで「teiki setup」を実行すると、ショップと最初のオーナーを作成できます。
`

// shopOf finds the store that answers at the host that was asked. A host that is
// not known gets nothing, so that nobody can make the shop's pages and mails
// speak of another address; only an installation with a single store answers at
// any, since that store is meant.
func (s *server) shopOf(ctx context.Context, hostport string) (flow.Shop, error) {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	id, err := s.Flow.StoreOfHost(ctx, host)
	if errors.Is(err, db.ErrNotFound) {
		var only store.Store
		only, err = s.onlyStore(ctx)
		id = only.ID
	}
	if err != nil {
		return flow.Shop{}, fmt.Errorf("find the store of host %q: %w", host, err)
	}
	return s.Flow.Shop(ctx, s.Flow.DB, id)
}

func (s *server) onlyStore(ctx context.Context) (store.Store, error) {
	all, err := db.Stores(ctx, s.Flow.DB)
	if err != nil {
		return store.Store{}, err
	}
	if len(all) == 1 || (s.Demo != nil && len(all) > 0) {
		return all[0], nil
	}
	if len(all) == 0 {
		return store.Store{}, errNoStore
	}
	return store.Store{}, errUnknownHost
}

func (s *server) health(w http.ResponseWriter, r *http.Request) error {
	if _, err := db.Stores(r.Context(), s.Flow.DB); err != nil {
		return fmt.Errorf("ask the database: %w", err)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("ok\n"))
	return err
}

func (s *server) demo(w http.ResponseWriter, r *http.Request) error {
	s.Demo.Handler.ServeHTTP(w, r)
	return nil
}

func (s *server) static(w http.ResponseWriter, r *http.Request) error {
	s.assets.ServeHTTP(w, r)
	return nil
}
