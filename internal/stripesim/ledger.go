package stripesim

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// shownRows is how many charges and refunds the page for people lists.
const shownRows = 200

// ledger is the money that really moved here: what tests compare a shop's orders with.
type ledger struct {
	Charges []ledgerCharge `json:"charges"`
	Refunds []ledgerRefund `json:"refunds"`
	// Sums are by currency, in Stripe's units.
	Sums   map[string]ledgerSum `json:"sums"`
	Counts ledgerCounts         `json:"counts"`
}

// ledgerCharge is one try to charge. Keys are the idempotency keys of the calls that touched its intent; Key is the
// one of the call that made this charge.
type ledgerCharge struct {
	ID             string            `json:"id"`
	Intent         string            `json:"intent"`
	Customer       string            `json:"customer"`
	PaymentMethod  string            `json:"payment_method"`
	Amount         int64             `json:"amount"`
	AmountCaptured int64             `json:"amount_captured"`
	AmountRefunded int64             `json:"amount_refunded"`
	Currency       string            `json:"currency"`
	Status         string            `json:"status"` // succeeded or failed
	IntentStatus   string            `json:"intent_status"`
	FailureCode    string            `json:"failure_code,omitempty"`
	Reason         string            `json:"reason,omitempty"`
	Metadata       map[string]string `json:"metadata"`
	Created        int64             `json:"created"`
	Key            string            `json:"key,omitempty"`
	RequestID      string            `json:"request_id,omitempty"` // the caller's own (X-Request-Id)
	Keys           []string          `json:"keys"`
}

type ledgerRefund struct {
	ID       string            `json:"id"`
	Intent   string            `json:"intent"`
	Charge   string            `json:"charge"`
	Amount   int64             `json:"amount"`
	Currency string            `json:"currency"`
	Reason   string            `json:"reason,omitempty"`
	Metadata map[string]string `json:"metadata"`
	Created  int64             `json:"created"`
}

type ledgerSum struct {
	Charged   int64 `json:"charged"` // captured
	Refunded  int64 `json:"refunded"`
	Net       int64 `json:"net"`
	Succeeded int   `json:"succeeded"`
	Failed    int   `json:"failed"`
}

type ledgerCounts struct {
	ChargesSucceeded int            `json:"charges_succeeded"`
	ChargesFailed    int            `json:"charges_failed"`
	Refunds          int            `json:"refunds"`
	Customers        int            `json:"customers"`
	Sessions         int            `json:"sessions"`
	Intents          map[string]int `json:"intents"` // by status
	// IntentsChargedTwice must stay zero: an intent succeeds once.
	IntentsChargedTwice int `json:"intents_charged_twice"`
}

// showLedger answers with JSON, or with a page for format=html. summary=true leaves the rows out, customer= keeps
// one customer's.
func (s *Server) showLedger(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	book := s.readLedger(query.Get("customer"))
	if query.Get("format") == "html" {
		locale := query.Get("lang")
		t := textsFor(locale, r)
		if t["lang"] != "en" {
			t = texts["ja"]
		}
		s.renderLedger(w, t, book)
		return
	}
	if query.Get("summary") == "true" {
		book.Charges, book.Refunds = []ledgerCharge{}, []ledgerRefund{}
	}
	writeControl(w, book)
}

func (s *Server) readLedger(customer string) ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.state
	book := ledger{
		Charges: []ledgerCharge{}, Refunds: []ledgerRefund{}, Sums: map[string]ledgerSum{},
		Counts: ledgerCounts{Customers: len(st.customers), Sessions: len(st.sessions), Intents: map[string]int{}},
	}
	succeeded := map[string]int{}
	for _, c := range st.chargeOrder {
		if customer != "" && c.Customer.id != customer {
			continue
		}
		row := ledgerCharge{
			ID: c.ID, Intent: c.PaymentIntent.id, Customer: c.Customer.id, PaymentMethod: string(c.PaymentMethod),
			Amount: c.Amount, AmountCaptured: c.AmountCaptured, AmountRefunded: c.AmountRefunded, Currency: c.Currency,
			Status: c.Status, FailureCode: string(c.FailureCode), Reason: string(c.Outcome.Reason),
			Metadata: c.Metadata, Created: c.Created, Key: c.sim.Key, RequestID: c.sim.Trace, Keys: []string{},
		}
		if intent := st.intents[c.PaymentIntent.id]; intent != nil {
			row.IntentStatus = intent.Status
			row.Keys = append(row.Keys, intent.sim.Keys...)
		}
		sum := book.Sums[c.Currency]
		if c.Status == "succeeded" {
			sum.Succeeded++
			book.Counts.ChargesSucceeded++
			if succeeded[row.Intent]++; succeeded[row.Intent] == 2 {
				book.Counts.IntentsChargedTwice++
			}
		} else {
			sum.Failed++
			book.Counts.ChargesFailed++
		}
		sum.Charged += c.AmountCaptured
		sum.Refunded += c.AmountRefunded
		sum.Net = sum.Charged - sum.Refunded
		book.Sums[c.Currency] = sum
		book.Charges = append(book.Charges, row)
	}
	for _, b := range st.refundOrder {
		if made := st.charges[b.Charge.id]; customer != "" && (made == nil || made.Customer.id != customer) {
			continue
		}
		book.Refunds = append(book.Refunds, ledgerRefund{
			ID: b.ID, Intent: b.PaymentIntent.id, Charge: b.Charge.id, Amount: b.Amount, Currency: b.Currency,
			Reason: string(b.Reason), Metadata: b.Metadata, Created: b.Created,
		})
	}
	book.Counts.Refunds = len(book.Refunds)
	for _, intent := range st.intentOrder {
		if customer == "" || intent.Customer.id == customer {
			book.Counts.Intents[intent.Status]++
		}
	}
	return book
}

type ledgerPage struct {
	frame
	Note    string
	Sums    []ledgerSumRow
	Charges []ledgerRow
	Refunds []ledgerRow
}

type ledgerSumRow struct {
	Currency, Charged, Refunded, Net string
	Succeeded, Failed                int
}

type ledgerRow struct {
	Time, Status, Class, Amount, Customer, Intent, Reason, Metadata string
}

func (s *Server) renderLedger(w http.ResponseWriter, t catalogue, book ledger) {
	page := ledgerPage{frame: s.frame(t, "ledger_title"), Note: strings.ReplaceAll(t["ledger_note"], "{n}", "200")}
	page.Class = "wide"
	for _, currency := range slices.Sorted(maps.Keys(book.Sums)) {
		sum := book.Sums[currency]
		page.Sums = append(page.Sums, ledgerSumRow{
			Currency: strings.ToUpper(currency), Charged: t.money(sum.Charged, currency),
			Refunded: t.money(sum.Refunded, currency), Net: t.money(sum.Net, currency),
			Succeeded: sum.Succeeded, Failed: sum.Failed,
		})
	}
	for _, c := range slices.Backward(book.Charges) {
		if len(page.Charges) == shownRows {
			break
		}
		word, class := statusOf(c)
		page.Charges = append(page.Charges, ledgerRow{
			Time: clockText(c.Created), Status: t["s_"+word], Class: class, Amount: t.money(c.Amount, c.Currency),
			Customer: c.Customer, Intent: c.Intent, Reason: c.Reason, Metadata: pairs(c.Metadata),
		})
	}
	for _, b := range slices.Backward(book.Refunds) {
		if len(page.Refunds) == shownRows {
			break
		}
		page.Refunds = append(page.Refunds, ledgerRow{
			Time: clockText(b.Created), Amount: t.money(b.Amount, b.Currency), Intent: b.Intent, Reason: b.Reason,
		})
	}
	s.render(w, "ledger.html", http.StatusOK, nil, page)
}

func statusOf(c ledgerCharge) (word, class string) {
	switch {
	case c.Status != "succeeded":
		return "failed", "bad"
	case c.IntentStatus == statusRequiresCapture:
		return "authorised", ""
	case c.IntentStatus == statusCanceled:
		return "canceled", ""
	case c.AmountRefunded > 0 && c.AmountRefunded == c.AmountCaptured:
		return "refunded", ""
	}
	return "succeeded", "good"
}

// clockText is an instant of the business clock in Japanese time, where the demo's shop is.
func clockText(at int64) string {
	return time.Unix(at, 0).In(time.FixedZone("JST", 9*60*60)).Format("2006-01-02 15:04")
}

func pairs(metadata map[string]string) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		all = append(all, key+"="+metadata[key])
	}
	return strings.Join(all, " ")
}
