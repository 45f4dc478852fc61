package db

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/payment"
)

type attemptRow struct {
	bun.BaseModel `bun:"table:attempts"`
	StoreID       int64
	ID            uid
	PaymentID     uid
	No            int
	Step          string
	Key           string
	Params        document[payment.Params]
	State         string
	IntentID      optional
	Code          string
	Decline       string
	Advice        string
	RequestID     string
	StartedAt     instant
	EndedAt       instant
}

const attemptColumns = `id, payment_id, no, step, key, params, state, intent_id, code, decline, advice,
	request_id, started_at, ended_at`

// InsertAttempts writes attempts. They must be committed before their calls are
// made: a crash then leaves a trace of every call that may have had an effect.
func InsertAttempts(ctx context.Context, tx Tx, storeID int64, list []payment.Attempt, requestID string) error {
	rows := make([]attemptRow, len(list))
	for i, a := range list {
		rows[i] = attemptRow{
			StoreID: storeID, ID: uid(a.ID), PaymentID: uid(a.PaymentID), No: a.No, Step: string(a.Step),
			Key: a.Key, Params: doc(a.Params), State: string(a.State), IntentID: optional(a.IntentID),
			Code: a.Code, Decline: a.Decline, Advice: a.Advice, RequestID: requestID,
			StartedAt: at(a.StartedAt), EndedAt: at(a.EndedAt),
		}
	}
	return insert(ctx, tx, rows)
}

// LastAttempts reads the newest attempt of each payment.
func LastAttempts(ctx context.Context, c Conn, storeID int64, paymentIDs []ident.ID) (map[ident.ID]payment.Attempt, error) {
	last := map[ident.ID]payment.Attempt{}
	if len(paymentIDs) == 0 {
		return last, nil
	}
	list, err := attempts(ctx, c, `SELECT `+attemptColumns+` FROM attempts AS a WHERE store_id = ? AND payment_id IN (?)
		AND no = (SELECT max(no) FROM attempts AS b WHERE b.store_id = a.store_id AND b.payment_id = a.payment_id)`,
		storeID, in(uids(paymentIDs)))
	for _, a := range list {
		last[a.PaymentID] = a
	}
	return last, err
}

// AttemptsOf reads all attempts of payments, the oldest first.
func AttemptsOf(ctx context.Context, c Conn, storeID int64, paymentIDs []ident.ID) ([]payment.Attempt, error) {
	if len(paymentIDs) == 0 {
		return nil, nil
	}
	return attempts(ctx, c, `SELECT `+attemptColumns+` FROM attempts WHERE store_id = ? AND payment_id IN (?)
		ORDER BY started_at, id`, storeID, in(uids(paymentIDs)))
}

func attempts(ctx context.Context, c Conn, query string, args ...any) ([]payment.Attempt, error) {
	rows, err := selectInto[attemptRow](ctx, c, query, args...)
	if err != nil {
		return nil, err
	}
	list := make([]payment.Attempt, len(rows))
	for i, r := range rows {
		list[i] = payment.Attempt{
			ID: ident.ID(r.ID), PaymentID: ident.ID(r.PaymentID), No: r.No, Step: payment.Step(r.Step),
			Key: r.Key, Params: r.Params.V, State: payment.AttemptState(r.State), IntentID: string(r.IntentID),
			Code: r.Code, Decline: r.Decline, Advice: r.Advice,
			StartedAt: r.StartedAt.time(), EndedAt: r.EndedAt.time(),
		}
	}
	return list, nil
}

// UnansweredAttempts tells which attempts of payments have no answer yet. Lock the
// payments first: nobody else records an answer then.
func UnansweredAttempts(ctx context.Context, c Conn, storeID int64, paymentIDs []ident.ID) (map[ident.ID]bool, error) {
	unanswered := map[ident.ID]bool{}
	if len(paymentIDs) == 0 {
		return unanswered, nil
	}
	rows, err := selectInto[refRow](ctx, c, `SELECT id FROM attempts WHERE store_id = ? AND payment_id IN (?)
		AND state IN ('open', 'unknown')`, storeID, in(uids(paymentIDs)))
	if err != nil {
		return nil, fmt.Errorf("read unanswered attempts: %w", err)
	}
	for _, r := range rows {
		unanswered[ident.ID(r.ID)] = true
	}
	return unanswered, nil
}

// CloseAttempts records answers. An attempt that already has its answer keeps
// it: whoever asked first or last, the gateway's word was the same.
func CloseAttempts(ctx context.Context, tx Tx, storeID int64, list []payment.Attempt) error {
	var v tuples
	for _, a := range list {
		v.add(uid(a.ID), string(a.State), optional(a.IntentID), a.Code, a.Decline, a.Advice, at(a.EndedAt))
	}
	_, err := v.update(ctx, tx, "id, state, intent_id, code, decline, advice, ended_at", `UPDATE attempts AS a
		SET state = v.state, intent_id = v.intent_id, code = v.code, decline = v.decline, advice = v.advice,
			ended_at = v.ended_at
		FROM v WHERE a.store_id = ? AND a.id = v.id AND a.state IN ('open', 'unknown')`, storeID)
	if err != nil {
		return fmt.Errorf("close attempts: %w", err)
	}
	return nil
}
