package stripesim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The kinds of fault and the moment they strike.
const (
	fault500   = "500"
	faultHang  = "hang"
	faultReset = "reset"
	fault429   = "429"
	fault409   = "409"
	faultSlow  = "slow"

	before = "before"
	after  = "after"
)

// fault is an order to misbehave, given over POST /_sim/faults.
type fault struct {
	ID string `json:"id"`
	// Endpoint is a method and a path with * for one segment, such as "POST /v1/payment_intents/*/confirm"; without
	// a method any fits, and empty is every endpoint.
	Endpoint string `json:"endpoint"`
	// When is "before" (the default) or "after" the effect. 429 and 409 are refusals, so always before.
	When string `json:"when"`
	// Kind is 500, hang (no answer for DelayMS), reset (the connection breaks), 429, 409 or slow (DelayMS later).
	Kind string `json:"kind"`
	// Count is how many requests it strikes; zero is all of them until it is deleted.
	Count int `json:"count"`
	// Probability strikes only some of the fitting requests; zero is every one.
	Probability float64 `json:"probability"`
	// Customer and PaymentMethod narrow it to one customer or card.
	Customer      string `json:"customer"`
	PaymentMethod string `json:"payment_method"`
	// DelayMS is how long hang (60,000 by default) and slow (2,000) take.
	DelayMS int `json:"delay_ms"`
	// Hits counts the requests it struck.
	Hits int `json:"hits"`
}

func (f *fault) refuses() bool { return f.Kind == fault429 || f.Kind == fault409 }
func (f *fault) slow() bool    { return f.Kind == faultSlow }

func (f *fault) refusal() *apiError {
	if f.Kind == fault429 {
		return errRateLimited
	}
	return errLocked
}

func (f *fault) delay() time.Duration { return time.Duration(f.DelayMS) * time.Millisecond }

// complete fills in the defaults and refuses what makes no sense.
func (f *fault) complete() error {
	setDefault(&f.When, before)
	if f.When != before && f.When != after {
		return fmt.Errorf("when must be before or after, not %q", f.When)
	}
	if !slices.Contains([]string{fault500, faultHang, faultReset, fault429, fault409, faultSlow}, f.Kind) {
		return fmt.Errorf("kind must be 500, hang, reset, 429, 409 or slow, not %q", f.Kind)
	}
	if f.Count < 0 || f.DelayMS < 0 || f.Probability < 0 || f.Probability > 1 {
		return fmt.Errorf("count, delay_ms and probability must not be negative, and probability at most 1")
	}
	if _, err := path.Match(f.Endpoint, ""); err != nil {
		return fmt.Errorf("endpoint %q is no pattern: %w", f.Endpoint, err)
	}
	if f.DelayMS == 0 {
		f.DelayMS = 2_000
		if f.Kind == faultHang {
			f.DelayMS = 60_000
		}
	}
	return nil
}

func (f *fault) fits(endpoint string) bool {
	if f.Endpoint == "" {
		return true
	}
	if !strings.Contains(f.Endpoint, " ") {
		_, endpoint, _ = strings.Cut(endpoint, " ")
	}
	ok, _ := path.Match(f.Endpoint, strings.ReplaceAll(endpoint, "{id}", "x"))
	return ok
}

// faultList holds the faults in force. Its dice are its own and seeded, so that a run can be repeated.
type faultList struct {
	mu     sync.Mutex
	faults []*fault
	made   int
	dice   uint64
}

func newFaultList(seed uint64) *faultList { return &faultList{dice: seed} }

// pick returns the first fault that strikes a request, or nil. subjects is asked only if a fault wants to know.
func (l *faultList) pick(endpoint string, subjects func() (customer, method string)) *fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, f := range l.faults {
		if !f.fits(endpoint) {
			continue
		}
		if f.Customer != "" || f.PaymentMethod != "" {
			customer, method := subjects()
			if f.Customer != "" && f.Customer != customer || f.PaymentMethod != "" && f.PaymentMethod != method {
				continue
			}
		}
		if f.Probability > 0 && l.roll() >= f.Probability {
			continue
		}
		f.Hits++
		struck := *f
		if f.Count > 0 && f.Hits >= f.Count {
			l.faults = slices.Delete(l.faults, i, i+1)
		}
		return &struck
	}
	return nil
}

// roll is splitmix64 scaled to [0, 1).
func (l *faultList) roll() float64 {
	l.dice += 0x9e3779b97f4a7c15
	z := l.dice
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) / (1 << 53)
}

// subjects says whose customer and card a request is about.
func (s *Server) subjects(pattern string, r *request) (customer, method string) {
	customer, method = r.params["customer"], r.params["payment_method"]
	if !strings.Contains(pattern, "/payment_intents/{id}") {
		return customer, method
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if intent := s.state.intents[r.id]; intent != nil {
		setDefault(&customer, intent.Customer.id)
		setDefault(&method, intent.PaymentMethod.id)
	}
	return customer, method
}

func (s *Server) addFault(w http.ResponseWriter, r *http.Request) {
	var f fault
	if err := readControl(r, &f); err != nil {
		refuseControl(w, err)
		return
	}
	if err := f.complete(); err != nil {
		refuseControl(w, err)
		return
	}
	l := s.faults
	l.mu.Lock()
	l.made++
	f.ID = "fault_" + strconv.Itoa(l.made)
	f.Hits = 0
	kept := f
	l.faults = append(l.faults, &kept)
	l.mu.Unlock()
	writeControl(w, f)
}

func (s *Server) showFaults(w http.ResponseWriter, _ *http.Request) {
	l := s.faults
	l.mu.Lock()
	inForce := make([]fault, 0, len(l.faults))
	for _, f := range l.faults {
		inForce = append(inForce, *f)
	}
	l.mu.Unlock()
	writeControl(w, inForce)
}

// clearFaults ends one fault, or all of them.
func (s *Server) clearFaults(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	l := s.faults
	l.mu.Lock()
	l.faults = slices.DeleteFunc(l.faults, func(f *fault) bool { return id == "" || f.ID == id })
	l.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// maxControl bounds a control request; registering a whole customer base is the largest.
const maxControl = 64 << 20

func readControl(r *http.Request, into any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxControl))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func writeControl(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(answer)
}

func refuseControl(w http.ResponseWriter, err error) {
	http.Error(w, err.Error(), http.StatusBadRequest)
}
