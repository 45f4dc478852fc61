package shop

import (
	"net/http"
	"slices"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// legalPages are the texts a shop must have; the contact page is in contact.go.
var legalPages = []string{"transactions", "terms", "privacy", "guide"}

// Legal shows one of the texts a shop must have. What the law on specified
// commercial transactions asks for is made of the shop's own settings, so that
// it cannot say anything else than what orders do.
func (h *Handlers) Legal(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("page")
	if !slices.Contains(legalPages, name) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	words, shop := h.Words(r), reqctx.Shop(r.Context())
	heading := words.T("shop.legal." + name)
	p := LegalPage{Base: h.Base(r, heading), Heading: heading}
	if name == "transactions" {
		p.Rows = transactions(words, shop)
		return h.Show(w, r, http.StatusOK, "shop/legal", p)
	}
	texts := map[string]map[string]string{
		"terms": shop.Legal.Terms, "privacy": shop.Legal.Privacy, "guide": shop.Legal.Guide,
	}[name]
	p.Sections = store.Sections(store.In(texts, string(words.Lang())))
	if texts[string(words.Lang())] == "" {
		p.TextOf = string(i18n.Ja)
	}
	return h.Show(w, r, http.StatusOK, "shop/legal", p)
}

func transactions(words *i18n.Localizer, shop flow.Shop) []Fact {
	price := words.T("shop.legal.price")
	if !shop.Tax.Inclusive {
		price = words.T("shop.legal.price.excluded")
	}
	returns := store.In(shop.Profile.Returns, string(words.Lang()))
	if returns == "" {
		returns = words.T("shop.confirm.returns.default")
	}
	var ways, when []string
	if shop.Payment.Card {
		ways, when = append(ways, words.T("shop.payment.card")), append(when, words.T("shop.legal.when.card"))
	}
	if shop.Payment.COD {
		ways, when = append(ways, words.T("shop.payment.cod")), append(when, words.T("shop.legal.when.cod"))
	}
	return filled([]Fact{
		{words.T("shop.legal.row.seller"), shop.Profile.LegalName},
		{words.T("shop.legal.row.manager"), shop.Profile.Manager},
		{words.T("shop.legal.row.address"), strings.Join(words.Address(shop.Profile.Address), "\n")},
		{words.T("shop.legal.row.phone"), phone(words, shop)},
		{words.T("shop.legal.row.mail"), shop.Profile.Mail},
		{words.T("shop.legal.row.price"), price},
		{words.T("shop.legal.row.postage"), postage(words, shop)},
		{words.T("shop.legal.row.cod"), codFees(words, shop)},
		{words.T("shop.legal.row.payment"), strings.Join(ways, "\n")},
		{words.T("shop.legal.row.when"), strings.Join(when, "\n")},
		{words.T("shop.legal.row.delivery"), words.T("shop.legal.delivery", "Days", quickest(shop))},
		{words.T("shop.legal.row.subscription"), words.T("shop.legal.subscription")},
		{words.T("shop.legal.row.returns"), returns},
	})
}

// filled leaves out rows that a shop has nothing for.
func filled(rows []Fact) []Fact {
	return slices.DeleteFunc(rows, func(f Fact) bool { return f.Text == "" })
}

func phone(words *i18n.Localizer, shop flow.Shop) string {
	hours := store.In(shop.Profile.PhoneHours, string(words.Lang()))
	if hours == "" || shop.Profile.Phone == "" {
		return shop.Profile.Phone
	}
	return shop.Profile.Phone + words.T("shop.bracket", "Text", hours)
}

func postage(words *i18n.Localizer, shop flow.Shop) string {
	var lines []string
	for _, method := range shop.Delivery.Methods {
		lines = append(lines, method.Name(string(words.Lang())))
		for _, zone := range method.Zones {
			key := "shop.legal.postage.zone"
			if zone.FreeFrom > 0 {
				key = "shop.legal.postage.zone.free"
			}
			lines = append(lines, words.T(key, "Zone", zoneName(words, zone),
				"Fee", money.Of(zone.Fee, shop.Currency), "From", money.Of(zone.FreeFrom, shop.Currency)))
		}
	}
	return strings.Join(lines, "\n")
}

func zoneName(words *i18n.Localizer, zone shipping.Zone) string {
	var regions []string
	for _, code := range zone.Regions {
		regions = append(regions, words.Region(zone.Country, code))
	}
	name := strings.Join(regions, words.T("shop.card.or"))
	switch {
	case len(regions) == 0:
		return words.T("shop.legal.postage.other")
	case len(zone.PostcodePrefixes) > 0:
		return words.T("shop.legal.postage.part", "Region", name)
	default:
		return name
	}
}

func codFees(words *i18n.Localizer, shop flow.Shop) string {
	if !shop.Payment.COD {
		return ""
	}
	var lines []string
	for _, tier := range shop.Payment.CODTiers {
		lines = append(lines, words.T("shop.legal.cod.tier",
			"Ceiling", money.Of(tier.Ceiling, shop.Currency), "Fee", money.Of(tier.Fee, shop.Currency)))
	}
	return strings.Join(lines, "\n")
}

// quickest is the least number of days from an order to its delivery.
func quickest(shop flow.Shop) int {
	least := 0
	for _, method := range shop.Delivery.Methods {
		for _, zone := range method.Zones {
			days := max(shop.Delivery.PreparationDays, 1) + zone.TransitDays
			if least == 0 || days < least {
				least = days
			}
		}
	}
	return least
}
