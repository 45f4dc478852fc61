package mail

import (
	"context"
	"errors"
	"fmt"
)

// Sender hands a mail over. A nil error means that somebody else is responsible
// for it now. Other errors have a class; ClassOf tells it.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Class sorts failures by what can be done about them.
type Class string

// The classes. Temporary: surely not taken, try later. Permanent: surely not
// taken, and never will be as it is. Unclear: it may have been taken; sending it
// again under the same Message-ID is right, because every mail is to arrive at
// least once.
const (
	Temporary Class = "temporary"
	Permanent Class = "permanent"
	Unclear   Class = "unclear"
)

// Error is why a mail was not handed over. Code is the server's reply, 0 where
// none came.
type Error struct {
	Class Class
	Code  int
	Doing string
	Err   error
}

// Error is for logs and for what rows keep; TroubleIn reads it. It names no
// recipient.
func (e *Error) Error() string { return fmt.Sprintf("%s (%s): %v", e.Doing, e.Class, e.Err) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// ClassOf is the class of a Sender's error. One without a class is unclear: that
// costs a second mail at worst, where the other guesses could lose one.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return Unclear
}
