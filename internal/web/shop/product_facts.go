package shop

import (
	"strings"
	"unicode/utf8"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/core/tax"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// longestLabel is up to how many letters before a colon a line of a description
// is one of its particulars (原材料：…), not a sentence.
const longestLabel = 24

// particulars are a description's text and what stands in it line by line as
// label and value, with the tax rate and the postage of the goods.
func particulars(words *i18n.Localizer, q flow.ProductQuote, description string) (story []store.Section, facts []Fact) {
	for _, section := range store.Sections(description) {
		var kept []string
		for _, paragraph := range section.Paragraphs {
			list, all := labelled(paragraph)
			if !all {
				kept = append(kept, paragraph)
				continue
			}
			facts = append(facts, list...)
		}
		if section.Paragraphs = kept; section.Heading != "" || len(kept) > 0 {
			story = append(story, section)
		}
	}
	if rate, ok := taxRate(q); ok {
		key := "shop.facts.tax.rate"
		if q.Product.TaxClass == tax.Reduced {
			key = "shop.facts.tax.reduced"
		}
		facts = append(facts, Fact{words.T("shop.facts.tax"), words.T(key, "Rate", words.Percent(rate))})
	}
	if lines := postage(words, q.Shop); lines != "" {
		facts = append(facts, Fact{words.T("shop.legal.row.postage"), lines})
	}
	return story, facts
}

// taxRate is that of the goods at home, shipped at the chosen date.
func taxRate(q flow.ProductQuote) (int, bool) {
	date := q.Choice.FirstDate
	if date == (calendar.Date{}) {
		return 0, false
	}
	rate := q.Shop.Tax.Rate(q.Product.TaxClass, q.Address.Country, q.Address.Region, date)
	return int(rate), rate > 0
}

// labelled reads a paragraph whose every line is a label and its text.
func labelled(paragraph string) ([]Fact, bool) {
	var list []Fact
	for line := range strings.SplitSeq(paragraph, "\n") {
		label, text, found := strings.Cut(line, "：")
		if !found {
			label, text, found = strings.Cut(line, ": ")
		}
		label, text = strings.TrimSpace(label), strings.TrimSpace(text)
		if !found || label == "" || text == "" || utf8.RuneCountInString(label) > longestLabel {
			return nil, false
		}
		list = append(list, Fact{label, text})
	}
	return list, true
}
