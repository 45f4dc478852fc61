package shop

import (
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// contactPath is one of the pages a shop must have.
const contactPath = "/legal/contact"

// contactLabels are what the inputs of the contact form are called.
var contactLabels = map[string]string{"name": "shop.contact.name", "mail": "shop.form.mail", "body": "shop.contact.body"}

// Contact says how to reach the shop and takes a message. Whoever is logged in
// need not type who they are.
func (h *Handlers) Contact(w http.ResponseWriter, r *http.Request) error {
	typed := flow.ContactInput{Key: h.Flow.NewID()}
	if c, in := reqctx.Customer(r.Context()); in {
		typed.Name, typed.Mail = h.Words(r).Name(c.Name), c.Mail
	}
	return h.showContact(w, r, http.StatusOK, typed, nil)
}

// SendContact takes the message to the shop.
func (h *Handlers) SendContact(w http.ResponseWriter, r *http.Request) error {
	ctx, form := r.Context(), r.PostForm
	writer, _ := reqctx.Customer(ctx)
	key, err := ident.Parse(form.Get("key"))
	if err != nil {
		key = h.Flow.NewID() // of no form of ours: a message like any other
	}
	typed := flow.ContactInput{
		StoreID: reqctx.Shop(ctx).ID, CustomerID: writer.ID, Remote: reqctx.Remote(ctx), Lang: reqctx.Lang(ctx),
		Name: form.Get("name"), Mail: form.Get("mail"), Body: form.Get("body"), Key: key,
	}
	err = h.Flow.Contact(ctx, typed)
	if err == nil {
		return redirect.To(w, r, contactPath+"/thanks")
	}
	if fault.Is(err, fault.TooMany) {
		slow := *fault.All(err)[0]
		slow.Field = "body"
		return h.showContact(w, r, http.StatusTooManyRequests, typed, fault.List{&slow})
	}
	list, err := asFaults(err)
	if err != nil {
		return err
	}
	return h.showContact(w, r, http.StatusUnprocessableEntity, typed, list)
}

// ContactThanks follows a message.
func (h *Handlers) ContactThanks(w http.ResponseWriter, r *http.Request) error {
	p := ContactPage{Base: h.Base(r, h.Words(r).T("shop.contact.thanks")), Sent: true}
	return h.Show(w, r, http.StatusOK, "shop/contact", p)
}

func (h *Handlers) showContact(w http.ResponseWriter, r *http.Request, status int, typed flow.ContactInput, list fault.List) error {
	words := h.Words(r)
	faults := frame.FaultsOf(words, list, nil, frame.Labels(words, contactLabels))
	p := ContactPage{
		Base: h.Base(r, words.T("shop.legal.contact")), Rows: contact(words, reqctx.Shop(r.Context())),
		Key: typed.Key.String(), Name: faults.Field("name", typed.Name), Mail: faults.Field("mail", typed.Mail), Body: faults.Field("body", typed.Body),
	}
	frame.At(r, &p.Base, contactPath)
	p.Errors = faults.Summary()
	return h.Show(w, r, status, "shop/contact", p)
}

// contact is how to reach the shop.
func contact(words *i18n.Localizer, shop flow.Shop) []Fact {
	return filled([]Fact{
		{words.T("shop.legal.row.seller"), shop.Profile.LegalName},
		{words.T("shop.legal.row.phone"), phone(words, shop)},
		{words.T("shop.legal.row.mail"), shop.Profile.Mail},
	})
}
