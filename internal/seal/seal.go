// Package seal encrypts the secrets that the database keeps (gateway keys, mail
// passwords) with a key made from the instance secret, which lives outside the
// database. A copy of the database alone gives no secret away.
package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// SecretSize is the number of random bytes an instance secret has.
const SecretSize = 32

// ErrUnreadable is returned for what this instance secret did not seal, or not
// for this store and name.
var ErrUnreadable = errors.New("cannot be unsealed with this instance secret")

// What the keys are for: HKDF (RFC 5869) makes an independent one for each text.
const (
	sealingKey = "teiki seal v1"
	checkValue = "teiki secret check v1"
	signingKey = "teiki sign v1"
)

// checkSize of the check value in bytes: enough that no two secrets share one.
const checkSize = 16

// Box seals and opens with the key of one instance secret.
type Box struct {
	aead    cipher.AEAD
	check   string
	signing []byte
}

// New makes the box of an instance secret. A secret of another size than
// SecretSize is a mistake of the program, which has read it from a file and
// checked it: New panics.
func New(secret []byte) *Box {
	if len(secret) != SecretSize {
		panic(fmt.Sprintf("seal: instance secret of %d bytes, want %d", len(secret), SecretSize))
	}
	aead, err := chacha20poly1305.NewX(derive(secret, sealingKey, chacha20poly1305.KeySize))
	if err != nil {
		panic("seal: " + err.Error()) // only for keys of another size
	}
	check := derive(secret, checkValue, checkSize)
	return &Box{
		aead: aead, check: base64.RawURLEncoding.EncodeToString(check),
		signing: derive(secret, signingKey, sha256.Size),
	}
}

func derive(secret []byte, purpose string, size int) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, purpose, size)
	if err != nil {
		panic("seal: " + err.Error()) // only for keys longer than 255 hashes
	}
	return key
}

// Check is kept in the database to recognise the secret by; the secret cannot be
// found from it.
func (b *Box) Check() string { return b.check }

// Seal encrypts a secret of a store. What is sealed opens for the same store and
// name only.
func (b *Box) Seal(storeID int64, name string, plain []byte) []byte {
	nonce := make([]byte, b.aead.NonceSize(), b.aead.NonceSize()+len(plain)+b.aead.Overhead())
	_, _ = rand.Read(nonce) // crypto/rand never fails: it ends the program instead
	return b.aead.Seal(nonce, nonce, plain, place(storeID, name))
}

// Open decrypts what Seal made, or returns ErrUnreadable.
func (b *Box) Open(storeID int64, name string, sealed []byte) ([]byte, error) {
	if len(sealed) < b.aead.NonceSize() {
		return nil, fmt.Errorf("open %s: %w", name, ErrUnreadable)
	}
	nonce, text := sealed[:b.aead.NonceSize()], sealed[b.aead.NonceSize():]
	plain, err := b.aead.Open(nil, nonce, text, place(storeID, name))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, ErrUnreadable)
	}
	return plain, nil
}

// MAC signs a message of a store for a purpose, for links that must not be made
// up by others.
func (b *Box) MAC(storeID int64, purpose string, message []byte) []byte {
	mac := hmac.New(sha256.New, b.signing)
	mac.Write(place(storeID, purpose))
	mac.Write(message)
	return mac.Sum(nil)
}

// place binds a sealed text to where it stands. The number comes first and ends
// at the slash, so that no two places look alike.
func place(storeID int64, name string) []byte {
	return fmt.Appendf(nil, "%d/%s", storeID, name)
}
