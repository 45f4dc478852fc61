package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/render"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// Handlers answers below /admin.
type Handlers struct {
	Flow    *flow.Flow
	Catalog *i18n.Catalog
	Render  *render.Renderer
	// Wake tells the engine that there is work; nil where none runs in this process.
	Wake func()
}

// pageSize is how many rows a list shows at once.
const pageSize = 50

// visit is one request with what every page of the console needs of it.
type visit struct {
	h     *Handlers
	ctx   context.Context
	shop  flow.Shop
	staff staff.Member
	words *i18n.Localizer
	now   time.Time
}

// enter reads who asks. The console speaks the language of the member of staff.
func (h *Handlers) enter(r *http.Request) *visit {
	v := &visit{h: h, ctx: r.Context(), shop: reqctx.Shop(r.Context()), now: h.Flow.Now()}
	lang := reqctx.Lang(v.ctx)
	if m, ok := reqctx.Staff(v.ctx); ok {
		v.staff = m
		if own, known := i18n.Parse(m.Lang); known {
			lang = own
		}
	}
	v.words = h.Catalog.For(lang)
	return v
}

func (v *visit) db() *db.DB { return v.h.Flow.DB }

func (v *visit) show(w http.ResponseWriter, status int, name string, data any) error {
	return v.h.Render.Render(w, status, v.words.Lang(), "console/"+name, data)
}

// today is the business date in the shop's zone.
func (v *visit) today() calendar.Date { return calendar.DateOf(v.now.In(v.shop.Location)) }

// mayAct reports whether the member of staff may change anything.
func (v *visit) mayAct() bool { return v.staff.Role.Includes(staff.RoleOperator) }

// rooms of the console in their order, by group; the first have none. Role is the
// least that is needed.
var rooms = []struct {
	group, key, path, icon string
	role                   staff.Role
}{
	{"", "console.room.home", "/admin", "home", staff.RoleViewer},
	{"", "console.room.alerts", "/admin/alerts", "bell", staff.RoleViewer},
	{"console.room.sales", "console.room.orders", "/admin/orders", "document", staff.RoleViewer},
	{"console.room.sales", "console.room.subscriptions", "/admin/subscriptions", "repeat", staff.RoleViewer},
	{"console.room.sales", "console.room.customers", customersPath, "people", staff.RoleViewer},
	{"console.room.sales", "console.room.conversations", conversationsPath, "mail", staff.RoleViewer},
	{"console.room.catalogue", "console.room.products", "/admin/products", "tag", staff.RoleViewer},
	{"console.room.catalogue", "simulation.title", simulationsPath, "chart", staff.RoleViewer},
	{"console.room.site", "console.room.shop", "/", "link", staff.RoleViewer},
	{"console.room.site", "settings.title", settingsPath, "settings", staff.RoleManager},
}

// base is the frame of a page. One query: what waits for staff.
func (v *visit) base(r *http.Request, title string) (Base, error) {
	waiting, err := db.CountWaiting(v.ctx, v.db(), v.shop.ID)
	if err != nil {
		return Base{}, err
	}
	b := v.outside(r, title)
	b.Staff = NewMember(v.words, v.staff)
	b.Rooms = Rooms(v.words, r.URL.Path, waiting, v.staff.Role)
	b.OpenAlerts, b.Unanswered = waiting.Alerts, waiting.Conversations
	return b, nil
}

// NewMember words who is logged in.
func NewMember(words *i18n.Localizer, m staff.Member) *Member {
	return &Member{Name: m.Name, Initial: initial(m.Name), Role: words.T("console.role." + string(m.Role))}
}

// outside is the frame of a page that nobody has to be logged in for.
func (v *visit) outside(r *http.Request, title string) Base {
	lang := string(v.words.Lang())
	b := Base{
		Base: page.Base{
			Lang: lang, Title: title, Path: r.URL.Path, Store: page.Store{Name: v.shop.Profile.Name(lang)},
			Demo: v.demo(),
		},
		Clock: v.when(v.now), Locked: v.h.Flow.Locked,
	}
	// A script that asks for a part of the page shows no messages: it must not take
	// them from the page that comes next.
	if r.Header.Get("HX-Request") == "" {
		b.Flash = session.TakeFlashes(v.ctx)
	}
	return b
}

// demo is the bar of a demo in the console's language, which is not the path's; nil
// where this is none.
func (v *visit) demo() *page.Demo {
	bar := reqctx.Demo(v.ctx)
	if bar == nil {
		return nil
	}
	d := *bar
	d.Clock = v.words.DateTime(v.now, v.shop.Location)
	if !d.Due.IsZero() {
		d.NextDeadline = v.words.DeadlineAt(d.Due, v.shop.Location)
	}
	return &d
}

// Rooms is the navigation of somebody with a role as it stands on the page of a
// path, with the numbers of what waits.
func Rooms(words *i18n.Localizer, path string, waiting db.Waiting, role staff.Role) []RoomGroup {
	groups := []RoomGroup{{}}
	last := ""
	for _, r := range rooms {
		if !role.Includes(r.role) {
			continue
		}
		if r.group != last {
			groups, last = append(groups, RoomGroup{Title: words.T(r.group)}), r.group
		}
		room := Room{Text: words.T(r.key), Path: r.path, Icon: r.icon}
		// all pages are below home: it is current on its own page only
		room.Current = path == r.path || (r.path != "/admin" && strings.HasPrefix(path, r.path+"/"))
		switch r.path {
		case "/admin/alerts":
			room.Count, room.Urgent = waiting.Alerts, true
		case conversationsPath:
			room.Count = waiting.Conversations
		}
		group := &groups[len(groups)-1]
		group.Rooms = append(group.Rooms, room)
	}
	return groups
}

func initial(name string) string {
	for _, r := range name {
		return string(r)
	}
	return ""
}

// before is the key of a list's page, zero for the first and for nonsense.
func before(r *http.Request) ident.ID {
	id, err := ident.Parse(r.FormValue("before"))
	if err != nil {
		return ident.ID{}
	}
	return id
}
