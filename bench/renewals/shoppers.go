package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/teiki-commerce/teiki/bench/ground"
)

const (
	// shopperCount customers take turns, so that one who waits holds up nobody.
	shopperCount = 40
	// shopperEvery is how often an order is placed.
	shopperEvery = 50 * time.Millisecond
)

// shoppers place orders through the pages at a steady pace, whatever the engine
// does: an order that takes long does not delay the next one.
type shoppers struct {
	idle   chan *ground.Client
	cancel context.CancelFunc
	all    sync.WaitGroup

	mu     sync.Mutex
	took   []time.Duration // of pressing the last button
	errors int
	missed int // moments at which every shopper was still waiting
}

// newShoppers logs everybody in.
func newShoppers(ctx context.Context, base string) (*shoppers, error) {
	s := &shoppers{idle: make(chan *ground.Client, shopperCount)}
	for i := range shopperCount {
		c, err := ground.NewClient(base)
		if err != nil {
			return nil, err
		}
		if err := c.LogIn(ctx, ground.ShopperMail(i)); err != nil {
			return nil, fmt.Errorf("log a shopper in: %w", err)
		}
		s.idle <- c
	}
	return s, nil
}

// start lets them shop until stop. Nobody shops where there are none.
func (s *shoppers) start(ctx context.Context) {
	if s == nil {
		return
	}
	ctx, s.cancel = context.WithCancel(ctx)
	s.all.Go(func() {
		ticker := time.NewTicker(shopperEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			select {
			case c := <-s.idle:
				s.all.Go(func() {
					s.shop(context.WithoutCancel(ctx), c)
					s.idle <- c
				})
			default:
				s.mu.Lock()
				s.missed++
				s.mu.Unlock()
			}
		}
	})
}

// shop fills a cart and places its order; the last step is measured.
func (s *shoppers) shop(ctx context.Context, c *ground.Client) {
	err := c.FillCart(ctx)
	if err == nil {
		form, formErr := c.Confirmation(ctx)
		if err = formErr; err == nil {
			begin := time.Now()
			err = c.Place(ctx, form)
			took := time.Since(begin)
			s.mu.Lock()
			s.took = append(s.took, took)
			s.mu.Unlock()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "shopper:", err)
		s.mu.Lock()
		s.errors++
		s.mu.Unlock()
	}
}

// stop waits for those who are under way.
func (s *shoppers) stop() {
	if s == nil || s.cancel == nil {
		return
	}
	s.cancel()
	s.all.Wait()
}

func (s *shoppers) report(r *result) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(s.took)
	r.ShopperOrders, r.ShopperErrors = len(s.took), s.errors+s.missed
	r.ShopperWriteP50 = ms(ground.Percentile(s.took, 50))
	r.ShopperWriteP99 = ms(ground.Percentile(s.took, 99))
	r.ShopperWriteMax = ms(ground.Percentile(s.took, 100))
}

func ms(d time.Duration) float64 { return round(float64(d.Microseconds()) / 1000) }
