// Command runner lets a store live through some weeks in seconds: the real engine
// on a business clock that jumps from one due time to the next. It is made to be
// killed at any moment and begun anew. All that it knows is in the database; but
// for the time, which it says before it does anything at it, so that who starts
// it anew can say it back.
package main

import (
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/engine"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/mail"
	"github.com/teiki-commerce/teiki/internal/seal"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// life is one life of the process.
type life struct {
	storeID int64
	flow    *flow.Flow
	engine  *engine.Engine
	zone    *time.Location
	micros  atomic.Int64 // the business time
}

func run(ctx context.Context) (err error) {
	var (
		database = flag.String("database", "", "PostgreSQL URL or SQLite file")
		storeID  = flag.Int64("store", 1, "the store that lives")
		secret   = flag.String("secret", "", "secret of the installation, hexadecimal")
		letters  = flag.String("mails", "", "file that every mail handed over adds its Message-ID to")
		at       = flag.String("at", "", "business time to begin at (RFC 3339)")
		until    = flag.String("until", "", "business time to end at")
		ahead    = flag.Duration("ahead", 0, "how far the machine's clock is put ahead: past the leases of the life before")
	)
	flag.Parse()
	began, err := time.Parse(time.RFC3339Nano, *at)
	if err != nil {
		return fmt.Errorf("read -at: %w", err)
	}
	end, err := time.Parse(time.RFC3339Nano, *until)
	if err != nil {
		return fmt.Errorf("read -until: %w", err)
	}
	key, err := hex.DecodeString(*secret)
	if err != nil || len(key) != seal.SecretSize {
		return fmt.Errorf("-secret is not %d hexadecimal bytes", seal.SecretSize)
	}
	texts, err := i18n.Load()
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, *database)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }() // all is committed, or the error is told already
	l := &life{storeID: *storeID}
	l.flow = &flow.Flow{
		DB: d, Secrets: seal.New(key), Texts: texts,
		Mailer: func(context.Context, flow.Shop) (mail.Sender, error) { return postbox(*letters), nil },
		NewID:  func() ident.ID { return ident.ID(uuid.Must(uuid.NewV7())) },
		Now:    l.now, Wall: func() time.Time { return time.Now().Add(*ahead) },
	}
	l.engine = engine.New(l.flow)
	shop, err := l.flow.Shop(ctx, d, l.storeID)
	if err != nil {
		return err
	}
	l.zone = shop.Location
	l.come(began)
	if err := l.pass(ctx, end); err != nil {
		return err
	}
	fmt.Println("done")
	return nil
}

func (l *life) now() time.Time { return time.UnixMicro(l.micros.Load()).UTC() }

// come moves the clock and says so, before anything happens at the new time.
func (l *life) come(to time.Time) {
	l.micros.Store(to.UnixMicro())
	fmt.Println("at", l.now().Format(time.RFC3339Nano))
}

// arrivalHour is when expected stock is on the shelf on its day.
const arrivalHour = 9 * time.Hour

// pass lives until an instant, with the stock that arrives on the way.
func (l *life) pass(ctx context.Context, end time.Time) error {
	arrivals, err := db.Arrivals(ctx, l.flow.DB, l.storeID, calendar.DateOf(end.In(l.zone)))
	if err != nil {
		return err
	}
	for _, a := range arrivals {
		comes := a.Date.Start(l.zone).Add(arrivalHour)
		if comes.After(end) {
			break
		}
		if err := l.advance(ctx, comes); err != nil {
			return err
		}
		if _, err := l.flow.BookArrivals(ctx, l.storeID, a.Date); err != nil {
			return err
		}
	}
	return l.advance(ctx, end)
}

// advance goes from one due time to the next and lets the engine finish at each.
func (l *life) advance(ctx context.Context, to time.Time) error {
	for {
		if err := l.engine.Drain(ctx); err != nil {
			return fmt.Errorf("work at %s: %w", l.now().Format(time.RFC3339), err)
		}
		next, ok, err := l.engine.NextDue(ctx)
		if err != nil {
			return err
		}
		switch {
		case ok && next.After(l.now()) && !next.After(to):
			l.come(next)
		case l.now().Before(to):
			l.come(to)
		default:
			return nil
		}
	}
}

// postbox is a mail server as far as one can be killed beside it: what it was
// handed stands in its file.
type postbox string

// Send adds the mail's Message-ID to the file, in one write.
func (p postbox) Send(_ context.Context, m mail.Message) error {
	file, err := os.OpenFile(string(p), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return &mail.Error{Class: mail.Temporary, Doing: "open the post box", Err: err}
	}
	if _, err := file.WriteString(m.MessageID + " " + m.To.Mail + "\n"); err != nil {
		_ = file.Close() // the failed write is told
		return &mail.Error{Class: mail.Temporary, Doing: "write to the post box", Err: err}
	}
	return file.Close()
}
