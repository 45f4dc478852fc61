package web

import (
	"net/http"
	"net/netip"
)

// RoutesOf is the table that a handler of New was built from.
func RoutesOf(h http.Handler) []Route { return h.(*server).routes() }

// Build makes a mux of any table.
func Build(routes []Route) error {
	_, err := (&server{}).build(routes)
	return err
}

// CSPReports is how many reports a handler of New has counted.
func CSPReports(h http.Handler) int64 { return h.(*server).csp.count.Load() }

// RemoteOf is whom a request comes from.
func RemoteOf(proxies []netip.Prefix, peer, forwarded string) string {
	r := &http.Request{RemoteAddr: peer, Header: http.Header{}}
	if forwarded != "" {
		r.Header.Set("X-Forwarded-For", forwarded)
	}
	return (&server{Config: Config{Proxies: proxies}}).remote(r)
}

// Add serves one more route from a handler of New.
func Add(h http.Handler, r Route) {
	s := h.(*server)
	s.mux.Handle(r.Pattern, s.enter(r))
}
