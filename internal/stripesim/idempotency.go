package stripesim

import (
	"encoding/json"
	"time"
)

// answer is what an idempotency key remembers.
type answer struct {
	Key    string          `json:"key"`
	Hash   []byte          `json:"hash"`
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
	At     int64           `json:"at"`
	// running: the first call is still under way, so there is nothing to replay.
	running bool
	// stored is where in the state file the answer stands, Body included.
	stored place
}

// leaveBody drops the body once it stands in the state file: a day's answers would fill the memory, and hardly any
// is ever replayed.
func (a *answer) leaveBody(at place) {
	a.stored = at
	a.Body = nil
}

// beginIdempotent claims a key for a call, or returns the answer that it remembers.
func (s *Server) beginIdempotent(key string, hash [32]byte) (*answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.forget(s.opts.Wall().Add(-s.opts.IdempotencyTTL))
	known := s.state.answers[key]
	switch {
	case known == nil:
		s.state.answers[key] = &answer{Key: key, Hash: hash[:], running: true}
		return nil, nil
	case known.running:
		return nil, errKeyInUse
	case string(known.Hash) != string(hash[:]):
		return nil, &apiError{
			status: 400, Type: typeIdempotency,
			Message: "Keys for idempotent requests can only be used with the same parameters they were first used with. " +
				"Try using a key other than '" + key + "' if you meant to execute a different request.",
		}
	}
	if known.Body != nil {
		return known, nil
	}
	var replay answer
	if err := s.state.journal.read(known.stored, &replay); err != nil {
		return nil, err
	}
	return &replay, nil
}

// endIdempotent frees a key whose call never ran.
func (s *Server) endIdempotent(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.state.answers[key]; known != nil && known.running {
		delete(s.state.answers, key)
	}
}

// finishIdempotent remembers the answer of a call that ran, and frees the key of one that was refused beforehand.
func (t *txn) finishIdempotent(key string, hash [32]byte, status int, body []byte, keep bool, at time.Time) {
	if !keep {
		delete(t.answers, key)
		return
	}
	a := &answer{Key: key, Hash: hash[:], Status: status, Body: body, At: at.Unix()}
	t.answers[key] = a
	t.answerOrder = append(t.answerOrder, a)
	t.save(a)
}

// forget drops the answers remembered since before the given instant; their keys then run anew.
func (st *state) forget(before time.Time) {
	for len(st.answerOrder) > 0 && st.answerOrder[0].At <= before.Unix() {
		old := st.answerOrder[0]
		if st.answers[old.Key] == old {
			delete(st.answers, old.Key)
		}
		st.answerOrder[0] = nil
		st.answerOrder = st.answerOrder[1:]
	}
}
