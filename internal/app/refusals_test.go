package app

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

func TestADatabaseOfANewerProgramIsNotTouched(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			w, place := shopIn(t, engine)
			if err := w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := tx.ExecContext(ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if _, err := OpenHouse(t.Context(), place, flow.Budget{}); !errors.Is(err, db.ErrNewerSchema) || !strings.Contains(err.Error(), "9999") {
				t.Errorf("said is: %v", err)
			}
		})
	}
}

func TestAPlaceThatCannotBeIsSaidInWords(t *testing.T) {
	t.Setenv(SecretEnv, "")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	secret := secretFile(t, thread.InstanceSecret)
	for _, c := range []struct {
		name  string
		place Place
		words string
	}{
		{"a folder where none can be made", Place{Data: filepath.Join(file, "data")}, "data folder"},
		{"a folder that is a file", Place{Data: file}, "data folder"},
		{"another kind of database", Place{Database: "mysql://localhost/teiki"}, "postgres://"},
		{"no address at all", Place{Database: "teiki"}, "postgres://"},
		{"an address that cannot be read", Place{Database: "postgres://localhost:port/teiki"}, "URL"},
		{"a server that is away", Place{Database: "postgres://teiki@127.0.0.1:1/teiki?connect_timeout=2"}, "connect to PostgreSQL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.place.SecretFile = secret
			_, err := OpenHouse(t.Context(), c.place, flow.Budget{})
			if err == nil || !strings.Contains(err.Error(), c.words) {
				t.Errorf("said is: %v", err)
			}
		})
	}
}

func TestAPasswordInTheDatabaseURLIsNotRepeated(t *testing.T) {
	t.Setenv(SecretEnv, "")
	for _, address := range []string{
		"postgres://teiki:sesame@127.0.0.1:1/teiki?connect_timeout=2", "postgres://teiki:sesame@localhost:port/teiki",
	} {
		_, err := OpenHouse(t.Context(), Place{Database: address, SecretFile: secretFile(t, thread.InstanceSecret)}, flow.Budget{})
		if err == nil || strings.Contains(err.Error(), "sesame") {
			t.Errorf("said is: %v", err)
		}
	}
}

func TestAnAddressInUseIsSaidAndNothingIsLeftRunning(t *testing.T) {
	t.Setenv(SecretEnv, "")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	address := taken.Addr().String()
	data := t.TempDir()
	place := Place{Data: filepath.Join(data, "serve"), SecretFile: secretFile(t, thread.InstanceSecret)}
	for name, run := range map[string]func() error{
		"serve":      func() error { return Serve(t.Context(), place, Front{Listen: address}, GatewayLimits{}) },
		"demo":       func() error { return Demo{Listen: address, Data: filepath.Join(data, "demo")}.Run(t.Context()) },
		"stripe-sim": func() error { return Simulator{Listen: address, Key: "sk_test"}.Run(t.Context()) },
	} {
		if err := run(); err == nil || !strings.Contains(err.Error(), "in use") || !strings.Contains(err.Error(), address) {
			t.Errorf("%s says: %v", name, err)
		}
	}
}

func TestAnAddressThatIsNoneIsSaid(t *testing.T) {
	for _, address := range []string{"nonsense", "127.0.0.1:http8080", "256.0.0.1:0"} {
		err := Demo{Listen: address, Data: filepath.Join(t.TempDir(), "demo")}.Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), strings.Split(address, ":")[0]) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestASetupThatLacksSomethingWritesNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		env    map[string]string
		change func(*Setup)
		words  string
	}{
		{"no password", map[string]string{envOwnerPassword: ""}, nil, envOwnerPassword},
		{"a short password", map[string]string{envOwnerPassword: "short"}, nil, "12"},
		{"no keys", map[string]string{envGatewayKey: ""}, nil, envGatewayKey},
		{"no webhook secret", map[string]string{envWebhookSecret: ""}, nil, envWebhookSecret},
		{"a base URL without scheme", nil, func(s *Setup) { s.BaseURL = "shop.example" }, "--base-url"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(SecretEnv, "")
			for name, value := range map[string]string{
				envOwnerPassword: "a long password", envGatewayKey: "sk_test", envWebhookSecret: "whsec", envSMTPPassword: "",
			} {
				t.Setenv(name, value)
			}
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			s := Setup{Slug: "shop", Name: "店", BaseURL: "https://shop.example", OwnerMail: "owner@shop.example", From: "shop@shop.example"}
			if c.change != nil {
				c.change(&s)
			}
			data := filepath.Join(t.TempDir(), "data")
			err := s.Run(t.Context(), Place{Data: data, SecretFile: secretFile(t, thread.InstanceSecret)})
			if err == nil || !strings.Contains(err.Error(), c.words) {
				t.Errorf("said is: %v", err)
			}
			if _, err := os.Stat(data); err == nil {
				t.Error("a folder was made all the same")
			}
		})
	}
}

func TestASecondShopOfTheSameNameIsRefused(t *testing.T) {
	t.Setenv(SecretEnv, "")
	for name, value := range map[string]string{
		envOwnerPassword: "a long password", envGatewayKey: "sk_test", envWebhookSecret: "whsec", envSMTPPassword: "",
	} {
		t.Setenv(name, value)
	}
	place := Place{Data: filepath.Join(t.TempDir(), "data"), SecretFile: secretFile(t, thread.InstanceSecret)}
	s := Setup{Slug: "shop", Name: "店", BaseURL: "https://shop.example", OwnerMail: "owner@shop.example", From: "shop@shop.example"}
	if err := s.Run(t.Context(), place); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context(), place); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("said is: %v", err)
	}
}
