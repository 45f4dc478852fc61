package place

import (
	"net/mail"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/fault"
)

// maxMail is what SMTP can carry: a path of 256 with its angle brackets (RFC 5321
// section 4.5.3.1.3, erratum 1690).
const maxMail = 254

// MailAddress writes a mail address as it is stored and compared: ASCII where
// full-width letters were typed, in lower case. Providers do not tell cases
// apart, and two accounts that differ in case only would be a trap.
func MailAddress(s string) string { return strings.ToLower(strings.ReplaceAll(narrow(s), " ", "")) }

// CheckMail judges an address that MailAddress has written. Whether somebody
// reads it there only a mail can show.
func CheckMail(field, address string, need Need) *fault.Error {
	if address == "" {
		if need == Required {
			return fault.Field(field, "fault.required")
		}
		return nil
	}
	invalid := fault.Field(field, "fault.mail.invalid")
	if len(address) > maxMail || !isPrintableASCII(address) {
		return invalid
	}
	name, host, found := strings.Cut(address, "@")
	if !found || name == "" || len(name) > 64 || strings.ContainsAny(address, " <>\"(),:;\\[]") {
		return invalid
	}
	if !strings.Contains(host, ".") || strings.Contains(host, "@") || strings.HasPrefix(host, ".") || strings.HasSuffix(host, ".") {
		return invalid
	}
	// Japanese carriers once gave out names with dots in wrong places
	// (a..b.@docomo.ne.jp), which net/mail refuses; they receive mail all the same.
	if _, err := mail.ParseAddress(tidyDots(name) + "@" + host); err != nil {
		return invalid
	}
	return nil
}

func tidyDots(name string) string {
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == '.' })
	return strings.Join(parts, ".")
}

// isPrintableASCII: addresses beyond it need SMTPUTF8, which few servers in
// Japan accept, and hide characters that cannot be seen.
func isPrintableASCII(s string) bool {
	for _, b := range []byte(s) {
		if b <= ' ' || b > '~' {
			return false
		}
	}
	return true
}
