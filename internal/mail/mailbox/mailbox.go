// Package mailbox is the embedded mail box of demo and tests: an SMTP server
// that takes every mail, keeps it in a folder and shows it on pages of its own.
// Nothing leaves the machine. It is not made for the open network.
package mailbox

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/teiki-commerce/teiki/internal/i18n"
)

// Config of a mail box. Zone is for showing times only.
type Config struct {
	Dir     string // folder of the mails, made where missing
	Now     func() time.Time
	Zone    *time.Location
	Catalog *i18n.Catalog
}

// Box holds the mails: one file each, <id>.eml, ids counting up from 1, and the
// headers of all in memory.
type Box struct {
	config Config
	server *smtp.Server

	mu       sync.Mutex
	mails    []Summary // by id, oldest first
	lastID   int64
	faults   Faults
	listener net.Listener // nil before Serve
	closed   bool
}

// Summary is what the list shows of a mail.
type Summary struct {
	ID        string    `json:"id"`
	From      string    `json:"from"`
	To        string    `json:"to"` // who the envelope named
	Subject   string    `json:"subject"`
	MessageID string    `json:"message_id"`
	Received  time.Time `json:"received"`
}

// Faults are what the next mails meet, for tests of senders. Each number counts
// down to zero; refusing comes first.
type Faults struct {
	Refuse   int `json:"refuse"`    // answered with 451, not kept
	DropLost int `json:"drop_lost"` // the line breaks after the content; not kept
	DropKept int `json:"drop_kept"` // the same, but the mail was kept
}

// Open reads what the folder holds already. A file that is no mail is an error:
// somebody pointed the mail box at the wrong folder.
func Open(config Config) (*Box, error) {
	if err := os.MkdirAll(config.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the mail box's folder: %w", err)
	}
	b := &Box{config: config}
	b.server = newServer(b)
	entries, err := os.ReadDir(config.Dir)
	if err != nil {
		return nil, fmt.Errorf("reading the mail box's folder: %w", err)
	}
	for _, entry := range entries {
		id, isMail := strings.CutSuffix(entry.Name(), ".eml")
		if !isMail {
			continue
		}
		number, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s is no mail of this mail box", entry.Name())
		}
		content, err := os.ReadFile(filepath.Join(config.Dir, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading a kept mail: %w", err)
		}
		summary, err := summarize(id, content)
		if err != nil {
			return nil, fmt.Errorf("reading the kept mail %s: %w", entry.Name(), err)
		}
		b.mails = append(b.mails, summary)
		b.lastID = max(b.lastID, number)
	}
	slices.SortFunc(b.mails, func(x, y Summary) int { return strings.Compare(x.ID, y.ID) })
	return b, nil
}

// The mail box's own headers, written above those of the mail.
const (
	headerTo       = "X-Mailbox-To"
	headerReceived = "X-Mailbox-Received"
)

// store keeps a mail. The file is complete before it gets its name, so that a
// killed process leaves no half mail.
func (b *Box) store(to []string, content []byte) error {
	var full bytes.Buffer
	fmt.Fprintf(&full, "%s: %s\r\n%s: %s\r\n", headerTo, strings.Join(to, ", "),
		headerReceived, b.config.Now().UTC().Format(time.RFC3339Nano))
	full.Write(content)

	b.mu.Lock()
	defer b.mu.Unlock()
	id := fmt.Sprintf("%010d", b.lastID+1)
	summary, err := summarize(id, full.Bytes())
	if err != nil {
		return fmt.Errorf("reading the mail: %w", err)
	}
	path := filepath.Join(b.config.Dir, id)
	if err := os.WriteFile(path+".part", full.Bytes(), 0o600); err != nil {
		return fmt.Errorf("keeping the mail: %w", err)
	}
	if err := os.Rename(path+".part", path+".eml"); err != nil {
		return fmt.Errorf("keeping the mail: %w", err)
	}
	b.lastID++
	b.mails = append(b.mails, summary)
	return nil
}

func summarize(id string, content []byte) (Summary, error) {
	message, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		return Summary{}, err
	}
	h := message.Header
	received, err := time.Parse(time.RFC3339Nano, h.Get(headerReceived))
	if err != nil {
		return Summary{}, fmt.Errorf("time of receipt: %w", err)
	}
	return Summary{
		ID: id, From: decode(h.Get("From")), To: h.Get(headerTo), Subject: decode(h.Get("Subject")),
		MessageID: strings.Trim(h.Get("Message-ID"), "<>"), Received: received,
	}, nil
}

// Find lists the newest mails first: at most limit of those older than the id
// before (empty: from the newest) whose recipient or subject holds the words.
func (b *Box) Find(words, before string, limit int) []Summary {
	words = strings.ToLower(strings.TrimSpace(words))
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []Summary
	for i := len(b.mails) - 1; i >= 0 && len(found) < limit; i-- {
		m := b.mails[i]
		if before != "" && m.ID >= before {
			continue
		}
		if words == "" || strings.Contains(strings.ToLower(m.To+"\n"+m.Subject), words) {
			found = append(found, m)
		}
	}
	return found
}

// Count is the number of mails kept.
func (b *Box) Count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.mails)
}

// ErrNotFound is returned for ids of no mail.
var ErrNotFound = errors.New("no such mail")

// Read reads one mail with its parts.
func (b *Box) Read(id string) (Mail, error) {
	summary, known := b.summary(id)
	if !known {
		return Mail{}, ErrNotFound
	}
	content, err := os.ReadFile(filepath.Join(b.config.Dir, id+".eml"))
	if errors.Is(err, fs.ErrNotExist) {
		return Mail{}, ErrNotFound
	}
	if err != nil {
		return Mail{}, fmt.Errorf("reading a kept mail: %w", err)
	}
	return parse(summary, content)
}

func (b *Box) summary(id string) (Summary, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i, known := slices.BinarySearchFunc(b.mails, id, func(m Summary, id string) int { return strings.Compare(m.ID, id) })
	if !known {
		return Summary{}, false
	}
	return b.mails[i], true
}

// SetFaults says what the next mails meet.
func (b *Box) SetFaults(f Faults) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = f
}

// fault is what happens to one mail.
type fault int

const (
	faultNone fault = iota
	faultRefuse
	faultDropLost
	faultDropKept
)

func (b *Box) nextFault() fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.faults.Refuse > 0:
		b.faults.Refuse--
		return faultRefuse
	case b.faults.DropLost > 0:
		b.faults.DropLost--
		return faultDropLost
	case b.faults.DropKept > 0:
		b.faults.DropKept--
		return faultDropKept
	default:
		return faultNone
	}
}
