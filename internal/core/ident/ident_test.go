package ident

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	_ "github.com/teiki-commerce/teiki/internal/testkit/properties"
)

func anyID(t *rapid.T, label string) ID {
	return ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, label))
}

func TestAnIDReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := anyID(t, "id")
		parsed, err := Parse(id.String())
		if err != nil || parsed != id {
			t.Fatalf("Parse(%s) = %s, %v", id, parsed, err)
		}
		text, err := json.Marshal(map[ID]ID{id: id})
		if err != nil {
			t.Fatal(err)
		}
		var back map[ID]ID
		if err := json.Unmarshal(text, &back); err != nil || back[id] != id {
			t.Fatalf("%s came back as %v, %v", text, back, err)
		}
	})
}

func TestTheCanonicalFormIsThirtySixLowerCaseCharacters(t *testing.T) {
	id := ID{0x01, 0x9a, 0xbc, 0xde, 0xf0, 0x12, 0x73, 0x45, 0x86, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x12, 0x34}
	const want = "019abcde-f012-7345-8678-9abcdef01234"
	if id.String() != want {
		t.Errorf("String() = %s, want %s", id, want)
	}
	if upper, err := Parse(strings.ToUpper(want)); err != nil || upper != id {
		t.Errorf("capitals are read as %s, %v", upper, err)
	}
}

func TestTextsThatAreNoIDAreRefused(t *testing.T) {
	for _, text := range []string{
		"", "019abcde", "019abcdef012-7345-8678-9abcdef01234-", "019abcde-f012-7345-8678-9abcdef0123g",
		"{019abcde-f012-7345-8678-9abcdef01234}", "019abcde-f012-7345-8678-9abcdef012345",
	} {
		var id ID
		if err := id.UnmarshalText([]byte(text)); !errors.Is(err, ErrMalformed) || !id.IsZero() {
			t.Errorf("%q gave %s, %v", text, id, err)
		}
	}
}

func TestIDsAreOrderedAsTheirTextsAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyID(t, "a"), anyID(t, "b")
		if got, want := a.Compare(b), strings.Compare(a.String(), b.String()); got != want {
			t.Fatalf("%s against %s: %d, want %d", a, b, got, want)
		}
		if a.Compare(a) != 0 {
			t.Fatalf("%s differs from itself", a)
		}
	})
}

func TestOnlyTheZeroIDMeansNone(t *testing.T) {
	if !(ID{}).IsZero() || (ID{15: 1}).IsZero() {
		t.Error("IsZero is wrong")
	}
}
