package mailbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"

	"github.com/emersion/go-message/mail"
)

// Mail is one mail with its parts.
type Mail struct {
	Summary
	Text    string   `json:"text"`
	HTML    string   `json:"html"`
	Headers []Header `json:"-"`
	Raw     []byte   `json:"-"` // as it came, without the mail box's own headers
}

// Header of a mail, as it came.
type Header struct{ Name, Value string }

func decode(s string) string {
	decoded, err := new(mime.WordDecoder).DecodeHeader(s)
	if err != nil {
		return s
	}
	return decoded
}

func parse(summary Summary, content []byte) (Mail, error) {
	m := Mail{Summary: summary}
	// The two lines above the mail are ours.
	m.Raw = content
	for range 2 {
		if _, rest, ok := bytes.Cut(m.Raw, []byte("\r\n")); ok {
			m.Raw = rest
		}
	}
	reader, err := mail.CreateReader(bytes.NewReader(m.Raw))
	if err != nil {
		return Mail{}, fmt.Errorf("reading the mail %s: %w", summary.ID, err)
	}
	for fields := reader.Header.Fields(); fields.Next(); {
		m.Headers = append(m.Headers, Header{fields.Key(), fields.Value()})
	}
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return Mail{}, fmt.Errorf("reading a part of the mail %s: %w", summary.ID, err)
		}
		if err := m.take(part); err != nil {
			return Mail{}, fmt.Errorf("reading a part of the mail %s: %w", summary.ID, err)
		}
	}
}

// take reads the parts to look at; attachments stay in the raw mail.
func (m *Mail) take(part *mail.Part) error {
	inline, ok := part.Header.(*mail.InlineHeader)
	if !ok {
		return nil
	}
	kind, _, err := inline.ContentType()
	if err != nil {
		return err
	}
	body, err := io.ReadAll(part.Body)
	if err != nil {
		return err
	}
	switch text := strings.ReplaceAll(string(body), "\r\n", "\n"); kind {
	case "text/plain":
		m.Text = text
	case "text/html":
		m.HTML = text
	}
	return nil
}
