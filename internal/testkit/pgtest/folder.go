package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// dirPrefix begins the name of every cluster's folder, followed by the id of
// the process it belongs to.
const dirPrefix = "teiki-pg-"

// longestSocketDir keeps folder + "/.s.PGSQL.65535" within the 107 bytes a
// Unix socket address holds.
const longestSocketDir = 107 - len("/.s.PGSQL.65535")

// serverUser says as whom the server runs: PostgreSQL refuses to run as root,
// so root hands over to the user that the package made. Nil means ourselves.
func serverUser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses to run as root, and there is no user postgres "+
			"(Debian's package postgresql makes it): %w", err)
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return nil, fmt.Errorf("read the ids of user postgres: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// newDir makes the cluster's folder, owned by the user the server runs as, and
// clears away those of processes that were killed.
func newDir(parent string, as *syscall.Credential) (string, error) {
	if parent == "" {
		parent = os.TempDir()
	}
	sweep(parent)
	dir, err := os.MkdirTemp(parent, dirPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return "", fmt.Errorf("make a folder for PostgreSQL: %w", err)
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("name the folder for PostgreSQL: %w", err)
	}
	if len(dir) > longestSocketDir {
		return "", errors.Join(
			fmt.Errorf("folder %s is too long for a Unix socket: set TMPDIR to a shorter one", dir),
			os.Remove(dir))
	}
	if as != nil {
		if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
			return "", errors.Join(fmt.Errorf("give the folder to user postgres: %w", err), os.Remove(dir))
		}
	}
	return dir, nil
}

// sweep removes folders whose process is gone: a killed process takes its
// server along (see launch) but leaves the files. What cannot be removed is
// another user's and not ours to report.
func sweep(parent string) {
	folders, err := filepath.Glob(filepath.Join(parent, dirPrefix+"*"))
	if err != nil {
		return
	}
	for _, folder := range folders {
		id, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), dirPrefix), "-")
		pid, err := strconv.Atoi(id)
		if err != nil {
			continue
		}
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(folder)
		}
	}
}
