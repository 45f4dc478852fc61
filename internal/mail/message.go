package mail

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	gomail "github.com/wneessen/go-mail"
)

// Address of a sender or reader, with the name a mail program shows.
type Address struct {
	Name string
	Mail string
}

// Message is a mail ready to go. MessageID, without angle brackets, belongs to
// the outbox row and not to the try: a mail that is sent twice after an unclear
// answer is recognised as one. Date is when it was written.
type Message struct {
	From      Address
	ReplyTo   Address // zero: replies go to From
	To        Address
	Subject   string
	Text      string
	HTML      string
	MessageID string
	Date      time.Time
	Headers   map[string]string
}

// bytes is the message as it goes over the line, without a signature.
func (m Message) bytes() ([]byte, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(m.From.Name, m.From.Mail); err != nil {
		return nil, fmt.Errorf("sender %q: %w", m.From.Mail, err)
	}
	if err := msg.AddToFormat(m.To.Name, m.To.Mail); err != nil {
		return nil, fmt.Errorf("recipient %q: %w", m.To.Mail, err)
	}
	if m.ReplyTo.Mail != "" {
		if err := msg.ReplyToFormat(m.ReplyTo.Name, m.ReplyTo.Mail); err != nil {
			return nil, fmt.Errorf("reply address %q: %w", m.ReplyTo.Mail, err)
		}
	}
	if m.MessageID == "" || m.Date.IsZero() {
		return nil, errors.New("a message needs its id and its date")
	}
	msg.SetMessageIDWithValue(m.MessageID)
	msg.SetDateWithValue(m.Date)
	msg.Subject(m.Subject)
	for _, name := range sortedKeys(m.Headers) {
		msg.SetGenHeader(gomail.Header(name), m.Headers[name])
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("writing the message: %w", err)
	}
	return b.Bytes(), nil
}

func sortedKeys(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// DKIM signs a domain's mails (RFC 6376). Key is a PEM block, RSA or Ed25519.
type DKIM struct {
	Domain   string
	Selector string
	Key      string
}

// signedHeaders are those of RFC 6376 section 5.4.1 that our mails have, and the
// two that RFC 8058 wants covered. Names that a mail lacks are signed as absent,
// so that nobody adds them.
var signedHeaders = []string{
	"From", "Reply-To", "Subject", "Date", "To", "Message-ID", "Mime-Version", "Content-Type",
	"List-Unsubscribe", "List-Unsubscribe-Post",
}

func (d DKIM) options() (*dkim.SignOptions, error) {
	if d.Domain == "" || d.Selector == "" {
		return nil, errors.New("DKIM needs a domain and a selector")
	}
	key, err := parseKey(d.Key)
	if err != nil {
		return nil, fmt.Errorf("DKIM key: %w", err)
	}
	return &dkim.SignOptions{
		Domain: d.Domain, Selector: d.Selector, Signer: key, Hash: crypto.SHA256,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization:   dkim.CanonicalizationRelaxed,
		HeaderKeys:             signedHeaders,
	}, nil
}

func parseKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no PEM block")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("neither PKCS #1 nor PKCS #8: %w", err)
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return key, nil
	case ed25519.PrivateKey:
		return key, nil
	default:
		return nil, fmt.Errorf("a %T cannot sign mails", key)
	}
}
