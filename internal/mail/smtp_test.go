package mail

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-smtp"
)

// server is a mail server that does as told. Its zero value takes everything.
type server struct {
	onMail, onRcpt, onData error
	hang                   chan struct{} // Data waits for it to close

	mu     sync.Mutex
	taken  [][]byte
	opened int
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened++
	return session{s}, nil
}

func (s *server) mails() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

func (s *server) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}

type session struct{ s *server }

func (session) Reset()                                      {}
func (session) Logout() error                               { return nil }
func (c session) Mail(string, *smtp.MailOptions) error      { return c.s.onMail }
func (c session) Rcpt(to string, _ *smtp.RcptOptions) error { return c.s.onRcpt }

func (c session) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if c.s.hang != nil {
		<-c.s.hang
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if c.s.onData == nil {
		c.s.taken = append(c.s.taken, content)
	}
	return c.s.onData
}

// listen runs the server; with a certificate it offers STARTTLS, or speaks TLS
// from the first byte where implicit.
func (s *server) listen(t *testing.T, certificate *tls.Certificate, implicit bool) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	backend := smtp.NewServer(s)
	backend.Domain = "localhost"
	if certificate != nil {
		config := &tls.Config{Certificates: []tls.Certificate{*certificate}}
		if implicit {
			l = tls.NewListener(l, config)
		} else {
			backend.TLSConfig = config
		}
	}
	go func() { _ = backend.Serve(l) }()
	t.Cleanup(func() { _ = l.Close(); _ = backend.Close() })
	return port
}

func sender(t *testing.T, c SMTPConfig) *SMTP {
	t.Helper()
	c.Host, c.Hello, c.Timeout = "127.0.0.1", "teiki.test", 5*time.Second
	if c.TLS == "" {
		c.TLS = TLSNone
	}
	s, err := NewSMTP(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func message() Message {
	return Message{
		From: Address{Name: "ひばり珈琲", Mail: "teiki@hibari-coffee.example"}, To: Address{Name: "早川 千尋", Mail: "chihiro@example.jp"},
		Subject: "ご注文ありがとうございます", Text: "ご注文を承りました。", HTML: "<p>ご注文を承りました。</p>",
		MessageID: "m1@hibari-coffee.example", Date: time.Date(2026, time.November, 26, 3, 15, 0, 0, time.UTC),
	}
}

func TestTheReplySaysWhatCanBeDone(t *testing.T) {
	reply := func(code int) error { return &smtp.SMTPError{Code: code, Message: "no"} }
	tests := []struct {
		name   string
		server *server
		want   Class
		code   int
	}{
		{"mailbox unknown", &server{onRcpt: reply(550)}, Permanent, 550},
		{"greylisted", &server{onRcpt: reply(450)}, Temporary, 450},
		{"sender refused", &server{onMail: reply(553)}, Permanent, 553},
		{"too many connections", &server{onMail: reply(421)}, Temporary, 421},
		{"content refused", &server{onData: reply(554)}, Permanent, 554},
		{"disk full", &server{onData: reply(452)}, Temporary, 452},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := sender(t, SMTPConfig{Port: test.server.listen(t, nil, false)}).Send(t.Context(), message())
			var e *Error
			if !errors.As(err, &e) || e.Class != test.want || e.Code != test.code {
				t.Errorf("got %v, want %s with %d", err, test.want, test.code)
			}
			if strings.Contains(err.Error(), "chihiro") {
				t.Errorf("the error names the recipient: %v", err)
			}
		})
	}
}

func TestAServerThatIsDownIsTemporary(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := sender(t, SMTPConfig{Port: port}).Send(t.Context(), message()); ClassOf(err) != Temporary {
		t.Errorf("got %v", err)
	}
}

func TestACancelledContextInterruptsAWaitForTheReply(t *testing.T) {
	s := &server{hang: make(chan struct{})}
	defer close(s.hang)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	before := time.Now()
	err := sender(t, SMTPConfig{Port: s.listen(t, nil, false)}).Send(ctx, message())
	if ClassOf(err) != Unclear || err == nil {
		t.Errorf("got %v, want an unclear failure", err)
	}
	if waited := time.Since(before); waited > 3*time.Second {
		t.Errorf("waited %s", waited)
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	s := &server{}
	to := sender(t, SMTPConfig{Port: s.listen(t, nil, false)})
	for range 5 {
		if err := to.Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
	}
	if s.connections() != 1 || len(s.mails()) != 5 {
		t.Errorf("%d connections for %d mails", s.connections(), len(s.mails()))
	}
}

func TestASignedMailIsVerifiedByItsReader(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	s := &server{}
	to := sender(t, SMTPConfig{
		Port: s.listen(t, nil, false),
		DKIM: &DKIM{Domain: "hibari-coffee.example", Selector: "teiki", Key: string(private)},
	})
	m := message()
	m.Headers = map[string]string{"List-Unsubscribe": "<https://hibari-coffee.example/u/abc>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
	if err := to.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	lookup := func(domain string) ([]string, error) {
		if domain != "teiki._domainkey.hibari-coffee.example" {
			t.Errorf("looked up %s", domain)
		}
		return []string{"v=DKIM1; p=" + base64.StdEncoding.EncodeToString(public)}, nil
	}
	verify := func(content []byte) error {
		found, err := dkim.VerifyWithOptions(bytes.NewReader(content), &dkim.VerifyOptions{LookupTXT: lookup})
		if err != nil || len(found) != 1 {
			t.Fatalf("%d signatures, %v", len(found), err)
		}
		return found[0].Err
	}
	if err := verify(s.mails()[0]); err != nil {
		t.Errorf("the signature does not hold: %v", err)
	}
	forged := bytes.Replace(s.mails()[0], []byte("u/abc"), []byte("u/xyz"), 1)
	if err := verify(forged); err == nil {
		t.Error("a changed List-Unsubscribe passes")
	}
}

func TestTLSIsKeptOrNothingIsSent(t *testing.T) {
	certificate, roots := selfSigned(t)
	tests := []struct {
		name     string
		mode     TLS
		offered  *tls.Certificate
		implicit bool
		trust    *tls.Config
		sent     bool
	}{
		{"STARTTLS", TLSStartTLS, &certificate, false, &tls.Config{RootCAs: roots, ServerName: "localhost"}, true},
		{"TLS from the first byte", TLSImplicit, &certificate, true, &tls.Config{RootCAs: roots, ServerName: "localhost"}, true},
		{"STARTTLS is not offered", TLSStartTLS, nil, false, nil, false},
		{"an unknown authority", TLSStartTLS, &certificate, false, &tls.Config{ServerName: "localhost"}, false},
		{"another host's certificate", TLSImplicit, &certificate, true, &tls.Config{RootCAs: roots, ServerName: "mail.example"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &server{}
			to := sender(t, SMTPConfig{Port: s.listen(t, test.offered, test.implicit), TLS: test.mode, TLSConfig: test.trust})
			err := to.Send(t.Context(), message())
			if (err == nil) != test.sent {
				t.Errorf("got %v", err)
			}
			if err != nil && ClassOf(err) != Temporary {
				t.Errorf("%s: %v", ClassOf(err), err)
			}
			if len(s.mails()) > 0 != test.sent {
				t.Errorf("%d mails were taken", len(s.mails()))
			}
		})
	}
}

func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func TestMessagesThatCannotBeWrittenArePermanent(t *testing.T) {
	s := &server{}
	to := sender(t, SMTPConfig{Port: s.listen(t, nil, false)})
	for name, spoil := range map[string]func(m *Message){
		"no recipient":        func(m *Message) { m.To.Mail = "" },
		"a broken recipient":  func(m *Message) { m.To.Mail = "chihiro" },
		"a broken sender":     func(m *Message) { m.From.Mail = "@" },
		"a broken reply":      func(m *Message) { m.ReplyTo.Mail = "x y" },
		"no message id":       func(m *Message) { m.MessageID = "" },
		"no date":             func(m *Message) { m.Date = time.Time{} },
		"a smuggled receiver": func(m *Message) { m.To.Mail = "a@example.jp>\r\nRCPT TO:<b@example.jp" },
	} {
		m := message()
		spoil(&m)
		if err := to.Send(t.Context(), m); err == nil || ClassOf(err) != Permanent {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if len(s.mails()) != 0 {
		t.Errorf("%d mails were taken", len(s.mails()))
	}
}

func TestALineBreakInASubjectAddsNoHeader(t *testing.T) {
	s := &server{}
	m := message()
	m.Subject = "x\r\nBcc: evil@example.jp"
	m.To.Name = "x\r\nBcc: evil@example.jp"
	err := sender(t, SMTPConfig{Port: s.listen(t, nil, false)}).Send(t.Context(), m)
	if err == nil && bytes.Contains(s.mails()[0], []byte("\nBcc:")) {
		t.Errorf("a header was smuggled in:\n%s", s.mails()[0])
	}
}

func TestBadConfigurationIsRefused(t *testing.T) {
	for name, c := range map[string]SMTPConfig{
		"no host":      {Port: 25, TLS: TLSNone},
		"no TLS mode":  {Host: "localhost", Port: 25},
		"a bad port":   {Host: "localhost", Port: 70000, TLS: TLSNone},
		"no DKIM key":  {Host: "localhost", Port: 25, TLS: TLSNone, DKIM: &DKIM{Domain: "a.example", Selector: "s"}},
		"no selector":  {Host: "localhost", Port: 25, TLS: TLSNone, DKIM: &DKIM{Domain: "a.example"}},
		"no PEM block": {Host: "localhost", Port: 25, TLS: TLSNone, DKIM: &DKIM{Domain: "a.example", Selector: "s", Key: "x"}},
	} {
		if _, err := NewSMTP(c); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
