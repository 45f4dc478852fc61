// Package ident holds the identifier every noun carries. It owns the form of
// an identifier, not its making: generators need a clock and live in app.
package ident

import (
	"encoding/hex"
	"errors"
)

// ID is a UUID (version 7 when teiki made it). The zero ID means "none".
type ID [16]byte

// ErrMalformed is returned when a text is not a UUID.
var ErrMalformed = errors.New("malformed id")

// IsZero reports whether the ID is unset.
func (id ID) IsZero() bool { return id == ID{} }

// String writes the canonical 36 characters, lower case.
func (id ID) String() string {
	var buf [36]byte
	hex.Encode(buf[0:8], id[0:4])
	buf[8] = '-'
	hex.Encode(buf[9:13], id[4:6])
	buf[13] = '-'
	hex.Encode(buf[14:18], id[6:8])
	buf[18] = '-'
	hex.Encode(buf[19:23], id[8:10])
	buf[23] = '-'
	hex.Encode(buf[24:], id[10:])
	return string(buf[:])
}

// Parse reads the canonical form that String writes.
func Parse(s string) (ID, error) {
	var id ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, ErrMalformed
	}
	digits := s[0:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	if _, err := hex.Decode(id[:], []byte(digits)); err != nil {
		return ID{}, ErrMalformed
	}
	return id, nil
}

// MarshalText writes the canonical form, so that ids read well in JSON.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the canonical form.
func (id *ID) UnmarshalText(b []byte) error {
	parsed, err := Parse(string(b))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// Compare orders ids bytewise: the lock order of rows, and for version 7 the
// order in which they were made.
func (id ID) Compare(other ID) int {
	for i := range id {
		switch {
		case id[i] < other[i]:
			return -1
		case id[i] > other[i]:
			return 1
		}
	}
	return 0
}

// Generator makes a new identifier. The one in app reads the wall clock; tests
// pass a counting one.
type Generator func() ID
