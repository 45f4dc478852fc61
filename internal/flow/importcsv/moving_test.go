package importcsv

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/japanese"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// house is store 1, which a merchant moves into. testdata/customers.csv and
// subscriptions.csv are a cut of the books in internal/testkit/books.
type house struct {
	t     *testing.T
	d     *db.DB
	newID ident.Generator
}

// furnished is a house with the merchant's goods in it.
func furnished(t *testing.T, d *db.DB) house {
	t.Helper()
	h := house{t: t, d: d, newID: fixture.IDs()}
	fixture.Store(t, d, 1)
	(&books{t: t, d: d, newID: h.newID, now: fixture.Start}).load(testFile(t, "products.csv"))
	return h
}

func (h house) input(content []byte, preset func() (Mapping, error)) MovingInput {
	h.t.Helper()
	mapping, err := preset()
	if err != nil {
		h.t.Fatal(err)
	}
	return MovingInput{
		StoreID: 1, Content: content, Mapping: mapping, Cutover: calendar.On(2026, 11, 21),
		NewID: h.newID, Now: fixture.Start, RequestID: "r1",
	}
}

func (h house) customers(content []byte) MovingReport {
	h.t.Helper()
	report, err := Customers(h.t.Context(), h.d, h.input(content, CustomersPreset))
	if err != nil {
		h.t.Fatal(err)
	}
	return report
}

func (h house) subscriptions(content []byte) MovingReport {
	h.t.Helper()
	report, err := Subscriptions(h.t.Context(), h.d, h.input(content, SubscriptionsPreset))
	if err != nil {
		h.t.Fatal(err)
	}
	return report
}

// contents is all that the two files become, to be compared.
type contents struct {
	Customers     map[string]db.ImportedCustomer
	Addresses     map[ident.ID][]customer.Address
	Cards         map[string]customer.Card
	Subscriptions []db.AgreedSubscription
	Origins       map[ident.ID]db.Origin
	Deliveries    map[ident.ID][]subscription.Delivery
	Alerts        []alert.Alert
}

func (h house) contents() (c contents) {
	h.t.Helper()
	ctx := h.t.Context()
	c.Customers = must(db.CustomersForImport(ctx, h.d, 1))(h.t)
	c.Addresses = must(db.AllAddresses(ctx, h.d, 1))(h.t)
	c.Cards = must(db.AllCards(ctx, h.d, 1))(h.t)
	c.Subscriptions = must(db.SubscriptionsAfter(ctx, h.d, 1, "", 10_000))(h.t)
	ids := make([]ident.ID, len(c.Subscriptions))
	for i, s := range c.Subscriptions {
		ids[i] = s.ID
	}
	c.Origins = must(db.Origins(ctx, h.d, 1, ids))(h.t)
	c.Deliveries = must(db.Deliveries(ctx, h.d, 1, ids))(h.t)
	c.Alerts = must(db.OpenAlerts(ctx, h.d, 1, ident.ID{}, 10_000))(h.t)
	return c
}

func (c contents) subscription(t *testing.T, number string) db.AgreedSubscription {
	t.Helper()
	i := slices.IndexFunc(c.Subscriptions, func(s db.AgreedSubscription) bool { return s.Number == number })
	if i < 0 {
		t.Fatalf("there is no %s", number)
	}
	return c.Subscriptions[i]
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func TestADryRunSaysAllAndWritesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := furnished(t, d)
		checked := must(CheckCustomers(t.Context(), d, h.input(testFile(t, "customers.csv"), CustomersPreset)))(t)
		if checked.New() != 188 || checked.Written != 0 || len(h.contents().Customers) != 0 {
			t.Errorf("%+v", checked)
		}
		if done := h.customers(testFile(t, "customers.csv")); done.Written != 188 {
			t.Errorf("%+v", done)
		}
		checked = must(CheckSubscriptions(t.Context(), d, h.input(testFile(t, "subscriptions.csv"), SubscriptionsPreset)))(t)
		want := MovingReport{
			Noun: "subscriptions", Encoding: CP932, Rows: 242, DryRun: true,
			Tallies: []Tally{
				{"import.tally.state", map[string]int{"active": 163, "cancelled": 24, "paused": 24, "failing": 17, "completed": 14}},
				{"import.tally.channel", map[string]int{"web": 142, "lp": 53, "phone": 27, "fax": 12, "postcard": 8}},
				{"import.tally.pays", checked.Tallies[2].Counts},
			},
			Notes: checked.Notes,
		}
		if diff := cmp.Diff(want, checked); diff != "" {
			t.Error(diff)
		}
		if cutover := checked.Notes[0]; cutover.Key != "import.note.cutover" || len(cutover.Rows) != 5 {
			t.Errorf("due before the cut-over: %v", cutover)
		}
		if kept := checked.Notes[2]; kept.Key != "import.note.postage_kept" || len(kept.Rows) < 4 {
			t.Errorf("postage that is kept: %v", kept)
		}
		if c := h.contents(); len(c.Subscriptions)+len(c.Alerts)+len(c.Cards) != 0 {
			t.Errorf("a dry run wrote %d subscriptions", len(c.Subscriptions))
		}
	})
}

func TestEachStateGoesOnAsItMust(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := furnished(t, d)
		h.customers(testFile(t, "customers.csv"))
		if done := h.subscriptions(testFile(t, "subscriptions.csv")); done.Written != 242 || done.There != 0 {
			t.Fatalf("%+v", done)
		}
		c := h.contents()
		kinds := map[alert.Kind]int{}
		for _, a := range c.Alerts {
			kinds[a.Kind]++
		}
		if diff := cmp.Diff(map[alert.Kind]int{alert.KindCutover: 5, alert.KindCardFailed: 17}, kinds); diff != "" {
			t.Error(diff)
		}
		failing := 0
		for _, s := range c.Subscriptions {
			list := c.Deliveries[s.ID]
			states := map[subscription.DeliveryState]int{}
			for _, d := range list {
				states[d.State]++
			}
			if s.State != subscription.StateActive {
				if len(list) > 0 || !s.Anchor.IsZero() {
					t.Errorf("%s is %s and has %d deliveries from %s", s.Number, s.State, len(list), s.Anchor)
				}
				continue
			}
			if states[subscription.DeliveryPlanned] != s.Visible || list[0].Date != s.Anchor || s.LastSlot != len(list) {
				t.Errorf("%s has %d planned from %s, last slot %d", s.Number, states[subscription.DeliveryPlanned], list[0].Date, s.LastSlot)
			}
			if states[subscription.DeliveryBlocked] > 0 {
				failing++
				if !s.CardID.IsZero() || c.Origins[s.ID].FailedCardID.IsZero() {
					t.Errorf("%s could be charged by the card that was failing", s.Number)
				}
			}
			if s.Pays == "card" && states[subscription.DeliveryBlocked] == 0 && s.CardID.IsZero() {
				t.Errorf("%s has lost its card", s.Number)
			}
		}
		if failing != 17 {
			t.Errorf("%d have a failing card", failing)
		}
	})
}

func TestImportingAgainChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := furnished(t, d)
		h.customers(testFile(t, "customers.csv"))
		h.subscriptions(testFile(t, "subscriptions.csv"))
		before := h.contents()
		again := []MovingReport{h.customers(testFile(t, "customers.csv")), h.subscriptions(testFile(t, "subscriptions.csv"))}
		for i, report := range again {
			if report.Written != 0 || report.New() != 0 || report.There != []int{188, 242}[i] {
				t.Errorf("the second import: %+v", report)
			}
		}
		if diff := cmp.Diff(before, h.contents()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNamesAddressesAndDatesStayAsTheyAre(t *testing.T) {
	d := dbtest.Open(t, db.SQLite)
	h := furnished(t, d)
	text := must(japanese.ShiftJIS.NewDecoder().Bytes(testFile(t, "customers.csv")))(t)
	h.customers(text) // UTF-8 this time
	h.subscriptions(testFile(t, "subscriptions.csv"))
	c := h.contents()
	variants, wide := 0, 0
	for _, known := range c.Customers {
		if strings.ContainsAny(known.Name.Family, "髙﨑") {
			variants++
		}
		if strings.ContainsAny(c.Addresses[known.ID][0].Address.Street, "０１２３４５６７８９") {
			wide++
		}
		if known.HasLogin || !known.Imported || known.Number == "" {
			t.Errorf("%+v", known)
		}
	}
	if variants == 0 || wide == 0 {
		t.Errorf("%d names with variants, %d addresses with wide digits", variants, wide)
	}
	ended := c.subscription(t, "T0000001")
	applied := calendar.DateOf(ended.AppliedAt.In(fixture.Shop(1).Location()))
	if ended.State != subscription.StateCancelled || ended.BoxesOrdered != 23 || applied != calendar.On(2024, 11, 12) ||
		c.Origins[ended.ID].EndedOn != calendar.On(2025, 11, 23) {
		t.Errorf("%+v of %s, %+v", ended, applied, c.Origins[ended.ID])
	}
}

func TestSpoiledBooksSayEachBadRowAndWriteNothing(t *testing.T) {
	catalogues, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	catalogues.OnMissing(func(lang i18n.Lang, key string) { t.Errorf("%s: no text for %s", lang, key) })
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := furnished(t, d)
		before := h.contents()
		report := h.customers(testFile(t, "customers-spoiled.csv"))
		compareReport(t, catalogues, "customers-spoiled", report, 25)
		if diff := cmp.Diff(before, h.contents()); diff != "" {
			t.Error(diff)
		}
		h.customers(testFile(t, "customers.csv"))
		before = h.contents()
		report = h.subscriptions(testFile(t, "subscriptions-spoiled.csv"))
		compareReport(t, catalogues, "subscriptions-spoiled", report, 47)
		if diff := cmp.Diff(before, h.contents()); diff != "" {
			t.Error(diff)
		}
	})
}

// compareReport compares what a person reads with a golden file in each language.
func compareReport(t *testing.T, catalogues *i18n.Catalog, name string, report MovingReport, bad int) {
	t.Helper()
	if report.Written > 0 || report.BadRows() != bad {
		t.Errorf("%d bad rows, %d written", report.BadRows(), report.Written)
	}
	for _, lang := range i18n.Langs {
		words := catalogues.For(lang)
		var out bytes.Buffer
		if err := report.Print(&out, words); err != nil {
			t.Fatal(err)
		}
		out.WriteString(report.Err(words).Error() + "\n")
		golden := fmt.Sprintf("testdata/%s.%s.txt", name, lang)
		if *update {
			if err := os.WriteFile(golden, out.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), out.String()); diff != "" {
			t.Errorf("%s: %s", lang, diff)
		}
	}
}

func TestBooksThatAreNoneOfOurs(t *testing.T) {
	d := dbtest.Open(t, db.SQLite)
	h := furnished(t, d)
	plain := string(must(japanese.ShiftJIS.NewDecoder().Bytes(testFile(t, "subscriptions.csv")))(t))
	header, _, _ := strings.Cut(plain, "\r\n")
	for _, tc := range []struct{ name, content, want string }{
		{"no header row", strings.TrimPrefix(plain, header+"\r\n"), "import.file.no_header"},
		{"the file of customers", string(testFile(t, "customers.csv")), "import.column.unknown"},
		{"a column is missing", strings.Replace(plain, "次回お届け日", "備考", 1), "import.column.unknown"},
		{"columns are missing", "定期番号,会員番号\r\nT1,1\r\n", "import.column.missing"},
		{"a quotation mark stands open", header + "\r\nT1,\"1\r\n", "import.file.quotes"},
		{"the encoding is neither", header + "\r\nT1,\xFF\xFE\r\n", "import.file.encoding"},
		{"headers alone", header + "\r\n", "import.file.no_rows"},
	} {
		_, err := Subscriptions(t.Context(), d, h.input([]byte(tc.content), SubscriptionsPreset))
		if !slices.ContainsFunc(fault.All(err), func(e *fault.Error) bool { return e.Key == tc.want }) {
			t.Errorf("%s: %v, want %s", tc.name, err, tc.want)
		}
	}
}

// A cut-over date that is mistyped, or one long ago, would have the engine order at
// once what the other cart may have charged: the dry run says so.
func TestWhatIsDueAtOnceIsSaidBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := furnished(t, d)
		h.customers(testFile(t, "customers.csv"))
		in := h.input(testFile(t, "subscriptions.csv"), SubscriptionsPreset)
		for _, c := range []struct {
			now  time.Time
			none bool
		}{
			{in.Cutover.Start(time.UTC).Add(-9 * time.Hour), true}, // the cut-over itself, in Tokyo
			{in.Cutover.Start(time.UTC).AddDate(0, 0, 7), false},
		} {
			in.Now = c.now
			report := must(CheckSubscriptions(t.Context(), d, in))(t)
			due := report.Notes[1]
			if due.Key != "import.note.due_now" || (len(due.Rows) == 0) != c.none {
				t.Errorf("at %s: %s of %d rows", c.now, due.Key, len(due.Rows))
			}
		}
	})
}
