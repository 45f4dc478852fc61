package importcsv

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
)

// newCustomer is a row that the store does not have yet.
type newCustomer struct {
	customer customer.Customer
	address  customer.Address
}

// CheckCustomers says what importing the file would do, and writes nothing.
// Errors that are faults say why the file as a whole is none of ours; what is
// wrong with single rows stands in the report.
func CheckCustomers(ctx context.Context, c db.Conn, in MovingInput) (MovingReport, error) {
	report, _, err := planCustomers(ctx, c, in)
	report.DryRun = true
	return report, err
}

// Customers imports the file, or nothing where the report has findings. Numbers,
// names as people write them, addresses and the day of registration are kept;
// nobody gets a mail, and nobody has a password until staff send a link. Who was
// imported before stays as they are. It writes batch by batch: broken off, it is
// finished by being run again.
func Customers(ctx context.Context, d *db.DB, in MovingInput) (MovingReport, error) {
	report, list, err := planCustomers(ctx, d, in)
	if err != nil || len(report.Findings) > 0 {
		return report, err
	}
	err = inBatches(ctx, d, list, &report.Written, func(ctx context.Context, tx db.Tx, batch []newCustomer) error {
		return saveCustomers(ctx, tx, in, batch)
	})
	return report, err
}

// planCustomers loads and decides.
func planCustomers(ctx context.Context, c db.Conn, in MovingInput) (MovingReport, []newCustomer, error) {
	report := MovingReport{Noun: "customers"}
	shop, settings, err := readShop(ctx, c, in.StoreID)
	if err != nil {
		return report, nil, err
	}
	known, err := db.CustomersForImport(ctx, c, in.StoreID)
	if err != nil {
		return report, nil, err
	}
	file, err := readSheet(in.Content)
	if err != nil {
		return report, nil, err
	}
	found, err := in.Mapping.findNeeding(file.header, neededOfCustomers)
	if err != nil {
		return report, nil, err
	}
	report.Encoding, report.Rows = file.encoding, len(file.rows)
	country := settings.Profile.Address.Country
	if country == "" {
		country = "JP"
	}
	pages := &book{columns: found, bad: map[cell]bool{}}
	lines := pages.customerLines(file.rows, country)
	list := decideCustomers(pages, lines, known, shop, in, &report)
	report.Findings = pages.sorted()
	return report, list, nil
}

// readShop reads what rules need of a store.
func readShop(ctx context.Context, c db.Conn, storeID int64) (store.Store, store.Settings, error) {
	shop, err := db.Store(ctx, c, storeID)
	if err != nil {
		return store.Store{}, store.Settings{}, fmt.Errorf("read store %d: %w", storeID, err)
	}
	settings, err := db.Settings(ctx, c, storeID)
	if err != nil {
		return store.Store{}, store.Settings{}, fmt.Errorf("read settings of store %d: %w", storeID, err)
	}
	return shop, settings, nil
}

// decideCustomers compares the file with the store and makes what is new.
func decideCustomers(
	b *book, lines []customerLine, known map[string]db.ImportedCustomer, shop store.Store, in MovingInput, report *MovingReport,
) []newCustomer {
	mails := make(map[string]string, len(known)) // → number
	for number, c := range known {
		if c.Mail != "" {
			mails[c.Mail] = number
		}
	}
	withMail := Tally{Key: "import.tally.mail", Counts: map[string]int{}}
	consent := Tally{Key: "import.tally.newsletter", Counts: map[string]int{}}
	report.Tallies = []Tally{withMail, consent}
	var list []newCustomer
	for _, l := range lines {
		withMail.count(yesOrNo(l.mail != ""))
		consent.count(yesOrNo(l.newsletter))
		if there, taken := known[l.number]; taken && l.number != "" {
			if !there.Imported {
				b.refuse(l.row, fieldCustomer, fault.Field("", "import.customer.taken"))
			}
			report.There++
			continue
		}
		if number, taken := mails[l.mail]; taken {
			b.refuse(l.row, fieldMail, fault.Field("", "import.mail.taken", "Number", number))
		}
		c := customer.Customer{
			ID: in.NewID(), Number: l.number, Name: l.address.Name, Mail: l.mail, Phone: l.address.Phone,
			Lang: in.Mapping.Lang, Newsletter: l.newsletter, CreatedAt: l.registered.Start(shop.Location()),
		}
		list = append(list, newCustomer{
			customer: c, address: customer.Address{ID: in.NewID(), CustomerID: c.ID, Address: l.address},
		})
	}
	return list
}

func yesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func saveCustomers(ctx context.Context, tx db.Tx, in MovingInput, batch []newCustomer) error {
	var customers []customer.Customer
	var addresses []customer.Address
	var lines []audit.Line
	highest := int64(0)
	for _, n := range batch {
		customers = append(customers, n.customer)
		addresses = append(addresses, n.address)
		lines = append(lines, in.line("customer.imported", "customer", n.customer.ID))
		highest = max(highest, counted(n.customer.Number, "C"))
	}
	if err := db.InsertImportedCustomers(ctx, tx, in.StoreID, customers, in.Now); err != nil {
		return fmt.Errorf("save customers: %w", err)
	}
	if err := db.InsertAddresses(ctx, tx, in.StoreID, addresses, in.Now); err != nil {
		return fmt.Errorf("save addresses: %w", err)
	}
	if err := db.SkipNumbers(ctx, tx, in.StoreID, db.NumberCustomer, highest+1); err != nil {
		return err
	}
	if err := db.WriteAudit(ctx, tx, in.StoreID, lines); err != nil {
		return fmt.Errorf("write audit lines: %w", err)
	}
	return nil
}

// counted is the count in a number of the form that the store gives out itself,
// such as T0000123; 0 for others, which it will never meet.
func counted(number, prefix string) int64 {
	digits, ours := strings.CutPrefix(number, prefix)
	if !ours {
		return 0
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
