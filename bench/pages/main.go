// Command pages measures how fast pages are answered: each page on its own, by
// 16 connections that ask again as soon as they are answered, at a given number
// of subscriptions. The program runs as in production, `teiki serve` on a durable
// database.
//
// The last line it prints is one JSON object. A page that answers with anything
// but itself ends the run with exit code 1.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/teiki-commerce/teiki/bench/ground"
	"github.com/teiki-commerce/teiki/internal/db"
)

type options struct {
	Database      string        `help:"sqlite or postgres." enum:"sqlite,postgres" required:""`
	Subscriptions int           `help:"Subscriptions in the shop." default:"10000"`
	Connections   int           `help:"Connections that ask at the same time." default:"16"`
	Length        time.Duration `help:"How long each page is asked for." default:"5s"`
	Dir           string        `help:"Folder on a disk for the database; the system's for temporary files by default." placeholder:"DIR"`
	Profile       string        `help:"Folder that gets a CPU profile of the program." placeholder:"DIR"`
	JSON          bool          `name:"json" help:"Print nothing but the JSON line."`
}

// result is the JSON line.
type result struct {
	Database      string            `json:"database"`
	Subscriptions int               `json:"subscriptions"`
	Connections   int               `json:"connections"`
	Pages         []page            `json:"pages"`
	FirstPageMS   float64           `json:"first_page_ms"` // from the start of the process, without its ready line
	RSSMB         float64           `json:"rss_mb"`
	Durability    map[string]string `json:"durability"`
	Machine       ground.Machine    `json:"machine"`
	Commit        string            `json:"commit"`
	At            string            `json:"at"`
}

// page is what was measured of one page.
type page struct {
	Name         string  `json:"name"`
	Path         string  `json:"path"`
	PerSecond    float64 `json:"requests_per_second"`
	P50          float64 `json:"p50_ms"`
	P95          float64 `json:"p95_ms"`
	P99          float64 `json:"p99_ms"`
	CPU          float64 `json:"cpu_ms"` // of all processes but this one, a request
	Bytes        int     `json:"bytes"`
	BytesGzipped int     `json:"bytes_gzipped"` // on the wire for browsers that take gzip

	client *ground.Client
}

func main() {
	time.Local = time.UTC // PostgreSQL's times come back local
	var o options
	kong.Parse(&o, kong.Name("pages"), kong.Description("Measure how fast pages are answered."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	r, err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "pages:", err)
		os.Exit(1)
	}
	line, err := json.Marshal(r)
	if err != nil {
		fmt.Fprintln(os.Stderr, "pages:", err)
		os.Exit(1)
	}
	fmt.Println(string(line))
}

func run(ctx context.Context, o options) (r *result, err error) {
	r = &result{
		Database: o.Database, Subscriptions: o.Subscriptions, Connections: o.Connections,
		Machine: ground.ThisMachine(), Commit: ground.Commit(ctx), At: time.Now().UTC().Format(time.RFC3339),
	}
	place, err := ground.NewPlace(ctx, db.Engine(o.Database), o.Dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, place.Close()) }()
	program, err := ground.Build(ctx, place.Dir)
	if err != nil {
		return nil, err
	}
	host, err := ground.FreeAddress()
	if err != nil {
		return nil, err
	}
	// nothing is due: neither a gateway nor a mail server is asked for anything
	shop, err := ground.Seed(ctx, place, ground.Plan{Subscriptions: o.Subscriptions, SimURL: "http://127.0.0.1:9", MailPort: 9, Host: host})
	if err != nil {
		return nil, err
	}
	if err := shop.Settle(ctx); err != nil {
		return nil, err
	}
	env := []string{ground.SecretEnv()}
	if o.Profile != "" {
		env = append(env, "TEIKI_CPU_PROFILE="+filepath.Join(o.Profile, o.Database+"-pages.pprof"))
	}
	begin := time.Now()
	serve, err := ground.Start(ctx, program, "serve", place.Dir, env, append([]string{"serve", "--listen", host}, place.Args...)...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, serve.Stop()) }()
	if r.Pages, err = open(ctx, "http://"+host); err != nil {
		return nil, err
	}
	if _, err := r.Pages[0].client.Get(ctx, r.Pages[0].Path); err != nil {
		return nil, err
	}
	r.FirstPageMS = ms(time.Since(begin))
	for i := range r.Pages {
		if err := r.Pages[i].measure(ctx, o, serve.PID(), place.ServerPID()); err != nil {
			return nil, err
		}
		if p := r.Pages[i]; !o.JSON {
			fmt.Fprintf(os.Stderr, "%-22s %8.0f/s  p50 %6.1f  p99 %6.1f ms  %5.2f CPU-ms\n", p.Name, p.PerSecond, p.P50, p.P99, p.CPU)
		}
	}
	if r.RSSMB, err = ground.PeakMB(serve.PID()); err != nil {
		return nil, err
	}
	r.Durability, err = place.DB.Durability(ctx)
	return r, err
}

var ownSubscription = regexp.MustCompile(`/mypage/subscriptions/[0-9a-f-]{36}`)

// open makes the people who look at pages: a guest, a subscriber and the owner.
func open(ctx context.Context, base string) ([]page, error) {
	guest, err := ground.NewClient(base)
	if err != nil {
		return nil, err
	}
	member, err := ground.NewClient(base)
	if err != nil {
		return nil, err
	}
	if err := member.LogIn(ctx, ground.MemberMail(0)); err != nil {
		return nil, fmt.Errorf("log a subscriber in: %w", err)
	}
	mine, err := member.Get(ctx, "/mypage")
	if err != nil {
		return nil, err
	}
	subscription := ownSubscription.FindString(mine)
	if subscription == "" {
		return nil, errors.New("the subscriber's my page shows no subscription")
	}
	owner, err := ground.NewClient(base)
	if err != nil {
		return nil, err
	}
	if _, err := owner.Post(ctx, "/admin/login", url.Values{"mail": {ground.StaffMail}, "password": {ground.Password}}); err != nil {
		return nil, fmt.Errorf("log the owner in: %w", err)
	}
	return []page{
		{Name: "home", Path: "/", client: guest},
		{Name: "product", Path: "/goods/hb-blend", client: guest},
		{Name: "my page", Path: "/mypage", client: member},
		{Name: "my subscription", Path: subscription, client: member},
		{Name: "admin home", Path: "/admin", client: owner},
		{Name: "admin subscriptions", Path: "/admin/subscriptions", client: owner},
		{Name: "admin search by name", Path: "/admin/subscriptions?q=" + url.QueryEscape("早川"), client: owner},
		{Name: "admin orders", Path: "/admin/orders", client: owner},
	}, nil
}

// measure asks for the page from every connection until the time is over.
func (p *page) measure(ctx context.Context, o options, pids ...int) error {
	content, err := p.client.Get(ctx, p.Path)
	if err != nil {
		return err
	}
	p.Bytes = len(content)
	if p.BytesGzipped, err = p.client.Gzipped(ctx, p.Path); err != nil {
		return err
	}
	before, err := cpu(pids)
	if err != nil {
		return err
	}
	begin := time.Now()
	end := begin.Add(o.Length)
	took := make([][]time.Duration, o.Connections)
	failed := make([]error, o.Connections)
	var all sync.WaitGroup
	for i := range o.Connections {
		all.Go(func() {
			c := p.client.Twin()
			for failed[i] == nil && time.Now().Before(end) {
				asked := time.Now()
				_, failed[i] = c.Gzipped(ctx, p.Path) // as browsers ask
				took[i] = append(took[i], time.Since(asked))
			}
		})
	}
	all.Wait()
	passed := time.Since(begin)
	after, err := cpu(pids)
	if err = errors.Join(errors.Join(failed...), err); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	list := slices.Concat(took...)
	slices.Sort(list)
	p.PerSecond = round(float64(len(list)) / passed.Seconds())
	p.P50, p.P95, p.P99 = ms(ground.Percentile(list, 50)), ms(ground.Percentile(list, 95)), ms(ground.Percentile(list, 99))
	p.CPU = round(float64((after - before).Microseconds()) / 1000 / float64(len(list)))
	return nil
}

func cpu(pids []int) (total time.Duration, err error) {
	for _, pid := range pids {
		used, err := ground.CPU(pid)
		if err != nil {
			return 0, err
		}
		total += used
	}
	return total, nil
}

func ms(d time.Duration) float64 { return round(float64(d.Microseconds()) / 1000) }

// round keeps three decimals: more would be noise.
func round(x float64) float64 { return float64(int64(x*1000+0.5)) / 1000 }
