package stripesim

import (
	"sync"
	"time"
)

// limiter holds a token bucket for all requests and one for each endpoint, each as deep as one second.
// Source: https://docs.stripe.com/rate-limits
type limiter struct {
	all, each float64 // tokens a second; zero is no limit

	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	tokens float64
	filled time.Time
}

func newLimiter(all, each int) *limiter {
	return &limiter{all: float64(all), each: float64(each), buckets: map[string]*bucket{}}
}

// allow takes a request in, or says which limit it hit in the words of Stripe-Rate-Limited-Reason.
func (l *limiter) allow(endpoint string, now time.Time) (refused string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.each > 0 && !l.take(endpoint, l.each, now) {
		return "endpoint-rate"
	}
	if l.all > 0 && !l.take("", l.all, now) {
		return "global-rate"
	}
	return ""
}

func (l *limiter) take(name string, rate float64, now time.Time) bool {
	b := l.buckets[name]
	if b == nil {
		b = &bucket{tokens: rate, filled: now}
		l.buckets[name] = b
	}
	if passed := now.Sub(b.filled); passed > 0 {
		b.tokens = min(rate, b.tokens+rate*passed.Seconds())
		b.filled = now
	}
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
