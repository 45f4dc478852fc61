package web

import (
	"compress/gzip"
	"mime"
	"net/http"
	"sync"

	"github.com/teiki-commerce/teiki/internal/web/render"
)

// leastCompressed is the shortest body worth compressing, in bytes: what fits into
// one packet anyway arrives no sooner.
const leastCompressed = 1400

// compressed are the kinds of pages that shrink. Pictures are small already, and
// static files are kept in their compressed form (render.Assets).
var compressed = map[string]bool{"text/html": true, "application/json": true, "text/css": true, "text/javascript": true}

// gzips are writers to be used again: a new one costs more memory than the page.
// The fastest level takes pages to between a third and a tenth of their size for a
// tenth of a millisecond or two; the default saves a fifth more and costs three
// times as much (docs/adr/0017-pages-are-compressed.md).
var gzips = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic("compress: " + err.Error()) // the level is one of the package's own
	}
	return z
}}

// mayCompress reports whether the answer to a request may be compressed.
//
// Compressing lets whoever sees the encrypted traffic, and can make the visitor's
// browser ask for pages of their choice, find out what is on a page by the length
// of the answer (BREACH, CVE-2013-3587). Nothing on our pages proves where a form
// came from (ADR 12: that is told by headers, which are not compressed), nor are
// session cookies on them; but names and addresses are, beside what an address says
// after its question mark. Such an attack needs thousands of requests that another
// site begins, with the visitor's cookies. So what another site has begun goes out
// as it is; the visitor's next click, on a page of ours, is compressed again.
// Without a cookie the page is the one that everybody gets, and without encryption
// there is nothing to be found out by its length.
func (s *server) mayCompress(r *http.Request) bool {
	if !render.TakesGzip(r) {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	default:
		return !s.HTTPS || r.Header.Get("Cookie") == ""
	}
}

// writer answers a request. It knows whether the answer has begun, and holds the
// status back until the first bytes of the body, which say whether it is worth
// compressing.
type writer struct {
	http.ResponseWriter
	gzip    bool // the visitor takes it, and it is safe
	begun   bool // an answer has been given: no other can be
	sent    bool // with its headers
	status  int  // not sent yet; 0: none given
	deflate *gzip.Writer
}

// WriteHeader keeps the status for the first bytes, or for finish.
func (w *writer) WriteHeader(status int) {
	if status < http.StatusOK { // informational: the answer is still to come
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.begun = true
	if w.status == 0 {
		w.status = status
	}
}

// Write sends a part of the body.
func (w *writer) Write(b []byte) (int, error) {
	w.begun = true
	if !w.sent {
		w.send(len(b))
	}
	if w.deflate != nil {
		return w.deflate.Write(b)
	}
	return w.ResponseWriter.Write(b)
}

// send sends the headers of a body that begins with so many bytes; pages are
// written in one piece. A handler that says how long its body is, how it is encoded
// or which version it has, has made it ready itself.
func (w *writer) send(first int) {
	w.sent = true
	h := w.Header()
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if shrinks := err == nil && compressed[kind]; shrinks && h.Get("Content-Encoding") == "" && h.Get("ETag") == "" {
		h.Add("Vary", "Accept-Encoding")
		if w.gzip && first >= leastCompressed && h.Get("Content-Length") == "" && w.status != http.StatusPartialContent {
			h.Set("Content-Encoding", "gzip")
			w.deflate, _ = gzips.Get().(*gzip.Writer) // it holds nothing else
			w.deflate.Reset(w.ResponseWriter)
		}
	}
	if w.status != 0 {
		w.ResponseWriter.WriteHeader(w.status)
	}
}

// finish sends what is held back.
func (w *writer) finish() {
	if !w.sent && w.status != 0 {
		w.sent = true
		w.ResponseWriter.WriteHeader(w.status)
	}
	if w.deflate == nil {
		return
	}
	_ = w.deflate.Close() // the client may be gone; there is nobody to tell
	w.deflate.Reset(nil)
	gzips.Put(w.deflate)
	w.deflate = nil
}

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
