package place

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	_ "github.com/teiki-commerce/teiki/internal/testkit/properties"
)

// home is a good Japanese address to spoil.
func home() Address {
	return Address{
		Country: "JP", Postcode: "167-0042", Region: "JP-13", City: "杉並区", Street: "西荻北3-18-6", Building: "メゾン西荻 203",
		Name:  Name{Family: "早川", Given: "千尋", FamilyKana: "ハヤカワ", GivenKana: "チヒロ"},
		Phone: "090-1234-5678",
	}
}

func TestAnAddressIsStoredAsItsCountryWritesIt(t *testing.T) {
	typed := home()
	typed.Postcode = "〒１６７ー００４２"
	typed.Region = "東京都"
	typed.City = " 杉並区　"
	typed.Name = Name{Family: "早川 ", Given: "千尋", FamilyKana: "はやかわ", GivenKana: "ﾁﾋﾛ"}
	typed.Phone = "＋８１ ９０－１２３４－５６７８"
	if diff := cmp.Diff(home(), typed.Normalize()); diff != "" {
		t.Error(diff)
	}
}

func TestAddressesAreRefusedWithTheReasonBesideTheField(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(a *Address)
		want  string
	}{
		{"good", func(*Address) {}, ""},
		{"𠮷野 keeps four-byte characters", func(a *Address) { a.Name.Family = "𠮷野" }, ""},
		{"no reading needed for kana names", func(a *Address) { a.Name = Name{Family: "さくら", Given: "みき"} }, ""},
		{"Latin names need no reading", func(a *Address) { a.Name = Name{Family: "Smith", Given: "Ann"} }, ""},
		{"unknown country", func(a *Address) { a.Country = "XX" }, "a.country fault.place.country"},
		{"no postcode", func(a *Address) { a.Postcode = "" }, "a.postcode fault.place.postcode.jp"},
		{"short postcode", func(a *Address) { a.Postcode = "167-004" }, "a.postcode fault.place.postcode.jp"},
		{"no prefecture", func(a *Address) { a.Region = "" }, "a.region fault.place.region.jp"},
		{"a prefecture that is none", func(a *Address) { a.Region = "JP-48" }, "a.region fault.place.region.jp"},
		{"no city", func(a *Address) { a.City = "" }, "a.city fault.place.city"},
		{"no street", func(a *Address) { a.Street = " " }, "a.street fault.place.street"},
		{"long street", func(a *Address) { a.Street = strings.Repeat("町", 101) }, "a.street fault.too_long"},
		{"NUL", func(a *Address) { a.Street = "西荻北\x003" }, "a.street fault.characters"},
		{"line break", func(a *Address) { a.Building = "メゾン\n203" }, "a.building fault.characters"},
		{"right-to-left override", func(a *Address) { a.City = "\u202e区並杉" }, "a.city fault.characters"},
		{"broken UTF-8", func(a *Address) { a.City = "\xff" }, "a.city fault.characters"},
		{"no family name", func(a *Address) { a.Name.Family = "" }, "a.name.family fault.place.name.family"},
		{"no reading", func(a *Address) { a.Name.GivenKana = "" }, "a.name.given_kana fault.place.kana"},
		{"reading in Han", func(a *Address) { a.Name.GivenKana = "千尋" }, "a.name.given_kana fault.place.kana"},
		{"no phone", func(a *Address) { a.Phone = "" }, "a.phone fault.place.phone"},
		{"short phone", func(a *Address) { a.Phone = "090-1234" }, "a.phone fault.place.phone"},
		{"letters in the phone", func(a *Address) { a.Phone = "090-1234-567x" }, "a.phone fault.place.phone"},
		{
			"Hong Kong", func(a *Address) {
				*a = Address{Country: "HK", Region: "HK-KLN", City: "旺角", Street: "彌敦道688號", Name: Name{Family: "陳", Given: "大文"}, Phone: "2123 4567"}
			}, "",
		},
		{
			"Hong Kong has no postcodes", func(a *Address) {
				*a = Address{Country: "HK", Postcode: "999077", Region: "HK-KLN", City: "旺角", Street: "彌敦道688號", Name: Name{Family: "陳", Given: "大文"}, Phone: "2123 4567"}
			}, "a.postcode fault.place.postcode.unused",
		},
		{
			"an American state by its name", func(a *Address) {
				*a = Address{Country: "US", Postcode: "94103", Region: "California", City: "San Francisco", Street: "1 Market St", Name: Name{Family: "Smith", Given: "Ann"}, Phone: "(415) 555-0132"}
			}, "",
		},
		{
			"a British postcode in lower case", func(a *Address) {
				*a = Address{Country: "GB", Postcode: "sw1a 1aa", City: "London", Street: "10 Downing St", Name: Name{Family: "Smith", Given: "Ann"}, Phone: "+44 20 7946 0018"}
			}, "",
		},
		{
			"a German postcode of four digits", func(a *Address) {
				*a = Address{Country: "DE", Postcode: "1011", City: "Berlin", Street: "Chausseestr. 1", Name: Name{Family: "Kurz", Given: "Eva"}, Phone: "+49 30 1234567"}
			}, "a.postcode fault.place.postcode",
		},
		{
			"one name is enough in Indonesia", func(a *Address) {
				*a = Address{Country: "ID", City: "Jakarta", Street: "Jl. Thamrin 1", Name: Name{Family: "Suharto"}, Phone: "+62 21 1234 5678"}
			}, "",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := home()
			test.spoil(&a)
			var got []string
			for _, e := range a.Normalize().Validate("a") {
				got = append(got, e.Field+" "+e.Key)
			}
			if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPhonesAreWrittenInOneWay(t *testing.T) {
	tests := []struct {
		country     Country
		typed, want string
	}{
		{"JP", "09012345678", "090-1234-5678"},
		{"JP", "０９０ー１２３４ー５６７８", "090-1234-5678"},
		{"JP", "+81 (0)90 1234 5678", "090-1234-5678"},
		{"JP", "0120123456", "0120-123-456"},
		{"JP", "0422-00-1846", "0422-00-1846"},
		{"JP", "03(1234)5678", "03-1234-5678"},
		{"JP", "0312345678", "0312345678"},
		{"US", " (415)  555-0132 ", "(415) 555-0132"},
	}
	for _, test := range tests {
		if got := Phone(test.country, test.typed); got != test.want {
			t.Errorf("%s %q: got %q, want %q", test.country, test.typed, got, test.want)
		}
	}
}

func TestSearchFindsNamesInEveryForm(t *testing.T) {
	for typed, want := range map[string]string{
		"髙橋 﨑":           "高橋崎",
		"ﾊﾔｶﾜ　ちひろ":       "ハヤカワチヒロ",
		"090-1234-5678":  "09012345678",
		"０９０１２３４":        "0901234",
		"Hibari@Example": "hibari@example",
		"𠮷野\U000E0100家":  "吉野家",
		"メゾン・ドール":        "メゾンドル",
	} {
		if got := Fold(typed); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

func TestANameKeepsItsOwnCharacters(t *testing.T) {
	for typed, want := range map[string]string{
		"\uFA19谷":     "\uFA19谷", // 神 as this family writes it
		"か\u3099まごおり": "がまごおり",   // typed on a Mac: letter and mark apart
		"髙橋":          "髙橋",
	} {
		if got := (Name{Family: typed}).Normalize().Family; got != want {
			t.Errorf("%q became %q, want %q", typed, got, want)
		}
	}
}

func TestMailAddressesAreJudgedKindly(t *testing.T) {
	for typed, good := range map[string]bool{
		"chihiro@example.jp": true,
		" Ｃｈｉｈｉｒｏ＠ｅｘａｍｐｌｅ．ｊｐ ": true,
		"a..b.@docomo.example":                  true,
		"name+tag@sub.example.com":              true,
		"":                                      false,
		"chihiro":                               false,
		"chihiro@":                              false,
		"@example.jp":                           false,
		"chihiro@localhost":                     false,
		"a@b@example.jp":                        false,
		"a b<c@example.jp>":                     false,
		"x@example.jp\r\nBcc: y@example.jp":     false,
		strings.Repeat("a", 65) + "@example.jp": false,
		"a@" + strings.Repeat("b.", 130) + "jp": false,
		"\"quoted name\"@example.jp":            false,
		"someone@example.jp,other@example.jp":   false,
		"zero\u200bwidth@example.jp":            false,
		"direction\u202eoverride@example.jp":    false,
		"dots@.example.jp":                      false,
		"dots@example.jp.":                      false,
	} {
		if got := CheckMail("mail", MailAddress(typed), Required) == nil; got != good {
			t.Errorf("%q: accepted %v, want %v", typed, got, good)
		}
	}
}

func TestNormalizeIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Address{
			Country:  rapid.SampledFrom(Countries()).Draw(t, "country"),
			Postcode: rapid.String().Draw(t, "postcode"), Region: rapid.String().Draw(t, "region"),
			City: rapid.String().Draw(t, "city"), Street: rapid.String().Draw(t, "street"), Phone: rapid.String().Draw(t, "phone"),
			Name: Name{Family: rapid.String().Draw(t, "family"), FamilyKana: rapid.String().Draw(t, "kana")},
		}
		once := a.Normalize()
		if diff := cmp.Diff(once, once.Normalize()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestTablesAreWhole(t *testing.T) {
	if n := len(Regions("JP")); n != 47 {
		t.Errorf("%d prefectures", n)
	}
	for _, c := range Countries() {
		if FormOf(c).RegionFromTable != (len(Regions(c)) > 0) {
			t.Errorf("%s: its form and its table of regions disagree", c)
		}
		if FormOf(c).PhoneExample == "" {
			t.Errorf("%s: no example of a phone number", c)
		}
		example := FormOf(c).PostcodeExample
		if f := FormOf(c); f.postcode != nil && !f.postcode.MatchString(Postcode(c, example)) {
			t.Errorf("%s: its own example %q is refused", c, example)
		}
		for _, r := range Regions(c) {
			if !strings.HasPrefix(r.Code, string(c)+"-") {
				t.Errorf("%s stands under %s", r.Code, c)
			}
		}
	}
}
