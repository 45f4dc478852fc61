package mailbox

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/emersion/go-smtp"
)

const (
	maxMail       = 20 << 20
	maxRecipients = 100
	lineTimeout   = time.Minute
)

func newServer(b *Box) *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{box: b, conn: c}, nil
	}))
	s.Domain = "mailbox.localhost"
	s.MaxMessageBytes = maxMail
	s.MaxRecipients = maxRecipients
	s.ReadTimeout = lineTimeout
	s.WriteTimeout = lineTimeout
	s.ErrorLog = silent{} // a broken line is the sender's news, and faults break lines on purpose
	return s
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// Serve takes mails until Close. It answers mail to anybody, so that the
// listener must be on a loopback address; others are refused.
func (b *Box) Serve(l net.Listener) error {
	if tcp, ok := l.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return fmt.Errorf("the mail box listens on loopback addresses only, not on %s", l.Addr())
	}
	b.mu.Lock()
	closed := b.closed
	b.listener = l
	b.mu.Unlock()
	if closed {
		return l.Close()
	}
	err := b.server.Serve(l)
	if err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("taking mails: %w", err)
	}
	return nil
}

// Close ends Serve, also one that is only about to begin: the server alone would
// not know of its listener yet. The mails stay in their folder.
func (b *Box) Close() error {
	b.mu.Lock()
	b.closed = true
	l := b.listener
	b.mu.Unlock()
	err := b.server.Close()
	if l != nil {
		_ = l.Close() // closed already where the server knew it
	}
	if err != nil && !errors.Is(err, smtp.ErrServerClosed) {
		return fmt.Errorf("closing the mail box: %w", err)
	}
	return nil
}

// session is one connection of a sender.
type session struct {
	box  *Box
	conn *smtp.Conn
	to   []string
}

func (s *session) Reset()        { s.to = nil }
func (s *session) Logout() error { return nil }

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	failing := s.box.nextFault()
	switch failing {
	case faultRefuse:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try again later"}
	case faultDropLost:
		return s.hangUp()
	case faultNone, faultDropKept:
	}
	if err := s.box.store(s.to, content); err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: err.Error()}
	}
	if failing == faultDropKept {
		return s.hangUp()
	}
	return nil
}

// hangUp breaks the line instead of answering.
func (s *session) hangUp() error {
	if err := s.conn.Conn().Close(); err != nil {
		return err
	}
	return io.ErrUnexpectedEOF
}
