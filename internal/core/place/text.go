package place

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/teiki-commerce/teiki/internal/core/fault"
)

// CheckText looks at one typed line: filled in where it is required, at most
// limit characters, and free of what a line cannot hold (NUL and other controls,
// line breaks, direction overrides, broken UTF-8). nil means it is fine.
func CheckText(field, value string, limit int, need Need) *fault.Error {
	switch {
	case strings.TrimSpace(value) == "":
		if need == Required {
			return fault.Field(field, "fault.required")
		}
		return nil
	case hasControl(value):
		return fault.Field(field, "fault.characters")
	case utf8.RuneCountInString(value) > limit:
		return fault.Field(field, "fault.too_long", "Max", limit)
	default:
		return nil
	}
}

// hasControl refuses NUL, which PostgreSQL cannot store, and everything that
// makes a line look other than it is. Joiners and variation selectors pass:
// Japanese names need them.
func hasControl(s string) bool {
	if !utf8.ValidString(s) {
		return true
	}
	for _, r := range s {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) {
			return true
		}
	}
	return false
}

// compose joins letters and their marks as keyboards type them, and trims. Texts
// with compatibility ideographs stay as they are: composing would swap the
// character that a person's name is written with (神, U+FA19) for a plain one.
func compose(s string) string {
	s = strings.TrimSpace(s)
	for _, r := range s {
		if (r >= 0xF900 && r <= 0xFAFF) || (r >= 0x2F800 && r <= 0x2FA1F) {
			return s
		}
	}
	return norm.NFC.String(s)
}

// narrow turns full-width letters, digits and every kind of dash into ASCII.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'ー', '‐', '‑', '‒', '–', '—', '―', '−', '─':
			return '-'
		case '\u00a0':
			return ' '
		}
		return r
	}, strings.TrimSpace(norm.NFKC.String(s)))
}

// Kana writes a reading in full-width katakana, whether it was typed in
// hiragana or in half-width letters.
func Kana(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'ぁ' && r <= 'ゖ', r == 'ゝ', r == 'ゞ':
			return r + ('ァ' - 'ぁ')
		case r == '\u00a0':
			return ' '
		}
		return r
	}, strings.TrimSpace(norm.NFKC.String(s)))
}

func isKatakana(s string) bool {
	for _, r := range s {
		if !(r >= 'ァ' && r <= 'ヺ') && r != 'ー' && r != '・' && r != ' ' && r != 'ヽ' && r != 'ヾ' {
			return false
		}
	}
	return true
}

func hasHan(s string) bool {
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			return true
		}
	}
	return false
}

// variants of characters in Japanese names that searchers type in the common
// form. What is stored keeps the person's own form.
var variants = map[rune]rune{
	'髙': '高', '﨑': '崎', '𥔎': '崎', '濵': '浜', '濱': '浜', '邊': '辺', '邉': '辺', '齋': '斉', '齊': '斉', '斎': '斉',
	'澤': '沢', '廣': '広', '櫻': '桜', '國': '国', '惠': '恵', '眞': '真', '瀨': '瀬', '德': '徳', '嶋': '島', '嶌': '島',
	'冨': '富', '條': '条', '萬': '万', '𠮷': '吉', '龍': '竜', '藏': '蔵', '榮': '栄', '圓': '円', '應': '応',
	'曾': '曽', '黑': '黒', '靑': '青', '淺': '浅', '豐': '豊', '彌': '弥', '壽': '寿', '禮': '礼', '鐵': '鉄',
	'渕': '淵', '檜': '桧', '籔': '薮', '藪': '薮', '穗': '穂', '實': '実', '顯': '顕', '晉': '晋', '槇': '槙', '來': '来',
}

// Fold writes a name, address or phone number as search indexes keep it and as
// queries are compared: one width, one case, katakana, common character forms,
// no spaces, no dashes. It is for finding, never for showing.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		if common, ok := variants[r]; ok {
			return common
		}
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r), r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0100 && r <= 0xE01EF:
			return -1
		case strings.ContainsRune("-ー‐‑‒–—―−─・()", r):
			return -1
		}
		return r
	}, strings.ToLower(Kana(s)))
}
