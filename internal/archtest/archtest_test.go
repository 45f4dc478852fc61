package archtest

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTheHouseKeepsItsRules(t *testing.T) {
	breaches, err := Check(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range breaches {
		t.Error(b)
	}
}

// Each case is a file that breaks exactly one rule, or none.
func TestBreachesAreFound(t *testing.T) {
	for _, tc := range []struct {
		name, file, source string
		want               string // part of the breach; empty: the file is fine
	}{
		{"a lower storey", "internal/core/pricing/p.go", `import "` + module + `internal/core/money"`, ""},
		{"the same storey where nouns build on nouns", "internal/core/catalog/c.go", `import "` + module + `internal/core/tax"`, ""},
		{"a higher storey", "internal/core/money/m.go", `import "` + module + `internal/core/order"`, "core/money (storey 1) imports core/order (storey 3)"},
		{"a sibling where none imports another", "internal/core/pricing/p.go", `import "` + module + `internal/core/order"`, "none imports another"},
		{"a storey's own folder", "internal/core/pricing/p.go", `import "` + module + `internal/core/pricing/rounding"`, ""},
		{"core without a storey", "internal/core/points/p.go", ``, "core/points is in no storey"},
		{"core and a library", "internal/core/money/m.go", `import "github.com/bojanz/currency"`, "nothing but the standard library"},
		{"core and Unicode's tables", "internal/core/place/p.go", `import "golang.org/x/text/unicode/norm"`, ""},
		{"core and a library in a test", "internal/core/money/m_test.go", `import "pgregory.net/rapid"`, ""},
		{"core and I/O", "internal/core/money/m.go", `import "log/slog"`, "core is pure"},
		{"core and HTTP below a folder", "internal/core/money/x/m.go", `import "net/http/httptest"`, "core is pure"},
		{"core and addresses", "internal/core/place/p.go", `import "net/url"`, ""},

		{"down", "internal/web/shop/home.go", `import "` + module + `internal/flow"`, ""},
		{"up", "internal/flow/subscribe.go", `import "` + module + `internal/web"`, "internal/flow imports internal/web"},
		{"across", "internal/db/order.go", `import "` + module + `internal/stripe"`, "internal/db imports internal/stripe"},
		{"across in a test", "internal/db/order_test.go", `import "` + module + `internal/testkit/pgtest"`, ""},
		{"test support", "internal/db/dbtest/suite.go", `import "` + module + `internal/testkit/pgtest"`, ""},
		{"a new floor", "internal/loyalty/points.go", ``, "internal/loyalty is on no floor"},
		{"the simulator and the shop", "internal/stripesim/intent.go", `import "` + module + `internal/flow"`, "internal/stripesim imports internal/flow"},
		{"the roof", "cmd/teiki/serve.go", `import "` + module + `internal/stripesim"`, ""},
		{"under the roof", "internal/app/app.go", `import "` + module + `cmd/teiki"`, "the roof"},

		{"SQL in its place", "internal/db/order.go", `import "github.com/uptrace/bun/dialect"`, ""},
		{"SQL elsewhere", "internal/flow/charge.go", `import "database/sql"`, "all SQL is in internal/db"},
		{"a driver elsewhere", "internal/app/app.go", `import _ "github.com/jackc/pgx/v5/stdlib"`, "all SQL is in internal/db"},
		{"Stripe in its place", "internal/stripe/intent.go", `import "github.com/stripe/stripe-go/v85"`, ""},
		{"Stripe elsewhere", "internal/flow/charge.go", `import "github.com/stripe/stripe-go/v85"`, "only internal/stripe"},
		{"Stripe in the simulator's tests", "internal/stripesim/sim_test.go", `import "github.com/stripe/stripe-go/v85"`, ""},
		{"randomness", "internal/engine/engine.go", `import "math/rand/v2"`, "randomness is injected"},
		{"test code in the program", "internal/web/routes.go", `import "testing"`, "no test code"},

		{"the clock", "internal/flow/charge.go", "import \"time\"\nvar at = time.Now()", "two clocks"},
		{"the clock by another name", "internal/flow/charge.go", "import t \"time\"\nvar now = t.Now", "two clocks"},
		{"the clock where it is made", "internal/app/clock.go", "import \"time\"\nvar now = time.Now", ""},
		{"the clock in a test", "internal/flow/charge_test.go", "import \"time\"\nvar now = time.Now()", ""},
		{"something else called Now", "internal/flow/charge.go", "var at = clock.Now()", ""},
		{"an id", "internal/db/id.go", "import \"github.com/google/uuid\"\nvar id = uuid.New()", "one generator"},
		{"a known id", "internal/db/id.go", "import \"github.com/google/uuid\"\nvar id = uuid.MustParse(`x`)", ""},
		{"a sleep", "internal/engine/loop.go", "import \"time\"\nfunc f() { time.Sleep(1) }", "wait for a signal"},
		{"a sleep in a test", "internal/app/clock_test.go", "import \"time\"\nfunc f() { time.Sleep(1) }", "wait for a signal"},
		{"a skipped test", "internal/app/clock_test.go", "import \"testing\"\nfunc TestX(t *testing.T) { t.Skip() }", "looks green"},
		{"a skipped test by a friend", "internal/testkit/x/x.go", "import \"testing\"\nfunc need(tb testing.TB) { tb.Skipf(``) }", "looks green"},
		{"a skipped delivery", "internal/flow/skip_test.go", "import \"testing\"\nfunc TestX(t *testing.T) { sub.Skip() }", ""},
		{"a short test", "internal/app/clock_test.go", "import \"testing\"\nvar short = testing.Short()", "runs every time"},
		{"the linters' module", "tools/x.go", "import \"time\"\nvar now = time.Now()", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			root := fstest.MapFS{tc.file: {Data: []byte("package p\n" + tc.source)}}
			breaches, err := Check(root)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case tc.want == "" && len(breaches) > 0:
				t.Errorf("found %v, want nothing", breaches)
			case tc.want != "" && (len(breaches) != 1 || !strings.Contains(breaches[0].String(), tc.want)):
				t.Errorf("found %v, want one breach saying %q", breaches, tc.want)
			}
		})
	}
}

func TestBreachNamesFileAndLine(t *testing.T) {
	root := fstest.MapFS{"internal/flow/charge.go": {Data: []byte("package flow\n\nimport \"database/sql\"\n")}}
	breaches, err := Check(root)
	if err != nil || len(breaches) != 1 || breaches[0].Place != "internal/flow/charge.go:3" {
		t.Errorf("got %v (%v), want one breach at internal/flow/charge.go:3", breaches, err)
	}
}

func TestUnreadableSourceIsAnError(t *testing.T) {
	root := fstest.MapFS{"internal/flow/charge.go": {Data: []byte("package")}}
	if _, err := Check(root); err == nil {
		t.Error("a file that does not parse passes")
	}
}

// A name in the tables that no longer exists guards nothing.
func TestTablesNameOnlyKnownFloors(t *testing.T) {
	for floor, may := range floors {
		for _, other := range may {
			if _, known := floors[other]; !known {
				t.Errorf("floor %s may import %s, which is none", floor, other)
			}
		}
	}
}
