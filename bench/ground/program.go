package ground

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Build compiles the program into a folder.
func Build(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "teiki")
	build := exec.CommandContext(ctx, "go", "build", "-o", path, "github.com/teiki-commerce/teiki/cmd/teiki")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return path, nil
}

// Process is a running command of the program.
type Process struct {
	Name string
	// First is the line it said when it was ready.
	First string

	cmd    *exec.Cmd
	exited chan error
	log    string
}

const (
	startTimeout = time.Minute
	stopTimeout  = 20 * time.Second
)

// Start runs a command of the program and waits until it says that it is ready.
// What it logs goes to a file in dir. It dies with this process.
func Start(ctx context.Context, program, name, dir string, env []string, args ...string) (*Process, error) {
	p := &Process{Name: name, exited: make(chan error, 1), log: filepath.Join(dir, name+".log")}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name, err)
	}
	defer func() { _ = log.Close() }() // the process has its own by then
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx), program, args...)
	p.cmd.Env, p.cmd.Stderr = append(os.Environ(), env...), log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("listen to %s: %w", name, err)
	}
	started, ready := make(chan error, 1), make(chan string, 1)
	go func() {
		runtime.LockOSThread() // the kernel sends the death signal when the thread that forked ends
		err := p.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		lines := bufio.NewScanner(out)
		if lines.Scan() {
			ready <- lines.Text()
		}
		_, _ = io.Copy(io.Discard, out) // a full pipe would stop it
		p.exited <- p.cmd.Wait()
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	timer := time.NewTimer(startTimeout)
	defer timer.Stop()
	select {
	case p.First = <-ready:
		return p, nil
	case err := <-p.exited:
		return nil, fmt.Errorf("%s ended while starting: %w\n%s", name, err, p.Log())
	case <-timer.C:
		return nil, errors.Join(fmt.Errorf("%s does not start:\n%s", name, p.Log()), p.Stop())
	}
}

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// URL is the first address in what the process said when it was ready.
func (p *Process) URL() string {
	_, rest, _ := strings.Cut(p.First, "http://")
	address, _, _ := strings.Cut(rest, " ")
	return "http://" + address
}

// Stop tells the process to end, and kills it where it does not.
func (p *Process) Stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // one that has ended is waited for below
	timer := time.NewTimer(stopTimeout)
	defer timer.Stop()
	select {
	case err := <-p.exited:
		return err
	case <-timer.C:
		return errors.Join(fmt.Errorf("%s does not end and is killed", p.Name), p.cmd.Process.Kill())
	}
}

// lastWords is how much of a log is shown.
const lastWords = 4000

// Log is the end of what the process logged.
func (p *Process) Log() string {
	content, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(content[max(0, len(content)-lastWords):])
}

// FreeAddress is one of the loopback that nobody listens at.
func FreeAddress() (string, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// Commit of the source; empty outside a repository.
func Commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--abbrev=10").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
