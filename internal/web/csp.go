package web

import (
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// stripePages are where Stripe's hosted page and the banks' 3-D Secure pages
// begin; browsers hold the redirect after a form against form-action.
var stripePages = []string{"https://checkout.stripe.com", "https://hooks.stripe.com"}

// secure sets the headers that every answer has.
func (s *server) secure(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	// The address of a payment link lets pay: no other site may see it.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if s.HTTPS {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// policy is the Content-Security-Policy of a shop's pages: nothing inline,
// nothing from elsewhere, and forms only to us and to the gateway's pages.
func (s *server) policy(gatewayURL string) string {
	targets := append([]string{"'self'"}, stripePages...)
	if gatewayURL != "" {
		targets = []string{"'self'"}
		if u, err := url.Parse(gatewayURL); err == nil && u.Host != "" {
			targets = append(targets, u.Scheme+"://"+u.Host)
		}
	}
	targets = append(targets, s.FormTargets...)
	return "default-src 'self'; img-src 'self' data:; form-action " + strings.Join(targets, " ") +
		"; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; report-uri /_csp"
}

// cspReports counts what browsers report as refused by the policy: tests of
// pages want none.
type cspReports struct{ count atomic.Int64 }

// tokens are what lets its holder in, in the addresses that reports name.
var tokens = regexp.MustCompile(`(/(?:pay|password)/)[A-Za-z0-9_-]+`)

// maxReport is far above what browsers send.
const maxReport = 16 << 10

func (c *cspReports) report(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReport))
	if err != nil {
		return refusal{status: http.StatusBadRequest}
	}
	c.count.Add(1)
	slog.WarnContext(r.Context(), "browser refused part of a page", "request", reqctx.RequestID(r.Context()),
		"report", tokens.ReplaceAllString(string(body), "$1…"))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// show gives the number of reports, in demo instances.
func (c *cspReports) show(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := io.WriteString(w, strconv.FormatInt(c.count.Load(), 10)+"\n")
	return err
}
