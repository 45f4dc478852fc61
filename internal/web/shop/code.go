package shop

import (
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// SendCode mails a code to log in with and asks for it. Who is a customer is not
// to be seen from what it shows.
func (h *Handlers) SendCode(w http.ResponseWriter, r *http.Request) error {
	ctx, words, next := r.Context(), h.Words(r), nextOf(r.PostForm)
	mail := r.PostForm.Get("mail")
	err := h.Flow.SendLoginCode(ctx, reqctx.Shop(ctx).ID, mail, reqctx.Remote(ctx), reqctx.Lang(ctx))
	if err == nil {
		p := CodePage{Base: h.Base(r, words.T("shop.code.title")), Mail: page.Field{Value: mail}, Sent: mail, Next: next}
		frame.At(r, &p.Base, "/login/code")
		return h.Show(w, r, http.StatusOK, "shop/code", p)
	}
	status, text, err := h.refusal(r, err)
	if err != nil {
		return err
	}
	p := LoginPage{Base: h.Base(r, words.T("shop.login.title")), Next: next, Mail: page.Field{Value: mail, Error: text}}
	frame.At(r, &p.Base, "/login")
	p.Errors = []page.FieldError{{ID: "mail", Text: frame.About(words, words.T("shop.form.mail"), text)}}
	return h.Show(w, r, status, "shop/login", p)
}

// Code asks for a mailed code.
func (h *Handlers) Code(w http.ResponseWriter, r *http.Request) error {
	next := nextOf(r.URL.Query())
	if _, in := reqctx.Customer(r.Context()); in {
		return redirect.To(w, r, redirect.Local(next, afterLogin))
	}
	return h.Show(w, r, http.StatusOK, "shop/code", CodePage{Base: h.Base(r, h.Words(r).T("shop.code.title")), Next: next})
}

// DoCode logs in by a mailed code, as DoLogin does by a password.
func (h *Handlers) DoCode(w http.ResponseWriter, r *http.Request) error {
	ctx, words, next := r.Context(), h.Words(r), nextOf(r.PostForm)
	mail, code := r.PostForm.Get("mail"), r.PostForm.Get("code")
	buyer, err := h.Flow.LoginByCode(ctx, reqctx.Shop(ctx).ID, mail, code, reqctx.Remote(ctx))
	if err == nil {
		session.AddFlash(ctx, "ok", words.T("shop.login.welcome"))
		return h.enter(w, r, buyer, redirect.Local(next, afterLogin))
	}
	status, text, err := h.refusal(r, err)
	if err != nil {
		return err
	}
	p := CodePage{
		Base: h.Base(r, words.T("shop.code.title")), Next: next,
		Mail: page.Field{Value: mail}, Code: page.Field{Value: code, Error: text},
	}
	frame.At(r, &p.Base, "/login/code")
	p.Errors = []page.FieldError{{ID: "code", Text: frame.About(words, words.T("shop.code.code"), text)}}
	return h.Show(w, r, status, "shop/code", p)
}

// refusal is the status and the text of a login that was refused; err is what
// did not refuse but failed.
func (h *Handlers) refusal(r *http.Request, refused error) (status int, text string, err error) {
	switch {
	case fault.Is(refused, fault.TooMany):
		status = http.StatusTooManyRequests
	case fault.Is(refused, fault.Invalid):
		status = http.StatusUnprocessableEntity
	default:
		return 0, "", refused
	}
	return status, h.Words(r).Fault(fault.All(refused)[0]), nil
}
