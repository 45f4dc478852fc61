package app

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/mail/mailbox"
	"github.com/teiki-commerce/teiki/internal/seal"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// patient is a whole installation that the doctor looks at: a shop, the simulator
// as its gateway, the mail box as its mail server.
type patient struct {
	w     *thread.World
	h     *House
	place Place
	texts *i18n.Catalog
}

func newPatient(t *testing.T, engine db.Engine) *patient {
	t.Helper()
	w, where := shopIn(t, engine)
	p := &patient{w: w, place: where, h: house(t, where)}
	p.texts = p.h.Texts
	p.texts.OnMissing(func(l i18n.Lang, key string) { t.Errorf("no text in %s for %s", l, key) })
	box, err := mailbox.Open(mailbox.Config{Dir: t.TempDir(), Now: w.Clock.Now, Zone: time.UTC, Catalog: p.texts})
	if err != nil {
		t.Fatal(err)
	}
	port := served(t, box.Serve, box.Close)
	p.save(t, func(s *store.Settings) {
		s.Mail.Host, s.Mail.Port, s.Mail.TLS = "127.0.0.1", port, "none"
	})
	// the second shop of every test's database is bare
	for _, statement := range []string{
		"DELETE FROM settings WHERE store_id = 2", "DELETE FROM store_hosts WHERE store_id = 2", "DELETE FROM stores WHERE id = 2",
	} {
		p.exec(t, statement)
	}
	return p
}

// served runs a mail server on a port of its own until the test ends.
func served(t *testing.T, serve func(net.Listener) error, end func() error) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- serve(l) }()
	t.Cleanup(func() {
		_ = end()
		<-done
	})
	return portOf(l)
}

// save changes the shop's settings.
func (p *patient) save(t *testing.T, change func(*store.Settings)) {
	t.Helper()
	settings, err := db.Settings(t.Context(), p.h.DB, thread.StoreID)
	if err != nil {
		t.Fatal(err)
	}
	change(&settings)
	p.write(t, func(ctx context.Context, tx db.Tx) error {
		return saveSettings(ctx, tx, thread.StoreID, settings, Wall())
	})
}

func (p *patient) write(t *testing.T, fn func(context.Context, db.Tx) error) {
	t.Helper()
	if err := p.h.DB.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func (p *patient) exec(t *testing.T, statement string) {
	t.Helper()
	p.write(t, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, statement)
		return err
	})
}

// put keeps a secret sealed by a box.
func (p *patient) put(t *testing.T, box *seal.Box, name, value string) {
	t.Helper()
	p.write(t, func(ctx context.Context, tx db.Tx) error {
		return db.PutSecret(ctx, tx, thread.StoreID, name, box.Seal(thread.StoreID, name, []byte(value)), Wall())
	})
}

// examined is what the doctor says in English.
func examined(t *testing.T, place Place) []Finding {
	t.Helper()
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	texts.OnMissing(func(l i18n.Lang, key string) { t.Errorf("no text in %s for %s", l, key) })
	list, err := Examine(t.Context(), place, texts.For(i18n.En))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// says checks what is found about one part, and that nothing else is ill.
func says(t *testing.T, list []Finding, part string, health Health, text string) {
	t.Helper()
	at := slices.IndexFunc(list, func(f Finding) bool { return strings.HasPrefix(f.Part, part) })
	if at < 0 {
		t.Fatalf("nothing is said about %s: %+v", part, list)
	}
	if f := list[at]; f.Health != health || !strings.Contains(f.Text, text) || (health != Healthy) != (f.Advice != "") {
		t.Errorf("said about %s: %+v, want %s %q", part, f, health, text)
	}
	for i, f := range list {
		if i != at && f.Health == Ill {
			t.Errorf("%s is ill too: %s", f.Part, f.Text)
		}
	}
}

func TestTheDoctorFindsNothingWrongWhereNothingIs(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			p := newPatient(t, engine)
			list := examined(t, p.place)
			if len(list) != 9 {
				t.Errorf("%d findings: %+v", len(list), list)
			}
			says(t, list, "Mail server", Healthy, "answers")
			says(t, list, "Stripe", Doubt, "not Stripe itself")
			words := p.texts.For(i18n.Ja)
			if err := Verdict(list, words); err != nil {
				t.Errorf("the verdict is %v", err)
			}
			if n := len(p.w.Ledger(t).Charges); n != 0 {
				t.Errorf("the doctor made %d charges", n)
			}
		})
	}
}

func TestTheDoctorSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	for _, engine := range dbtest.Engines {
		for name, c := range map[string]struct {
			spoil func(*testing.T, *patient)
			part  string
			text  string
		}{
			"a field the law asks for": {func(t *testing.T, p *patient) {
				p.save(t, func(s *store.Settings) { s.Profile.Manager, s.Profile.Address = "", place.Address{} })
			}, "Shop settings", "Not filled in: Person in charge, City, Street"},
			"no way to pay": {func(t *testing.T, p *patient) {
				p.save(t, func(s *store.Settings) { s.Payment.Card, s.Payment.COD = false, false })
			}, "Shop settings", "Ways of payment"},
			"no address": {func(t *testing.T, p *patient) {
				p.save(t, func(s *store.Settings) { s.Profile.BaseURL = "shop.example" })
			}, "Public address", "“shop.example” cannot be used"},
			"an address in the clear": {func(t *testing.T, p *patient) {
				p.save(t, func(s *store.Settings) { s.Profile.BaseURL = "http://shop.example" })
			}, "Public address", "not encrypted"},
			"a key of nobody": {func(t *testing.T, p *patient) {
				p.put(t, p.h.Flow.Secrets, flow.SecretGatewayKey, "sk_test_wrong")
			}, "Stripe", "refuses the key"},
			"no key": {func(t *testing.T, p *patient) {
				p.put(t, p.h.Flow.Secrets, flow.SecretGatewayKey, "")
			}, "Stripe", "no Stripe key"},
			"a key sealed elsewhere": {func(t *testing.T, p *patient) {
				p.put(t, seal.New(bytes.Repeat([]byte{9}, seal.SecretSize)), flow.SecretGatewayKey, thread.GatewayKey)
			}, "Stripe", "another instance secret"},
			"a gateway that is away": {func(t *testing.T, p *patient) {
				p.save(t, func(s *store.Settings) { s.Payment.GatewayURL = "http://127.0.0.1:1" })
			}, "Stripe", "cannot be reached"},
			"no webhook secret": {func(t *testing.T, p *patient) {
				p.put(t, p.h.Flow.Secrets, flow.SecretWebhook, "")
			}, "Webhook", "no signing secret"},
			"no mail server": {func(t *testing.T, p *patient) {
				p.save(t, func(s *store.Settings) { s.Mail.Host = "" })
			}, "Mail server", "not set"},
			"a mail server that is away": {func(t *testing.T, p *patient) {
				p.save(t, func(s *store.Settings) { s.Mail.Port = 1 })
			}, "Mail server", "127.0.0.1:1 cannot be reached"},
			"a mail server without the TLS asked for": {func(t *testing.T, p *patient) {
				p.save(t, func(s *store.Settings) { s.Mail.TLS = "starttls" })
			}, "Mail server", "cannot be reached"},
			"a login that is refused": {func(t *testing.T, p *patient) {
				port := strictServer(t)
				p.save(t, func(s *store.Settings) { s.Mail.Port, s.Mail.User = port, "shop" })
				p.put(t, p.h.Flow.Secrets, flow.SecretSMTP, "wrong")
			}, "Mail server", "refuses the login"},
			"a clock from before": {func(t *testing.T, p *patient) {
				p.exec(t, "UPDATE instance SET created_at = '2999-01-01 00:00:00.000000+00:00'")
			}, "Clock", "before the database was made (2999-01-01 00:00:00 UTC)"},
			"another instance secret": {func(t *testing.T, p *patient) {
				p.place.SecretFile = secretFile(t, bytes.Repeat([]byte{9}, seal.SecretSize))
			}, "Instance secret", "another instance secret"},
			"no instance secret": {func(_ *testing.T, p *patient) { p.place.SecretFile += ".gone" }, "Instance secret", "cannot be read"},
			"a newer schema": {func(t *testing.T, p *patient) {
				p.exec(t, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
			}, "Database", "(9999) is newer"},
			"no schema": {func(t *testing.T, p *patient) {
				p.exec(t, "DROP TABLE goose_db_version")
			}, "Database", "is empty"},
		} {
			if inStore := []string{"Shop settings", "Public address", "Stripe", "Webhook", "Mail server"}; engine == db.Postgres && slices.Contains(inStore, c.part) {
				continue // what a shop lacks is the same on both
			}
			t.Run(string(engine)+"/"+name, func(t *testing.T) {
				p := newPatient(t, engine)
				c.spoil(t, p)
				list := examined(t, p.place)
				says(t, list, c.part, Ill, c.text)
				if err := Verdict(list, p.texts.For(i18n.En)); err == nil || !strings.Contains(err.Error(), "Problems found: 1.") {
					t.Errorf("the verdict is %v", err)
				}
			})
		}
	}
}

// strictServer is a mail server that lets nobody log in.
func strictServer(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			err = refuse(textproto.NewConn(conn))
		}
		done <- err
	}()
	t.Cleanup(func() {
		_ = l.Close()
		if err := <-done; err != nil {
			t.Errorf("the strict mail server: %v", err)
		}
	})
	return portOf(l)
}

// refuse speaks until the login has failed and the other side is gone.
func refuse(c *textproto.Conn) error {
	answers := []string{"220 mail.example", "250-mail.example\r\n250 AUTH CRAM-MD5", "334 PDFAbWFpbC5leGFtcGxlPg==", "535 5.7.8 no", "221 bye"}
	for _, answer := range answers {
		if err := c.PrintfLine("%s", answer); err != nil {
			return errors.Join(err, c.Close())
		}
		if _, err := c.ReadLine(); err != nil {
			break // it has heard enough
		}
	}
	return c.Close()
}

func TestTheDoctorMakesNothingWhereThereIsNothing(t *testing.T) {
	t.Setenv(SecretEnv, "")
	folder := t.TempDir()
	for name, c := range map[string]struct {
		place Place
		part  string
		text  string
	}{
		"an empty folder":    {Place{Data: folder}, "Configuration", "no database at " + filepath.Join(folder, "teiki.db")},
		"a wrong URL":        {Place{Database: "mysql://localhost/teiki"}, "Configuration", "postgres://"},
		"a server that left": {Place{Database: "postgres://teiki:sesame@127.0.0.1:1/teiki?connect_timeout=2"}, "Database", "does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			list := examined(t, c.place)
			says(t, list, c.part, Ill, c.text)
			for _, f := range list {
				if strings.Contains(f.Text+f.Advice, "sesame") {
					t.Errorf("the password is repeated: %s", f.Text)
				}
			}
		})
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("the doctor made %v, %v", left, err)
	}
}

func TestFindingsStandInColumnsThatFitWideLetters(t *testing.T) {
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := PrintFindings(&b, []Finding{
		{Part: "時計", Health: Healthy, Text: "合っています"},
		{Part: "Stripe（shop）", Health: Ill, Text: "つながりません", Advice: "確かめてください"},
	}, texts.For(i18n.Ja)); err != nil {
		t.Fatal(err)
	}
	want := "正常  時計            合っています\n" +
		"問題  Stripe（shop）  つながりません\n" +
		"                      → 確かめてください\n"
	if b.String() != want {
		t.Errorf("printed is\n%s", b.String())
	}
}

func TestTheDoctorSaysThatAShopIsNotOpenAndWhatForThatIsMissing(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			p := newPatient(t, engine)
			p.exec(t, "UPDATE stores SET open = FALSE WHERE id = 1")
			says(t, examined(t, p.place), "Shop settings", Doubt, "closed to shoppers")
			p.save(t, func(s *store.Settings) { s.Profile.Returns = nil })
			says(t, examined(t, p.place), "Shop settings", Doubt, "Needed before it opens: Returns and exchanges")
		})
	}
}
