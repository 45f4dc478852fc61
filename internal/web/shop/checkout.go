package shop

import (
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// checkoutIDs are the inputs that faults of the checkout belong to.
var checkoutIDs = map[string]string{
	"address.name.family": "family", "address.name.given": "given",
	"address.name.family_kana": "family_kana", "address.name.given_kana": "given_kana",
	"address.postcode": "postcode", "address.region": "region", "address.city": "city",
	"address.street": "street", "address.building": "building", "address.phone": "phone",
	"address": "region", "method": "region", "time_slot": "slot", "first_date": "date", "payment": "payment",
}

// checkoutLabels are what the inputs of the checkout are called. Who subscribes
// chooses the first of several dates.
func checkoutLabels(subscribes bool) map[string]string {
	labels := map[string]string{
		"family": "shop.form.family", "given": "shop.form.given", "family_kana": "shop.form.familykana", "given_kana": "shop.form.givenkana",
		"postcode": "shop.form.postcode", "region": "shop.form.region", "city": "shop.form.city", "street": "shop.form.street",
		"building": "shop.form.building", "phone": "shop.form.phone",
		"date": "shop.checkout.date", "slot": "shop.checkout.slot", "payment": "shop.checkout.payment",
	}
	if subscribes {
		labels["date"] = "shop.buy.firstdate"
	}
	return labels
}

// Checkout asks where to, when and how to pay.
func (h *Handlers) Checkout(w http.ResponseWriter, r *http.Request) error {
	preview, ready, err := h.orderable(w, r)
	if err != nil || !ready {
		return err
	}
	typed := flow.ChooseDelivery{
		Address: preview.Address.Address, TimeSlot: preview.Checkout.TimeSlot, FirstDate: preview.Date, Pays: preview.Checkout.Pays,
	}
	if preview.Address.ID == (ident.ID{}) { // the shop's own, assumed for the price
		buyer, _ := reqctx.Customer(r.Context())
		typed.Address = place.Address{Name: buyer.Name, Phone: buyer.Phone}
	}
	return h.showCheckout(w, r, http.StatusOK, preview, typed, preview.Faults, nil)
}

// SaveCheckout keeps what the checkout asked and goes on to the confirmation.
func (h *Handlers) SaveCheckout(w http.ResponseWriter, r *http.Request) error {
	in := typedDelivery(r)
	if r.PostForm.Has("lookup") {
		return h.lookUpPostcode(w, r, in)
	}
	err := h.Flow.ChooseDelivery(r.Context(), in)
	if err == nil {
		return redirect.To(w, r, "/checkout/confirm")
	}
	if fault.Is(err, fault.NotFound) {
		return redirect.To(w, r, "/cart")
	}
	faults, err := asFaults(err)
	if err != nil {
		return err
	}
	if aboutLines(faults) {
		return h.backToCart(w, r)
	}
	preview, ready, err := h.orderable(w, r)
	if err != nil || !ready {
		return err
	}
	return h.showCheckout(w, r, http.StatusUnprocessableEntity, preview, in, faults, nil)
}

// typedDelivery is what the form of the checkout says.
func typedDelivery(r *http.Request) flow.ChooseDelivery {
	ctx, form := r.Context(), r.PostForm
	date, err := calendar.ParseDate(form.Get("date"))
	if err != nil {
		date = calendar.Date{} // the earliest
	}
	return flow.ChooseDelivery{
		CartKey: frame.CartKey(ctx), Actor: reqctx.Actor(ctx),
		Address: place.Address{
			Country: reqctx.Shop(ctx).Profile.Address.Country, Postcode: form.Get("postcode"), Region: form.Get("region"),
			City: form.Get("city"), Street: form.Get("street"), Building: form.Get("building"), Phone: form.Get("phone"),
			Name: place.Name{
				Family: form.Get("family"), Given: form.Get("given"),
				FamilyKana: form.Get("family_kana"), GivenKana: form.Get("given_kana"),
			},
		},
		TimeSlot: form.Get("slot"), FirstDate: date, Pays: pricing.Method(form.Get("payment")),
	}
}

// orderable prices the cart; one that cannot be ordered leads back to the cart.
func (h *Handlers) orderable(w http.ResponseWriter, r *http.Request) (flow.CartPreview, bool, error) {
	preview, err := h.Flow.PreviewCart(r.Context(), frame.CartKey(r.Context()))
	switch {
	case err != nil:
		return preview, false, err
	case len(preview.All) == 0:
		return preview, false, redirect.To(w, r, "/cart")
	case aboutLines(preview.Faults) || len(preview.Lines) < len(preview.All):
		return preview, false, h.backToCart(w, r)
	}
	return preview, true, nil
}

func (h *Handlers) backToCart(w http.ResponseWriter, r *http.Request) error {
	session.AddFlash(r.Context(), "error", h.Words(r).T("shop.cart.check"))
	return redirect.To(w, r, "/cart")
}

func (h *Handlers) showCheckout(w http.ResponseWriter, r *http.Request, status int, preview flow.CartPreview, typed flow.ChooseDelivery, list fault.List, found *FoundTown) error {
	words := h.Words(r)
	faults := frame.FaultsOf(words, list, checkoutIDs, frame.Labels(words, checkoutLabels(len(preview.Subscriptions) > 0)))
	country, a := preview.Shop.Profile.Address.Country, typed.Address
	goods := items(words, preview.Proposal)
	p := CheckoutPage{
		Base: h.Bare(r, words.T("shop.checkout.title")), AskKana: place.FormOf(country).Kana,
		Family: faults.Field("family", a.Name.Family), Given: faults.Field("given", a.Name.Given),
		FamilyKana: faults.Field("family_kana", a.Name.FamilyKana), GivenKana: faults.Field("given_kana", a.Name.GivenKana),
		AskTown: knowsTowns(country), Found: found,
		Postcode: faults.Field("postcode", a.Postcode), Region: faults.Field("region", a.Region),
		City: faults.Field("city", a.City), Street: faults.Field("street", a.Street),
		Building: faults.Field("building", a.Building), Phone: faults.Field("phone", a.Phone),
		Date: faults.Field("date", typed.FirstDate.String()), Dates: dateChoices(words, preview.Dates, typed.FirstDate),
		Slot: faults.Field("slot", typed.TimeSlot), Slots: slotChoices(words, preview.Method.Slots, typed.TimeSlot),
		Payment: faults.Field("payment", string(typed.Pays)), Payments: paymentChoices(words, preview, typed.Pays),
		Items: goods, Reasons: frame.OfGoods(reasonsTo(words, preview.Priced, preview.Address.Address), goods),
		Total: preview.Priced.Amount(preview.Priced.Total), Subscription: len(preview.Subscriptions) > 0,
	}
	frame.At(r, &p.Base, "/checkout")
	p.Errors = faults.Summary()
	for _, region := range place.Regions(country) {
		p.Regions = append(p.Regions, page.Choice{
			Value: region.Code, Label: words.Region(country, region.Code), Selected: region.Code == a.Region,
		})
	}
	return h.Show(w, r, status, "shop/checkout", p)
}

func slotChoices(words *i18n.Localizer, slots []string, chosen string) []page.Choice {
	list := []page.Choice{{Label: words.T("shop.checkout.slot.none"), Selected: chosen == ""}}
	for _, s := range slots {
		list = append(list, page.Choice{Value: s, Label: words.Slot(s), Selected: s == chosen})
	}
	return list
}

func paymentChoices(words *i18n.Localizer, p flow.CartPreview, chosen pricing.Method) []page.Choice {
	var list []page.Choice
	if p.Shop.Payment.Card {
		list = append(list, page.Choice{
			Value: string(pricing.MethodCard), Label: words.T("shop.payment.card"), Note: words.T("shop.payment.card.note"),
			Selected: chosen == pricing.MethodCard,
		})
	}
	if p.Shop.Payment.COD {
		cod := page.Choice{
			Value: string(pricing.MethodCOD), Label: words.T("shop.payment.cod"),
			Note:     words.T("shop.payment.cod.note", "Fee", p.Priced.Amount(p.CODFee)),
			Selected: chosen == pricing.MethodCOD,
		}
		if !p.COD {
			cod.Note, cod.SoldOut, cod.Selected = words.T("shop.payment.cod.toomuch"), true, false
		}
		list = append(list, cod)
	}
	return list
}
