package app

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// shopIn is a database with the world of a test in it, and the place at which an
// installation finds it.
func shopIn(t *testing.T, engine db.Engine) (*thread.World, Place) {
	t.Helper()
	t.Setenv(SecretEnv, "")
	address := dbtest.URL(t, engine)
	place := Place{Database: address, SecretFile: secretFile(t, thread.InstanceSecret)}
	if engine == db.SQLite {
		place.Database, place.Data = "", filepath.Dir(address)
	}
	d, err := db.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	w := thread.New(t, d, 1_000)
	w.Clock.Set(Wall())
	return w, place
}

// secretFile holds an instance secret.
func secretFile(t *testing.T, secret []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "instance.secret")
	if err := os.WriteFile(file, []byte(hex.EncodeToString(secret)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// house is the installation of a place; it closes when the test ends.
func house(t *testing.T, place Place) *House {
	t.Helper()
	h, err := OpenHouse(t.Context(), place, flow.Budget{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}
