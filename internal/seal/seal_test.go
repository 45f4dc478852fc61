package seal_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/teiki-commerce/teiki/internal/seal"
)

func box(fill byte) *seal.Box { return seal.New(bytes.Repeat([]byte{fill}, seal.SecretSize)) }

func TestWhatIsSealedOpensInItsPlaceOnly(t *testing.T) {
	plain := []byte("sk_live_珈琲")
	sealed := box(1).Seal(1, "stripe", plain)
	if bytes.Contains(sealed, plain) {
		t.Error("the secret stands in the sealed text")
	}
	got, err := box(1).Open(1, "stripe", sealed)
	if err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("Open = %q, %v; want %q", got, err, plain)
	}
	spoiled := bytes.Clone(sealed)
	spoiled[len(spoiled)-1] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"another store":   func() ([]byte, error) { return box(1).Open(2, "stripe", sealed) },
		"another name":    func() ([]byte, error) { return box(1).Open(1, "smtp", sealed) },
		"another secret":  func() ([]byte, error) { return box(2).Open(1, "stripe", sealed) },
		"one bit changed": func() ([]byte, error) { return box(1).Open(1, "stripe", spoiled) },
		"cut off":         func() ([]byte, error) { return box(1).Open(1, "stripe", sealed[:20]) },
		"nothing":         func() ([]byte, error) { return box(1).Open(1, "stripe", nil) },
	} {
		if got, err := open(); !errors.Is(err, seal.ErrUnreadable) {
			t.Errorf("%s: Open = %q, %v; want ErrUnreadable", name, got, err)
		}
	}
}

func TestTheSameSecretNeverSealsToTheSameBytes(t *testing.T) {
	if bytes.Equal(box(1).Seal(1, "stripe", []byte("a")), box(1).Seal(1, "stripe", []byte("a"))) {
		t.Error("two seals of one text are equal")
	}
}

func TestCheckNamesTheInstanceSecret(t *testing.T) {
	one, again, two := box(1).Check(), box(1).Check(), box(2).Check()
	if one != again || one == two {
		t.Errorf("checks %s, %s and %s; want the first two equal and the third another", one, again, two)
	}
}

func TestSecretOfAnotherSizeIsRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("New took a short secret")
		}
	}()
	seal.New([]byte("short"))
}
