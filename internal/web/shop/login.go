package shop

import (
	"net/http"
	"net/url"

	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// afterLogin is where a customer goes who was not on the way to anywhere.
const afterLogin = "/mypage"

// registerLabels are what the inputs of the registration are called.
var registerLabels = map[string]string{
	"family": "shop.form.family", "given": "shop.form.given", "family_kana": "shop.form.familykana", "given_kana": "shop.form.givenkana",
	"mail": "shop.form.mail", "password": "shop.form.password",
}

// nextOf is where to go after the login; nothing where that is no path of ours.
func nextOf(values url.Values) string { return redirect.Local(values.Get("next"), "") }

// Login asks for mail and password.
func (h *Handlers) Login(w http.ResponseWriter, r *http.Request) error {
	next := nextOf(r.URL.Query())
	if _, in := reqctx.Customer(r.Context()); in {
		return redirect.To(w, r, redirect.Local(next, afterLogin))
	}
	p := LoginPage{Base: h.Base(r, h.Words(r).T("shop.login.title")), Next: next}
	return h.Show(w, r, http.StatusOK, "shop/login", p)
}

// DoLogin logs in, takes the guest's cart along and goes on.
func (h *Handlers) DoLogin(w http.ResponseWriter, r *http.Request) error {
	ctx, words, next := r.Context(), h.Words(r), nextOf(r.PostForm)
	mail := r.PostForm.Get("mail")
	buyer, err := h.Flow.Login(ctx, reqctx.Shop(ctx).ID, mail, r.PostForm.Get("password"), reqctx.Remote(ctx))
	if err == nil {
		session.AddFlash(ctx, "ok", words.T("shop.login.welcome"))
		return h.enter(w, r, buyer, redirect.Local(next, afterLogin))
	}
	status, text, err := h.refusal(r, err)
	if err != nil {
		return err
	}
	p := LoginPage{
		Base: h.Base(r, words.T("shop.login.title")), Next: next,
		Mail: page.Field{Value: mail, Error: text}, // the password is never sent back
	}
	frame.At(r, &p.Base, "/login")
	p.Errors = []page.FieldError{{ID: "mail", Text: frame.About(words, words.T("shop.form.mail"), text)}}
	return h.Show(w, r, status, "shop/login", p)
}

// enter logs in, gives the guest's cart to the customer and goes on.
func (h *Handlers) enter(w http.ResponseWriter, r *http.Request, c customer.Customer, next string) error {
	ctx := r.Context()
	key := frame.CartKey(ctx)
	key.CustomerID = c.ID
	if err := session.LogIn(ctx, c.ID, c.PasswordVersion); err != nil {
		return err
	}
	cartID, err := h.Flow.AdoptCart(ctx, key)
	if err != nil {
		return err
	}
	if !cartID.IsZero() {
		session.SetCartID(ctx, cartID)
	}
	return redirect.To(w, r, next)
}

// Register asks for what a member is known by.
func (h *Handlers) Register(w http.ResponseWriter, r *http.Request) error {
	next := nextOf(r.URL.Query())
	if _, in := reqctx.Customer(r.Context()); in {
		return redirect.To(w, r, redirect.Local(next, afterLogin))
	}
	p := RegisterPage{Base: h.Base(r, h.Words(r).T("shop.register.title")), AskKana: askKana(r), Next: next}
	return h.Show(w, r, http.StatusOK, "shop/register", p)
}

// DoRegister makes a member, logs in and goes on.
func (h *Handlers) DoRegister(w http.ResponseWriter, r *http.Request) error {
	ctx, words, form, next := r.Context(), h.Words(r), r.PostForm, nextOf(r.PostForm)
	buyer, err := h.Flow.Register(ctx, flow.RegisterInput{
		StoreID: reqctx.Shop(ctx).ID, Actor: reqctx.Actor(ctx), Remote: reqctx.Remote(ctx), Lang: reqctx.Lang(ctx),
		Mail: form.Get("mail"), Password: form.Get("password"),
		Name: place.Name{
			Family: form.Get("family"), Given: form.Get("given"),
			FamilyKana: form.Get("family_kana"), GivenKana: form.Get("given_kana"),
		},
	})
	if err == nil {
		return h.enter(w, r, buyer, redirect.Local(next, afterLogin))
	}
	list, status := fault.All(err), http.StatusUnprocessableEntity
	switch {
	case fault.Is(err, fault.TooMany):
		list, status = fault.List{&fault.Error{Code: list[0].Code, Key: list[0].Key, Args: list[0].Args, Field: "mail"}}, http.StatusTooManyRequests
	case !fault.Is(err, fault.Invalid):
		return err
	}
	faults := frame.FaultsOf(words, list, nil, frame.Labels(words, registerLabels))
	p := RegisterPage{
		Base: h.Base(r, words.T("shop.register.title")), AskKana: askKana(r), Next: next,
		Family: faults.Field("family", form.Get("family")), Given: faults.Field("given", form.Get("given")),
		FamilyKana: faults.Field("family_kana", form.Get("family_kana")), GivenKana: faults.Field("given_kana", form.Get("given_kana")),
		Mail: faults.Field("mail", form.Get("mail")), Password: faults.Field("password", ""),
	}
	frame.At(r, &p.Base, "/register")
	p.Errors = faults.Summary()
	return h.Show(w, r, status, "shop/register", p)
}

func askKana(r *http.Request) bool {
	return place.FormOf(reqctx.Shop(r.Context()).Profile.Address.Country).Kana
}

// Logout ends the session; the cart waits with the customer.
func (h *Handlers) Logout(w http.ResponseWriter, r *http.Request) error {
	if err := session.LogOut(r.Context()); err != nil {
		return err
	}
	return redirect.To(w, r, "/")
}
