package store

import (
	"testing"
	"time"
	_ "time/tzdata" // the same rules of time zones on every machine

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
)

func TestAStoreLivesInItsTimeZone(t *testing.T) {
	for zone, want := range map[string]string{"Asia/Tokyo": "Asia/Tokyo", "": "UTC", "Mars/Olympus": "UTC"} {
		if got := (Store{Zone: zone}).Location().String(); got != want {
			t.Errorf("%q is %s, want %s", zone, got, want)
		}
	}
}

func TestTextsFallBackToJapanese(t *testing.T) {
	p := Profile{Names: map[string]string{"ja": "ひばり珈琲", "en": "Hibari Coffee", "zh-Hans": ""}}
	for lang, want := range map[string]string{"en": "Hibari Coffee", "zh-Hans": "ひばり珈琲", "zh-Hant": "ひばり珈琲"} {
		if got := p.Name(lang); got != want {
			t.Errorf("%s: %s, want %s", lang, got, want)
		}
	}
	if got := In(nil, "ja"); got != "" {
		t.Errorf("no texts gave %q", got)
	}
}

func TestAShippingMethodIsFoundByItsCode(t *testing.T) {
	d := Delivery{Methods: []shipping.Method{{Code: "takkyubin"}, {Code: "ems", AllowCOD: true}}}
	if m, ok := d.Method("ems"); !ok || !m.AllowCOD {
		t.Errorf("%+v, %v", m, ok)
	}
	if m, ok := d.Method("drone"); ok {
		t.Errorf("found %+v", m)
	}
}

func TestACalendarsTermsJoinStorePlanAndZone(t *testing.T) {
	closed := calendar.Shipping{ClosedWeekdays: []time.Weekday{time.Sunday}}
	s := Settings{Delivery: Delivery{Shipping: closed, PreparationDays: 2, CutOffMinutes: 1020}}
	got, want := s.Terms(time.UTC, 7, 3), calendar.Terms{
		GraceDays: 7, TransitDays: 3, PreparationDays: 2, CutOffMinutes: 1020, Zone: time.UTC, Shipping: closed,
	}
	// A zone holds what nobody outside time may compare; there is one of each.
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b *time.Location) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}
