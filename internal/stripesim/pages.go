package stripesim

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/stripe"
)

// maxForm bounds what a shopper's browser may post.
const maxForm = 16 << 10

// frame is what every page shows.
type frame struct {
	T        catalogue
	Title    string
	Merchant string
	Class    string
}

type payPage struct {
	frame
	Items     []payLine
	Total     string
	Note      string
	Problems  []problem
	Fields    []payField
	Button    string
	CancelURL string
	Cancel    string
	Cards     []shownCard
}

type payLine struct {
	Name, Amount string
	Quantity     int64
}

type payField struct {
	Name, Label, Hint, Value, Error, Autocomplete string
	Numeric                                       bool
	Max                                           int
}

type problem struct{ Field, Text string }

type shownCard struct{ Number, Text string }

type closedPage struct {
	frame
	Text, BackURL string
}

// typed is what a shopper entered.
type typed struct{ number, expiry, cvc, name string }

// showCardPage is the hosted page of an open session.
// Source: https://docs.stripe.com/payments/checkout/how-checkout-works
func (s *Server) showCardPage(w http.ResponseWriter, r *http.Request) {
	sess, ok := s.sessionFor(w, r)
	if !ok {
		return
	}
	t := textsFor(string(sess.Locale), r)
	var problems []problem
	if r.URL.Query().Get("error") == "authentication" {
		problems = []problem{{"number", t["d_authentication"]}}
	}
	s.renderPay(w, r, sess, typed{}, problems, http.StatusOK)
}

// sessionFor finds the open session of the address; for any other it answers with the page that says why.
func (s *Server) sessionFor(w http.ResponseWriter, r *http.Request) (session, bool) {
	var sess session
	found := false
	_ = s.transact(nil, func(t *txn) error {
		if known := t.sessions[r.PathValue("id")]; known != nil {
			sess, found = *known, true
		}
		return nil
	})
	if !found {
		t := textsFor("", r)
		s.render(w, "closed.html", http.StatusNotFound, nil, closedPage{frame: s.frame(t, "closed_title"), Text: t["closed_missing"]})
		return sess, false
	}
	if sess.Status != sessionOpen {
		s.renderClosed(w, r, &sess)
		return sess, false
	}
	return sess, true
}

func (s *Server) renderClosed(w http.ResponseWriter, r *http.Request, sess *session) {
	t := textsFor(string(sess.Locale), r)
	page := closedPage{frame: s.frame(t, "closed_title"), Text: t["closed_expired"], BackURL: string(sess.CancelURL)}
	if sess.Status == sessionComplete {
		page.Text, page.BackURL = t["closed_complete"], successURL(sess)
	}
	s.render(w, "closed.html", http.StatusGone, nil, page)
}

func (s *Server) frame(t catalogue, title string) frame {
	return frame{T: t, Title: t[title], Merchant: s.opts.Merchant}
}

func (s *Server) renderPay(w http.ResponseWriter, r *http.Request, sess session, in typed, problems []problem, status int) {
	t := textsFor(string(sess.Locale), r)
	page := payPage{
		frame: s.frame(t, "pay_title"), Problems: problems, CancelURL: string(sess.CancelURL), Cancel: t["cancel"],
		Cards: shownCards(t),
	}
	if sess.Mode == string(stripe.ModeSetup) {
		page.Title, page.Button, page.Cancel, page.Note = t["save_title"], t["save"], t["cancel_save"], t["save_note"]
	} else {
		page.Total = t.money(*sess.AmountTotal, string(sess.Currency))
		page.Button = strings.ReplaceAll(t["pay"], "{amount}", page.Total)
		if sess.sim.SaveCard {
			page.Note = t["keep_note"]
		}
		for _, item := range sess.sim.Items {
			page.Items = append(page.Items, payLine{item.Name, t.money(item.Amount*item.Quantity, string(sess.Currency)), item.Quantity})
		}
	}
	page.Fields = []payField{
		{Name: "number", Autocomplete: "cc-number", Numeric: true, Max: 40, Value: in.number},
		{Name: "expiry", Autocomplete: "cc-exp", Numeric: true, Max: 9, Value: in.expiry},
		{Name: "cvc", Autocomplete: "cc-csc", Numeric: true, Max: 4},
		{Name: "name", Autocomplete: "cc-name", Max: 100, Value: in.name},
	}
	for i := range page.Fields {
		field := &page.Fields[i]
		field.Label, field.Hint = t[field.Name], t[field.Name+"_hint"]
		for _, p := range problems {
			if p.Field == field.Name && field.Error == "" {
				field.Error = p.Text
			}
		}
	}
	s.render(w, "pay.html", status, []string{string(sess.SuccessURL), string(sess.CancelURL)}, page)
}

func shownCards(t catalogue) []shownCard {
	var shown []shownCard
	for _, c := range testCards {
		if c.brand != "visa" || c.token == "pm_card_visa_debit" || c.token == "pm_card_jp" {
			continue
		}
		label := t["c_"+string(c.behaviour)]
		if reason, ok := strings.CutPrefix(string(c.behaviour), declinePrefix); ok {
			label = t["c_decline"] + " (" + reason + ")"
		}
		var grouped []string
		for at := 0; at < len(c.number); at += 4 {
			grouped = append(grouped, c.number[at:min(at+4, len(c.number))])
		}
		shown = append(shown, shownCard{strings.Join(grouped, " "), label})
	}
	return shown
}

// submitCardPage takes the card. The session is checked again inside the transaction, so that of two tabs only one
// pays.
func (s *Server) submitCardPage(w http.ResponseWriter, r *http.Request) {
	sess, ok := s.sessionFor(w, r)
	if !ok {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "400", http.StatusBadRequest)
		return
	}
	in := typed{
		number: strings.TrimSpace(r.PostForm.Get("number")), expiry: strings.TrimSpace(r.PostForm.Get("expiry")),
		cvc: strings.TrimSpace(r.PostForm.Get("cvc")), name: strings.TrimSpace(r.PostForm.Get("name")),
	}
	t := textsFor(string(sess.Locale), r)
	chosen, month, year, problems := in.check(t, s.opts.Clock())
	if len(problems) > 0 {
		s.renderPay(w, r, sess, in, problems, http.StatusUnprocessableEntity)
		return
	}
	var refusal *apiError
	var next string
	err := s.transact(nil, func(tx *txn) error {
		open := tx.sessions[sess.ID]
		if open.Status != sessionOpen {
			sess = *open
			return nil
		}
		base := s.publicURL(r)
		refusal = tx.payOnPage(open, tx.newMethod(chosen, month, year, in.name), circumstances{
			returnURL: base + "/c/pay/" + open.ID, baseURL: base,
		})
		sess = *open
		if refusal == nil && open.Status == sessionOpen {
			next = "/c/3ds/" + open.PaymentIntent.id + open.SetupIntent.id
		}
		return nil
	})
	switch {
	case err != nil:
		http.Error(w, "500", http.StatusInternalServerError)
	case refusal != nil:
		field, text := refusalText(t, refusal)
		s.renderPay(w, r, sess, in, []problem{{field, text}}, http.StatusPaymentRequired)
	case next != "":
		http.Redirect(w, r, next, http.StatusSeeOther)
	case sess.Status == sessionComplete:
		http.Redirect(w, r, successURL(&sess), http.StatusSeeOther)
	default:
		s.renderClosed(w, r, &sess)
	}
}

// expiryForm is month and year as shoppers write them: 04/30, 4/2030, 0430, 04-30.
var expiryForm = regexp.MustCompile(`^(\d{1,2})\s*[/\-・]\s*(\d{2}|\d{4})$|^(\d{2})(\d{2})$`)

// check reads what the shopper typed, and says beside which field something is wrong.
func (in typed) check(t catalogue, now time.Time) (chosen testCard, month, year int, problems []problem) {
	number := digits(in.number)
	chosen, known := findCard(func(c testCard) bool { return c.number == number })
	switch {
	case !luhn(number):
		problems = append(problems, problem{"number", t["e_number"]})
	case !known:
		problems = append(problems, problem{"number", t["e_test"]})
	}
	parts := expiryForm.FindStringSubmatch(in.expiry)
	if parts != nil {
		month, _ = strconv.Atoi(parts[1] + parts[3])
		year, _ = strconv.Atoi(parts[2] + parts[4])
		if year < 100 {
			year += 2000
		}
	}
	switch {
	case parts == nil || month < 1 || month > 12:
		problems = append(problems, problem{"expiry", t["e_expiry"]})
	case year < now.Year() || year == now.Year() && month < int(now.Month()):
		problems = append(problems, problem{"expiry", t["e_past"]})
	}
	if cvc := digits(in.cvc); len(cvc) < 3 || len(cvc) > 4 {
		problems = append(problems, problem{"cvc", t["e_cvc"]})
	}
	if in.name == "" {
		problems = append(problems, problem{"name", t["e_name"]})
	}
	return chosen, month, year, problems
}

// refusalText says a decline to the shopper. Lost, stolen and suspected cards read like any refusal: whoever holds
// such a card must not learn it. Source: https://docs.stripe.com/declines/codes
func refusalText(t catalogue, refusal *apiError) (field, text string) {
	field = "number"
	switch refusal.Code {
	case "incorrect_cvc":
		field = "cvc"
	case "expired_card":
		field = "expiry"
	}
	if text = t["d_"+refusal.DeclineCode]; text == "" {
		text = t["d_"+refusal.Code]
	}
	if text == "" {
		text = t["d_card_declined"]
	}
	return field, text
}

func successURL(sess *session) string {
	return strings.ReplaceAll(string(sess.SuccessURL), stripe.SessionIDPlaceholder, sess.ID)
}

// render writes a page. Its policy lets nothing run, and lets the form lead only back here and to where the shop
// asked to be returned to, since browsers also hold redirects after a POST to form-action.
func (s *Server) render(w http.ResponseWriter, name string, status int, targets []string, page any) {
	var body bytes.Buffer
	if err := pages.ExecuteTemplate(&body, name, page); err != nil {
		http.Error(w, "500", http.StatusInternalServerError)
		return
	}
	policy := "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
	for _, target := range targets {
		if address, err := url.Parse(strings.ReplaceAll(target, stripe.SessionIDPlaceholder, "id")); err == nil && address.Host != "" {
			policy += " " + address.Scheme + "://" + address.Host
		}
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", policy)
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w)
}

func serveStatic(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("file") != "page.css" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=3600")
	http.ServeFileFS(w, r, pageFiles, "page/page.css")
}
