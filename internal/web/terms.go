package web

import (
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/render"
	"github.com/teiki-commerce/teiki/internal/web/shop"
	"github.com/teiki-commerce/teiki/internal/web/static"
	"github.com/teiki-commerce/teiki/internal/web/templates"
)

// Terms renders final confirmations as the shop's page does, for orders that are
// placed without it.
func Terms(catalog *i18n.Catalog) (func(i18n.Lang) func(flow.Proposal) (string, error), error) {
	assets, err := render.NewAssets(static.FS)
	if err != nil {
		return nil, err
	}
	renderer, err := render.New(templates.FS, assets, catalog)
	if err != nil {
		return nil, err
	}
	return func(lang i18n.Lang) func(flow.Proposal) (string, error) {
		return shop.KeptTerms(renderer, catalog.For(lang))
	}, nil
}
