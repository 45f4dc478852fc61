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
	status, next, err := h.post(ctx, address.Path, "application/x-www-form-urlencoded", []byte(form.Encode()))
	if err == nil && status != http.StatusSeeOther {
		err = fmt.Errorf("%s answers %d", address.Path, status)
	}
	return next, err
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
	status, _, err := h.post(ctx, "/_sim/known", "application/json", body)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("the simulator answers %d", status)
	}
	return err
}

// post returns the status and where it leads to; there is nothing more to learn.
func (h *hosted) post(ctx context.Context, path, kind string, body []byte) (status int, location string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, "", fmt.Errorf("ask the simulator: %w", err)
	}
	request.Header.Set("Content-Type", kind)
	answer, err := h.client.Do(request)
	if err != nil {
		return 0, "", fmt.Errorf("ask the simulator: %w", err)
	}
	return answer.StatusCode, answer.Header.Get("Location"), answer.Body.Close()
}
