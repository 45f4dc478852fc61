package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/stripesim"
)

// gatewayKey opens the simulated gateway and nothing else.
const gatewayKey = "sk_test_simulation"

const (
	// keyTTL is how long the gateway remembers a request: a repeat comes within
	// seconds here, and a day's answers would fill the memory.
	keyTTL = time.Minute
	// headerTimeout bounds what a stranger on this machine can keep open.
	headerTimeout = 10 * time.Second
	// cardsAtOnce are introduced in one request.
	cardsAtOnce = 1_000
)

// gateway is a Stripe simulator of this process, reached over the loopback
// interface by the same client as the real one.
type gateway struct {
	url    string
	sim    *stripesim.Server
	server *http.Server
	served chan error
}

func openGateway(ctx context.Context, now, wall func() time.Time) (*gateway, error) {
	sim, err := stripesim.New(stripesim.Options{Clock: now, Wall: wall, SecretKey: gatewayKey, IdempotencyTTL: keyTTL})
	if err != nil {
		return nil, fmt.Errorf("start the gateway's simulator: %w", err)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for the gateway's simulator: %w", err), sim.Close())
	}
	g := &gateway{
		url: "http://" + l.Addr().String(), sim: sim, served: make(chan error, 1),
		server: &http.Server{Handler: sim, ReadHeaderTimeout: headerTimeout},
	}
	go func() { g.served <- g.server.Serve(l) }()
	return g, nil
}

func (g *gateway) close() error {
	err := errors.Join(g.server.Close(), g.sim.Close())
	if end := <-g.served; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}

// The words of the simulator's control page.
type (
	knownCustomer struct {
		ID    string `json:"id"`
		Email string `json:"email"`
		Name  string `json:"name"`
	}
	knownCard struct {
		ID        string `json:"id"`
		Customer  string `json:"customer"`
		Behaviour string `json:"behaviour"`
		Brand     string `json:"brand"`
		Last4     string `json:"last4"`
		ExpMonth  int    `json:"exp_month"`
		ExpYear   int    `json:"exp_year"`
	}
)

// know introduces the stored cards of a store and their owners.
func (g *gateway) know(ctx context.Context, d *db.DB, storeID int64, share simulation.Cards) error {
	after := ""
	for {
		cards, err := db.StoredCards(ctx, d, storeID, after, cardsAtOnce)
		if err != nil || len(cards) == 0 {
			return err
		}
		var known struct {
			Customers      []knownCustomer `json:"customers"`
			PaymentMethods []knownCard     `json:"payment_methods"`
		}
		for _, c := range cards {
			after = c.GatewayID
			if c.CustomerID != "" {
				known.Customers = append(known.Customers, knownCustomer{ID: c.CustomerID, Email: c.Mail, Name: c.Name})
			}
			known.PaymentMethods = append(known.PaymentMethods, knownCard{
				ID: c.GatewayID, Customer: c.CustomerID, Behaviour: share.Behaviour(c.GatewayID),
				Brand: c.Brand, Last4: c.Last4, ExpMonth: c.ExpMonth, ExpYear: c.ExpYear,
			})
		}
		if err := g.control(ctx, http.MethodPost, "/_sim/known", known, nil); err != nil {
			return fmt.Errorf("introduce the stored cards: %w", err)
		}
	}
}

// counts are what the gateway's own book says.
type counts struct {
	Sums map[string]struct {
		Charged   int64 `json:"charged"`
		Succeeded int   `json:"succeeded"`
		Failed    int   `json:"failed"`
	} `json:"sums"`
	Counts struct {
		IntentsChargedTwice int `json:"intents_charged_twice"`
	} `json:"counts"`
}

func (g *gateway) counts(ctx context.Context) (c counts, err error) {
	if err = g.control(ctx, http.MethodGet, "/_sim/ledger?summary=true", nil, &c); err != nil {
		err = fmt.Errorf("read the gateway's book: %w", err)
	}
	return c, err
}

func (g *gateway) control(ctx context.Context, method, path string, body, answer any) (err error) {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, g.url+path, &content)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	if response.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10)) // without it the status stands alone
		return fmt.Errorf("status %d: %s", response.StatusCode, bytes.TrimSpace(said))
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
