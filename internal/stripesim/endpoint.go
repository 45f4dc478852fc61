package stripesim

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/teiki-commerce/teiki/internal/stripe"
)

// maxBody bounds a request; Stripe's own forms are far smaller.
const maxBody = 1 << 20

// handler runs one API call inside a transaction and returns the object to answer with.
type handler func(t *txn, r *request) (any, error)

// request is one API call as the handlers see it.
type request struct {
	params
	id      string // {id} of the path
	key     string // idempotency key
	reqID   string
	trace   string // the caller's own request id
	baseURL string
	now     time.Time
}

// txn collects what one request changes, so that it reaches the journal as one line.
type txn struct {
	*state
	opts  *Options
	now   time.Time
	reqID string
	trace string
	key   string
	// listeners is how many addresses each event goes to.
	listeners int

	dirty   []any    // objects that changed
	changes []change // changes that are no object
	events  []*event
}

// transact runs do under the lock, first letting everything lapse whose time has come, and writes the changes to
// the journal. An error of do does not undo its changes: a declined charge is a change and an error.
func (s *Server) transact(r *request, do func(*txn) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &txn{state: s.state, opts: &s.opts, now: s.opts.Clock().UTC(), listeners: s.hooks.listeners()}
	if r != nil {
		t.reqID, t.trace, t.key = r.reqID, r.trace, r.key
		r.now = t.now
	}
	t.lapse()
	err := do(t)
	if writeErr := t.commit(); writeErr != nil {
		return writeErr
	}
	for _, e := range t.events {
		s.hooks.enqueue(e)
	}
	return err
}

// endpoint wraps an API call in authentication, limits, faults and idempotency, in the order in which Stripe's
// answers show them: a request refused for its key or its rate leaves no idempotent answer behind.
func (s *Server) endpoint(pattern string, handle handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reqID := s.nextRequestID()
		header := w.Header()
		header.Set("Request-Id", reqID)
		header.Set("Stripe-Version", apiVersion)
		header.Set("Content-Type", "application/json")
		if !s.authorized(r) {
			writeError(w, errUnauthorized)
			return
		}
		if refused := s.limits.allow(pattern, s.opts.Wall()); refused != "" {
			header.Set("Stripe-Rate-Limited-Reason", refused)
			header.Set("Retry-After", "1")
			writeError(w, errRateLimited)
			return
		}
		parsed, body, err := readParams(r)
		if err != nil {
			writeError(w, invalid("", "", "The request body could not be read as a form."))
			return
		}
		req := &request{
			params: parsed, id: r.PathValue("id"), key: r.Header.Get("Idempotency-Key"),
			reqID: reqID, trace: r.Header.Get(stripe.RequestIDHeader), baseURL: s.publicURL(r),
		}
		if r.Method != http.MethodPost {
			req.key = ""
		}
		if len(req.key) > 255 {
			writeError(w, invalid("", "", "Idempotency keys may have at most 255 characters."))
			return
		}
		if req.key != "" {
			header.Set("Idempotency-Key", req.key)
		}
		s.serve(w, r, req, pattern, sha256.Sum256([]byte(r.Method+r.URL.Path+"\n"+body)), handle)
	})
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, req *request, pattern string, hash [32]byte, handle handler) {
	if req.key != "" {
		stored, err := s.beginIdempotent(req.key, hash)
		if err != nil {
			writeError(w, err)
			return
		}
		if stored != nil {
			w.Header().Set("Idempotent-Replayed", "true")
			write(w, stored.Status, stored.Body)
			return
		}
	}
	// Faults strike calls that would run; a replayed answer costs nothing and meets none.
	fault := s.faults.pick(pattern, func() (customer, method string) { return s.subjects(pattern, req) })
	// The kinds that refuse a request leave nothing behind, not even its key.
	if fault != nil && fault.refuses() {
		s.endIdempotent(req.key)
		w.Header().Set("Retry-After", "1")
		writeError(w, fault.refusal())
		return
	}
	if fault != nil && fault.When == before {
		if !fault.slow() {
			s.failBefore(w, r, req, fault, hash)
			return
		}
		if !s.wait(r, fault.delay()) {
			s.endIdempotent(req.key)
			return
		}
	}
	status, body := s.run(req, hash, handle, fault)
	if fault != nil && fault.When == after {
		switch fault.Kind {
		case faultHang:
			s.wait(r, fault.delay())
			return
		case faultReset:
			dropConnection(w)
			return
		case faultSlow:
			if !s.wait(r, fault.delay()) {
				return
			}
		}
	}
	write(w, status, body)
}

// run executes the call and remembers its answer under the idempotency key. Only calls that began executing are
// remembered, whatever their status; a 500 after the effect is stored as a 500 like Stripe's.
// Source: https://docs.stripe.com/api/idempotent_requests
func (s *Server) run(req *request, hash [32]byte, handle handler, fault *fault) (int, []byte) {
	status, body := http.StatusOK, []byte(nil)
	err := s.transact(req, func(t *txn) error {
		answer, err := handle(t, req)
		keep := true
		if err != nil {
			status, body, keep = render(err)
		} else if body, err = json.Marshal(answer); err != nil {
			status, body, keep = render(err)
		}
		if fault != nil && fault.When == after && fault.Kind == fault500 {
			status, body, keep = render(errInternal)
		}
		if req.key != "" {
			t.finishIdempotent(req.key, hash, status, body, keep, s.opts.Wall())
		}
		return nil
	})
	if err != nil {
		status, body, _ = render(err)
	}
	return status, body
}

// failBefore plays a fault of which the call's effect never happens.
func (s *Server) failBefore(w http.ResponseWriter, r *http.Request, req *request, f *fault, hash [32]byte) {
	switch f.Kind {
	case fault500:
		status, body := s.run(req, hash, func(*txn, *request) (any, error) { return nil, errInternal }, nil)
		write(w, status, body)
	case faultHang:
		s.wait(r, f.delay())
		s.endIdempotent(req.key)
	default:
		s.endIdempotent(req.key)
		dropConnection(w)
	}
}

// wait pauses for d, and says false if the client or the server went away meanwhile.
func (s *Server) wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-s.closing:
	}
	return false
}

// dropConnection breaks the connection in the middle of the answer's head. Were it dropped before the first byte,
// Go's client would quietly send a request with an idempotency key again, and the fault would go unseen.
func dropConnection(w http.ResponseWriter) {
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = buf.WriteString("HTTP/1.1 200 OK\r\nContent-Le")
	_ = buf.Flush()
	_ = conn.Close()
}

func readParams(r *http.Request) (params, string, error) {
	if r.Method == http.MethodGet {
		p, err := parseParams(r.URL.RawQuery)
		return p, r.URL.RawQuery, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, "", err
	}
	p, err := parseParams(string(body))
	return p, string(body), err
}

func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func writeError(w http.ResponseWriter, err error) {
	status, body, _ := render(err)
	write(w, status, body)
}

func (s *Server) unknownURL(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	writeError(w, &apiError{
		status: http.StatusNotFound, Type: typeInvalid,
		Message: "Unrecognized request URL (" + r.Method + ": " + r.URL.Path + ").",
	})
}

// render turns an error into an answer and says whether an idempotency key remembers it.
func render(err error) (status int, body []byte, keep bool) {
	refusal, ok := errors.AsType[*apiError](err)
	if !ok {
		refusal = errInternal
	}
	body, marshalErr := json.Marshal(struct {
		Error *apiError `json:"error"`
	}{refusal})
	if marshalErr != nil {
		return http.StatusInternalServerError, []byte(`{"error":{"type":"api_error"}}`), false
	}
	return refusal.status, body, refusal.executed
}
