package console

import (
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

const passwordLinksPath = customersPath + "/password-links"

func passwordLinkPath(id ident.ID) string { return customerPath(id) + "/password-link" }

// customerOf reads the customer of the address.
func (v *visit) customerOf(r *http.Request) (customer.Customer, error) {
	id, err := ident.Parse(r.PathValue("id"))
	if err != nil {
		return customer.Customer{}, fault.New(fault.NotFound, "fault.not_found")
	}
	c, err := db.Customer(v.ctx, v.db(), v.shop.ID, id)
	return c, missing(err)
}

// language is a customer's, by its own name.
func (v *visit) language(c customer.Customer) string {
	if lang, known := i18n.Parse(c.Lang); known {
		return v.h.Catalog.For(lang).T("common.lang")
	}
	return c.Lang
}

// AskPasswordLink shows to which address a customer is mailed a link that sets a
// password.
func (h *Handlers) AskPasswordLink(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	c, err := v.customerOf(r)
	if err != nil {
		return err
	}
	base, err := v.base(r, v.words.T("console.password_link"))
	if err != nil {
		return err
	}
	p := PasswordLinkPage{
		Base: base, Text: v.words.T("console.password_link.text"), Action: passwordLinkPath(c.ID), Button: v.words.T("console.password_link.send"),
		Hidden: []Hidden{{"request", h.Flow.NewID().String()}}, Back: customerPath(c.ID), About: v.words.Name(c.Name),
		Facts: []Fact{
			{Label: v.words.T("console.password_link.to"), Text: c.Mail},
			{Label: v.words.T("console.password_link.lang"), Text: v.language(c)},
		},
	}
	if c.Mail == "" {
		p.Text, p.Facts, p.Button = v.words.T("fault.password.no_mail"), nil, ""
	}
	return v.show(w, http.StatusOK, "password_link", p)
}

// SendPasswordLink mails the link.
func (h *Handlers) SendPasswordLink(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	c, err := v.customerOf(r)
	if err != nil {
		return err
	}
	request, err := ident.Parse(r.PostFormValue("request"))
	if err != nil {
		return fault.New(fault.Invalid, "fault.invalid")
	}
	err = h.Flow.SendPasswordLink(v.ctx, v.shop.ID, reqctx.Actor(v.ctx), c.ID, request)
	switch faults := fault.All(err); {
	case err == nil:
		session.AddFlash(v.ctx, "ok", v.words.T("console.password_link.sent", "Mail", c.Mail))
		h.wake()
	case len(faults) > 0 && faults[0].Code == fault.Conflict:
		session.AddFlash(v.ctx, "error", v.words.Fault(faults[0]))
	default:
		return err
	}
	return redirect.To(w, r, customerPath(c.ID))
}

// AskPasswordLinks shows how many members who moved in would be mailed a link.
func (h *Handlers) AskPasswordLinks(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	n, err := h.Flow.PasswordLinksDue(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	base, err := v.base(r, v.words.T("console.password_links.title"))
	if err != nil {
		return err
	}
	p := PasswordLinkPage{
		Base: base, Text: v.words.T("console.password_links.text"), Note: v.words.T("console.password_links.again"),
		Action: passwordLinksPath, Back: customersPath,
		Facts: []Fact{{Label: v.words.T("console.password_links.to"), Text: v.words.Plural("console.password_links.count", n)}},
	}
	if n > 0 {
		p.Button = v.words.Plural("console.password_links.send", n)
	}
	return v.show(w, http.StatusOK, "password_link", p)
}

// SendPasswordLinks mails them all. A form that is sent twice finds nobody left.
func (h *Handlers) SendPasswordLinks(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	n, err := h.Flow.SendPasswordLinks(v.ctx, v.shop.ID, reqctx.Actor(v.ctx))
	if err != nil {
		return err
	}
	if n == 0 {
		session.AddFlash(v.ctx, "ok", v.words.T("console.password_links.none"))
		return redirect.To(w, r, customersPath)
	}
	session.AddFlash(v.ctx, "ok", v.words.Plural("console.password_links.sent", n))
	h.wake()
	return redirect.To(w, r, customersPath)
}

// bulkLinks is where all members who moved in without password can be mailed a
// link; empty where there is nobody, or it is not for who asks.
func (v *visit) bulkLinks() (string, error) {
	if !v.staff.Role.Includes(staff.RoleManager) {
		return "", nil
	}
	one, err := db.CustomersWithoutPassword(v.ctx, v.db(), v.shop.ID, v.h.Flow.Wall(), ident.ID{}, 1)
	if err != nil || len(one) == 0 {
		return "", err
	}
	return passwordLinksPath, nil
}

// wake tells the engine that there is work.
func (h *Handlers) wake() {
	if h.Wake != nil {
		h.Wake()
	}
}
