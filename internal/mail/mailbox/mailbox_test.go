package mailbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/mail"
)

var received = time.Date(2026, time.November, 26, 3, 15, 0, 0, time.UTC)

// open starts a mail box over a folder and gives a sender for it.
func open(t *testing.T, dir string) (*Box, *mail.SMTP) {
	t.Helper()
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	catalog.OnMissing(func(lang i18n.Lang, key string) { t.Errorf("%s has no text for %s", lang, key) })
	box, err := Open(Config{Dir: dir, Now: func() time.Time { return received }, Zone: time.FixedZone("JST", 9*60*60), Catalog: catalog})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- box.Serve(l) }()
	sender, err := mail.NewSMTP(mail.SMTPConfig{
		Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: mail.TLSNone, Hello: "teiki.test", Timeout: 5 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = sender.Close()
		_ = box.Close()
		if err := <-served; err != nil {
			t.Errorf("serving: %v", err)
		}
	})
	return box, sender
}

func letter(n int) mail.Message {
	return mail.Message{
		From:    mail.Address{Name: "ひばり珈琲", Mail: "teiki@hibari-coffee.example"},
		ReplyTo: mail.Address{Mail: "support@hibari-coffee.example"},
		To:      mail.Address{Name: "早川 千尋", Mail: fmt.Sprintf("customer%d@example.jp", n)},
		Subject: fmt.Sprintf("【ひばり珈琲】ご注文ありがとうございます（H-%06d）", n),
		Text:    "𠮷野 様\n\nご注文を承りました。\n.\n行頭の点も残ります。\n",
		HTML:    `<!doctype html><html lang="ja"><head><title>x</title></head><body><p>ご注文を承りました。</p><a href="https://example.jp/mypage">開く</a></body></html>`,
		Headers: map[string]string{"X-Test": "1"}, Date: received,
		MessageID: fmt.Sprintf("mail-%d@hibari-coffee.example", n),
	}
}

func TestAMailArrivesWholeAndSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	box, sender := open(t, dir)
	sent := letter(1)
	if err := sender.Send(t.Context(), sent); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*Box{box, reopen(t, dir)} {
		found := b.Find("", "", 10)
		if len(found) != 1 {
			t.Fatalf("%d mails", len(found))
		}
		m, err := b.Read(found[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		want := Summary{
			ID: "0000000001", From: "ひばり珈琲 <teiki@hibari-coffee.example>", To: "customer1@example.jp",
			Subject: sent.Subject, MessageID: sent.MessageID, Received: received,
		}
		if diff := cmp.Diff(want, m.Summary); diff != "" {
			t.Error(diff)
		}
		if m.Text != sent.Text || m.HTML != sent.HTML {
			t.Errorf("text %q, HTML %q", m.Text, m.HTML)
		}
		if strings.Contains(string(m.Raw), "X-Mailbox") {
			t.Error("the raw mail holds the mail box's own headers")
		}
	}
}

func reopen(t *testing.T, dir string) *Box {
	t.Helper()
	box, _ := open(t, dir)
	return box
}

func TestIDsGoOnAfterARestart(t *testing.T) {
	dir := t.TempDir()
	_, sender := open(t, dir)
	if err := sender.Send(t.Context(), letter(1)); err != nil {
		t.Fatal(err)
	}
	box, again := open(t, dir)
	if err := again.Send(t.Context(), letter(2)); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range box.Find("", "", 10) {
		ids = append(ids, m.ID)
	}
	if diff := cmp.Diff([]string{"0000000002", "0000000001"}, ids); diff != "" {
		t.Error(diff)
	}
}

func TestAFolderOfOtherThingsIsRefused(t *testing.T) {
	for name, content := range map[string]string{"holiday.eml": "From: a@b\r\n\r\n", "0000000001.eml": "no mail at all"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want an error that names the file", name, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Config{Dir: file}); err == nil {
		t.Error("a file was taken for a folder")
	}
}

func TestOnlyThisMachineMaySend(t *testing.T) {
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	box, _ := open(t, t.TempDir())
	if err := box.Serve(l); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("got %v", err)
	}
}

func TestFaultsMeetTheNextMails(t *testing.T) {
	box, sender := open(t, t.TempDir())
	tests := []struct {
		name   string
		faults Faults
		want   mail.Class
		kept   int
	}{
		{"refused with 451", Faults{Refuse: 1}, mail.Temporary, 0},
		{"dropped and lost", Faults{DropLost: 1}, mail.Unclear, 0},
		{"dropped and kept", Faults{DropKept: 1}, mail.Unclear, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := box.Count()
			box.SetFaults(test.faults)
			err := sender.Send(t.Context(), letter(1))
			if err == nil || mail.ClassOf(err) != test.want {
				t.Errorf("got %v, want a %s failure", err, test.want)
			}
			if kept := box.Count() - before; kept != test.kept {
				t.Errorf("%d mails were kept, want %d", kept, test.kept)
			}
			if err := sender.Send(t.Context(), letter(1)); err != nil {
				t.Errorf("the next mail fails too: %v", err)
			}
		})
	}
}

func TestManySendersAtOnceLoseNothing(t *testing.T) {
	box, sender := open(t, t.TempDir())
	const workers, each = 8, 50
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			for i := range each {
				if err := sender.Send(context.Background(), letter(worker*each+i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	ids := map[string]bool{}
	for _, m := range box.Find("", "", 1000) {
		ids[m.MessageID] = true
	}
	if len(ids) != workers*each || box.Count() != workers*each {
		t.Errorf("%d mails, %d different, want %d", box.Count(), len(ids), workers*each)
	}
}

func get(t *testing.T, h http.Handler, target string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func page(t *testing.T, w *httptest.ResponseRecorder) *goquery.Document {
	t.Helper()
	d, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheListShowsTheNewestFirstAndFindsWords(t *testing.T) {
	box, sender := open(t, t.TempDir())
	h := box.Handler("/demo/mail/")
	if got := page(t, get(t, h, "/demo/mail/?lang=en")).Find(".empty p").First().Text(); got != "No mail yet." {
		t.Errorf("empty: %q", got)
	}
	for n := range perPage + 2 {
		if err := sender.Send(t.Context(), letter(n)); err != nil {
			t.Fatal(err)
		}
	}
	list := page(t, get(t, h, "/demo/mail/", "Accept-Language", "ja"))
	if got := list.Find(".mails li").Length(); got != perPage {
		t.Errorf("%d mails on the page", got)
	}
	if got := list.Find(".subject").First().Text(); got != letter(perPage+1).Subject {
		t.Errorf("first is %q", got)
	}
	if got := list.Find("time").First().Text(); got != "11月26日（木）12:15" {
		t.Errorf("received %q", got)
	}
	older, _ := list.Find("main > nav a").Attr("href")
	if got := page(t, get(t, h, older)).Find(".mails li").Length(); got != 2 {
		t.Errorf("%d mails behind %q", got, older)
	}
	found := page(t, get(t, h, "/demo/mail/?q="+url.QueryEscape("CUSTOMER7@")))
	if got := found.Find(".to").Text(); got != "customer7@example.jp" {
		t.Errorf("found %q", got)
	}
}

func TestAMailIsShownButRunsNothing(t *testing.T) {
	box, sender := open(t, t.TempDir())
	hostile := letter(1)
	hostile.Subject = `<script>alert(1)</script>`
	hostile.HTML = `<html><head></head><body><script>alert(1)</script><form action="https://evil.example"></form></body></html>`
	if err := sender.Send(t.Context(), hostile); err != nil {
		t.Fatal(err)
	}
	h := box.Handler("/demo/mail/")
	shown := page(t, get(t, h, "/demo/mail/0000000001"))
	if got := shown.Find("h1").Text(); got != hostile.Subject {
		t.Errorf("subject %q", got)
	}
	frame := shown.Find("iframe")
	if got, _ := frame.Attr("src"); got != "/demo/mail/0000000001/html" {
		t.Errorf("frame %q", got)
	}
	if got, _ := frame.Attr("sandbox"); got == "" || strings.Contains(got, "allow-scripts") || strings.Contains(got, "allow-same-origin") {
		t.Errorf("sandbox %q", got)
	}
	body := get(t, h, "/demo/mail/0000000001/html")
	policy := body.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "sandbox") || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "allow-scripts") {
		t.Errorf("policy %q", policy)
	}
	if got := page(t, get(t, h, "/demo/mail/0000000001?tab=text")).Find("pre").Text(); got != hostile.Text {
		t.Errorf("text %q", got)
	}
	if got := page(t, get(t, h, "/demo/mail/0000000001?tab=headers")).Find("pre").Text(); !strings.Contains(got, "X-Test: 1") {
		t.Errorf("headers %q", got)
	}
	for _, target := range []string{"/demo/mail/0000000009", "/demo/mail/0000000009/html", "/demo/mail/..%2f..%2fetc%2fpasswd/raw"} {
		if got := get(t, h, target).Code; got != http.StatusNotFound {
			t.Errorf("%s answers %d", target, got)
		}
	}
}

func TestTestsReadTheMailBoxAsJSON(t *testing.T) {
	box, sender := open(t, t.TempDir())
	h := box.Handler("/")
	if got := strings.TrimSpace(get(t, h, "/api/messages").Body.String()); got != "[]" {
		t.Errorf("empty: %s", got)
	}
	sent := letter(1)
	if err := sender.Send(t.Context(), sent); err != nil {
		t.Fatal(err)
	}
	var got []map[string]string
	if err := json.Unmarshal(get(t, h, "/api/messages?q=customer1@&limit=5").Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := []map[string]string{{
		"id": "0000000001", "from": "ひばり珈琲 <teiki@hibari-coffee.example>", "to": "customer1@example.jp",
		"subject": sent.Subject, "text": sent.Text, "html": sent.HTML, "message_id": sent.MessageID,
		"received": "2026-11-26T03:15:00Z",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, limit := range []string{"0", "-1", "x", "10001"} {
		if code := get(t, h, "/api/messages?limit="+limit).Code; code != http.StatusBadRequest {
			t.Errorf("limit %s answers %d", limit, code)
		}
	}
}

func TestFaultsCanBeSetFromAnotherProcess(t *testing.T) {
	box, sender := open(t, t.TempDir())
	h := box.Handler("/")
	for body, want := range map[string]int{
		`{"refuse":1}`: http.StatusNoContent, `{"explode":1}`: http.StatusBadRequest, `{`: http.StatusBadRequest,
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/faults", strings.NewReader(body)))
		if w.Code != want {
			t.Errorf("%s answers %d, want %d", body, w.Code, want)
		}
	}
	if err := sender.Send(t.Context(), letter(1)); mail.ClassOf(err) != mail.Temporary {
		t.Errorf("got %v", err)
	}
}
