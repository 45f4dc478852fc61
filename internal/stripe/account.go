package stripe

import (
	"context"

	sdk "github.com/stripe/stripe-go/v85"
)

// Account is the merchant's Stripe account that a key belongs to.
type Account struct {
	ID              string
	Country         string // two upper-case letters
	DefaultCurrency string // lower case
	ChargesEnabled  bool
}

// Account reads the account of the client's key: a key of another account than the store's is refused by comparing
// its ID. Source: https://docs.stripe.com/api/accounts/retrieve
func (c *Client) Account(ctx context.Context) (Account, error) {
	var answer wireAccount
	if err := c.get(ctx, "read account", "/v1/account", &sdk.AccountRetrieveParams{}, &answer); err != nil {
		return Account{}, err
	}
	return Account{
		ID: answer.ID, Country: answer.Country,
		DefaultCurrency: answer.DefaultCurrency, ChargesEnabled: answer.ChargesEnabled,
	}, nil
}
