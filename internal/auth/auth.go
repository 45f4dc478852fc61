// Package auth turns passwords into hashes that cannot be turned back, and
// compares. It knows no account and no session.
package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/teiki-commerce/teiki/internal/core/fault"
)

// Argon2id with 19 MiB, two passes, one lane: the least OWASP's Password Storage
// Cheat Sheet recommends, some 40 ms of one core.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	saltSize  = 16
	keySize   = 32
)

// Limits of a password in characters. NIST SP 800-63B asks for 8 and to allow at
// least 64, and for no rules about kinds of characters.
const (
	MinLength = 8
	MaxLength = 128
)

// slots bound how many hashes are made at once: each takes 19 MiB and a core.
var slots = make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))

// Hash makes the PHC string ($argon2id$v=19$m=…,t=…,p=…$salt$hash) of a password.
func Hash(password string) string {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // crypto/rand never fails: it ends the program instead
	key := derive(password, salt, passes, memoryKiB, lanes, keySize)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memoryKiB, passes, lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// nobody is the hash of no password. It is compared where an account is not
// there, so that the answer takes as long as for one that is.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// Matches reports whether the password made the hash. An empty or damaged hash
// matches nothing and costs the same.
func Matches(hash, password string) bool {
	if utf8.RuneCountInString(password) > MaxLength {
		password = ""
	}
	memory, time, threads, salt, key, ok := parse(hash)
	if !ok {
		memory, time, threads, salt, key, _ = parse(nobody)
	}
	made := derive(password, salt, time, memory, threads, uint32(len(key)))
	return subtle.ConstantTimeCompare(made, key) == 1 && ok
}

// derive does the work. Passwords are compared in Unicode's form NFKC, since the
// same letters are typed full width on one machine and half width on another.
func derive(password string, salt []byte, time, memory uint32, threads uint8, size uint32) []byte {
	slots <- struct{}{}
	defer func() { <-slots }()
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, time, memory, threads, size)
}

// parse reads a PHC string. Figures beyond what we would ever write are refused,
// so that a damaged row cannot eat the machine's memory.
func parse(hash string) (memory, time uint32, threads uint8, salt, key []byte, ok bool) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != "v=19" {
		return 0, 0, 0, nil, nil, false
	}
	n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &threads)
	if err != nil || n != 3 || memory > 1<<20 || time == 0 || time > 16 || threads == 0 {
		return 0, 0, 0, nil, nil, false
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	ok = saltErr == nil && keyErr == nil && len(salt) >= 8 && len(key) >= 16
	return memory, time, threads, salt, key, ok
}

// usual are passwords that every attacker tries first and that are long enough
// to pass otherwise.
var usual = map[string]bool{
	"password": true, "password1": true, "passw0rd": true, "12345678": true, "123456789": true, "1234567890": true,
	"87654321": true, "qwertyui": true, "qwertyuiop": true, "1q2w3e4r": true, "1qaz2wsx": true, "iloveyou": true,
	"sunshine": true, "princess": true, "football": true, "baseball": true, "sakurasakura": true, "asdfghjk": true,
	"abcd1234": true, "abc12345": true, "a1b2c3d4": true, "00000000": true, "11111111": true, "88888888": true,
}

// Check judges a password that somebody chose for an account with this mail.
func Check(field, password, mail string) *fault.Error {
	switch n := utf8.RuneCountInString(password); {
	case password == "":
		return fault.Field(field, "fault.required")
	case n < MinLength:
		return fault.Field(field, "fault.too_short", "Min", MinLength)
	case n > MaxLength:
		return fault.Field(field, "fault.too_long", "Max", MaxLength)
	}
	plain := strings.ToLower(norm.NFKC.String(password))
	name, _, _ := strings.Cut(strings.ToLower(mail), "@")
	if usual[plain] || plain == strings.ToLower(mail) || plain == name || sameLetter(plain) {
		return fault.Field(field, "fault.password.weak")
	}
	return nil
}

func sameLetter(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return strings.Trim(s, string(first)) == ""
}
