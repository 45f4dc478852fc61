// Package stock holds how many pieces of a variant there are and why that
// changed.
package stock

import "github.com/teiki-commerce/teiki/internal/core/ident"

// Cause of a ledger line.
type Cause string

// Why stock changed.
const (
	CauseImport  Cause = "import"
	CauseReserve Cause = "reserve"
	CauseRelease Cause = "release"
	CauseShip    Cause = "ship"
	CauseArrive  Cause = "arrive" // expected stock has come
	CauseCount   Cause = "count"  // staff counted it, or sell it no more
)

// Want is how many pieces of each variant one box needs.
type Want map[ident.ID]int64

// Box is what is to be reserved for one parcel. With Rest it takes those variants
// that can be had in full; else all of its pieces or none.
type Box struct {
	Want Want
	Rest bool
}

// Enough reports whether every box can be had in full.
func Enough(available map[ident.ID]int64, boxes []Box) bool {
	want := Want{}
	for _, box := range boxes {
		for variant, quantity := range box.Want {
			if want[variant] += quantity; want[variant] > available[variant] {
				return false
			}
		}
	}
	return true
}

// Allocate gives stock to boxes in their order (the earliest deadline first) and
// returns what each gets, nil for nothing. What a box does not get is left to
// those after it. available is used up in place.
func Allocate(available map[ident.ID]int64, boxes []Box) []Want {
	given := make([]Want, len(boxes))
	for i, box := range boxes {
		had := Want{}
		for variant, quantity := range box.Want {
			if available[variant] >= quantity {
				had[variant] = quantity
			}
		}
		if len(had) < len(box.Want) && (!box.Rest || len(had) == 0) {
			continue
		}
		for variant, quantity := range had {
			available[variant] -= quantity
		}
		given[i] = had
	}
	return given
}
