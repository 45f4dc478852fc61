package pricing

import (
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/shipping"
)

func TestPostageIsNeverMoreThanABoxWasTold(t *testing.T) {
	told := func(most int64) *int64 { return &most }
	for _, tc := range []struct {
		name   string
		zone   shipping.Zone
		most   *int64
		want   int64
		toFree int64
		reason Reason
	}{
		{"the zone's, where nothing was told", shipping.Zone{Fee: 1_500}, nil, 1_500, 0, ReasonShipping},
		{"what was told, where the zone is dearer", shipping.Zone{Fee: 1_500}, told(650), 650, 0, ReasonShipping},
		{"the zone's, where what was told is dearer", shipping.Zone{Fee: 650, FreeFrom: 5_000}, told(1_500), 650, 2_000, ReasonShipping},
		{"nothing, where nothing was told to be due", shipping.Zone{Fee: 1_500}, told(0), 0, 0, ReasonShippingAgreed},
		{"nothing from the threshold on", shipping.Zone{Fee: 1_500, FreeFrom: 3_000}, told(650), 0, 0, ReasonShippingFree},
	} {
		in := Input{Zone: tc.zone, Items: []Item{{Course: &Course{Box: 3, Agreement: Agreement{MostPostage: tc.most}}}}}
		step, toFree := postage(in, 3_000)
		if step.Amount != tc.want || toFree != tc.toFree || step.Reason != tc.reason {
			t.Errorf("%s: %d (%s), %d to free", tc.name, step.Amount, step.Reason, toFree)
		}
	}
}
