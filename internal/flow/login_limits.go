package flow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/netip"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/db"
)

// Limits of failed logins. The delay is counted for a network address, and for
// an account from that address: an attacker elsewhere never makes the owner of
// the account wait. A failure is forgotten after loginMemory without another.
const (
	freePair    = 5  // failures of one account from one address
	freeAddress = 30 // failures from one address, which may be a whole company's
	maxDelay    = 15 * time.Minute
	loginMemory = time.Hour
)

// attempt is one try at a door: the login of the shop, of the console, or the
// registration, which has no account.
type attempt struct {
	storeID int64
	door    string
	account string // mail address
	remote  string // network address
	wall    time.Time
}

// pair and address are what failures are counted for, hashed: the table needs
// neither mails nor addresses of people.
func (a attempt) pair() string    { return subject(a.door, a.account, network(a.remote)) }
func (a attempt) address() string { return subject(a.door, network(a.remote)) }

func subject(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return parts[0] + ":" + hex.EncodeToString(h.Sum(nil)[:16])
}

// network is the address, or for IPv6 the 64 bits that a provider gives to one
// customer, who may use any address below them.
func network(remote string) string {
	a, err := netip.ParseAddr(remote)
	if err != nil || a.Is4() {
		return remote
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return remote
	}
	return p.String()
}

// errWait rolls a try back that has to wait.
var errWait = errors.New("too many failed logins")

// mayTry asks to wait where too many tries failed. For a login it counts the try
// as failed beforehand, since a hundred sent at once would otherwise all pass
// before the first is known to be wrong; a login that succeeds clears it.
func (f *Flow) mayTry(ctx context.Context, a attempt) error {
	var wait time.Duration
	err := f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		count, last, err := db.Failures(ctx, tx, a.storeID, a.address())
		if err != nil {
			return err
		}
		if wait = a.wait(count, last, freeAddress); a.account == "" {
			return nil
		}
		ofPair, err := reserve(ctx, tx, a)
		if err != nil {
			return err
		}
		if wait = max(wait, ofPair); wait > 0 {
			return errWait
		}
		return nil
	})
	if err != nil && !errors.Is(err, errWait) {
		return err
	}
	if wait <= 0 {
		return nil
	}
	e := fault.New(fault.TooMany, "fault.too_many")
	e.Args = map[string]any{"Seconds": int((wait + time.Second - 1) / time.Second)}
	return e
}

// reserve counts a try for the pair and says how long it has to wait. The write
// holds the row: tries that read the same count before it are told apart by the
// count after it.
func reserve(ctx context.Context, tx db.Tx, a attempt) (time.Duration, error) {
	before, last, err := db.Failures(ctx, tx, a.storeID, a.pair())
	if err != nil {
		return 0, err
	}
	if wait := a.wait(before, last, freePair); wait > 0 {
		return wait, nil
	}
	if err := db.RecordFailure(ctx, tx, a.storeID, a.pair(), a.wall, loginMemory); err != nil {
		return 0, err
	}
	after, _, err := db.Failures(ctx, tx, a.storeID, a.pair())
	if err != nil || after <= before+1 {
		return 0, err
	}
	return delay(after-1, freePair), nil
}

// wait is how long a subject has to wait still after count failures, the last at
// last; zero or less where it need not.
func (a attempt) wait(count int, last time.Time, free int) time.Duration {
	d := delay(count, free)
	if d == 0 {
		return 0
	}
	return last.Add(d).Sub(a.wall)
}

// failed counts a failure for the network address.
func (f *Flow) failed(ctx context.Context, a attempt) error {
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return db.RecordFailure(ctx, tx, a.storeID, a.address(), a.wall, loginMemory)
	})
}

// delay after the last of count failures: none for the free ones, then one
// second, doubled each time.
func delay(count, free int) time.Duration {
	if count < free {
		return 0
	}
	if count-free > 20 {
		return maxDelay
	}
	return min(time.Second<<(count-free), maxDelay)
}
