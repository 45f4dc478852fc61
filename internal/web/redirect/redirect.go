// Package redirect sends a visitor on: within the shop in the page's language,
// never to an address that somebody else wrote into a link.
package redirect

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// To sends the visitor to a path of ours, without the language prefix, after a
// form was done. It is a handler's last word. An htmx request follows it and
// takes its part out of the page it leads to.
func To(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, reqctx.Lang(r.Context()).URL(path), http.StatusSeeOther)
	return nil
}

// Out sends the whole browser to an address as it is, such as a hosted card
// page. An htmx request must not follow it by itself: the other page would land
// inside this one, or be refused as another origin's.
func Out(w http.ResponseWriter, r *http.Request, address string) error {
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Redirect", address)
		w.WriteHeader(http.StatusOK)
		return nil
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// Local is next where it is a path of ours, else fallback. "//evil.example" and
// "/\evil.example" are addresses of other hosts to a browser, which also drops
// tabs and line breaks before it reads.
func Local(next, fallback string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsFunc(next, func(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f }) {
		return fallback
	}
	parsed, err := url.Parse(next)
	if err != nil || parsed.Host != "" || parsed.Scheme != "" {
		return fallback
	}
	return next
}
