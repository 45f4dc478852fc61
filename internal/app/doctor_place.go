package app

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/seal"
)

// clockTolerance is how far this machine's clock may be from the database's:
// leases and the tolerance of webhooks are far longer.
const clockTolerance = 2 * time.Second

// configuration looks at what the command line and the environment say.
func (e *examination) configuration(context.Context) (bool, error) {
	if e.place.Database != "" {
		if !db.IsPostgresURL(e.place.Database) {
			e.find("configuration", "", Ill, "url")
			return false, nil
		}
		e.find("configuration", "", Healthy, "postgres", "Server", serverOf(e.place.Database))
		return true, nil
	}
	path := filepath.Join(e.place.Data, "teiki.db")
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.find("configuration", "", Ill, "nothing", "Path", path)
		return false, nil
	case err != nil:
		e.find("configuration", "", Ill, "unwritable", "Path", path, "Reason", err.Error())
		return false, nil
	}
	e.find("configuration", "", Healthy, "sqlite", "Path", path)
	return true, file.Close()
}

// serverOf is a database URL without user and password.
func serverOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "PostgreSQL"
	}
	return u.Host + u.Path
}

// database looks at whether the database answers and has the right schema.
func (e *examination) database(ctx context.Context) (bool, error) {
	address := e.place.Database
	if address == "" {
		address = filepath.Join(e.place.Data, "teiki.db")
	}
	d, err := db.Open(ctx, address)
	if err != nil {
		e.find("database", "", Ill, "away", "Reason", err.Error())
		return false, nil
	}
	e.db = d
	have, known, err := d.SchemaVersions(ctx)
	switch {
	case err != nil:
		e.find("database", "", Ill, "away", "Reason", err.Error())
		return false, nil
	case have > known:
		e.find("database", "", Ill, "newer", "Have", have, "Known", known)
		return false, nil
	case have == 0:
		e.find("database", "", Ill, "empty")
		return false, nil
	case have < known:
		e.find("database", "", Doubt, "older", "Have", have, "Known", known)
		return false, nil
	}
	e.find("database", "", Healthy, "well", "Have", have)
	return true, nil
}

// clock compares the machine's clock with the database's, and with what the
// database remembers.
func (e *examination) clock(ctx context.Context) (bool, error) {
	before := Wall()
	theirs, err := e.db.Now(ctx)
	if err != nil {
		return false, err
	}
	// the question was on its way for a while: the answer belongs into its middle
	after := Wall()
	ours := before.Add(after.Sub(before) / 2)
	instance, err := db.Instance(ctx, e.db)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return false, err
	}
	switch apart := ours.Sub(theirs).Abs(); {
	case apart > clockTolerance:
		e.find("clock", "", Ill, "apart", "Seconds", int64(apart/time.Second))
	case ours.Before(instance.CreatedAt.Add(-clockTolerance)):
		e.find("clock", "", Ill, "behind", "Now", ours.UTC().Format(time.DateTime), "Created", instance.CreatedAt.Format(time.DateTime))
	default:
		e.find("clock", "", Healthy, "well")
	}
	return true, nil
}

// secret compares the instance secret with the one of the database.
func (e *examination) secret(ctx context.Context) (bool, error) {
	instance, err := db.Instance(ctx, e.db)
	if errors.Is(err, db.ErrNotFound) {
		e.find("secret", "", Ill, "none")
		return false, nil
	}
	if err != nil {
		return false, err
	}
	file := e.place.SecretFile
	if file == "" {
		if file, err = defaultSecretFile(); err != nil {
			e.find("secret", "", Ill, "unreadable", "Reason", err.Error(), "File", SecretEnv)
			return false, nil
		}
	}
	secret, err := instanceSecret(file, false)
	if err != nil {
		e.find("secret", "", Ill, "unreadable", "Reason", err.Error(), "File", file)
		return false, nil
	}
	box := seal.New(secret)
	if instance.SecretCheck != box.Check() || !instance.Confirmed {
		e.find("secret", "", Ill, "other")
		return false, nil
	}
	e.secrets = box
	e.find("secret", "", Healthy, "well")
	return true, nil
}
