package alert

import (
	"slices"
	"testing"
)

func TestEveryAlertHasAWayOutAndTheFirstSolvesIt(t *testing.T) {
	for _, k := range []Kind{
		KindPaymentFailed, KindAuthentication, KindPaymentUnclear, KindPaymentRefused, KindStockOut, KindProductEnded, KindNoCard,
		KindCardFailed, KindNoZone, KindMissed, KindCutover, KindQuarantined, KindStockSkipped, KindStockRest, KindPriceCard,
		KindPriceNearby, KindLateMoney, KindMailRefused,
	} {
		ways := k.Ways()
		if len(ways) == 0 {
			t.Errorf("%s has no way out", k)
			continue
		}
		if ways[0] == WayDone && len(ways) > 1 {
			t.Errorf("%s is put aside before it is solved: %v", k, ways)
		}
		if len(slices.Compact(slices.Sorted(slices.Values(ways)))) != len(ways) {
			t.Errorf("%s has a way out twice: %v", k, ways)
		}
	}
}

func TestWhatHasToBeDecidedCannotBePutAside(t *testing.T) {
	if KindCutover.Has(WayDone) || KindAuthentication.Has(WayRetry) || !KindStockOut.Has(WaySkip) {
		t.Error("a box of the cart before may be put aside, or a card that asks its owner is charged again")
	}
}
