package stripesim

import (
	"container/heap"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// keptEvents is how many events are remembered; older ones that were delivered are forgotten.
const keptEvents = 10_000

// state is everything the simulator knows. Server.mu guards it.
type state struct {
	seed     string // makes the ids of two simulators differ, so that a fresh one never answers for an old one
	sequence uint64
	journal  journal

	customers    map[string]*customer
	methods      map[string]*paymentMethod
	intents      map[string]*paymentIntent
	setupIntents map[string]*setupIntent
	sessions     map[string]*session
	charges      map[string]*charge
	refunds      map[string]*refund
	eventsByID   map[string]*event
	// The orders of creation, oldest first.
	intentOrder []*paymentIntent
	chargeOrder []*charge
	refundOrder []*refund
	eventOrder  []*event
	// gone are ids that were registered as missing: they stay unknown.
	gone map[string]bool

	answers     map[string]*answer
	answerOrder []*answer

	deadlines deadlines
}

// openState reads the file, if there is one, and starts it anew with only what is still true. Answers remembered
// since before forgetBefore are left out.
func openState(path string, forgetBefore time.Time) (*state, error) {
	st := &state{
		seed:         strings.ToLower(rand.Text()[:6]),
		customers:    map[string]*customer{},
		methods:      map[string]*paymentMethod{},
		intents:      map[string]*paymentIntent{},
		setupIntents: map[string]*setupIntent{},
		sessions:     map[string]*session{},
		charges:      map[string]*charge{},
		refunds:      map[string]*refund{},
		eventsByID:   map[string]*event{},
		gone:         map[string]bool{},
		answers:      map[string]*answer{},
	}
	if path == "" {
		return st, nil
	}
	if err := readJournal(path, st.apply); err != nil {
		return nil, err
	}
	st.rebuild()
	st.forget(forgetBefore)
	var err error
	st.journal, err = rewrite(path, st.sequence, st.snapshot())
	if err != nil {
		return nil, err
	}
	return st, nil
}

// apply takes one journal line in; a later line about an object replaces an earlier one.
func (st *state) apply(e entry) error {
	st.sequence = max(st.sequence, e.Sequence)
	for _, c := range e.Changes {
		if err := st.applyChange(c); err != nil {
			return fmt.Errorf("%s: %w", c.Kind, err)
		}
	}
	return nil
}

func (st *state) applyChange(c change) error {
	switch c.Kind {
	case "seed":
		return json.Unmarshal(c.Object, &st.seed)
	case "gone":
		var id string
		err := json.Unmarshal(c.Object, &id)
		st.gone[id] = true
		delete(st.customers, id)
		delete(st.methods, id)
		return err
	case "delivered":
		var id string
		err := json.Unmarshal(c.Object, &id)
		if e := st.eventsByID[id]; e != nil {
			e.sim.Delivered = true
			e.PendingWebhooks = 0
		}
		return err
	case "customer":
		_, err := restore(st.customers, c, func(o *customer) (string, any) { return o.ID, nil })
		return err
	case "payment_method":
		_, err := restore(st.methods, c, func(o *paymentMethod) (string, any) { return o.ID, &o.sim })
		return err
	case "setup_intent":
		_, err := restore(st.setupIntents, c, func(o *setupIntent) (string, any) { return o.ID, &o.sim })
		return err
	case "checkout.session":
		_, err := restore(st.sessions, c, func(o *session) (string, any) { return o.ID, &o.sim })
		return err
	case "payment_intent":
		isNew, err := restore(st.intents, c, func(o *paymentIntent) (string, any) { return o.ID, &o.sim })
		if isNew != nil {
			st.intentOrder = append(st.intentOrder, isNew)
		}
		return err
	case "charge":
		isNew, err := restore(st.charges, c, func(o *charge) (string, any) { return o.ID, &o.sim })
		if isNew != nil {
			st.chargeOrder = append(st.chargeOrder, isNew)
		}
		return err
	case "refund":
		isNew, err := restore(st.refunds, c, func(o *refund) (string, any) { return o.ID, nil })
		if isNew != nil {
			st.refundOrder = append(st.refundOrder, isNew)
		}
		return err
	case "event":
		isNew, err := restore(st.eventsByID, c, func(o *event) (string, any) { return o.ID, &o.sim })
		if isNew != nil {
			st.eventOrder = append(st.eventOrder, isNew)
		}
		return err
	case "answer":
		isNew, err := restore(st.answers, c, func(o *answer) (string, any) { return o.Key, nil })
		if isNew != nil {
			st.answerOrder = append(st.answerOrder, isNew)
		}
		return err
	}
	return fmt.Errorf("unknown kind in the state file")
}

// restore decodes a change into its map. An object that is there already is overwritten in place, so that what
// points at it stays right; a new one is returned.
func restore[T any](into map[string]*T, c change, identify func(*T) (string, any)) (isNew *T, err error) {
	object := new(T)
	if err := json.Unmarshal(c.Object, object); err != nil {
		return nil, err
	}
	id, sim := identify(object)
	if len(c.Sim) > 0 && sim != nil {
		if err := json.Unmarshal(c.Sim, sim); err != nil {
			return nil, err
		}
	}
	if old, ok := into[id]; ok {
		*old = *object
		return nil, nil
	}
	into[id] = object
	return object, nil
}

// rebuild derives what the file does not hold.
func (st *state) rebuild() {
	for _, intent := range st.intentOrder {
		if owner := st.customers[intent.Customer.id]; owner != nil {
			owner.intents = append(owner.intents, intent)
		}
		if charge := st.charges[intent.LatestCharge.id]; charge != nil && intent.Status == statusRequiresCapture {
			st.remind(charge.PaymentMethodDetails.Card.CaptureBefore, intent.ID)
		}
	}
	for _, session := range st.sessions {
		if session.Status == sessionOpen {
			st.remind(session.ExpiresAt, session.ID)
		}
	}
}

// snapshot is the whole state as changes.
func (st *state) snapshot() []change {
	changes := []change{{Kind: "seed", Object: encode(st.seed)}}
	for id := range st.gone {
		changes = append(changes, change{Kind: "gone", Object: encode(id)})
	}
	for _, o := range st.customers {
		changes = append(changes, changeOf(o))
	}
	for _, o := range st.methods {
		changes = append(changes, changeOf(o))
	}
	for _, o := range st.setupIntents {
		changes = append(changes, changeOf(o))
	}
	for _, o := range st.sessions {
		changes = append(changes, changeOf(o))
	}
	for _, o := range st.intentOrder {
		changes = append(changes, changeOf(o))
	}
	for _, o := range st.chargeOrder {
		changes = append(changes, changeOf(o))
	}
	for _, o := range st.refundOrder {
		changes = append(changes, changeOf(o))
	}
	for _, o := range st.eventOrder {
		changes = append(changes, changeOf(o))
	}
	for _, o := range st.answerOrder {
		changes = append(changes, changeOf(o))
	}
	return changes
}

func changeOf(object any) change {
	c := change{Object: encode(object)}
	switch o := object.(type) {
	case *customer:
		c.Kind = "customer"
	case *paymentMethod:
		c.Kind, c.Sim = "payment_method", encode(o.sim)
	case *setupIntent:
		c.Kind, c.Sim = "setup_intent", encode(o.sim)
	case *session:
		c.Kind, c.Sim = "checkout.session", encode(o.sim)
	case *paymentIntent:
		c.Kind, c.Sim = "payment_intent", encode(o.sim)
	case *charge:
		c.Kind, c.Sim = "charge", encode(o.sim)
	case *refund:
		c.Kind = "refund"
	case *event:
		c.Kind, c.Sim = "event", encode(o.sim)
	case *answer:
		c.Kind, c.written = "answer", o.leaveBody
	default:
		panic(fmt.Sprintf("stripesim: %T is not kept", object))
	}
	return c
}

// newID makes an id with Stripe's prefix of its kind. Ids of one simulator sort by creation.
func (st *state) newID(prefix string) string {
	st.sequence++
	number := strconv.FormatUint(st.sequence, 36)
	return prefix + "_" + st.seed + strings.Repeat("0", max(0, 10-len(number))) + number
}

// undelivered are the events whose webhooks a former process did not get through.
func (st *state) undelivered() []*event {
	var waiting []*event
	for _, e := range st.eventOrder {
		if !e.sim.Delivered {
			waiting = append(waiting, e)
		}
	}
	return waiting
}

// deadline is an instant (Unix seconds) at which a session or an authorisation lapses.
type deadline struct {
	at int64
	id string
}

type deadlines []deadline

func (d deadlines) Len() int           { return len(d) }
func (d deadlines) Less(i, j int) bool { return d[i].at < d[j].at }
func (d deadlines) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *deadlines) Push(x any)        { *d = append(*d, x.(deadline)) }
func (d *deadlines) Pop() any {
	last := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return last
}

func (st *state) remind(at int64, id string) { heap.Push(&st.deadlines, deadline{at, id}) }

// lapse ends every session and authorisation whose time has come.
func (t *txn) lapse() {
	for len(t.deadlines) > 0 && t.deadlines[0].at <= t.now.Unix() {
		id := heap.Pop(&t.deadlines).(deadline).id
		if session := t.sessions[id]; session != nil && session.Status == sessionOpen {
			t.expire(session)
		}
		if intent := t.intents[id]; intent != nil && intent.Status == statusRequiresCapture {
			t.cancel(intent, "automatic")
		}
	}
}

// save notes that an object changed; it is encoded when the request ends, once, however often it was saved.
func (t *txn) save(object any) {
	for _, noted := range t.dirty {
		if noted == object {
			return
		}
	}
	t.dirty = append(t.dirty, object)
}

// commit writes what the request changed to the journal.
func (t *txn) commit() error {
	if len(t.dirty) == 0 && len(t.changes) == 0 || t.journal.file == nil {
		return nil
	}
	changes := t.changes
	for _, object := range t.dirty {
		changes = append(changes, changeOf(object))
	}
	return t.journal.write(t.sequence, changes)
}

// emit records an event with the object as it is now and queues its webhooks.
// Source: https://docs.stripe.com/api/events
func (t *txn) emit(typ string, object any) {
	e := &event{
		ID: t.newID("evt"), Object: "event", APIVersion: apiVersion, Created: t.now.Unix(),
		Data: eventData{encode(object)}, Type: typ, PendingWebhooks: t.listeners,
		Request: eventRequest{text(t.reqID), text(t.key)},
		sim:     eventSim{Delivered: t.listeners == 0},
	}
	t.eventsByID[e.ID] = e
	t.eventOrder = append(t.eventOrder, e)
	for len(t.eventOrder) > keptEvents && t.eventOrder[0].sim.Delivered {
		delete(t.eventsByID, t.eventOrder[0].ID)
		t.eventOrder = t.eventOrder[1:]
	}
	t.save(e)
	t.events = append(t.events, e)
}

// eventDelivered notes that nobody waits for the event any more: every address took it, or was given up.
func (s *Server) eventDelivered(e *event) {
	_ = s.transact(nil, func(t *txn) error {
		e.sim.Delivered = true
		e.PendingWebhooks = 0
		t.changes = append(t.changes, change{Kind: "delivered", Object: encode(e.ID)})
		return nil
	})
}

func (s *Server) nextRequestID() string {
	return "req_" + s.state.seed + strconv.FormatUint(s.requests.Add(1), 36)
}
