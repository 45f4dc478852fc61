package console

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// two variants of one option with two values.
func twoSizes() url.Values {
	return url.Values{
		"options[0].names.ja": {"内容量"}, "options[0].values[0].ja": {"200g"}, "options[0].values[1].ja": {"500g"},
		"variants[0].sku": {"A"}, "variants[0].values[0]": {"0"}, "variants[0].regular": {"1480"},
		"variants[1].sku": {"B"}, "variants[1].values[0]": {"1"},
		"code": {"HB"},
	}
}

func TestButtonsOfRowsChangeNothingButTheirRows(t *testing.T) {
	for name, c := range map[string]struct {
		asked  string
		change func(url.Values)
	}{
		"a variant more": {"add variants", func(f url.Values) {
			f.Set("variants[2].sku", "")
			f.Set("variants[2].on_hand", "0")
		}},
		"a variant less": {"drop variants[0]", func(f url.Values) {
			f.Del("variants[1].sku")
			f.Del("variants[1].values[0]")
			f.Del("variants[0].regular")
			f.Set("variants[0].sku", "B")
			f.Set("variants[0].values[0]", "1")
		}},
		"a variant before the other": {"raise variants[1]", func(f url.Values) {
			f.Del("variants[0].regular")
			f.Set("variants[0].sku", "B")
			f.Set("variants[0].values[0]", "1")
			f.Set("variants[1].sku", "A")
			f.Set("variants[1].values[0]", "0")
			f.Set("variants[1].regular", "1480")
		}},
		"nothing before the first": {"raise variants[0]", func(url.Values) {}},
		"a value more":             {"add options[0].values", func(f url.Values) { f.Set("options[0].values[2].ja", "") }},
		"a value less: who chose it chooses again": {"drop options[0].values[0]", func(f url.Values) {
			f.Del("options[0].values[1].ja")
			f.Set("options[0].values[0].ja", "500g")
			f.Set("variants[0].values[0]", "")
			f.Set("variants[1].values[0]", "0")
		}},
		"an option more": {"add options", func(f url.Values) {
			f.Set("options[1].names.ja", "")
			f.Set("options[1].values[0].ja", "")
		}},
		"an option less": {"drop options[0]", func(f url.Values) {
			for _, id := range []string{"options[0].names.ja", "options[0].values[0].ja", "options[0].values[1].ja", "variants[0].values[0]", "variants[1].values[0]"} {
				f.Del(id)
			}
		}},
		"a discount": {"add plan.volume_tiers", func(f url.Values) { f.Set("plan.volume_tiers[0].from", "") }},
	} {
		got, want := twoSizes(), twoSizes()
		c.change(want)
		if !changeRows(got, c.asked) {
			t.Errorf("%s: %q is no button", name, c.asked)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, asked := range []string{"", "save", "look", "drop code", "drop variants", "add variants[0]; x", "drop variants[99999999999999999999]"} {
		form := twoSizes()
		changeRows(form, asked)
		if diff := cmp.Diff(twoSizes(), form); diff != "" {
			t.Errorf("%q: %s", asked, diff)
		}
	}
}

func TestEveryCombinationIsMadeOnceWithThePricesOfTheFirst(t *testing.T) {
	form := twoSizes()
	for id, value := range map[string]string{
		"options[1].names.ja": "挽き方", "options[1].values[0].ja": "豆", "options[1].values[1].ja": "粉",
		"variants[0].values[1]": "1", "variants[1].values[1]": "0",
	} {
		form.Set(id, value)
	}
	changeRows(form, "combine")
	changeRows(form, "combine")
	if n := rows(form, "variants"); n != 4 {
		t.Fatalf("%d variants", n)
	}
	there := map[string]bool{}
	for i := range 4 {
		there[choices(form, i, 2)] = true
	}
	if want := map[string]bool{"0 0": true, "0 1": true, "1 0": true, "1 1": true}; !cmp.Equal(want, there) {
		t.Errorf("combined %v", there)
	}
	if price := form.Get("variants[2].regular"); price != "1480" || form.Get("variants[2].sku") != "" {
		t.Errorf("a new one costs %q", price)
	}
}

func TestSharesAreReadAndWrittenAsPercents(t *testing.T) {
	for typed, want := range map[string]int64{"10": 1_000, "10.5": 1_050, "１０．２５％": 1_025, "0.05": 5, " 7 % ": -1, "": -1, "x": -1, "1.234": -1, "-5": -1, "1000": -1} {
		got, ok := shareOf(typed)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is %d, want %d", typed, got, want)
		}
		if again, _ := shareOf(shareText(want)); want > 0 && again != want {
			t.Errorf("%d is written %q", want, shareText(want))
		}
	}
}
