package stripesim_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stripe/stripe-mock/embedded"

	"github.com/teiki-commerce/teiki/internal/stripe"
)

// schema is what these tests need of Stripe's OpenAPI description, which stripe-mock carries along.
type schema struct {
	Ref                  string             `json:"$ref"`
	Type                 string             `json:"type"`
	Nullable             bool               `json:"nullable"`
	Enum                 []any              `json:"enum"`
	AnyOf                []*schema          `json:"anyOf"`
	Properties           map[string]*schema `json:"properties"`
	Required             []string           `json:"required"`
	Items                *schema            `json:"items"`
	AdditionalProperties json.RawMessage    `json:"additionalProperties"`
}

var schemas = sync.OnceValue(func() map[string]*schema {
	var spec struct {
		Components struct {
			Schemas map[string]*schema `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(embedded.OpenAPISpec, &spec); err != nil {
		panic(err)
	}
	return spec.Components.Schemas
})

func (sc *schema) resolve() *schema {
	for sc.Ref != "" {
		sc = schemas()[strings.TrimPrefix(sc.Ref, "#/components/schemas/")]
	}
	return sc
}

// misfit says where a value departs from its schema, "" where it fits. Fields the schema does not know are misfits.
func misfit(value any, sc *schema, at string) string {
	sc = sc.resolve()
	if value == nil {
		if sc.Nullable || len(sc.AnyOf) == 0 && sc.Type == "" {
			return ""
		}
		return at + ": null is not allowed"
	}
	if len(sc.AnyOf) > 0 {
		var all []string
		for _, option := range sc.AnyOf {
			problem := misfit(value, option, at)
			if problem == "" {
				return ""
			}
			all = append(all, problem)
		}
		return strings.Join(all, "; or ")
	}
	if len(sc.Enum) > 0 && !slices.Contains(sc.Enum, value) {
		return fmt.Sprintf("%s: %v is none of %v", at, value, sc.Enum)
	}
	switch v := value.(type) {
	case map[string]any:
		if sc.Type != "object" {
			return at + ": an object is not allowed"
		}
		return misfitFields(v, sc, at)
	case []any:
		if sc.Type != "array" {
			return at + ": a list is not allowed"
		}
		for i, item := range v {
			if problem := misfit(item, sc.Items, fmt.Sprintf("%s[%d]", at, i)); problem != "" {
				return problem
			}
		}
		return ""
	}
	want := map[string]string{"string": "string", "bool": "boolean", "float64": "integer"}[fmt.Sprintf("%T", value)]
	if sc.Type != want && !(want == "integer" && sc.Type == "number") {
		return fmt.Sprintf("%s: a %s, want a %s", at, want, sc.Type)
	}
	return ""
}

func misfitFields(object map[string]any, sc *schema, at string) string {
	for _, name := range sc.Required {
		if _, ok := object[name]; !ok {
			return at + ": lacks " + name
		}
	}
	if len(sc.Properties) == 0 && string(sc.AdditionalProperties) != "false" {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		field, ok := sc.Properties[name]
		if !ok {
			return at + ": has " + name + ", which Stripe has not"
		}
		if problem := misfit(object[name], field, at+"."+name); problem != "" {
			return problem
		}
	}
	return ""
}

func wantShape(t *testing.T, value any, name string) {
	t.Helper()
	sc, ok := schemas()[name]
	if !ok {
		t.Fatalf("Stripe has no object %s", name)
	}
	if problem := misfit(value, sc, name); problem != "" {
		t.Error(problem)
	}
}

// TestTheCheckFindsWhatDoesNotFit keeps the test below honest.
func TestTheCheckFindsWhatDoesNotFit(t *testing.T) {
	good := func() map[string]any {
		return map[string]any{"id": "re_1", "object": "refund", "amount": 1.0, "created": 1.0, "currency": "jpy"}
	}
	if problem := misfit(good(), schemas()["refund"], ""); problem != "" {
		t.Errorf("a good one: %s", problem)
	}
	for name, spoil := range map[string]func(map[string]any){
		"unknown field": func(o map[string]any) { o["colour"] = "red" },
		"wrong type":    func(o map[string]any) { o["amount"] = "1" },
		"missing field": func(o map[string]any) { delete(o, "currency") },
		"wrong null":    func(o map[string]any) { o["amount"] = nil },
		"wrong word":    func(o map[string]any) { o["object"] = "charge" },
	} {
		o := good()
		spoil(o)
		if misfit(o, schemas()["refund"], "") == "" {
			t.Errorf("%s was not found", name)
		}
	}
}

func TestAnswersHaveStripesShapes(t *testing.T) {
	sh := newShop(t)
	s := startWith(t, sh)
	get := func(path, name string) map[string]any {
		t.Helper()
		status, _, body := s.raw(http.MethodGet, path, nil, nil)
		if status != http.StatusOK {
			t.Fatalf("GET %s: %d %v", path, status, body)
		}
		wantShape(t, body, name)
		return body
	}
	refused := func(path string, form url.Values) {
		t.Helper()
		status, _, body := s.raw(http.MethodPost, path, form, nil)
		if status < 400 {
			t.Fatalf("POST %s: %d", path, status)
		}
		wantShape(t, body, "error")
	}
	const expandSession = "?expand[]=payment_intent.payment_method&expand[]=setup_intent.payment_method&expand[]=customer"

	get("/v1/account", "account")
	paid := s.session("paid")
	get("/v1/checkout/sessions/"+paid.ID, "checkout.session")
	s.page(paid.URL, typeCard("4242424242424242"))
	body := get("/v1/checkout/sessions/"+paid.ID+expandSession, "checkout.session")
	if _, ok := body["payment_intent"].(map[string]any)["payment_method"].(map[string]any); !ok {
		t.Error("the payment method was not expanded")
	}
	saved := s.session("saved", func(p *stripe.SessionParams) { p.Mode = stripe.ModeSetup })
	get("/v1/checkout/sessions/"+saved.ID+"?expand[0]=setup_intent", "checkout.session")
	s.page(saved.URL, typeCard("4000000000009995"))
	setup := must(s.client.Session(s.ctx(), saved.ID))(t).Setup
	get("/v1/setup_intents/"+setup.ID, "setup_intent")
	s.page(saved.URL, typeCard("4000002500003155"))
	get("/v1/setup_intents/"+setup.ID+"?expand[]=payment_method", "setup_intent")
	left := s.session("left")
	must(s.client.ExpireSession(s.ctx(), left.ID))(t)
	get("/v1/checkout/sessions/"+left.ID, "checkout.session")

	for _, behaviour := range []string{"ok", "decline:insufficient_funds", "decline:expired_card", "3ds_always"} {
		customer, method := s.customerWith(behaviour)
		get("/v1/customers/"+customer, "customer")
		get("/v1/payment_methods/"+method+"?expand[]=customer", "payment_method")
		intent := s.intent(behaviour, customer, method, 1000)
		get("/v1/payment_intents/"+intent.ID, "payment_intent")
		for _, form := range []url.Values{{"off_session": {"true"}, "payment_method": {method}}, {"return_url": {"https://shop.example"}, "payment_method": {method}}} {
			status, _, body := s.raw(http.MethodPost, "/v1/payment_intents/"+intent.ID+"/confirm", form, nil)
			if status >= 400 {
				wantShape(t, body, "error")
			}
		}
		get("/v1/payment_intents/"+intent.ID+"?expand[]=latest_charge&expand[]=customer&expand[]=payment_method", "payment_intent")
	}
	held := must(s.client.CreateIntent(s.ctx(), "held", stripe.IntentParams{Amount: 900, Currency: "jpy", PaymentMethod: "pm_card_visa", CaptureMethod: stripe.CaptureManual}))(t)
	held = must(s.client.ConfirmIntent(s.ctx(), "hold", held.ID, stripe.ConfirmParams{}))(t)
	get("/v1/charges/"+held.LatestCharge, "charge")
	must(s.client.CaptureIntent(s.ctx(), "take", held.ID, 900))(t)
	back := must(s.client.CreateRefund(s.ctx(), "back", stripe.RefundParams{Intent: held.ID}))(t)
	get("/v1/refunds/"+back.ID, "refund")
	get("/v1/charges/"+held.LatestCharge, "charge")

	status, _, list := s.raw(http.MethodGet, "/v1/payment_intents?limit=3", nil, nil)
	if status != http.StatusOK || list["object"] != "list" || list["has_more"] != true || len(list["data"].([]any)) != 3 {
		t.Errorf("list: %d %v", status, list)
	}
	for _, intent := range list["data"].([]any) {
		wantShape(t, intent, "payment_intent")
	}
	refused("/v1/payment_intents", url.Values{"amount": {"100"}})
	refused("/v1/payment_intents", url.Values{"amount": {"100"}, "currency": {"jpy"}, "colour": {"red"}})
	refused("/v1/payment_intents/"+held.ID+"/confirm", url.Values{})
	refused("/v1/payment_intents/pi_nowhere/cancel", url.Values{})
	refused("/v1/nothing", url.Values{})

	var events struct{ Events []map[string]any }
	s.getJSON("/_sim/events", &events)
	seen := map[string]bool{}
	for _, event := range events.Events {
		wantShape(t, event, "event")
		object := event["data"].(map[string]any)["object"].(map[string]any)
		wantShape(t, object, object["object"].(string))
		seen[event["type"].(string)] = true
		get("/v1/events/"+event["id"].(string), "event")
	}
	if len(seen) < 7 {
		t.Errorf("only these events were checked: %v", seen)
	}
}
