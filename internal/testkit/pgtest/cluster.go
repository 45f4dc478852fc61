// Package pgtest starts a real PostgreSQL from the system's packages in a
// temporary folder, for tests and benchmarks, and hands out databases copied
// from a migrated template.
//
// It owns the server's life: finding the programs, starting as an unprivileged
// user, dying with the process that started it, removing the folder. It knows
// nothing of teiki's tables; the migration is handed to Template.
//
// Tests use Shared and call Main from TestMain. Programs that are no tests use
// Start and Stop.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options say how a cluster differs from the ordinary one for tests.
type Options struct {
	// Dir is the folder in which the cluster makes its own temporary folder;
	// os.TempDir when empty. A benchmark names one that is not on tmpfs.
	Dir string
	// Durable keeps PostgreSQL's own settings (fsync on, synchronous commits,
	// autovacuum). Without it a power cut may lose data, and tests are several
	// times faster.
	Durable bool
	// TCP opens a port on 127.0.0.1 in addition to the Unix socket.
	TCP bool
	// Settings are added last, as in postgresql.conf.
	Settings map[string]string
}

// Cluster is one running PostgreSQL server with its data folder.
type Cluster struct {
	// Major is the server's major version, such as 15.
	Major int

	dir  string
	port int
	tcp  bool

	cmd    *exec.Cmd
	exited chan struct{} // closed when the server has ended

	// adminMu guards the one connection that creates and drops databases.
	adminMu sync.Mutex
	admin   *pgx.Conn
	created int

	templatesMu sync.Mutex
	templates   map[string]*template
}

// startTimeout is generous: a start takes about a second, and a machine that
// compiles at the same time several.
const startTimeout = 60 * time.Second

// socketPort names the socket file when no TCP port is open. Every cluster has
// a folder of its own, so the number clashes with nobody.
const socketPort = 5432

// Start makes a cluster in a new temporary folder and returns when it answers.
// The server ends with Stop, or when this process ends in whatever way.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()

	bin, err := findBin(ctx, debianBins)
	if err != nil {
		return nil, err
	}
	major, err := majorVersion(ctx, bin)
	if err != nil {
		return nil, err
	}
	as, err := serverUser()
	if err != nil {
		return nil, err
	}
	dir, err := newDir(o.Dir, as)
	if err != nil {
		return nil, err
	}
	c := &Cluster{Major: major, dir: dir, port: socketPort, tcp: o.TCP, templates: map[string]*template{}}
	if err := c.start(ctx, bin, as, o); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context, bin string, as *syscall.Credential, o Options) error {
	if o.TCP {
		port, err := freePort(ctx)
		if err != nil {
			return err
		}
		c.port = port
	}
	if err := c.initdb(ctx, bin, as); err != nil {
		return err
	}
	if err := c.launch(bin, as, settings(o)); err != nil {
		return err
	}
	return c.connectAdmin(ctx)
}

// initdb makes the data folder. Its collation is Japanese by ICU on purpose:
// a query that needs bytewise order and forgot COLLATE "C" must fail here, not
// at a merchant whose server was installed in Japanese.
func (c *Cluster) initdb(ctx context.Context, bin string, as *syscall.Credential) error {
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"),
		"--pgdata", c.data(), "--username", "postgres", "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C", "--locale-provider", "icu", "--icu-locale", "ja-JP",
		"--no-sync", "--no-instructions")
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb in %s: %w\n%s", c.dir, err, out)
	}
	return nil
}

// settings turns Options into the server's arguments.
func settings(o Options) []string {
	values := map[string]string{
		"max_connections":            "200",
		"listen_addresses":           "",
		"logging_collector":          "off",
		"log_min_messages":           "warning",
		"lc_messages":                "C",
		"timezone":                   "UTC",
		"dynamic_shared_memory_type": "mmap", // /dev/shm is 64 MB in a default container
	}
	if o.TCP {
		values["listen_addresses"] = "127.0.0.1"
	}
	if !o.Durable {
		values["fsync"] = "off"
		values["synchronous_commit"] = "off"
		values["full_page_writes"] = "off"
		values["autovacuum"] = "off"
	}
	for name, value := range o.Settings {
		values[name] = value
	}
	args := make([]string, 0, 2*len(values))
	for name, value := range values {
		args = append(args, "-c", name+"="+value)
	}
	return args
}

// launch starts the server. It is tied to this process by a parent death
// signal, which the kernel sends when the *thread* that forked ends; so the
// fork happens on a thread locked for as long as the server lives.
func (c *Cluster) launch(bin string, as *syscall.Credential, args []string) error {
	log, err := os.Create(c.logFile())
	if err != nil {
		return fmt.Errorf("open the server's log: %w", err)
	}
	// No context: the server outlives the call that starts it.
	cmd := exec.CommandContext(context.Background(), filepath.Join(bin, "postgres"), append([]string{
		"-D", c.data(), "-k", c.dir, "-p", strconv.Itoa(c.port),
	}, args...)...)
	cmd.Dir = c.dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: as,
		Pdeathsig:  syscall.SIGQUIT,
		// A Ctrl-C at the terminal is for the test, which then ends the server.
		Setpgid: true,
	}
	started := make(chan error, 1)
	exited := make(chan struct{})
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		defer close(exited)
		defer func() { _ = log.Close() }()
		if err := cmd.Start(); err != nil {
			started <- fmt.Errorf("start the PostgreSQL server: %w", err)
			return
		}
		started <- nil
		_ = cmd.Wait()
	}()
	if err := <-started; err != nil {
		return err
	}
	c.cmd, c.exited = cmd, exited
	return nil
}

// connectAdmin waits until the server answers and keeps the connection.
func (c *Cluster) connectAdmin(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.DSN("postgres"))
		if err == nil {
			c.admin = conn
			return nil
		}
		select {
		case <-tick.C:
		case <-c.exited:
			return fmt.Errorf("the PostgreSQL server ended while starting:\n%s", c.logTail())
		case <-ctx.Done():
			return fmt.Errorf("wait for the PostgreSQL server: %w\n%s", err, c.logTail())
		}
	}
}

// Stop ends the server and removes its folder. It ends it the hard way (an
// immediate shutdown): nobody reads the data again, so a last checkpoint would
// only cost time.
func (c *Cluster) Stop() error {
	c.adminMu.Lock()
	defer c.adminMu.Unlock()
	if c.admin != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		_ = c.admin.Close(ctx) // the server goes down in the next line anyway
		cancel()
		c.admin = nil
	}
	if c.cmd != nil {
		if err := c.cmd.Process.Signal(syscall.SIGQUIT); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stop the PostgreSQL server: %w", err)
		}
		<-c.exited
		c.cmd = nil
	}
	if err := os.RemoveAll(c.dir); err != nil {
		return fmt.Errorf("remove the PostgreSQL folder: %w", err)
	}
	return nil
}

// DSN is the address of a database of this cluster, as `teiki --database` and
// pgx take it: over TCP where that is open, else over the Unix socket.
func (c *Cluster) DSN(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + database}
	q := url.Values{"sslmode": {"disable"}}
	if c.tcp {
		u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port))
	} else {
		q.Set("host", c.dir)
		q.Set("port", strconv.Itoa(c.port))
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// PID is the process id of the server, for measuring what it uses.
func (c *Cluster) PID() int { return c.cmd.Process.Pid }

func (c *Cluster) data() string    { return filepath.Join(c.dir, "data") }
func (c *Cluster) logFile() string { return filepath.Join(c.dir, "server.log") }

// logTail returns the end of the server's log, for error messages.
func (c *Cluster) logTail() string {
	const keep = 4000
	f, err := os.Open(c.logFile())
	if err != nil {
		return "(no server log: " + err.Error() + ")"
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.Size() > keep {
		_, _ = f.Seek(-keep, io.SeekEnd)
	}
	text, _ := io.ReadAll(f)
	return strings.TrimSpace(string(text))
}

// freePort asks the kernel for a port nobody uses.
func freePort(ctx context.Context) (int, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
