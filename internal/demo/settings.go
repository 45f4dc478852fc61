package demo

import (
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

const shopMail = "teiki@hibari-coffee.example"

// Settings of ひばり珈琲: 宅急便, free from 5,000 yen a box, card and cash on
// delivery, no shipping on Sundays.
func Settings() store.Settings {
	return store.Settings{
		Profile: profile(),
		Delivery: store.Delivery{
			Shipping:        calendar.Shipping{ClosedWeekdays: []time.Weekday{time.Sunday}},
			PreparationDays: 1, CutOffMinutes: 24 * 60, Methods: []shipping.Method{takkyubin()},
		},
		Tax: tax.Japan(),
		Payment: store.Payment{
			Card: true, COD: true, CODTaxClass: tax.Standard,
			CODTiers: []shipping.CODTier{
				{Ceiling: 10_000, Fee: 330},
				{Ceiling: 30_000, Fee: 440},
				{Ceiling: 100_000, Fee: 660},
				{Ceiling: 300_000, Fee: 1_100},
			},
			RetryDays: []int{1, 3, 5, 7},
		},
		Mail: store.Mail{FromName: "ひばり珈琲", FromAddress: shopMail},
	}
}

func profile() store.Profile {
	const phone = "0422-00-1846"
	manager := place.Name{Family: "雲雀", Given: "奏", FamilyKana: "ヒバリ", GivenKana: "カナデ"}
	return store.Profile{
		Names: map[string]string{
			"ja": "ひばり珈琲", "en": "Hibari Coffee", "zh-Hans": "云雀咖啡", "zh-Hant": "雲雀咖啡",
		},
		LegalName: "ひばり珈琲株式会社", Manager: manager.Family + " " + manager.Given,
		Address: place.Address{
			Country: "JP", Postcode: "180-0004", Region: "JP-13", City: "武蔵野市", Street: "吉祥寺本町2-14-5",
			Name: manager, Phone: phone,
		},
		Phone: phone,
		PhoneHours: map[string]string{
			"ja": "平日 10時〜17時", "en": "weekdays 10:00–17:00 JST",
			"zh-Hans": "工作日 10:00–17:00（日本时间）", "zh-Hant": "平日 10:00–17:00（日本時間）",
		},
		Mail: shopMail,
		Announcement: map[string]string{
			"ja":      "1回のお届け 5,000円（税込）以上で送料無料",
			"en":      "Free delivery on boxes of ¥5,000 or more",
			"zh-Hans": "单次配送满5,000日元（含税）免运费",
			"zh-Hant": "單次配送滿 5,000 日圓（含稅）免運費",
		},
		Returns: map[string]string{
			"ja": "商品到着後8日以内にご連絡ください。不良品・誤配送は送料当店負担、未開封品のお客様ご都合による返品は送料お客様負担で承ります。",
			"en": "Please write or call within 8 days of delivery. We pay the postage for faulty or wrong goods; " +
				"unopened goods may be returned for any other reason at your own postage.",
			"zh-Hans": "请在商品送达后8天内与我们联系。商品不良或错发时，退货运费由本店承担；未开封商品因个人原因退货时，运费由顾客承担。",
			"zh-Hant": "請於商品送達後8天內與我們聯絡。商品瑕疵或寄送錯誤時，退貨運費由本店負擔；未拆封商品因個人因素退貨時，運費由顧客負擔。",
		},
	}
}

// takkyubinCode names the only shipping method.
const takkyubinCode = "takkyubin"

// takkyubin is 宅急便 from Tokyo: one day to most of Honshu and Shikoku, two
// beyond; Okinawa and the small islands take three and are never free.
func takkyubin() shipping.Method {
	const fee, farFee, freeFrom = 650, 1_500, 5_000
	return shipping.Method{
		Code: takkyubinCode,
		Names: map[string]string{
			"ja": "宅急便", "en": "Takkyubin home delivery", "zh-Hans": "宅急便", "zh-Hant": "宅急便",
		},
		Zones: []shipping.Zone{
			{Country: "JP", Regions: []string{"JP-47"}, Fee: farFee, TransitDays: 3},
			{Country: "JP", Regions: []string{"JP-13"}, PostcodePrefixes: tokyoIslands, Fee: farFee, TransitDays: 3},
			{Country: "JP", Regions: []string{"JP-46"}, PostcodePrefixes: []string{"894"}, Fee: farFee, TransitDays: 3}, // 奄美大島
			{Country: "JP", Regions: secondDay, Fee: fee, FreeFrom: freeFrom, TransitDays: 2},
			{Country: "JP", Fee: fee, FreeFrom: freeFrom, TransitDays: 1},
		},
		Slots: []string{"0812", "1416", "1618", "1820", "1921"}, AllowCOD: true, TaxClass: tax.Standard,
	}
}

// secondDay are Hokkaido and Kyushu.
var secondDay = []string{"JP-01", "JP-40", "JP-41", "JP-42", "JP-43", "JP-44", "JP-45", "JP-46"}

// tokyoIslands are 伊豆諸島 and 小笠原諸島 by the heads of their postcodes.
var tokyoIslands = []string{
	"10001", "10002", "10003", "10004", "10005", "10006", "10011", "10012", "10013", "10014", "10015",
	"10016", "10017", "10021", "10022",
}
