package pricing

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/teiki-commerce/teiki/internal/core/shipping"
)

func TestWhatWasToldHoldsThoughPostageAndFeeWereRaised(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t, 100_000, true)
		in.CODTiers = []shipping.CODTier{
			{Ceiling: 10_000, Fee: rapid.Int64Range(0, 500).Draw(t, "first fee")},
			{Ceiling: 1 << 40, Fee: rapid.Int64Range(500, 2_000).Draw(t, "second fee")},
		}
		told, err := Price(in)
		if err != nil || told.Total == 0 { // it has no price, or nothing was told
			return
		}
		in.Told = told.Total
		raised := in
		raised.Zone.Fee += rapid.Int64Range(0, 3_000).Draw(t, "postage raised by")
		raised.Zone.FreeFrom += rapid.Int64Range(0, 3_000).Draw(t, "threshold raised by")
		raised.CODTiers = nil
		for _, tier := range in.CODTiers {
			tier.Fee += rapid.Int64Range(0, 3_000).Draw(t, "fee raised by")
			raised.CODTiers = append(raised.CODTiers, tier)
		}
		got, err := Price(raised)
		if err != nil {
			t.Fatal(err)
		}
		if got.Total > told.Total || got.Goods != told.Goods || got.Shipping < 0 || got.Fee < 0 {
			t.Fatalf("told %d (%d + %d + %d), charged %d (%d + %d + %d)",
				told.Total, told.Goods, told.Shipping, told.Fee, got.Total, got.Goods, got.Shipping, got.Fee)
		}
		sum := int64(0)
		for _, s := range got.Steps {
			sum += s.Amount
		}
		if sum != got.Total {
			t.Fatalf("the steps come to %d, the total to %d: %+v", sum, got.Total, got.Steps)
		}
		if in.Told = 0; in.Tax.Inclusive && in.Payment == MethodCard { // exactly, and nothing is given away
			raised.Told = 0
			if full, _ := Price(raised); got.Total != min(full.Total, told.Total) {
				t.Fatalf("told %d, by the rules %d, charged %d", told.Total, full.Total, got.Total)
			}
		}
	})
}
