package mailbox

import (
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/i18n"
)

//go:embed list.html mail.html mailbox.css
var files embed.FS

var pages = template.Must(template.ParseFS(files, "list.html", "mail.html"))

const (
	perPage      = 50
	apiLimit     = 100
	maxAPILimit  = 10_000
	maxFaultBody = 1 << 10
)

// The pages need nothing but their style; a mail's HTML may look as it likes but
// runs nothing and sends nothing. Its links open in the window around it.
const (
	pagePolicy = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	mailPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; " +
		"default-src 'none'; style-src 'unsafe-inline'; img-src data: http: https:; form-action 'none'; frame-ancestors 'self'"
)

// base is what every page has.
type base struct {
	L    *i18n.Localizer
	Base string // path of the mail box, ends in a slash
	Box  *Box
}

type listPage struct {
	base
	Query string
	Total int
	Mails []shown
	Older string // id to go on before; empty: these are the last
	Newer bool
}

type mailPage struct {
	base
	Mail     shown
	Tab      string // html, text or headers
	Text     string
	Headers  []Header
	HasHTML  bool
	NotFound bool
}

// shown is a mail with its time in words.
type shown struct {
	Summary
	When string
}

// Handler shows the mails below path, which ends in a slash ("/demo/mail/").
//
//	GET  path                  the list: ?q= words, ?before= id, ?lang=
//	GET  path{id}              one mail: ?tab=html|text|headers
//	GET  path{id}/html         its HTML alone, sandboxed
//	GET  path{id}/raw          the mail as it came
//	GET  path api/messages     JSON, newest first: ?q=, ?before=, ?limit=
//	POST path api/faults       JSON Faults: what the next mails meet
func (b *Box) Handler(path string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path+"{$}", func(w http.ResponseWriter, r *http.Request) { b.list(w, r, path) })
	mux.HandleFunc("GET "+path+"{id}", func(w http.ResponseWriter, r *http.Request) { b.show(w, r, path) })
	mux.HandleFunc("GET "+path+"{id}/html", b.showHTML)
	mux.HandleFunc("GET "+path+"{id}/raw", b.showRaw)
	mux.HandleFunc("GET "+path+"mailbox.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, files, "mailbox.css")
	})
	mux.HandleFunc("GET "+path+"api/messages", b.apiMessages)
	mux.HandleFunc("POST "+path+"api/faults", b.apiFaults)
	return mux
}

func (b *Box) base(r *http.Request, path string) base {
	lang, chosen := i18n.Parse(r.FormValue("lang"))
	if !chosen {
		lang = i18n.Match(r.Header.Get("Accept-Language"))
	}
	return base{L: b.config.Catalog.For(lang), Base: path, Box: b}
}

func (b *Box) shown(l *i18n.Localizer, s Summary) shown {
	return shown{Summary: s, When: l.DateTime(s.Received, b.config.Zone)}
}

func (b *Box) list(w http.ResponseWriter, r *http.Request, path string) {
	p := listPage{base: b.base(r, path), Query: r.FormValue("q"), Total: b.Count(), Newer: r.FormValue("before") != ""}
	found := b.Find(p.Query, r.FormValue("before"), perPage+1)
	if len(found) > perPage {
		found = found[:perPage]
		p.Older = found[perPage-1].ID
	}
	for _, m := range found {
		p.Mails = append(p.Mails, b.shown(p.L, m))
	}
	render(w, http.StatusOK, "list.html", p)
}

func (b *Box) show(w http.ResponseWriter, r *http.Request, path string) {
	p := mailPage{base: b.base(r, path), Tab: r.FormValue("tab")}
	m, err := b.Read(r.PathValue("id"))
	if errors.Is(err, ErrNotFound) {
		p.NotFound = true
		render(w, http.StatusNotFound, "mail.html", p)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	p.Mail, p.Text, p.Headers, p.HasHTML = b.shown(p.L, m.Summary), m.Text, m.Headers, m.HTML != ""
	switch {
	case p.Tab == "headers" || p.Tab == "text":
	case p.HasHTML:
		p.Tab = "html"
	default:
		p.Tab = "text"
	}
	render(w, http.StatusOK, "mail.html", p)
}

func render(w http.ResponseWriter, status int, name string, page any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.WriteHeader(status)
	// The status has gone out: what fails now can only cut the page short.
	_ = pages.ExecuteTemplate(w, name, page)
}

func (b *Box) showHTML(w http.ResponseWriter, r *http.Request) {
	m, ok := b.readOr404(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", mailPolicy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte(strings.Replace(m.HTML, "<head>", `<head><base target="_top">`, 1)))
}

func (b *Box) showRaw(w http.ResponseWriter, r *http.Request) {
	m, ok := b.readOr404(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(m.Raw)
}

func (b *Box) readOr404(w http.ResponseWriter, r *http.Request) (Mail, bool) {
	m, err := b.Read(r.PathValue("id"))
	switch {
	case errors.Is(err, ErrNotFound):
		http.NotFound(w, r)
		return Mail{}, false
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return Mail{}, false
	}
	return m, true
}

func (b *Box) apiMessages(w http.ResponseWriter, r *http.Request) {
	limit := apiLimit
	if s := r.FormValue("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > maxAPILimit {
			http.Error(w, "limit is a number from 1 to "+strconv.Itoa(maxAPILimit), http.StatusBadRequest)
			return
		}
		limit = n
	}
	mails := []Mail{}
	for _, s := range b.Find(r.FormValue("q"), r.FormValue("before"), limit) {
		m, err := b.Read(s.ID)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		mails = append(mails, m)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(mails)
}

func (b *Box) apiFaults(w http.ResponseWriter, r *http.Request) {
	var f Faults
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxFaultBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b.SetFaults(f)
	w.WriteHeader(http.StatusNoContent)
}
