package stripesim_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/stripe"
	"github.com/teiki-commerce/teiki/internal/stripesim"
)

func TestASimulatorRefusesToStartWrongly(t *testing.T) {
	now := func() time.Time { return beginning }
	folder := t.TempDir()
	spoiled := filepath.Join(folder, "spoiled")
	const text = "this is no state\n"
	if err := os.WriteFile(spoiled, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, opts := range map[string]stripesim.Options{
		"no clock":       {SecretKey: "sk"},
		"no key":         {Clock: now},
		"spoiled state":  {Clock: now, SecretKey: "sk", StateFile: spoiled},
		"missing folder": {Clock: now, SecretKey: "sk", StateFile: filepath.Join(folder, "nowhere", "state")},
	} {
		if server, err := stripesim.New(opts); err == nil {
			t.Errorf("%s: it started", name)
			_ = server.Close()
		}
	}
	if kept, err := os.ReadFile(spoiled); err != nil || string(kept) != text {
		t.Errorf("the unreadable state was changed: %q %v", kept, err)
	}
}

func TestALineCutOffByAKillIsDropped(t *testing.T) {
	path := inTemp(t)
	keep := func(o *stripesim.Options) { o.StateFile = path }
	first := start(t, keep)
	kept := must(first.client.CreateCustomer(first.ctx(), "a", stripe.CustomerParams{}))(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	must(first.client.CreateCustomer(first.ctx(), "b", stripe.CustomerParams{}))(t)
	all, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, all[:len(whole)+(len(all)-len(whole))/2], 0o600); err != nil {
		t.Fatal(err)
	}
	second := start(t, keep)
	must(second.client.Customer(second.ctx(), kept.ID))(t)
	must(second.client.CreateCustomer(second.ctx(), "b", stripe.CustomerParams{Name: "anew"}))(t)
}

func TestNonsenseIsAnswered(t *testing.T) {
	s := start(t)
	post := func(path, contentType, body string) int {
		req, err := http.NewRequestWithContext(s.ctx(), http.MethodPost, s.http.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+secretKey)
		req.Header.Set("Content-Type", contentType)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	for _, c := range []struct {
		path, body string
		want       int
	}{
		{"/v1/customers", "name=%zz", 400},
		{"/v1/customers", "name=" + strings.Repeat("x", 2<<20), 400},
		{"/v1/customers", "colour=red", 400},
		{"/v1/payment_intents", "amount=1e9&currency=jpy", 400},
		{"/v1/payment_intents", "amount=-1&currency=jpy", 400},
		{"/v1/payment_intents", "amount=9223372036854775808&currency=jpy", 400},
		{"/v1/charges", "amount=100", 404},
		{"/_sim/faults", `{"kind":"earthquake"}`, 400},
		{"/_sim/faults", `{"kind":"500","when":"never"}`, 400},
		{"/_sim/faults", `{"kind":"500","endpoint":"[a"}`, 400},
		{"/_sim/faults", `{"kind":"500","colour":"red"}`, 400},
		{"/_sim/webhooks", `{"action":"dance"}`, 400},
		{"/_sim/known", `{"payment_methods":[{"id":"pm_1","behaviour":"moody"}]}`, 400},
		{"/_sim/known", `{"customers":[{"id":""}]}`, 400},
		{"/c/3ds/pi_nowhere", "answer=perhaps", 400},
		{"/c/pay/cs_nowhere", "number=4242424242424242", 404},
	} {
		kind := "application/x-www-form-urlencoded"
		if strings.HasPrefix(c.path, "/_sim") {
			kind = "application/json"
		}
		if got := post(c.path, kind, c.body); got != c.want {
			t.Errorf("POST %s %.60s: %d, want %d", c.path, c.body, got, c.want)
		}
	}
}
