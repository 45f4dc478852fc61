package flow

import (
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// SampleLegal are texts of a shop that sells by subscription, for merchants to
// adapt and for shops that nobody buys in earnest from. They are never shown
// unless a store has taken them for its own.
func SampleLegal(texts *i18n.Catalog) store.Legal {
	l := store.Legal{Terms: map[string]string{}, Privacy: map[string]string{}, Guide: map[string]string{}}
	for _, lang := range i18n.Langs {
		words := texts.For(lang)
		l.Terms[string(lang)] = words.T("settings.sample.terms")
		l.Privacy[string(lang)] = words.T("settings.sample.privacy")
		l.Guide[string(lang)] = words.T("settings.sample.guide")
	}
	return l
}
