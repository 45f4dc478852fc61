package stripesim

import (
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/stripe"
)

//go:embed page
var pageFiles embed.FS

var (
	pages = template.Must(template.ParseFS(pageFiles, "page/*.html"))
	texts = readTexts()
)

// catalogue is one language's texts by key.
type catalogue map[string]string

func readTexts() map[string]catalogue {
	raw, err := pageFiles.ReadFile("page/texts.json")
	if err != nil {
		panic("stripesim: " + err.Error())
	}
	var all map[string]catalogue
	if err := json.Unmarshal(raw, &all); err != nil {
		panic("stripesim: page/texts.json: " + err.Error())
	}
	return all
}

// textsFor picks the language of a Checkout locale; "auto" and none follow the browser.
// Source: https://docs.stripe.com/js/appendix/supported_locales
func textsFor(locale string, r *http.Request) catalogue {
	if locale == "" || locale == "auto" {
		locale, _, _ = strings.Cut(r.Header.Get("Accept-Language"), ",")
	}
	locale = strings.ToLower(strings.TrimSpace(locale))
	switch {
	case strings.HasPrefix(locale, "zh-tw"), strings.HasPrefix(locale, "zh-hk"), strings.HasPrefix(locale, "zh-hant"):
		return texts["zh-Hant"]
	case strings.HasPrefix(locale, "zh"):
		return texts["zh-Hans"]
	case strings.HasPrefix(locale, "en"):
		return texts["en"]
	}
	return texts["ja"]
}

// money writes an amount of Stripe's units as people of the language write it.
func (c catalogue) money(amount int64, currency string) string {
	sign := ""
	if amount < 0 {
		sign, amount = "−", -amount
	}
	whole := strconv.FormatInt(amount, 10)
	fraction := ""
	if exponent := stripe.Exponent(currency); exponent > 0 {
		if len(whole) <= exponent {
			whole = strings.Repeat("0", exponent+1-len(whole)) + whole
		}
		whole, fraction = whole[:len(whole)-exponent], "."+whole[len(whole)-exponent:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	figure := sign + whole + fraction
	if currency != "jpy" {
		return strings.ToUpper(currency) + " " + figure
	}
	switch c["lang"] {
	case "ja":
		return figure + "円"
	case "zh-Hans":
		return figure + "日元"
	case "zh-Hant":
		return figure + "日圓"
	}
	return sign + "¥" + whole
}
