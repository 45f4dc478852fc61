// Package archtest holds the house's rules about who may import and call what,
// as data, and checks the source against them in its test. A linter could hold
// some of the rules; one table that people can read holds all of them, and says
// in the failure which rule was broken and why it is there.
package archtest

// module is the path that our own packages' import paths begin with.
const module = "github.com/teiki-commerce/teiki/"

// storeys are the packages of internal/core from the ground up. A package
// imports its own storey and those below; in a storey with siblings false none
// imports another.
var storeys = []storey{
	{siblings: true, packages: words("ident money calendar fault place alert audit")},
	{siblings: true, packages: words("store staff customer catalog shipping tax coupon stock simulation")},
	{siblings: false, packages: words("pricing subscription payment order")},
	{siblings: false, packages: words("renewal marketing")},
}

type storey struct {
	siblings bool
	packages []string
}

// coreLibraries are the only packages from outside that core may import.
var coreLibraries = words(
	// Unicode's own tables, which the standard library leaves to x/text.
	"golang.org/x/text/unicode/norm",
)

// floors are the packages in internal/ and the others of internal/ that they
// may import, in their program code. What stands under a folder belongs to it.
// Tests are free.
var floors = map[string][]string{
	"core": {},

	"i18n":     words("core"),
	"view":     words("core i18n"),
	"mail":     words("core i18n view"),
	"document": words("core i18n view"),

	"postcode": words("core"),
	"picture":  {},

	"seal": {},
	"auth": words("core"),

	"db":     words("core seal"),
	"stripe": words("core"),
	"flow":   words("core seal auth db stripe i18n mail picture postcode"),
	"engine": words("core db stripe flow i18n view mail document"),
	"web":    words("core picture postcode db stripe flow i18n view mail document"),
	"demo":   words("core seal db flow i18n postcode"),

	// A simulation is the house in small: use cases, engine and a gateway that is
	// simulated, around a copy of the database.
	"simulate": words("core seal db flow engine i18n mail stripesim"),

	"app": words("core auth seal db stripe flow engine web i18n view mail document simulate stripesim demo"),

	// The simulator stands in for somebody else's server and runs as a process
	// of its own: it shares the words of the wire with our client (event names,
	// states, minimum amounts), and none of what works with them.
	"stripesim": words("core stripe"),

	"testkit":   words("core auth seal db stripe flow engine web i18n view mail document stripesim app demo"),
	"faulttest": words("core auth seal db stripe flow engine web i18n view mail document stripesim app demo testkit"),
	"archtest":  {},
}

// testSupport are the folders of test code that is shared by several packages
// and so does not stand in files ending in _test.go. internal/testkit is not
// among them: benchmarks use it too, so it keeps the rules of a program.
var testSupport = words("internal/db/dbtest internal/web/webtest internal/web/browsertest internal/faulttest")

// importRule keeps some imports to some places.
type importRule struct {
	// imports are import paths; one that ends in /... covers all below it.
	imports []string
	// only are the places (folders from the repository's root, with all below)
	// that may have them; or, when within is set, all places but those.
	only, within []string
	// tests says that test code may have them everywhere.
	tests bool
	why   string
}

var importRules = []importRule{
	{
		imports: words("context database/sql/... embed log/... net net/http/... net/rpc/... net/smtp os/... " +
			"io/fs io/ioutil path/filepath syscall/... math/rand/... crypto/rand expvar runtime/pprof"),
		within: words("internal/core"),
		tests:  true,
		why:    "core is pure: no I/O, no context, no logger, no randomness; hand it what it needs",
	},
	{
		imports: words("database/sql/... github.com/uptrace/bun/... github.com/jackc/pgx/... " +
			"modernc.org/sqlite/... github.com/pressly/goose/..."),
		only:  words("internal/db internal/testkit bench"),
		tests: true,
		why:   "all SQL is in internal/db, so that it is written once for both engines and always bound to a store",
	},
	{
		imports: words("github.com/stripe/stripe-go/..."),
		only:    words("internal/stripe"),
		tests:   true,
		why:     "only internal/stripe speaks to the gateway; others see its plain results",
	},
	{
		imports: words("math/rand/..."),
		only:    words("internal/app internal/testkit internal/stripesim cmd bench"),
		tests:   true,
		why:     "randomness is injected, so that a run can be repeated",
	},
	{
		imports: words("testing/... github.com/chromedp/... github.com/google/go-cmp/... pgregory.net/rapid"),
		only:    words("internal/testkit bench"),
		tests:   true,
		why:     "the program carries no test code",
	},
}

// callRule keeps some names of a package to some places.
type callRule struct {
	// pkg is an import path, or one of the test types in testTypes.
	pkg   string
	names []string
	// only are the places that may use them; tests whether test code may.
	only  []string
	tests bool
	why   string
}

// testTypes stands in callRule.pkg for the receivers *testing.T, B and F and
// testing.TB.
const testTypes = "testing.TB"

var callRules = []callRule{
	{
		pkg: "time", names: words("Now Since Until"),
		only: words("internal/app internal/testkit internal/stripesim cmd bench"), tests: true,
		why: "there are two clocks, business and wall, both injected by internal/app: take now or a clock as an argument",
	},
	{
		pkg: "time", names: words("Sleep"),
		only: words("internal/app internal/stripesim cmd bench"), tests: false,
		why: "wait for a signal, or poll with a ticker and a deadline; a sleep is too long and too short at once",
	},
	{
		pkg: "github.com/google/uuid", names: words("New NewString NewRandom NewUUID NewV6 NewV7 Must"),
		only: words("internal/app internal/testkit internal/stripesim cmd bench"), tests: true,
		why: "ids come from the one generator that internal/app injects",
	},
	{
		pkg: "testing", names: words("Short"),
		tests: false,
		why:   "every test runs every time",
	},
	{
		pkg: testTypes, names: words("Skip Skipf SkipNow"),
		tests: false,
		why:   "a skipped test looks green: what is missing must be installed or fail the test",
	},
}
