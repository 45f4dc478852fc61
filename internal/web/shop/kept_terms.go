package shop

import (
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/render"
)

// KeptTerms renders what is kept of a final confirmation with each subscription:
// the page's own words in the customer's language.
func KeptTerms(r *render.Renderer, words *i18n.Localizer) func(flow.Proposal) (string, error) {
	lang := words.Lang()
	return func(p flow.Proposal) (string, error) {
		kept := confirmPage(words, page.Base{Lang: string(lang), Store: frame.StoreFacts(p.Shop, words)}, p)
		kept.Kept = true
		for i := range kept.Items {
			kept.Items[i].Path = "" // a product page may be gone when it is read
		}
		return r.Block(lang, "shop/confirm", "terms", kept)
	}
}
