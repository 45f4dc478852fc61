// Package session holds what a browser is remembered by between requests: who is
// logged in, which cart it has, and messages for the next page. Customers and
// staff have sessions of their own, so that one never turns into the other. A
// browser that is only looking gets none.
package session

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// Audience says whose sessions they are.
type Audience string

// The audiences.
const (
	Shop    Audience = "shop"
	Console Audience = "console"
)

// lifetimes are absolute: they count from the login, however often pages are
// asked for. Prolonging at each view would write at each view.
var lifetimes = map[Audience]time.Duration{
	Shop:    30 * 24 * time.Hour,
	Console: 12 * time.Hour,
}

// Names of what a session holds.
const (
	whoKey     = "who"
	versionKey = "version"
	cartKey    = "cart"
	flashKey   = "flash"
)

// Manager keeps the sessions of one store and audience.
type Manager struct{ scs *scs.SessionManager }

// Config of a Manager.
type Config struct {
	StoreID  int64
	Audience Audience
	// Cookie is unique for every process on a machine, since browsers send the
	// cookies of one port to all others.
	Cookie string
	// Secure keeps the cookie off unencrypted connections.
	Secure bool
	// Wall is the clock of sessions.
	Wall func() time.Time
	// Failed answers a request whose session cannot be read or written.
	Failed func(http.ResponseWriter, *http.Request, error)
}

// New makes a manager.
func New(d *db.DB, c Config) *Manager {
	m := scs.New()
	m.Lifetime = lifetimes[c.Audience]
	m.Store = db.NewWebSessions(d, c.StoreID, string(c.Audience), c.Wall)
	m.ErrorFunc = c.Failed
	m.Cookie.Name = c.Cookie
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = c.Secure
	return &Manager{scs: m}
}

type contextKey struct{}

// Wrap loads the session before next and keeps what changed in it after.
func (m *Manager) Wrap(next http.Handler) http.Handler {
	return m.scs.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, m.scs)))
	}))
}

// Peek is who is logged in to another audience's pages with the same browser. It
// only reads: that session is neither begun nor prolonged.
func (m *Manager) Peek(r *http.Request) (ident.ID, bool, error) {
	cookie, err := r.Cookie(m.scs.Cookie.Name)
	if err != nil {
		return ident.ID{}, false, nil //nolint:nilerr // no cookie, nobody
	}
	ctx, err := m.scs.Load(r.Context(), cookie.Value)
	if err != nil {
		return ident.ID{}, false, fmt.Errorf("load the session: %w", err)
	}
	who, err := ident.Parse(m.scs.GetString(ctx, whoKey))
	return who, err == nil, nil
}

// of is the session's manager, nil on routes without sessions.
func of(ctx context.Context) *scs.SessionManager {
	m, _ := ctx.Value(contextKey{}).(*scs.SessionManager)
	return m
}

// Who is the id of the customer, or on console pages of the member of staff, who
// is logged in.
func Who(ctx context.Context) (ident.ID, bool) { return id(ctx, whoKey) }

// LogIn remembers who logged in, and with which version of their account: for
// customers that of the password. The session gets a new token, so that one that
// was planted in the browser before is worth nothing.
func LogIn(ctx context.Context, who ident.ID, version int64) error {
	m := of(ctx)
	if err := m.RenewToken(ctx); err != nil {
		return fmt.Errorf("renew the session: %w", err)
	}
	m.Put(ctx, whoKey, who.String())
	m.Put(ctx, versionKey, version)
	return nil
}

// Version is what LogIn was given. A session of another version than the account
// has is over: the password was changed elsewhere.
func Version(ctx context.Context) int64 { return of(ctx).GetInt64(ctx, versionKey) }

// LogOut ends the session, the cart's memory with it.
func LogOut(ctx context.Context) error {
	if err := of(ctx).Destroy(ctx); err != nil {
		return fmt.Errorf("end the session: %w", err)
	}
	return nil
}

// CartID is the cart of this browser, false where it has none yet.
func CartID(ctx context.Context) (ident.ID, bool) { return id(ctx, cartKey) }

// SetCartID remembers the cart of this browser.
func SetCartID(ctx context.Context, cart ident.ID) { of(ctx).Put(ctx, cartKey, cart.String()) }

// AddFlash keeps a message, already in the reader's language, for the next page.
func AddFlash(ctx context.Context, kind, text string) {
	m := of(ctx)
	list, err := json.Marshal(append(flashes(m.GetString(ctx, flashKey)), page.Flash{Kind: kind, Text: text}))
	if err != nil {
		panic("session: " + err.Error()) // two strings always can be written
	}
	m.Put(ctx, flashKey, string(list))
}

// TakeFlashes gives the messages and forgets them.
func TakeFlashes(ctx context.Context) []page.Flash {
	m := of(ctx)
	if m == nil {
		return nil
	}
	return flashes(m.PopString(ctx, flashKey))
}

// flashes reads what AddFlash wrote; nothing else can stand there.
func flashes(text string) []page.Flash {
	var list []page.Flash
	if json.Unmarshal([]byte(text), &list) != nil {
		return nil
	}
	return list
}

func id(ctx context.Context, key string) (ident.ID, bool) {
	m := of(ctx)
	if m == nil {
		return ident.ID{}, false
	}
	parsed, err := ident.Parse(m.GetString(ctx, key))
	return parsed, err == nil
}
