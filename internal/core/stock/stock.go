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

// Allocate gives stock to boxes in their order (the earliest deadline first): a
// box gets all of its pieces or none, and a box that gets none leaves them to
// those after it. available is used up in place.
func Allocate(available map[ident.ID]int64, boxes []Want) []bool {
	given := make([]bool, len(boxes))
	for i, box := range boxes {
		enough := true
		for variant, quantity := range box {
			if available[variant] < quantity {
				enough = false
				break
			}
		}
		if !enough {
			continue
		}
		for variant, quantity := range box {
			available[variant] -= quantity
		}
		given[i] = true
	}
	return given
}
