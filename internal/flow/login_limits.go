package flow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// mayTry asks to wait where too many tries failed. For a login it counts the try
// as failed beforehand, since a hundred sent at once would otherwise all pass
// before the first is known to be wrong; a login that succeeds clears it.
func (f *Flow) mayTry(ctx context.Context, a attempt) error {
	limits := map[string]int{a.address(): freeAddress}
	if a.account != "" {
		limits[a.pair()] = freePair
	}
	var longest time.Duration
	err := f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		longest = 0
		for subject, free := range limits {
			count, last, err := db.Failures(ctx, tx, a.storeID, subject)
			if err != nil {
				return err
			}
			if d := delay(count, free); d > 0 {
				longest = max(longest, last.Add(d).Sub(a.wall))
			}
		}
		if longest > 0 || a.account == "" {
			return nil
		}
		return db.RecordFailure(ctx, tx, a.storeID, a.pair(), a.wall, loginMemory)
	})
	if err == nil && longest > 0 {
		e := fault.New(fault.TooMany, "fault.too_many")
		e.Args = map[string]any{"Seconds": int((longest + time.Second - 1) / time.Second)}
		return e
	}
	return err
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
