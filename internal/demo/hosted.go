package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/customer"
)

// hosted is what people do at the simulator's pages, and what their banks do.
type hosted struct {
	url    string // where the simulator answers
	client *http.Client
}

func newHosted(url string) *hosted {
	return &hosted{url: url, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// pay fills in the card page and approves what the bank asks.
func (h *hosted) pay(ctx context.Context, page, card, name string) error {
	next, err := h.submit(ctx, page, url.Values{"number": {card}, "expiry": {"09/31"}, "cvc": {"123"}, "name": {name}})
	for err == nil && strings.Contains(next, "/c/3ds/") {
		next, err = h.submit(ctx, next, url.Values{"answer": {"approve"}})
	}
	return err
}

// submit sends a form of the simulator and returns where it leads to. The page's
// own address may be the one of later, when nobody answers there yet.
func (h *hosted) submit(ctx context.Context, page string, form url.Values) (string, error) {
	address, err := url.Parse(page)
	if err != nil {
		return "", fmt.Errorf("read a page's address: %w", err)
	}
	answer, err := h.post(ctx, address.Path, "application/x-www-form-urlencoded", []byte(form.Encode()))
	if err != nil {
		return "", err
	}
	if answer.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("%s answers %s", address.Path, answer.Status)
	}
	return answer.Header.Get("Location"), nil
}

// behave lets a card's bank answer in another way from now on: "ok" or a decline
// code.
func (h *hosted) behave(ctx context.Context, gatewayCustomer string, card customer.Card, behaviour string) error {
	body, err := json.Marshal(map[string]any{"payment_methods": []map[string]any{{
		"id": card.GatewayID, "customer": gatewayCustomer, "behaviour": behaviour,
		"brand": card.Brand, "last4": card.Last4, "exp_month": card.ExpMonth, "exp_year": card.ExpYear,
	}}})
	if err != nil {
		return fmt.Errorf("write a card: %w", err)
	}
	answer, err := h.post(ctx, "/_sim/known", "application/json", body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the simulator answers %s", answer.Status)
	}
	return nil
}

func (h *hosted) post(ctx context.Context, path, kind string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask the simulator: %w", err)
	}
	request.Header.Set("Content-Type", kind)
	answer, err := h.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the simulator: %w", err)
	}
	return answer, answer.Body.Close() // status and header say all
}
