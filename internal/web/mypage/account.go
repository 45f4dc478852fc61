package mypage

import (
	"net/http"
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

const accountPath = "/mypage/account"

// Account shows the member's name, mail, addresses and stored cards.
func (h *Handlers) Account(w http.ResponseWriter, r *http.Request) error {
	return h.account(w, r, http.StatusOK, nil)
}

// account shows the page with what is wrong with the password's form.
// passwordLabels are what the inputs of the password's form are called.
var passwordLabels = map[string]string{"old": "mypage.account.password.old", "new": "shop.password.new"}

func (h *Handlers) account(w http.ResponseWriter, r *http.Request, status int, wrong fault.List) error {
	ctx, words, storeID, m := r.Context(), h.Words(r), reqctx.Shop(r.Context()).ID, member(r)
	addresses, err := db.AddressesOf(ctx, h.Flow.DB, storeID, m.ID)
	if err != nil {
		return err
	}
	cards, err := db.CardsOf(ctx, h.Flow.DB, storeID, m.ID)
	if err != nil {
		return err
	}
	p := AccountPage{
		Base: h.Base(r, words.T("mypage.nav.account")), Name: words.Name(m.Name),
		Kana: joined(m.Name.FamilyKana, m.Name.GivenKana), Mail: m.Mail, Phone: m.Phone,
		HasPassword: m.HasLogin,
	}
	faults := frame.FaultsOf(words, wrong, nil, frame.Labels(words, passwordLabels))
	p.Old, p.New, p.Errors = faults.Field("old", ""), faults.Field("new", ""), faults.Summary()
	frame.At(r, &p.Base, accountPath)
	for _, a := range addresses {
		p.Addresses = append(p.Addresses, frame.Addressee(words, a.Address))
	}
	for _, c := range cards {
		// The gateway stores a card anew with each order; to the member it is one.
		if name := frame.CardName(words, c); !slices.Contains(p.Cards, name) {
			p.Cards = append(p.Cards, name)
		}
	}
	return h.Show(w, r, status, "mypage/account", p)
}
