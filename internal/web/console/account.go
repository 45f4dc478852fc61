package console

import (
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

const accountPath = "/admin/account"

// Account is the page of who is logged in.
func (h *Handlers) Account(w http.ResponseWriter, r *http.Request) error {
	return h.account(w, r, http.StatusOK, nil)
}

func (h *Handlers) account(w http.ResponseWriter, r *http.Request, status int, wrong fault.List) error {
	v := h.enter(r)
	base, err := v.base(r, v.words.T("console.account.title"))
	if err != nil {
		return err
	}
	p := AccountPage{Base: base, Name: v.staff.Name, Mail: v.staff.Mail, Role: base.Staff.Role}
	for _, l := range i18n.Langs {
		p.Langs = append(p.Langs, page.Choice{
			Value: string(l), Label: v.h.Catalog.For(l).T("common.lang"), Selected: l == v.words.Lang(),
		})
	}
	said := frame.FaultsOf(v.words, wrong, nil, frame.Labels(v.words, map[string]string{
		"old": "console.account.password.old", "new": "console.account.password.new",
	}))
	p.Old.Error, p.New.Error, p.Errors = said.Error("old"), said.Error("new"), said.Summary()
	return v.show(w, status, "account", p)
}

// ChangePassword gives who is logged in another password, and ends their sessions
// but this one.
func (h *Handlers) ChangePassword(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	m, err := h.Flow.ChangeStaffPassword(v.ctx, flow.StaffPassword{
		StoreID: v.shop.ID, Actor: reqctx.Actor(v.ctx), Mail: v.staff.Mail, Remote: reqctx.Remote(v.ctx),
		Old: r.PostFormValue("old"), New: r.PostFormValue("new"),
	})
	switch faults := fault.All(err); {
	case err == nil:
	case len(faults) > 0 && faults[0].Code == fault.TooMany:
		return h.account(w, r, http.StatusTooManyRequests, faults)
	case len(faults) > 0 && (faults[0].Code == fault.Invalid || faults[0].Code == fault.Conflict):
		return h.account(w, r, http.StatusUnprocessableEntity, faults)
	default:
		return err
	}
	if err := session.LogIn(v.ctx, m.ID, m.Version); err != nil {
		return err
	}
	session.AddFlash(v.ctx, "ok", v.words.T("console.account.password.done"))
	return redirect.To(w, r, accountPath)
}

// ChangeLanguage sets the language in which the console speaks to who is logged in.
func (h *Handlers) ChangeLanguage(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	lang := r.PostFormValue("lang")
	if err := h.Flow.ChangeStaffLanguage(v.ctx, v.shop.ID, reqctx.Actor(v.ctx), v.staff, lang); err != nil {
		return err
	}
	session.AddFlash(v.ctx, "ok", h.Catalog.For(i18n.Lang(lang)).T("console.account.language.done"))
	return redirect.To(w, r, accountPath)
}
