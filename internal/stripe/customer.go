package stripe

import (
	"context"
	"time"

	sdk "github.com/stripe/stripe-go/v85"
)

// Customer is a shopper as the gateway knows them.
type Customer struct {
	ID       string
	Email    string
	Name     string
	Deleted  bool
	Metadata map[string]string
	Created  time.Time
}

// CustomerParams describes a new customer. Every field may be empty.
type CustomerParams struct {
	Email    string
	Name     string
	Metadata map[string]string
}

// CreateCustomer makes a customer under an idempotency key.
// Source: https://docs.stripe.com/api/customers/create
func (c *Client) CreateCustomer(ctx context.Context, key string, p CustomerParams) (Customer, error) {
	params := &sdk.CustomerCreateParams{
		Email:    optional(p.Email),
		Name:     optional(p.Name),
		Metadata: p.Metadata,
	}
	var answer wireCustomer
	if err := c.post(ctx, "create customer", key, "/v1/customers", params, &answer); err != nil {
		return Customer{}, err
	}
	if answer.ID == "" {
		return Customer{}, notThat("create customer", "")
	}
	return answer.customer(), nil
}

// UpdateCustomerMetadata sets the given metadata keys and leaves the others; an empty value removes its key. The
// clone guard keeps its witness this way.
// Source: https://docs.stripe.com/api/customers/update
func (c *Client) UpdateCustomerMetadata(ctx context.Context, key, id string, md map[string]string) error {
	params := &sdk.CustomerUpdateParams{Metadata: md}
	var answer wireCustomer
	return c.post(ctx, "update customer", key, sdk.FormatURLPath("/v1/customers/%s", id), params, &answer)
}

// Customer reads a customer. One that was deleted at the gateway comes back with Deleted set, not as an error.
// Source: https://docs.stripe.com/api/customers/retrieve
func (c *Client) Customer(ctx context.Context, id string) (Customer, error) {
	var answer wireCustomer
	if err := c.get(ctx, "read customer", sdk.FormatURLPath("/v1/customers/%s", id), &sdk.CustomerRetrieveParams{}, &answer); err != nil {
		return Customer{}, err
	}
	return answer.customer(), nil
}

func (w *wireCustomer) customer() Customer {
	return Customer{
		ID: w.ID, Email: w.Email, Name: w.Name, Deleted: w.Deleted,
		Metadata: w.Metadata, Created: unix(w.Created),
	}
}

// optional leaves an empty parameter out of the request, where Stripe would take "" as an order to clear the field.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
