package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// Largest forms: of shoppers an address with every field filled, by far; of staff
// the shop's texts in all languages, three bytes and nine in a form for a letter;
// of pictures several photographs at once, of which maxFormInMemory stays in memory
// and the rest on the disk until the answer is given.
const (
	maxForm         = 64 << 10
	maxStaffForm    = 2 << 20
	maxUpload       = 40 << 20
	maxFormInMemory = 1 << 20
)

// enter does what comes between the mux and a handler: it finds shop and visitor
// and lets in only whom the route is for.
func (s *server) enter(route Route) http.HandlerFunc {
	switch route.Audience {
	case Internal:
		return func(w http.ResponseWriter, r *http.Request) { s.run(w, r, route) }
	case File, Hook:
		return s.inShop(route.Audience, func(w http.ResponseWriter, r *http.Request) { s.run(w, r, route) })
	default:
		return s.inShop(route.Audience, s.inSession(route.Audience, func(w http.ResponseWriter, r *http.Request) {
			s.run(w, r, route)
		}))
	}
}

// run checks and calls the handler, and shows what it returns.
func (s *server) run(w http.ResponseWriter, r *http.Request, route Route) {
	r, err := s.admit(w, r, route)
	if err == nil {
		err = caught(func() error { return route.Handler(w, r) })
	}
	if err != nil {
		s.fail(w, r, route.Audience, err)
	}
}

// admit holds every request against its route: where the form came from, what is
// in it, who sends it, and whose things it is about.
func (s *server) admit(w http.ResponseWriter, r *http.Request, route Route) (*http.Request, error) {
	if route.Audience == Internal || route.Audience == File || route.Audience == Hook {
		return r, nil
	}
	if s.cross.Check(r) != nil {
		return r, refusal{status: http.StatusForbidden, key: "fault.csrf"}
	}
	limit := int64(maxForm)
	if route.Audience == Staff {
		limit = maxStaffForm
	}
	if !route.takesFiles() {
		if err := readForm(w, r, limit); err != nil {
			return r, err
		}
	}
	if route.Audience.sells() && !reqctx.Shop(r.Context()).Open {
		if err := s.staffOnly(r); err != nil {
			return r, err
		}
	}
	r, err := s.identify(r, route)
	if err != nil {
		return r, err
	}
	if route.takesFiles() { // not before it is known that they may send any
		if err := readFiles(w, r); err != nil {
			return r, err
		}
	}
	if route.Owner.Check != nil {
		return r, route.Owner.Check(r, s.Flow)
	}
	return r, nil
}

// identify finds out who is logged in and refuses whom the route is not for.
func (s *server) identify(r *http.Request, route Route) (*http.Request, error) {
	ctx := r.Context()
	shop := reqctx.Shop(ctx)
	who, known := session.Who(ctx)
	switch route.Audience {
	case Door, Staff:
		if known {
			// read each time: a role that was taken away ends at once
			m, err := db.StaffByID(ctx, s.Flow.DB, shop.ID, who)
			if err != nil && !errors.Is(err, db.ErrNotFound) {
				return r, fmt.Errorf("read who is logged in: %w", err)
			}
			if known = err == nil && m.Version == session.Version(ctx); known {
				ctx = reqctx.WithStaff(ctx, m)
			}
		}
	default:
		if known {
			c, err := db.Customer(ctx, s.Flow.DB, shop.ID, who)
			if err != nil && !errors.Is(err, db.ErrNotFound) {
				return r, fmt.Errorf("read who is logged in: %w", err)
			}
			if known = err == nil && c.PasswordVersion == session.Version(ctx); known {
				ctx = reqctx.WithCustomer(ctx, c)
			}
		}
	}
	r = r.WithContext(ctx)
	needed := route.Audience == Customer || route.Audience == Buyer || route.Audience == Staff
	if needed && !known {
		return r, fault.New(fault.Unauthorized, "fault.unauthorized")
	}
	if route.Audience == Staff {
		return r, allowed(ctx, route.Role)
	}
	return r, nil
}

func allowed(ctx context.Context, needed staff.Role) error {
	m, _ := reqctx.Staff(ctx)
	if !m.Role.Includes(needed) {
		return fault.New(fault.Forbidden, "fault.forbidden")
	}
	return nil
}

// staffOnly shows the pages of a shop that is not open to its own staff, who
// prepare it, and to nobody else.
func (s *server) staffOnly(r *http.Request) error {
	closed := refusal{status: http.StatusServiceUnavailable, key: "fault.store.closed"}
	shop := reqctx.Shop(r.Context())
	who, known, err := s.manager(sessionKey{shop.ID, session.Console}, Door).Peek(r)
	if err != nil {
		return fmt.Errorf("look for the session of staff: %w", err)
	}
	if !known {
		return closed
	}
	m, err := db.StaffByID(r.Context(), s.Flow.DB, shop.ID, who)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return closed
	case err != nil:
		return fmt.Errorf("read who is logged in to the console: %w", err)
	case !m.Role.Includes(staff.RoleViewer):
		return closed
	}
	return nil
}

// inShop finds the shop of the host before next.
func (s *server) inShop(a Audience, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		shop, err := s.shopOf(r.Context(), r.Host)
		if err != nil {
			if errors.Is(err, errUnknownHost) {
				// nothing of any shop is shown to a host that is none's
				http.Error(w, "404: no shop answers at this address", http.StatusNotFound)
				return
			}
			if errors.Is(err, errNoStore) {
				http.Error(w, noStore, http.StatusServiceUnavailable)
				return
			}
			s.fail(w, r, a, err)
			return
		}
		ctx := reqctx.WithShop(r.Context(), shop)
		if s.Demo != nil && s.Demo.Bar != nil {
			ctx = reqctx.WithDemo(ctx, s.Demo.Bar(r.WithContext(ctx)))
		}
		w.Header().Set("Content-Security-Policy", s.policy(shop.Settings.Payment.GatewayURL))
		w.Header().Set("Cache-Control", cacheControl(a))
		next(w, r.WithContext(ctx))
	}
}

// cacheControl: pages of a person are kept by nobody; those of the shop may be
// kept by the browser, which asks whether they still hold.
func cacheControl(a Audience) string {
	if a == Public || a == Shopper {
		return "private, no-cache"
	}
	return "no-store"
}

type sessionKey struct {
	storeID  int64
	audience session.Audience
}

// inSession loads the session of the shop or of the console.
func (s *server) inSession(a Audience, next http.HandlerFunc) http.HandlerFunc {
	kind := session.Shop
	if a == Door || a == Staff {
		kind = session.Console
	}
	return func(w http.ResponseWriter, r *http.Request) {
		s.manager(sessionKey{reqctx.Shop(r.Context()).ID, kind}, a).Wrap(next).ServeHTTP(w, r)
	}
}

func (s *server) manager(key sessionKey, a Audience) *session.Manager {
	if known, ok := s.sessions.Load(key); ok {
		return known.(*session.Manager)
	}
	m := session.New(s.Flow.DB, session.Config{
		StoreID: key.storeID, Audience: key.audience, Cookie: s.cookie(key.audience), Secure: s.HTTPS, Wall: s.Wall,
		Failed: func(w http.ResponseWriter, r *http.Request, err error) {
			s.fail(w, r, a, fmt.Errorf("keep the session: %w", err))
		},
	})
	kept, _ := s.sessions.LoadOrStore(key, m)
	return kept.(*session.Manager)
}

// cookie names the session's cookie. Over https its name binds it to this host
// and to encryption (RFC 6265bis section 4.1.3.2), so that no other host of the
// domain can plant one.
func (s *server) cookie(a session.Audience) string {
	name := "teiki_" + string(a)
	if s.CookieSuffix != "" {
		name += "_" + s.CookieSuffix
	}
	if s.HTTPS {
		return "__Host-" + name
	}
	return name
}

// readForm reads a form and refuses what no browser sends by itself and some
// storage cannot hold: NUL and broken UTF-8. Only plain forms are read; readFiles
// reads those that hold files.
func readForm(w http.ResponseWriter, r *http.Request, limit int64) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if r.ContentLength != 0 && (err != nil || kind != "application/x-www-form-urlencoded") {
			return refusal{status: http.StatusUnsupportedMediaType, key: "fault.invalid"}
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
	}
	return checkForm(r, r.ParseForm())
}

// readFiles reads a form with files. A plain form comes from a browser's empty
// one, or from nobody's, and is read as what it is.
func readFiles(w http.ResponseWriter, r *http.Request) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return readForm(w, r, maxForm)
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	return checkForm(r, r.ParseMultipartForm(maxFormInMemory))
}

// checkForm holds what was read of a form against what a form may hold.
func checkForm(r *http.Request, err error) error {
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return refusal{status: http.StatusRequestEntityTooLarge, key: "fault.too_large"}
		}
		return refusal{status: http.StatusBadRequest, key: "fault.invalid"}
	}
	if !clean(r.URL.Path) || !cleanValues(r.Form) {
		return refusal{status: http.StatusBadRequest, key: "fault.characters"}
	}
	return nil
}

func cleanValues(form url.Values) bool {
	for name, values := range form {
		if !clean(name) {
			return false
		}
		for _, v := range values {
			if !clean(v) {
				return false
			}
		}
	}
	return true
}

func clean(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// remote is the visitor's address: the peer's, or where the peer is a proxy of
// ours the last one in X-Forwarded-For that is not.
func (s *server) remote(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	address := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.proxy(address); i-- {
		before, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		address = before.Unmap()
	}
	return address.String()
}

func (s *server) proxy(a netip.Addr) bool {
	for _, p := range s.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// toLogin sends whoever has to log in first to the login, and back afterwards to
// the page they asked for, or, from a form, to where it was.
func (s *server) toLogin(w http.ResponseWriter, r *http.Request, a Audience) {
	login, back := "/login", "/mypage"
	if a == Staff {
		login, back = "/admin/login", "/admin"
	}
	if r.Method == http.MethodGet && r.Header.Get("HX-Request") == "" {
		back = r.URL.RequestURI()
	}
	target := reqctx.Lang(r.Context()).URL(login) + "?next=" + url.QueryEscape(back)
	if err := redirect.Out(w, r, target); err != nil {
		slog.DebugContext(r.Context(), "visitor left", "error", err)
	}
}
