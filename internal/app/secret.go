package app

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/teiki-commerce/teiki/internal/seal"
)

// SecretEnv names the environment variable that may hold the instance secret.
const SecretEnv = "TEIKI_INSTANCE_SECRET"

// instanceSecret reads the installation's secret: from the environment, else
// from the file. It never lies with the data: a copied data folder must not
// bring the right to charge along. A missing file is made where mayCreate says
// that the database is new.
func instanceSecret(file string, mayCreate bool) ([]byte, error) {
	if text := os.Getenv(SecretEnv); text != "" {
		return decodeSecret(text, SecretEnv)
	}
	content, err := os.ReadFile(file)
	switch {
	case err == nil:
		return decodeSecret(string(content), file)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read the instance secret: %w", err)
	case !mayCreate:
		return nil, fmt.Errorf("the instance secret %s is missing, but the database exists: "+
			"put the file back or set %s, then start again", file, SecretEnv)
	}
	secret := make([]byte, seal.SecretSize)
	if _, err := rand.Read(secret); err != nil {
		return nil, fmt.Errorf("make an instance secret: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the instance secret: %w", err)
	}
	if err := os.WriteFile(file, []byte(hex.EncodeToString(secret)+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("write the instance secret: %w", err)
	}
	return secret, nil
}

func decodeSecret(text, where string) ([]byte, error) {
	secret, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(secret) != seal.SecretSize {
		return nil, fmt.Errorf("%s must hold %d hexadecimal digits", where, 2*seal.SecretSize)
	}
	return secret, nil
}

// defaultSecretFile is the secret's place when none is named: the user's
// configuration folder, apart from any data folder.
func defaultSecretFile() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find a place for the instance secret (name one with --secret-file): %w", err)
	}
	return filepath.Join(dir, "teiki", "instance.secret"), nil
}
