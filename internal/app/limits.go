package app

import "github.com/teiki-commerce/teiki/internal/flow"

// GatewayLimits are the requests a second that the gateway allows an account.
// Stripe's are 100 in all and 25 an endpoint unless it has agreed to more
// (docs.stripe.com/rate-limits).
type GatewayLimits struct {
	GatewayRate         int64 `help:"Requests a second the gateway allows in all; 0 = no limit." default:"100" env:"TEIKI_GATEWAY_RATE"`
	GatewayEndpointRate int64 `help:"Requests a second the gateway allows an endpoint." default:"25" env:"TEIKI_GATEWAY_ENDPOINT_RATE"`
}

func (g GatewayLimits) budget() flow.Budget {
	if g.GatewayRate == 0 || g.GatewayEndpointRate == 0 {
		return flow.Budget{}
	}
	return flow.Budget{PerSecond: g.GatewayRate, PerEndpoint: g.GatewayEndpointRate}
}
