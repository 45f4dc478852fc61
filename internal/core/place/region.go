package place

import "strings"

// Region is a prefecture, state, province or area. Code is ISO 3166-2 (for Hong
// Kong, which has no such codes, the three areas its post knows); Local is the
// name in the country's own script, Latin the one abroad.
type Region struct {
	Code  string
	Local string
	Latin string
}

// Abroad is how the region stands in an address in Latin letters: the postal
// abbreviation where the post knows one ("CA"), else the name.
func (r Region) Abroad() string {
	country, short, _ := strings.Cut(r.Code, "-")
	switch country {
	case "US", "CA", "AU":
		return short
	default:
		return r.Latin
	}
}

// Regions lists a country's regions in its usual order (Japan: north to south),
// none for countries where the region is free text.
func Regions(c Country) []Region {
	return append([]Region(nil), regions[c]...)
}

// RegionOf finds a region by its code.
func RegionOf(c Country, code string) (Region, bool) {
	for _, r := range regions[c] {
		if r.Code == code {
			return r, true
		}
	}
	return Region{}, false
}

// RegionNamed finds a region by its name in either script or by its code, as
// imports and address books write it.
func RegionNamed(c Country, name string) (Region, bool) {
	for _, r := range regions[c] {
		if name == r.Local || name == r.Latin || name == r.Code {
			return r, true
		}
	}
	return Region{}, false
}

var regions = map[Country][]Region{
	"JP": {
		{"JP-01", "北海道", "Hokkaido"},
		{"JP-02", "青森県", "Aomori"},
		{"JP-03", "岩手県", "Iwate"},
		{"JP-04", "宮城県", "Miyagi"},
		{"JP-05", "秋田県", "Akita"},
		{"JP-06", "山形県", "Yamagata"},
		{"JP-07", "福島県", "Fukushima"},
		{"JP-08", "茨城県", "Ibaraki"},
		{"JP-09", "栃木県", "Tochigi"},
		{"JP-10", "群馬県", "Gunma"},
		{"JP-11", "埼玉県", "Saitama"},
		{"JP-12", "千葉県", "Chiba"},
		{"JP-13", "東京都", "Tokyo"},
		{"JP-14", "神奈川県", "Kanagawa"},
		{"JP-15", "新潟県", "Niigata"},
		{"JP-16", "富山県", "Toyama"},
		{"JP-17", "石川県", "Ishikawa"},
		{"JP-18", "福井県", "Fukui"},
		{"JP-19", "山梨県", "Yamanashi"},
		{"JP-20", "長野県", "Nagano"},
		{"JP-21", "岐阜県", "Gifu"},
		{"JP-22", "静岡県", "Shizuoka"},
		{"JP-23", "愛知県", "Aichi"},
		{"JP-24", "三重県", "Mie"},
		{"JP-25", "滋賀県", "Shiga"},
		{"JP-26", "京都府", "Kyoto"},
		{"JP-27", "大阪府", "Osaka"},
		{"JP-28", "兵庫県", "Hyogo"},
		{"JP-29", "奈良県", "Nara"},
		{"JP-30", "和歌山県", "Wakayama"},
		{"JP-31", "鳥取県", "Tottori"},
		{"JP-32", "島根県", "Shimane"},
		{"JP-33", "岡山県", "Okayama"},
		{"JP-34", "広島県", "Hiroshima"},
		{"JP-35", "山口県", "Yamaguchi"},
		{"JP-36", "徳島県", "Tokushima"},
		{"JP-37", "香川県", "Kagawa"},
		{"JP-38", "愛媛県", "Ehime"},
		{"JP-39", "高知県", "Kochi"},
		{"JP-40", "福岡県", "Fukuoka"},
		{"JP-41", "佐賀県", "Saga"},
		{"JP-42", "長崎県", "Nagasaki"},
		{"JP-43", "熊本県", "Kumamoto"},
		{"JP-44", "大分県", "Oita"},
		{"JP-45", "宮崎県", "Miyazaki"},
		{"JP-46", "鹿児島県", "Kagoshima"},
		{"JP-47", "沖縄県", "Okinawa"},
	},
	"HK": {
		{"HK-HK", "香港島", "Hong Kong Island"},
		{"HK-KLN", "九龍", "Kowloon"},
		{"HK-NT", "新界", "New Territories"},
	},
	"US": {
		{"US-AL", "Alabama", "Alabama"},
		{"US-AK", "Alaska", "Alaska"},
		{"US-AZ", "Arizona", "Arizona"},
		{"US-AR", "Arkansas", "Arkansas"},
		{"US-CA", "California", "California"},
		{"US-CO", "Colorado", "Colorado"},
		{"US-CT", "Connecticut", "Connecticut"},
		{"US-DE", "Delaware", "Delaware"},
		{"US-DC", "District of Columbia", "District of Columbia"},
		{"US-FL", "Florida", "Florida"},
		{"US-GA", "Georgia", "Georgia"},
		{"US-HI", "Hawaii", "Hawaii"},
		{"US-ID", "Idaho", "Idaho"},
		{"US-IL", "Illinois", "Illinois"},
		{"US-IN", "Indiana", "Indiana"},
		{"US-IA", "Iowa", "Iowa"},
		{"US-KS", "Kansas", "Kansas"},
		{"US-KY", "Kentucky", "Kentucky"},
		{"US-LA", "Louisiana", "Louisiana"},
		{"US-ME", "Maine", "Maine"},
		{"US-MD", "Maryland", "Maryland"},
		{"US-MA", "Massachusetts", "Massachusetts"},
		{"US-MI", "Michigan", "Michigan"},
		{"US-MN", "Minnesota", "Minnesota"},
		{"US-MS", "Mississippi", "Mississippi"},
		{"US-MO", "Missouri", "Missouri"},
		{"US-MT", "Montana", "Montana"},
		{"US-NE", "Nebraska", "Nebraska"},
		{"US-NV", "Nevada", "Nevada"},
		{"US-NH", "New Hampshire", "New Hampshire"},
		{"US-NJ", "New Jersey", "New Jersey"},
		{"US-NM", "New Mexico", "New Mexico"},
		{"US-NY", "New York", "New York"},
		{"US-NC", "North Carolina", "North Carolina"},
		{"US-ND", "North Dakota", "North Dakota"},
		{"US-OH", "Ohio", "Ohio"},
		{"US-OK", "Oklahoma", "Oklahoma"},
		{"US-OR", "Oregon", "Oregon"},
		{"US-PA", "Pennsylvania", "Pennsylvania"},
		{"US-RI", "Rhode Island", "Rhode Island"},
		{"US-SC", "South Carolina", "South Carolina"},
		{"US-SD", "South Dakota", "South Dakota"},
		{"US-TN", "Tennessee", "Tennessee"},
		{"US-TX", "Texas", "Texas"},
		{"US-UT", "Utah", "Utah"},
		{"US-VT", "Vermont", "Vermont"},
		{"US-VA", "Virginia", "Virginia"},
		{"US-WA", "Washington", "Washington"},
		{"US-WV", "West Virginia", "West Virginia"},
		{"US-WI", "Wisconsin", "Wisconsin"},
		{"US-WY", "Wyoming", "Wyoming"},
	},
	"CA": {
		{"CA-AB", "Alberta", "Alberta"},
		{"CA-BC", "British Columbia", "British Columbia"},
		{"CA-MB", "Manitoba", "Manitoba"},
		{"CA-NB", "New Brunswick", "New Brunswick"},
		{"CA-NL", "Newfoundland and Labrador", "Newfoundland and Labrador"},
		{"CA-NS", "Nova Scotia", "Nova Scotia"},
		{"CA-NT", "Northwest Territories", "Northwest Territories"},
		{"CA-NU", "Nunavut", "Nunavut"},
		{"CA-ON", "Ontario", "Ontario"},
		{"CA-PE", "Prince Edward Island", "Prince Edward Island"},
		{"CA-QC", "Quebec", "Quebec"},
		{"CA-SK", "Saskatchewan", "Saskatchewan"},
		{"CA-YT", "Yukon", "Yukon"},
	},
	"AU": {
		{"AU-ACT", "Australian Capital Territory", "Australian Capital Territory"},
		{"AU-NSW", "New South Wales", "New South Wales"},
		{"AU-NT", "Northern Territory", "Northern Territory"},
		{"AU-QLD", "Queensland", "Queensland"},
		{"AU-SA", "South Australia", "South Australia"},
		{"AU-TAS", "Tasmania", "Tasmania"},
		{"AU-VIC", "Victoria", "Victoria"},
		{"AU-WA", "Western Australia", "Western Australia"},
	},
}
