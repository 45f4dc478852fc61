package stripesim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	webhookWorkers = 8
	webhookTimeout = 10 * time.Second
	// webhookTries with doubled pauses reach as far as Stripe's three days for a first pause of a few seconds.
	// Source: https://docs.stripe.com/webhooks#retries
	webhookTries = 16
	longestPause = time.Hour
)

// deliverer posts events to the webhook addresses, in the background, with growing pauses after a failure.
type deliverer struct {
	secret    string
	firstWait time.Duration
	wall      func() time.Time
	delivered func(*event)
	client    *http.Client
	done      sync.WaitGroup
	ctx       context.Context // of the posts; ends when the server closes
	cancel    context.CancelFunc

	mu       sync.Mutex
	wake     *sync.Cond
	urls     []string
	queue    []*delivery
	timers   map[*time.Timer]*delivery
	open     map[*event]int // addresses that have not taken the event yet
	paused   bool
	reverse  bool
	copies   int
	closed   bool
	attempts int
	failures int
}

// delivery is one event on its way to one address. A copy is sent to see what a duplicate does and counts for
// nothing.
type delivery struct {
	event *event
	body  []byte
	url   string
	tries int
	copy  bool
}

func newDeliverer(urls []string, secret string, firstWait time.Duration, wall func() time.Time, delivered func(*event)) *deliverer {
	d := &deliverer{
		secret: secret, firstWait: firstWait, wall: wall, delivered: delivered, urls: urls,
		timers: map[*time.Timer]*delivery{}, open: map[*event]int{}, copies: 1,
		client: &http.Client{
			Timeout:       webhookTimeout,
			Transport:     &http.Transport{MaxIdleConnsPerHost: webhookWorkers, IdleConnTimeout: time.Minute},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.wake = sync.NewCond(&d.mu)
	for range webhookWorkers {
		d.done.Add(1)
		go d.work()
	}
	return d
}

func (d *deliverer) listeners() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.urls)
}

func (d *deliverer) setURLs(urls []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.urls = slices.Clone(urls)
}

// enqueue sends an event to every address. It never blocks.
func (d *deliverer) enqueue(e *event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.urls) == 0 || d.closed {
		return
	}
	body := encode(e)
	d.open[e] += len(d.urls)
	for _, url := range d.urls {
		for n := range d.copies {
			d.queue = append(d.queue, &delivery{event: e, body: body, url: url, copy: n > 0})
		}
	}
	d.wake.Broadcast()
}

// again sends an event that was sent before.
func (d *deliverer) again(e *event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	body := encode(e)
	for _, url := range d.urls {
		d.queue = append(d.queue, &delivery{event: e, body: body, url: url, copy: true})
	}
	d.wake.Broadcast()
}

func (d *deliverer) work() {
	defer d.done.Done()
	for {
		next := d.next()
		if next == nil {
			return
		}
		d.settle(next, d.post(next))
	}
}

// next waits for a delivery; nil means that the server is closing.
func (d *deliverer) next() *delivery {
	d.mu.Lock()
	defer d.mu.Unlock()
	for !d.closed && (d.paused || len(d.queue) == 0) {
		d.wake.Wait()
	}
	if d.closed {
		return nil
	}
	next := d.queue[0]
	if last := len(d.queue) - 1; d.reverse {
		next, d.queue = d.queue[last], d.queue[:last]
	} else {
		d.queue[0] = nil
		d.queue = d.queue[1:]
	}
	d.attempts++
	return next
}

// post sends one delivery and says whether it was taken, that is, answered with 2xx.
func (d *deliverer) post(next *delivery) bool {
	req, err := http.NewRequestWithContext(d.ctx, http.MethodPost, next.url, bytes.NewReader(next.body))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Stripe/1.0 (teiki simulator)")
	req.Header.Set("Stripe-Signature", sign(next.body, d.secret, d.wall()))
	resp, err := d.client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	return resp.StatusCode >= 200 && resp.StatusCode < 300
}

// settle notes how a delivery went. An event is settled when every address has taken it or was given up.
func (d *deliverer) settle(sent *delivery, taken bool) {
	if sent.copy {
		return
	}
	d.mu.Lock()
	if !taken {
		d.failures++
	}
	settled := false
	if taken || !d.retry(sent) && !d.closed {
		d.open[sent.event]--
		if settled = d.open[sent.event] == 0; settled {
			delete(d.open, sent.event)
		}
	}
	d.mu.Unlock()
	if settled {
		d.delivered(sent.event)
	}
}

// retry puts a delivery back after a pause that doubles with each try, and says false once it was tried often
// enough. d.mu is held.
func (d *deliverer) retry(sent *delivery) bool {
	if sent.tries++; sent.tries >= webhookTries || d.closed {
		return false
	}
	pause := min(d.firstWait<<(sent.tries-1), longestPause)
	var timer *time.Timer
	timer = time.AfterFunc(pause, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if _, waiting := d.timers[timer]; waiting {
			delete(d.timers, timer)
			d.queue = append(d.queue, sent)
			d.wake.Broadcast()
		}
	})
	d.timers[timer] = sent
	return true
}

// hurry sends everything that waits for its next try now.
func (d *deliverer) hurry() {
	for timer, sent := range d.timers {
		timer.Stop()
		delete(d.timers, timer)
		d.queue = append(d.queue, sent)
	}
}

func (d *deliverer) close() {
	d.mu.Lock()
	d.closed = true
	for timer := range d.timers {
		timer.Stop()
	}
	d.wake.Broadcast()
	d.mu.Unlock()
	d.cancel()
	d.done.Wait()
	d.client.CloseIdleConnections()
}

// sign makes a Stripe-Signature header. Source: https://docs.stripe.com/webhooks#verify-manually
func sign(body []byte, secret string, at time.Time) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// webhookStatus is what GET /_sim/webhooks shows.
type webhookStatus struct {
	URLs      []string `json:"urls"`
	Paused    bool     `json:"paused"`
	Order     string   `json:"order"`
	Copies    int      `json:"copies"`
	Queued    int      `json:"queued"`
	Retrying  int      `json:"retrying"`
	Attempts  int      `json:"attempts"`
	Failures  int      `json:"failures"`
	Unsettled int      `json:"unsettled"` // events that not every address has taken
}

func (s *Server) showWebhooks(w http.ResponseWriter, _ *http.Request) {
	writeControl(w, s.hooks.status())
}

func (d *deliverer) status() webhookStatus {
	d.mu.Lock()
	defer d.mu.Unlock()
	order := "sent"
	if d.reverse {
		order = "reverse"
	}
	return webhookStatus{
		URLs: slices.Clone(d.urls), Paused: d.paused, Order: order, Copies: d.copies, Queued: len(d.queue),
		Retrying: len(d.timers), Attempts: d.attempts, Failures: d.failures, Unsettled: len(d.open),
	}
}

// webhookOrder is what POST /_sim/webhooks takes.
type webhookOrder struct {
	// Action is pause, resume, replay (send the fitting events again), retry (try failed deliveries now),
	// duplicate (send every coming event Copies times), reorder (newest first when On) or endpoints (set URLs).
	Action string   `json:"action"`
	Event  string   `json:"event"`
	Type   string   `json:"type"`
	Copies int      `json:"copies"`
	On     bool     `json:"on"`
	URLs   []string `json:"urls"`
}

func (s *Server) controlWebhooks(w http.ResponseWriter, r *http.Request) {
	var order webhookOrder
	if err := readControl(r, &order); err != nil {
		refuseControl(w, err)
		return
	}
	d := s.hooks
	if order.Action == "replay" {
		for _, e := range s.eventsLike(order.Event, order.Type) {
			d.again(e)
		}
		writeControl(w, d.status())
		return
	}
	if err := d.control(order); err != nil {
		refuseControl(w, err)
		return
	}
	writeControl(w, d.status())
}

func (d *deliverer) control(order webhookOrder) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch order.Action {
	case "pause":
		d.paused = true
	case "resume":
		d.paused = false
	case "retry":
		d.hurry()
	case "duplicate":
		d.copies = max(1, order.Copies)
	case "reorder":
		d.reverse = order.On
	case "endpoints":
		d.urls = order.URLs
	default:
		return fmt.Errorf("action %q is not one of pause, resume, replay, retry, duplicate, reorder, endpoints", order.Action)
	}
	d.wake.Broadcast()
	return nil
}

// eventsLike finds the remembered events of an id or a type, oldest first; both empty is all of them.
func (s *Server) eventsLike(id, typ string) []*event {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []*event
	for _, e := range s.state.eventOrder {
		if (id == "" || e.ID == id) && (typ == "" || e.Type == typ) {
			// A copy, since the original's pending count changes while this one is being read.
			c := *e
			found = append(found, &c)
		}
	}
	return found
}

func (s *Server) listEvents(w http.ResponseWriter, r *http.Request) {
	found := s.eventsLike(r.URL.Query().Get("id"), r.URL.Query().Get("type"))
	slices.Reverse(found)
	if found == nil {
		found = []*event{}
	}
	writeControl(w, map[string]any{"events": found})
}

func (s *Server) getEvent(t *txn, r *request) (any, error) {
	e := t.eventsByID[r.id]
	if e == nil {
		return nil, missing("event", r.id)
	}
	return e, nil
}
