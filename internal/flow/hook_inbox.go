package flow

import (
	"context"
	"sync"

	"github.com/teiki-commerce/teiki/internal/db"
)

// hookInbox stores messages of the gateway that arrive at the same time in one
// transaction: while one is being committed the next ones gather. Each sender
// hears that its message was taken only when it is on disk.
type hookInbox struct {
	mu      sync.Mutex
	writing bool
	waiting *hookBatch
}

// hookBatch are the messages of one transaction.
type hookBatch struct {
	events []db.WebhookEvent
	done   chan struct{} // closed when err is final
	err    error
}

// store returns when the message is committed, or why it could not be.
func (b *hookInbox) store(ctx context.Context, f *Flow, e db.WebhookEvent) error {
	b.mu.Lock()
	if b.waiting == nil {
		b.waiting = &hookBatch{done: make(chan struct{})}
	}
	mine := b.waiting
	mine.events = append(mine.events, e)
	leads := !b.writing
	b.writing = true
	b.mu.Unlock()
	if leads {
		go b.lead(context.WithoutCancel(ctx), f) // others' messages must not wait for this request, nor end with it
	}
	select {
	case <-mine.done:
		return mine.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lead writes what waits until nothing does.
func (b *hookInbox) lead(ctx context.Context, f *Flow) {
	for {
		b.mu.Lock()
		batch := b.waiting
		b.waiting = nil
		b.writing = batch != nil
		b.mu.Unlock()
		if batch == nil {
			return
		}
		batch.err = f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			return db.ReceiveWebhooks(ctx, tx, batch.events, f.Now())
		})
		close(batch.done)
	}
}
