package faulttest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Programs under test, each built once for a test binary.
var (
	program = sync.OnceValues(func() (string, error) { return build("cmd/teiki") })
	runner  = sync.OnceValues(func() (string, error) { return build("internal/faulttest/runner") })
)

// buildings are the folders that programs were built into.
var buildings struct {
	sync.Mutex
	folders []string
}

// build builds a package of the module into a folder of its own and returns the
// program's path; flags are the go command's.
func build(pkg string, flags ...string) (string, error) {
	dir, err := os.MkdirTemp("", "teiki-program-")
	if err != nil {
		return "", err
	}
	buildings.Lock()
	buildings.folders = append(buildings.folders, dir)
	buildings.Unlock()
	path := filepath.Join(dir, filepath.Base(pkg))
	args := append([]string{"build", "-o", path}, flags...)
	run := exec.CommandContext(context.Background(), "go", append(args, "github.com/teiki-commerce/teiki/"+pkg)...)
	if out, err := run.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return path, nil
}

// removePrograms removes all that was built.
func removePrograms() error {
	buildings.Lock()
	defer buildings.Unlock()
	var failed error
	for _, dir := range buildings.folders {
		failed = errors.Join(failed, os.RemoveAll(dir))
	}
	return failed
}

// process is a program that can be killed and started again.
type process struct {
	name  string
	built func() (string, error)
	args  []string
	env   []string
	log   string // file that all its lives write to
	heard func(line string)

	cmd    *exec.Cmd
	exited chan struct{}
	first  string // first line it said
}

// newProcess names a process of the program; it ends with the test. Its log is shown
// where the test fails.
func newProcess(t testing.TB, name string, env []string, args ...string) *process {
	t.Helper()
	p := &process{
		name: name, built: program, args: args, env: env, log: filepath.Join(t.TempDir(), name+".log"), heard: func(string) {},
	}
	t.Cleanup(func() {
		p.kill(t)
		if t.Failed() {
			t.Logf("%s said last:\n%s", name, p.tail())
		}
	})
	return p
}

// startTimeout is generous: the machine may compile at the same time.
const startTimeout = time.Minute

// start runs the command and waits until it says that it is ready.
func (p *process) start(t testing.TB) {
	t.Helper()
	path, err := p.built()
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatalf("open the log of %s: %v", p.name, err)
	}
	defer func() { _ = log.Close() }() // the process has its own by then
	cmd := exec.CommandContext(context.Background(), path, p.args...)
	cmd.Env, cmd.Stderr = append(os.Environ(), p.env...), log
	// It dies with the test, however that ends.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatalf("listen to %s: %v", p.name, err)
	}
	exited, started, ready := make(chan struct{}), make(chan error, 1), make(chan string, 1)
	go func() {
		// The kernel sends the death signal when the thread that forked ends.
		runtime.LockOSThread()
		defer close(exited)
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		lines := bufio.NewScanner(out)
		if lines.Scan() {
			p.heard(lines.Text())
			ready <- lines.Text()
		}
		for lines.Scan() {
			p.heard(lines.Text())
		}
		_ = cmd.Wait() // it was killed: that is no news
	}()
	if err := <-started; err != nil {
		t.Fatalf("start %s: %v", p.name, err)
	}
	p.cmd, p.exited = cmd, exited
	timer := time.NewTimer(startTimeout)
	defer timer.Stop()
	select {
	case p.first = <-ready:
	case <-exited:
		t.Fatalf("%s ended while starting:\n%s", p.name, p.tail())
	case <-timer.C:
		t.Fatalf("%s does not start:\n%s", p.name, p.tail())
	}
}

// kill ends the process with SIGKILL, whatever it is doing, and waits for its
// end. One that does not run stays so.
func (p *process) kill(t testing.TB) {
	t.Helper()
	if p.cmd == nil {
		return
	}
	p.signal(t, syscall.SIGKILL)
	<-p.exited
	p.cmd = nil
}

func (p *process) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("send %s to %s: %v", s, p.name, err)
	}
}

// lastWords is how much of a log is shown.
const lastWords = 4000

func (p *process) tail() string {
	content, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(content[max(0, len(content)-lastWords):])
}

// panics reports whether any of its lives ended in a panic.
func (p *process) panics() bool {
	content, err := os.ReadFile(p.log)
	return err == nil && strings.Contains(string(content), "panic")
}
