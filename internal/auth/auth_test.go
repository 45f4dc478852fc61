package auth_test

import (
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/auth"
)

func TestAHashMatchesOnlyItsPassword(t *testing.T) {
	hash := auth.Hash("correct horse")
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the hash %s does not say how it was made", hash)
	}
	if hash == auth.Hash("correct horse") {
		t.Error("two hashes of one password are equal: no salt")
	}
	for password, want := range map[string]bool{"correct horse": true, "correct horsE": false, "": false, "ｃｏｒｒｅｃｔ horse": true} {
		if got := auth.Matches(hash, password); got != want {
			t.Errorf("%q matches: %v, want %v", password, got, want)
		}
	}
}

func TestNoHashMatchesNothing(t *testing.T) {
	damaged := []string{
		"", "x", "$argon2id$v=19$m=19456,t=2,p=1$$", "$argon2i$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
		"$argon2id$v=19$m=4294967295,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=19456,t=0,p=0$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	}
	for _, hash := range damaged {
		for _, password := range []string{"", "password"} {
			if auth.Matches(hash, password) {
				t.Errorf("%q matches the hash %q", password, hash)
			}
		}
	}
}

func TestAPasswordIsLongAndNotTheUsual(t *testing.T) {
	for password, want := range map[string]string{
		"":                       "fault.required",
		"1234567":                "fault.too_short",
		"password":               "fault.password.weak",
		"ＰＡＳＳＷＯＲＤ":               "fault.password.weak",
		"hanahanahana":           "fault.password.weak",
		"zzzzzzzzzz":             "fault.password.weak",
		strings.Repeat("ab", 65): "fault.too_long",
		"焙煎したての豆が好き":             "",
		"correct horse":          "",
	} {
		got := ""
		if e := auth.Check("password", password, "hanahanahana@example.jp"); e != nil {
			got = e.Key
		}
		if got != want {
			t.Errorf("%q: %q, want %q", password, got, want)
		}
	}
}
