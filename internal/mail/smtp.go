package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// TLS says how a connection to the mail server is protected.
type TLS string

// The modes. None is for a server on the same machine.
const (
	TLSNone     TLS = "none"
	TLSStartTLS TLS = "starttls" // required, not merely tried
	TLSImplicit TLS = "tls"      // from the first byte, port 465
)

// SMTPConfig is a store's way out. User may be empty for servers that trust the
// network.
type SMTPConfig struct {
	Host      string
	Port      int
	User      string
	Password  string
	TLS       TLS
	DKIM      *DKIM
	Hello     string        // our name in the greeting; empty: the machine's
	Timeout   time.Duration // of one mail; 0 = 30 s
	TLSConfig *tls.Config   // nil: the system's authorities
}

const (
	defaultTimeout = 30 * time.Second
	// idleConnections kept open: mail servers close what lies idle, and most
	// allow few connections of one client.
	idleConnections = 8
)

// SMTP sends through one server and keeps connections open between mails. It is
// safe for many goroutines. Close it when done.
type SMTP struct {
	config  SMTPConfig
	options []gomail.Option
	signing *dkim.SignOptions
	idle    chan *line
}

// line is a connection that has greeted and logged in. Raw is what lies below:
// closing it is the only way to interrupt a call that waits for a reply, because
// smtp.Client holds its lock meanwhile.
type line struct {
	*smtp.Client
	raw net.Conn
}

// NewSMTP checks the configuration; it does not connect.
func NewSMTP(c SMTPConfig) (*SMTP, error) {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	options := []gomail.Option{gomail.WithPort(c.Port), gomail.WithTimeout(c.Timeout), gomail.WithoutSMTPUTF8()}
	switch c.TLS {
	case TLSNone:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case TLSStartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLSImplicit:
		options = append(options, gomail.WithSSL())
	default:
		return nil, fmt.Errorf("mail server: unknown TLS mode %q", c.TLS)
	}
	if c.TLSConfig != nil {
		options = append(options, gomail.WithTLSConfig(c.TLSConfig))
	}
	if c.Hello != "" {
		options = append(options, gomail.WithHELO(c.Hello))
	}
	if c.User != "" {
		options = append(options, gomail.WithUsername(c.User), gomail.WithPassword(c.Password),
			gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover))
	}
	if _, err := gomail.NewClient(c.Host, options...); err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	s := &SMTP{config: c, options: options, idle: make(chan *line, idleConnections)}
	if c.DKIM != nil {
		var err error
		if s.signing, err = c.DKIM.options(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Send hands the mail to the server.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	content, err := m.bytes()
	if err == nil && s.signing != nil {
		content, err = sign(content, s.signing)
	}
	if err != nil {
		return &Error{Class: Permanent, Doing: doingWrite, Err: err}
	}
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	// SMTP calls know no context: a cancelled one cuts the line.
	stop := context.AfterFunc(ctx, func() { _ = conn.raw.Close() })
	err = deliver(conn.Client, m.From.Mail, m.To.Mail, content)
	if cut := !stop(); err != nil || cut {
		// Whatever happened, a new connection begins in a known state.
		_ = conn.raw.Close()
		return err
	}
	s.keep(conn)
	return nil
}

func sign(content []byte, options *dkim.SignOptions) ([]byte, error) {
	var b bytes.Buffer
	if err := dkim.Sign(&b, bytes.NewReader(content), options); err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return b.Bytes(), nil
}

// connect takes an idle connection that still answers, else makes one. Nothing
// was sent yet when it fails, and a refused login is the store's trouble and not
// the mail's: both are temporary.
func (s *SMTP) connect(ctx context.Context) (*line, error) {
	for {
		select {
		case conn := <-s.idle:
			if conn.UpdateDeadline(s.config.Timeout) == nil && conn.Noop() == nil {
				return conn, nil
			}
			_ = conn.raw.Close()
			continue
		default:
		}
		conn, err := s.dial(ctx)
		if err != nil {
			return nil, &Error{Class: Temporary, Code: codeOf(err), Doing: doingConnect, Err: err}
		}
		return conn, nil
	}
}

func (s *SMTP) dial(ctx context.Context) (*line, error) {
	var raw net.Conn
	dialer, err := gomail.NewClient(s.config.Host, append(slices.Clone(s.options), gomail.WithDialContextFunc(
		func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := s.dialNet(ctx, network, address)
			raw = conn
			return conn, err
		}))...)
	if err != nil {
		return nil, err
	}
	client, err := dialer.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if raw != nil {
			_ = raw.Close()
		}
		return nil, err
	}
	return &line{Client: client, raw: raw}, nil
}

func (s *SMTP) dialNet(ctx context.Context, network, address string) (net.Conn, error) {
	if s.config.TLS != TLSImplicit {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.config.TLSConfig != nil {
		config = s.config.TLSConfig.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = s.config.Host
	}
	return (&tls.Dialer{Config: config}).DialContext(ctx, network, address)
}

func (s *SMTP) keep(conn *line) {
	select {
	case s.idle <- conn:
	default:
		_ = conn.Quit()
	}
}

// deliver runs one mail through an open connection. The step at which a line
// breaks decides the class: before the last dot nothing can have been taken,
// between the dot and the reply it may have been.
func deliver(conn *smtp.Client, from, to string, content []byte) error {
	if err := conn.Mail("<" + from + ">"); err != nil {
		return refusal(doingSender, err, Temporary)
	}
	if err := conn.Rcpt("<" + to + ">"); err != nil {
		return refusal(doingRecipient, err, Temporary)
	}
	body, err := conn.Data()
	if err != nil {
		return refusal(doingBegin, err, Temporary)
	}
	if _, err := body.Write(content); err != nil {
		return refusal(doingContent, err, Temporary)
	}
	if err := body.Close(); err != nil {
		return refusal(doingFinish, err, Unclear)
	}
	return nil
}

// refusal reads a reply of the server: 5xx is for good, 4xx for now. Without a
// reply the class is what the step says.
func refusal(doing string, err error, otherwise Class) error {
	code, class := codeOf(err), otherwise
	switch {
	case code >= 500:
		class = Permanent
	case code >= 400:
		class = Temporary
	}
	return &Error{Class: class, Code: code, Doing: doing, Err: err}
}

func codeOf(err error) int {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code
	}
	return 0
}

// Close ends the idle connections.
func (s *SMTP) Close() error {
	for {
		select {
		case conn := <-s.idle:
			_ = conn.Quit()
		default:
			return nil
		}
	}
}
