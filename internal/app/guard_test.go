package app

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/mail"
	"github.com/teiki-commerce/teiki/internal/seal"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// with gives a house the clock and the mail server of a world.
func with(h *House, w *thread.World) *House {
	h.Flow.Now = w.Clock.Now
	h.Flow.Mailer = func(context.Context, flow.Shop) (mail.Sender, error) { return w.Mails, nil }
	return h
}

func TestACopiedDatabaseChargesAndMailsNobodyUntilAPersonSaysSo(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			w, home := shopIn(t, engine)
			if with(house(t, home), w).Flow.Locked {
				t.Fatal("the first installation is locked out of its own database")
			}
			hana := w.Members(t, 1)[0]
			before := len(w.Mails.To(hana.Customer.Mail))

			elsewhere := home
			other := bytes.Repeat([]byte{9}, seal.SecretSize)
			elsewhere.SecretFile = secretFile(t, other)
			copied := with(house(t, elsewhere), w)
			if !copied.Flow.Locked {
				t.Fatal("another secret opened the database")
			}
			w.Clock.Set(hana.Deadline(t))
			if err := copied.Engine.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			in := hana.Order(t, hana.Fill(t, 1, thread.Monthly, pricing.MethodCOD))
			if _, err := copied.Flow.PreviewOrder(t.Context(), thread.StoreID, hana.Customer.ID, in.CartID); err != nil {
				t.Errorf("the pages of a copy do not work: %v", err)
			}
			if _, err := copied.Flow.PlaceOrder(t.Context(), in); err != nil {
				t.Errorf("nobody can order at a copy: %v", err)
			}
			if orders := hana.Orders(t); len(orders) != 3 || orders[1].Payment != order.PaymentDue {
				t.Errorf("%d orders at the copy", len(orders))
			}
			if n := len(w.Ledger(t).Charges); n != 0 {
				t.Errorf("the copy made %d charges", n)
			}
			if n := len(w.Mails.To(hana.Customer.Mail)) - before; n != 0 {
				t.Errorf("the copy sent %d mails", n)
			}

			if err := Adopt(t.Context(), elsewhere); err != nil {
				t.Fatal(err)
			}
			adopted := with(house(t, elsewhere), w)
			if adopted.Flow.Locked {
				t.Fatal("an adopted database is still locked")
			}
			reseal(t, adopted)
			if err := adopted.Engine.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := len(w.Ledger(t).Succeeded()); n != 1 {
				t.Errorf("%d charges after adopting, want 1", n)
			}
			if n := len(w.Mails.To(hana.Customer.Mail)) - before; n == 0 {
				t.Error("no mail after adopting")
			}
			if !with(house(t, home), w).Flow.Locked {
				t.Error("two installations may charge from one database")
			}
			if err := Adopt(t.Context(), elsewhere); err == nil || !strings.Contains(err.Error(), "already") {
				t.Errorf("adopting twice: %v", err)
			}
		})
	}
}

// reseal enters the gateway's key again: the old one was sealed with a secret
// that this installation does not have.
func reseal(t *testing.T, h *House) {
	t.Helper()
	if err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		sealed := h.Flow.Secrets.Seal(thread.StoreID, flow.SecretGatewayKey, []byte(thread.GatewayKey))
		return db.PutSecret(ctx, tx, thread.StoreID, flow.SecretGatewayKey, sealed, Wall())
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAMissingSecretIsSaidAndNotReplacedByANewOne(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			_, place := shopIn(t, engine)
			house(t, place)
			if err := os.Remove(place.SecretFile); err != nil {
				t.Fatal(err)
			}
			_, err := OpenHouse(t.Context(), place, flow.Budget{})
			if err == nil || !strings.Contains(err.Error(), place.SecretFile) || !strings.Contains(err.Error(), SecretEnv) {
				t.Errorf("said is: %v", err)
			}
			if _, err := os.Stat(place.SecretFile); !errors.Is(err, fs.ErrNotExist) {
				t.Error("a new secret was made for an existing database")
			}
		})
	}
}

func TestANewDatabaseGetsASecretThatOnlyItsOwnerReads(t *testing.T) {
	t.Setenv(SecretEnv, "")
	root := t.TempDir()
	place := Place{Data: filepath.Join(root, "data"), SecretFile: filepath.Join(root, "config", "instance.secret")}
	first := house(t, place)
	info, err := os.Stat(place.SecretFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret's file: %v, %v", info, err)
	}
	if again := house(t, place); first.Flow.Locked || again.Flow.Locked {
		t.Error("a new installation is locked")
	}
}

func TestASecretThatIsNoneIsSaid(t *testing.T) {
	for name, content := range map[string]string{"empty": "", "too short": "abcd", "no digits": strings.Repeat("zz", seal.SecretSize)} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(SecretEnv, "")
			file := filepath.Join(t.TempDir(), "instance.secret")
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := OpenHouse(t.Context(), Place{Data: t.TempDir(), SecretFile: file}, flow.Budget{})
			if err == nil || !strings.Contains(err.Error(), "hexadecimal") {
				t.Errorf("said is: %v", err)
			}
		})
	}
}
