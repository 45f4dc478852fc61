package console

import (
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// LoginForm asks who is there; those who are in already go on.
func (h *Handlers) LoginForm(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	next := redirect.Local(r.FormValue("next"), "/admin")
	if _, in := reqctx.Staff(v.ctx); in {
		return redirect.To(w, r, next)
	}
	members, err := db.StaffOf(v.ctx, v.db(), v.shop.ID)
	if err != nil {
		return err
	}
	return v.show(w, http.StatusOK, "login", LoginPage{
		Base: v.outside(r, v.words.T("console.login.title")), Next: next, First: len(members) == 0,
	})
}

// Login lets a member of staff in.
func (h *Handlers) Login(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	next, mail := redirect.Local(r.PostFormValue("next"), "/admin"), r.PostFormValue("mail")
	member, err := h.Flow.StaffLogin(v.ctx, v.shop.ID, mail, r.PostFormValue("password"), reqctx.Remote(v.ctx))
	if faults := fault.All(err); len(faults) > 0 {
		p := LoginPage{Base: v.outside(r, v.words.T("console.login.title")), Next: next, Mail: page.Field{Value: mail}}
		p.Flash = append(p.Flash, page.Flash{Kind: "error", Text: v.words.Fault(faults[0])})
		status := http.StatusUnprocessableEntity
		if faults[0].Code == fault.TooMany {
			status = http.StatusTooManyRequests
		}
		return v.show(w, status, "login", p)
	}
	if err != nil {
		return err
	}
	if err := session.LogIn(v.ctx, member.ID, member.Version); err != nil {
		return err
	}
	return redirect.To(w, r, next)
}

// Logout ends the session.
func (h *Handlers) Logout(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	if err := session.LogOut(v.ctx); err != nil {
		return err
	}
	return redirect.To(w, r, "/admin/login")
}
