// Package fault holds the errors a person or an API may be told: a code, a
// message key for the language catalogues and, for forms, the field. Anything
// else is an unexpected error and is logged, not shown.
package fault

import (
	"errors"
	"strings"
)

// Code sorts errors by what the caller can do about them.
type Code string

// The codes; web maps each to one HTTP status.
const (
	Invalid      Code = "invalid"      // input to correct
	NotFound     Code = "not_found"    // no such thing, or not yours
	Conflict     Code = "conflict"     // it changed meanwhile: look again
	Forbidden    Code = "forbidden"    // you may not
	TooMany      Code = "too_many"     // slow down
	Unavailable  Code = "unavailable"  // try again later
	Unauthorized Code = "unauthorized" // log in first
)

// Error is one thing wrong. Key is a message key, Args its named values, Field
// the path of the input concerned ("address.postcode", "items[0].quantity").
type Error struct {
	Code  Code
	Key   string
	Field string
	Args  map[string]any
}

// Error is for logs.
func (e *Error) Error() string {
	if e.Field == "" {
		return string(e.Code) + ": " + e.Key
	}
	return string(e.Code) + ": " + e.Field + ": " + e.Key
}

// New makes an error without a field.
func New(code Code, key string) *Error { return &Error{Code: code, Key: key} }

// Field makes an Invalid error that belongs beside a field. args are pairs of
// name and value.
func Field(field, key string, args ...any) *Error {
	e := &Error{Code: Invalid, Key: key, Field: field}
	for i := 0; i+1 < len(args); i += 2 {
		if e.Args == nil {
			e.Args = map[string]any{}
		}
		if name, ok := args[i].(string); ok {
			e.Args[name] = args[i+1]
		}
	}
	return e
}

// List is several things wrong at once, as a form has them.
type List []*Error

// Error is for logs.
func (l List) Error() string {
	parts := make([]string, len(l))
	for i, e := range l {
		parts[i] = e.Error()
	}
	return strings.Join(parts, "; ")
}

// Add appends an error unless it is nil.
func (l *List) Add(e *Error) {
	if e != nil {
		*l = append(*l, e)
	}
}

// Err is nil for an empty list: a List in an error interface is never nil.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// All unfolds err into the faults in it, none where it holds none.
func All(err error) List {
	var list List
	if errors.As(err, &list) {
		return list
	}
	var one *Error
	if errors.As(err, &one) {
		return List{one}
	}
	return nil
}

// Is reports whether err holds a fault with the code.
func Is(err error, code Code) bool {
	for _, e := range All(err) {
		if e.Code == code {
			return true
		}
	}
	return false
}
