package mypage

import (
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// ChangePassword gives the member another password, or the first one, and ends
// their sessions but this one.
func (h *Handlers) ChangePassword(w http.ResponseWriter, r *http.Request) error {
	ctx, m := r.Context(), member(r)
	c, err := h.Flow.ChangePassword(ctx, flow.CustomerPassword{
		StoreID: reqctx.Shop(ctx).ID, Actor: reqctx.Actor(ctx), Mail: m.Mail, Remote: reqctx.Remote(ctx),
		Old: r.PostForm.Get("old"), New: r.PostForm.Get("new"),
	})
	switch faults := fault.All(err); {
	case fault.Is(err, fault.Invalid):
		return h.account(w, r, http.StatusUnprocessableEntity, faults)
	case fault.Is(err, fault.TooMany):
		wait := *faults[0]
		wait.Field = "old"
		return h.account(w, r, http.StatusTooManyRequests, fault.List{&wait})
	case err != nil:
		return err
	}
	if err := session.LogIn(ctx, c.ID, c.PasswordVersion); err != nil {
		return err
	}
	session.AddFlash(ctx, "ok", h.Words(r).T("shop.password.done"))
	return redirect.To(w, r, accountPath)
}
