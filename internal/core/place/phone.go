package place

import (
	"regexp"
	"strings"
)

var phoneCharacters = regexp.MustCompile(`^\+?[0-9()\- ]+$`)

// digitsOf keeps the digits of a phone number.
func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// Phone writes a number in ASCII. Japanese numbers lose +81 and, where nobody
// typed hyphens, mobile and free numbers get theirs; area codes vary in length,
// so that others stay plain digits.
func Phone(c Country, s string) string {
	s = strings.Join(strings.Fields(narrow(s)), " ")
	if c != "JP" {
		return s
	}
	if rest, ok := strings.CutPrefix(s, "+81"); ok {
		s = "0" + strings.TrimPrefix(strings.TrimPrefix(strings.TrimLeft(rest, " -"), "(0)"), "0")
	}
	s = strings.Trim(strings.NewReplacer("(", "-", ")", "-", " ", "-").Replace(s), "-")
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "-")
	}
	digits := digitsOf(s)
	switch {
	case strings.Contains(s, "-") || digits != s:
		return s
	case len(digits) == 11 && strings.Contains("050 070 080 090", digits[:3]):
		return digits[:3] + "-" + digits[3:7] + "-" + digits[7:]
	case len(digits) == 10 && digits[:4] == "0120":
		return digits[:4] + "-" + digits[4:7] + "-" + digits[7:]
	default:
		return s
	}
}

// validPhone judges a number that Phone has written: 8 (Singapore, Hong Kong) to
// 15 digits (E.164), in Japan 10 or 11 that begin with zero.
func validPhone(c Country, s string) bool {
	if !phoneCharacters.MatchString(s) {
		return false
	}
	digits := digitsOf(s)
	if c == "JP" {
		return strings.HasPrefix(digits, "0") && (len(digits) == 10 || len(digits) == 11)
	}
	return len(digits) >= 8 && len(digits) <= 15
}
