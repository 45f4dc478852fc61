package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// oldestMajor is the oldest PostgreSQL teiki runs on, and the first one whose
// CREATE DATABASE knows STRATEGY.
const oldestMajor = 15

// errNoServer says what to install. Tests fail with it and never pass without
// a database: a green run that proved nothing on PostgreSQL is worse than a
// red one.
var errNoServer = errors.New("no PostgreSQL 15 or newer server on this machine: " +
	"run scripts/install-test-tools, or install the server yourself (Debian: apt-get install postgresql); " +
	"looked for initdb and postgres in /usr/lib/postgresql/*/bin and in PATH")

// debianBins is where Debian and Ubuntu keep the server's programs, one folder
// per major version and none of them in PATH.
const debianBins = "/usr/lib/postgresql/*/bin"

// findBin returns the folder that holds initdb and postgres: the newest one
// that matches glob, else the one in PATH.
func findBin(ctx context.Context, glob string) (string, error) {
	folders, err := filepath.Glob(glob)
	if err != nil {
		return "", fmt.Errorf("look for PostgreSQL in %s: %w", glob, err)
	}
	if p, err := exec.LookPath("initdb"); err == nil {
		folders = append(folders, filepath.Dir(p))
	}
	best, bestMajor := "", 0
	for _, folder := range folders {
		major, err := majorVersion(ctx, folder)
		if err != nil || major <= bestMajor {
			continue
		}
		best, bestMajor = folder, major
	}
	if bestMajor < oldestMajor {
		return "", errNoServer
	}
	return best, nil
}

var versionNumber = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// majorVersion asks both programs, as a folder with only one of them is of no
// use, and returns the lower answer.
func majorVersion(ctx context.Context, folder string) (int, error) {
	var majors []int
	for _, program := range []string{"initdb", "postgres"} {
		out, err := exec.CommandContext(ctx, filepath.Join(folder, program), "--version").Output()
		if err != nil {
			return 0, fmt.Errorf("ask %s for its version: %w", program, err)
		}
		m := versionNumber.FindSubmatch(out)
		if m == nil {
			return 0, fmt.Errorf("ask %s for its version: unexpected answer %q", program, out)
		}
		major, err := strconv.Atoi(string(m[1]))
		if err != nil {
			return 0, fmt.Errorf("read the version of %s: %w", program, err)
		}
		majors = append(majors, major)
	}
	return slices.Min(majors), nil
}
