package shop

import (
	"net/http"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// PasswordLink is where the mail that sets a password leads. Looking at it uses
// nothing up: programs that check mails follow links, too.
func (h *Handlers) PasswordLink(w http.ResponseWriter, r *http.Request) error {
	return h.showPasswordLink(w, r, http.StatusOK, nil)
}

func (h *Handlers) showPasswordLink(w http.ResponseWriter, r *http.Request, status int, wrong fault.List) error {
	ctx, words := r.Context(), h.Words(r)
	keepToken(w, r)
	c, err := h.Flow.PasswordLink(ctx, reqctx.Shop(ctx).ID, r.PathValue("token"))
	if fault.Is(err, fault.NotFound) {
		// used, expired and made up look the same: a link tells nothing of anybody
		p := PasswordPage{Base: h.Bare(r, words.T("shop.password.gone")), Gone: true}
		frame.At(r, &p.Base, r.URL.Path)
		return h.Show(w, r, http.StatusNotFound, "shop/password", p)
	}
	if err != nil {
		return err
	}
	faults := frame.FaultsOf(words, wrong, nil, frame.Labels(words, map[string]string{"password": "shop.password.new"}))
	p := PasswordPage{Base: h.Bare(r, words.T("shop.password.title")), Mail: c.Mail, Password: faults.Field("password", "")}
	frame.At(r, &p.Base, r.URL.Path)
	p.Errors = faults.Summary()
	return h.Show(w, r, status, "shop/password", p)
}

// SetPassword sets the password and logs in; every other session of the customer
// is over.
func (h *Handlers) SetPassword(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	keepToken(w, r)
	c, err := h.Flow.SetPasswordByLink(ctx, reqctx.Shop(ctx).ID, reqctx.RequestID(ctx), r.PathValue("token"), r.PostForm.Get("password"))
	switch {
	case fault.Is(err, fault.Invalid):
		return h.showPasswordLink(w, r, http.StatusUnprocessableEntity, fault.All(err))
	case fault.Is(err, fault.NotFound):
		return h.showPasswordLink(w, r, http.StatusNotFound, nil)
	case err != nil:
		return err
	}
	session.AddFlash(ctx, "ok", h.Words(r).T("shop.password.done"))
	return h.enter(w, r, c, afterLogin)
}

// keepToken lets the address of the page, which is a secret, be kept by nobody and
// told to nobody. A page without referrer sends its form without origin, too;
// without encryption browsers send nothing else that tells the form from a forged
// one, so that an unencrypted shop keeps the referrer within itself as elsewhere.
func keepToken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if strings.HasPrefix(reqctx.Shop(r.Context()).Profile.BaseURL, "https://") {
		w.Header().Set("Referrer-Policy", "no-referrer")
	}
}
