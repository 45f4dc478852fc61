package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/teiki-commerce/teiki/internal/db"
)

// How long requests may take and how long a stopping process waits for them.
const (
	headerTimeout   = 10 * time.Second
	requestTimeout  = 60 * time.Second
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 10 * time.Second
)

// listen opens an address; one that is taken is said in words.
func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("the address %s is in use by another program: choose another with --listen", address)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return l, nil
}

// services are the parts of a process that run until it is told to stop.
type services struct {
	group  sync.WaitGroup
	mu     sync.Mutex
	failed error
	stop   context.CancelFunc
}

// start runs a part; when one fails all stop.
func (s *services) start(name string, run func() error) {
	s.group.Go(func() {
		err := run()
		if err == nil {
			return
		}
		s.mu.Lock()
		s.failed = errors.Join(s.failed, fmt.Errorf("%s: %w", name, err))
		s.mu.Unlock()
		s.stop()
	})
}

// wait returns when all parts have ended.
func (s *services) wait() error {
	s.group.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// serveHTTP serves until the context ends, then lets requests finish.
func (s *services) serveHTTP(ctx context.Context, name string, l net.Listener, handler http.Handler) {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout,
		WriteTimeout: requestTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
	s.start(name, func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	s.start(name, func() error {
		<-ctx.Done()
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		if err := server.Shutdown(limit); err != nil {
			return errors.Join(err, server.Close())
		}
		return nil
	})
}

// Front is how visitors reach the pages.
type Front struct {
	Listen       string         `help:"Address to listen on." default:"127.0.0.1:8080" env:"TEIKI_LISTEN"`
	TrustedProxy []netip.Prefix `help:"Networks whose X-Forwarded-For is believed." env:"TEIKI_TRUSTED_PROXY" placeholder:"CIDR"`
}

// Serve runs pages and engine together until the context ends.
func Serve(ctx context.Context, place Place, front Front, gateway GatewayLimits) (err error) {
	h, err := OpenHouse(ctx, place, gateway.budget())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	stores, err := db.Stores(ctx, h.DB)
	if err != nil {
		return fmt.Errorf("read the stores: %w", err)
	}
	l, err := listen(ctx, front.Listen)
	if err != nil {
		return err
	}
	handler, err := h.pages(ctx, portOf(l), front.TrustedProxy, nil)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := &services{stop: stop}
	s.serveHTTP(ctx, "pages", l, handler)
	s.start("engine", func() error { h.Engine.Run(ctx); return nil })
	s.start("simulations", func() error { h.Simulate(ctx); return nil })
	fmt.Fprintf(os.Stdout, "teiki serves http://%s\n", l.Addr())
	if len(stores) == 0 {
		fmt.Fprintln(os.Stdout, "There is no shop yet: 'teiki setup' makes one with its first owner; 'teiki setup --help' says what it needs.")
	}
	return s.wait()
}

// Work runs the engine alone until the context ends.
func Work(ctx context.Context, place Place, gateway GatewayLimits) (err error) {
	h, err := OpenHouse(ctx, place, gateway.budget())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	go h.Clock.Follow(ctx, h.DB)
	fmt.Fprintln(os.Stdout, "teiki works")
	var loops sync.WaitGroup
	loops.Go(func() { h.Simulate(ctx) })
	h.Engine.Run(ctx)
	loops.Wait()
	return nil
}

func portOf(l net.Listener) int {
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		return a.Port
	}
	return 0
}
