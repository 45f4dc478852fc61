package stripesim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/stripesim"
)

// BenchmarkRenewal is what one renewal costs the simulator: an intent created and confirmed, with the state file on,
// measured without the HTTP connection. One iteration is two requests.
func BenchmarkRenewal(b *testing.B) {
	now := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	server, err := stripesim.New(stripesim.Options{
		Clock: func() time.Time { return now }, SecretKey: secretKey, StateFile: filepath.Join(b.TempDir(), "state"),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	post := func(path, key, form string) []byte {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form))
		r.Header.Set("Authorization", "Bearer "+secretKey)
		if key != "" {
			r.Header.Set("Idempotency-Key", key)
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		return w.Body.Bytes()
	}
	post("/_sim/known", "", `{"customers":[{"id":"cus_1"}],"payment_methods":[{"id":"pm_1","customer":"cus_1"}]}`)
	b.ResetTimer()
	for i := range b.N {
		var intent struct{ ID string }
		created := post("/v1/payment_intents", fmt.Sprint("create", i),
			"amount=1330&currency=jpy&customer=cus_1&payment_method=pm_1&payment_method_types[0]=card&metadata[delivery]=d")
		if err := json.Unmarshal(created, &intent); err != nil {
			b.Fatal(err)
		}
		post("/v1/payment_intents/"+intent.ID+"/confirm", fmt.Sprint("confirm", i), "off_session=true&payment_method=pm_1")
	}
}
