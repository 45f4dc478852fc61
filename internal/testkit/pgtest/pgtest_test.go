package pgtest

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

func TestMain(m *testing.M) {
	if os.Getenv(orphanEnv) != "" {
		beOrphan()
	}
	Main(m)
}

func TestDatabaseIsACopyOfItsTemplateAndGoneAfterTheTest(t *testing.T) {
	c := Shared(t)
	var filled atomic.Int32
	fill := func(dsn string) error {
		filled.Add(1)
		return execSQL(dsn, `CREATE TABLE goods (name text); INSERT INTO goods VALUES ('珈琲')`)
	}
	var dsn string
	t.Run("use", func(t *testing.T) {
		tpl := c.Template(t, "goods", fill)
		dsn = c.CreateDatabase(t, tpl)
		other := c.CreateDatabase(t, c.Template(t, "goods", fill))
		if err := execSQL(other, `DELETE FROM goods`); err != nil {
			t.Fatal(err)
		}
		if got := query(t, dsn, `SELECT name FROM goods`); got != "珈琲" {
			t.Errorf("the copy holds %q, want 珈琲", got)
		}
	})
	if filled.Load() != 1 {
		t.Errorf("the template was filled %d times, want once", filled.Load())
	}
	if err := execSQL(dsn, `SELECT 1`); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("after its test the database answers with %v, want that it does not exist", err)
	}
}

func TestDatabasesAreMadeByManyTestsAtOnce(t *testing.T) {
	c := Shared(t)
	tpl := c.Template(t, "parallel", func(dsn string) error {
		return execSQL(dsn, `CREATE TABLE one (n int)`)
	})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := execSQL(c.CreateDatabase(t, tpl), `INSERT INTO one VALUES (1)`); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestTemplateThatCannotBeFilledFailsEveryTestThatWantsIt(t *testing.T) {
	c := Shared(t)
	for range 2 {
		r := &recorder{TB: t}
		r.run(func() {
			c.Template(r, "broken", func(string) error { return errors.New("no such column") })
		})
		if !strings.Contains(r.fatal, "no such column") {
			t.Errorf("it failed with %q, want the reason of the migration", r.fatal)
		}
	}
}

func TestOrdinaryClusterIsFastAndDurableOneSafe(t *testing.T) {
	for _, tc := range []struct {
		name    string
		options Options
		fsync   string
	}{
		{"ordinary", Options{}, "off"},
		{"durable on a TCP port", Options{Durable: true, TCP: true, Settings: map[string]string{"work_mem": "9MB"}}, "on"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := Start(t.Context(), tc.options)
			if err != nil {
				t.Fatal(err)
			}
			dsn := c.DSN("postgres")
			if got := query(t, dsn, `SHOW fsync`); got != tc.fsync {
				t.Errorf("fsync is %s, want %s", got, tc.fsync)
			}
			if tc.options.TCP {
				if !strings.Contains(dsn, "@127.0.0.1:") {
					t.Errorf("address %s, want one on 127.0.0.1", dsn)
				}
				if got := query(t, dsn, `SHOW work_mem`); got != "9MB" {
					t.Errorf("work_mem is %s, want 9MB", got)
				}
			}
			if err := c.Stop(); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(c.dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("after Stop the folder answers %v, want that it is gone", err)
			}
			if err := execSQL(dsn, `SELECT 1`); err == nil {
				t.Error("after Stop the server still answers")
			}
		})
	}
}

// The default collation is one that differs from bytes, so that SQL which
// relies on bytewise order without asking for it is found out.
func TestDefaultOrderIsNotBytewise(t *testing.T) {
	dsn := Shared(t).CreateDatabase(t, "")
	const sorted = `SELECT string_agg(v, '' ORDER BY v %s) FROM (VALUES ('b'), ('B'), ('a')) AS x(v)`
	if got := query(t, dsn, fmt.Sprintf(sorted, "")); got != "abB" {
		t.Errorf("default order is %s, want abB", got)
	}
	if got := query(t, dsn, fmt.Sprintf(sorted, `COLLATE "C"`)); got != "Bab" {
		t.Errorf(`COLLATE "C" gives %s, want Bab`, got)
	}
}

func TestMissingServerSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := findBin(t.Context(), filepath.Join(t.TempDir(), "*"))
	if !errors.Is(err, errNoServer) || !strings.Contains(err.Error(), "apt-get install postgresql") {
		t.Errorf("got %v, want the words what to install", err)
	}
}

func TestNewestServerIsTakenAndOldOnesRefused(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	root := t.TempDir()
	glob := filepath.Join(root, "*")
	fakeServer(t, filepath.Join(root, "14"), "14.3 (Debian)")
	if _, err := findBin(t.Context(), glob); !errors.Is(err, errNoServer) {
		t.Errorf("with version 14 alone: %v, want that none is found", err)
	}
	fakeServer(t, filepath.Join(root, "9"), "9.6")
	fakeServer(t, filepath.Join(root, "17"), "17rc1")
	fakeServer(t, filepath.Join(root, "15"), "15.18")
	if got, err := findBin(t.Context(), glob); err != nil || filepath.Base(got) != "17" {
		t.Errorf("found %s (%v), want the one in 17", got, err)
	}
}

func fakeServer(t *testing.T, folder, version string) {
	t.Helper()
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"initdb", "postgres"} {
		script := fmt.Sprintf("#!/bin/sh\necho '%s (PostgreSQL) %s'\n", program, version)
		if err := os.WriteFile(filepath.Join(folder, program), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// orphanEnv tells this test binary to start a cluster, say where it is, and
// wait to be killed.
const orphanEnv = "PGTEST_BE_ORPHAN"

func beOrphan() {
	c, err := Start(context.Background(), Options{Dir: os.Getenv(orphanEnv)})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Printf("%d %s\n", c.PID(), c.dir)
	select {}
}

func TestServerDiesWithAKilledProcessAndTheNextStartCleansUp(t *testing.T) {
	parent, err := os.MkdirTemp("", "pgtest-orphan-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	if err := os.Chmod(parent, 0o755); err != nil { // the server's user must get through
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), orphanEnv+"="+parent)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("read the child's answer %q: %v", line, err)
	}
	id, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
	pid, err := strconv.Atoi(id)
	if err != nil {
		t.Fatalf("the child could not start a cluster: %s", line)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // reports the kill

	eventually(t, "the server is gone", func() bool { return !running(pid) })
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("the killed process's folder: %v, want it still there to be swept", err)
	}
	sweep(parent)
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the killed process's folder answers %v, want that it is gone", err)
	}
}

// running looks past zombies: in a container whose first process reaps nobody,
// an ended orphan stays listed.
func running(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited 20 s in vain until %s", what)
		}
	}
}

// recorder is a test that notes how it failed instead of failing this one.
type recorder struct {
	testing.TB
	fatal string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = fmt.Sprintf(format, args...)
	panic(r)
}

func (r *recorder) run(f func()) {
	defer func() {
		if p := recover(); p != nil && p != any(r) {
			panic(p)
		}
	}()
	f()
}

func execSQL(dsn, statement string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.Exec(statement)
	return err
}

func query(t *testing.T, dsn, statement string) string {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var answer string
	if err := db.QueryRow(statement).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return answer
}
