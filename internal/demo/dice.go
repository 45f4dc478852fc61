package demo

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// dice decide what nobody decided. They always fall alike, so that every demo
// begins with the same people doing the same on the same days before today.
// The sequence is splitmix64 (doi.org/10.1145/2714064.2660195).
type dice struct{ state uint64 }

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// below is a number from 0 to n − 1.
func (d *dice) below(n int) int { return int(d.next() >> 1 % uint64(n)) }

// percent is true so many times in a hundred.
func (d *dice) percent(p int) bool { return d.below(100) < p }

// pick is one of a list.
func pick[T any](d *dice, list []T) T { return list[d.below(len(list))] }

// IDs makes version 7 identifiers of the clock that it is given: what happened
// earlier in the shop's past sorts earlier, and all of it before today.
func IDs(now func() time.Time) ident.Generator { return idsOf(now, 7) }

// idsOf makes other identifiers for each seed.
func idsOf(now func() time.Time, seed uint64) ident.Generator {
	var mu sync.Mutex
	d, made := dice{state: seed}, uint32(0)
	return func() ident.ID {
		mu.Lock()
		defer mu.Unlock()
		made++
		var id ident.ID
		binary.BigEndian.PutUint64(id[0:8], uint64(now().UnixMilli())<<16)
		id[6] = 0x70
		binary.BigEndian.PutUint64(id[8:16], d.next())
		binary.BigEndian.PutUint32(id[8:12], 0x80000000|made) // those of one millisecond keep their order
		return id
	}
}
