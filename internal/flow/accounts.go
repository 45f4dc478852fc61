package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/teiki-commerce/teiki/internal/auth"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// RegisterInput is somebody becoming a member.
type RegisterInput struct {
	StoreID  int64
	Actor    audit.Actor
	Remote   string // network address
	Name     place.Name
	Mail     string
	Phone    string // may be empty: the address asks for one
	Password string
	Lang     i18n.Lang
}

// Register makes a customer with a login and tells them by mail. Faults carry
// the fields family, given, family_kana, given_kana, mail, phone and password.
func (f *Flow) Register(ctx context.Context, in RegisterInput) (customer.Customer, error) {
	shop, err := f.Shop(ctx, f.DB, in.StoreID)
	if err != nil {
		return customer.Customer{}, err
	}
	country := shop.Profile.Address.Country
	c := customer.Customer{
		ID: f.NewID(), Name: in.Name.Normalize(), Mail: place.MailAddress(in.Mail), Phone: place.Phone(country, in.Phone),
		Lang: string(in.Lang), HasLogin: true, CreatedAt: f.Now(), Version: 1,
	}
	faults := c.Name.Validate("", country)
	faults.Add(place.CheckMail("mail", c.Mail, place.Required))
	faults.Add(place.CheckPhone("phone", country, c.Phone, place.Optional))
	faults.Add(auth.Check("password", in.Password, c.Mail))
	if err := faults.Err(); err != nil {
		return customer.Customer{}, err
	}
	// That a mail is taken tells that its owner is a member; whoever asks for
	// many is slowed down as at the login.
	asked := attempt{storeID: in.StoreID, door: "register", remote: in.Remote, wall: f.Wall()}
	if err := f.mayTry(ctx, asked); err != nil {
		return customer.Customer{}, err
	}
	err = f.saveCustomer(ctx, in, &c, auth.Hash(in.Password))
	if db.IsUnique(err) {
		if err := f.failed(ctx, asked); err != nil {
			return customer.Customer{}, err
		}
		return customer.Customer{}, fault.List{fault.Field("mail", "fault.mail.taken")}
	}
	return c, err
}

func (f *Flow) saveCustomer(ctx context.Context, in RegisterInput, c *customer.Customer, hash string) error {
	mailID := f.NewID()
	actor := in.Actor
	if actor.Kind == audit.ActorCustomer {
		actor.ID = c.ID
	}
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		number, err := db.TakeNumbersTx(ctx, tx, in.StoreID, db.NumberCustomer, 1)
		if err != nil {
			return err
		}
		c.Number = CustomerNumber(number)
		return inOrder(
			func() error { return db.InsertCustomer(ctx, tx, in.StoreID, *c, hash) },
			func() error {
				return db.WriteMails(ctx, tx, in.StoreID, []db.Mail{{
					ID: mailID, Event: "registration", Dedupe: "registration:" + c.ID.String(), CustomerID: c.ID,
					Recipient: c.Mail, Lang: c.Lang, MessageID: mailID.String() + "@teiki",
				}}, c.CreatedAt)
			},
			func() error {
				return db.WriteAudit(ctx, tx, in.StoreID, []audit.Line{
					f.line(actor, "customer.registered", "customer", c.ID, c.CreatedAt, nil),
				})
			},
		)
	})
}

// CustomerNumber writes the number of a customer.
func CustomerNumber(n int64) string { return fmt.Sprintf("C%06d", n) }

// Login finds the customer of a mail and password. Whatever is wrong, the answer
// is the same (Invalid), in words and in time. TooMany, with the argument
// Seconds, asks to wait.
func (f *Flow) Login(ctx context.Context, storeID int64, mail, password, remote string) (customer.Customer, error) {
	try := attempt{storeID: storeID, door: "shop", account: place.MailAddress(mail), remote: remote, wall: f.Wall()}
	if err := f.mayTry(ctx, try); err != nil {
		return customer.Customer{}, err
	}
	c, hash, err := db.CustomerByMail(ctx, f.DB, storeID, try.account)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return customer.Customer{}, err
	}
	if !auth.Matches(hash, password) {
		return customer.Customer{}, f.refuseLogin(ctx, try)
	}
	return c, f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return db.ClearFailures(ctx, tx, storeID, try.pair())
	})
}

// StaffLogin is Login for the console. Who came in, and who tried to as somebody
// that we know, stands in the audit trail.
func (f *Flow) StaffLogin(ctx context.Context, storeID int64, mail, password, remote string) (staff.Member, error) {
	try := attempt{storeID: storeID, door: "console", account: place.MailAddress(mail), remote: remote, wall: f.Wall()}
	if err := f.mayTry(ctx, try); err != nil {
		return staff.Member{}, err
	}
	m, hash, err := db.StaffByMail(ctx, f.DB, storeID, try.account)
	known := err == nil
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return staff.Member{}, err
	}
	matches := auth.Matches(hash, password)
	if !known {
		return staff.Member{}, f.refuseLogin(ctx, try)
	}
	verb := "staff.logged_in"
	if !matches {
		verb = "staff.login_failed"
	}
	line := f.line(audit.Actor{Kind: audit.ActorStaff, ID: m.ID}, verb, "staff", m.ID, f.Now(), change("address", "", remote))
	err = f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if matches {
			if err := db.ClearFailures(ctx, tx, storeID, try.pair()); err != nil {
				return err
			}
		}
		return db.WriteAudit(ctx, tx, storeID, []audit.Line{line})
	})
	if err != nil {
		return staff.Member{}, err
	}
	if !matches {
		return staff.Member{}, f.refuseLogin(ctx, try)
	}
	return m, nil
}

// CreateOwnerInput is a person who may do everything in a store.
type CreateOwnerInput struct {
	StoreID  int64
	Actor    audit.Actor
	Name     string
	Mail     string
	Password string
	Lang     i18n.Lang
}

// maxStaffName in characters.
const maxStaffName = 60

// CreateOwner makes a member of staff with the owner's role, as the first start
// and the command line do. Faults carry the fields name, mail and password.
func (f *Flow) CreateOwner(ctx context.Context, in CreateOwnerInput) (staff.Member, error) {
	m := staff.Member{
		ID: f.NewID(), Mail: place.MailAddress(in.Mail), Name: in.Name, Lang: string(in.Lang), Role: staff.RoleOwner,
	}
	var faults fault.List
	faults.Add(place.CheckText("name", m.Name, maxStaffName, place.Required))
	faults.Add(place.CheckMail("mail", m.Mail, place.Required))
	faults.Add(auth.Check("password", in.Password, m.Mail))
	if err := faults.Err(); err != nil {
		return staff.Member{}, err
	}
	hash, now := auth.Hash(in.Password), f.Now()
	err := f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return inOrder(
			func() error { return db.InsertStaff(ctx, tx, m, hash, now) },
			func() error { return db.SetStaffRole(ctx, tx, in.StoreID, m.ID, m.Role) },
			func() error {
				return db.WriteAudit(ctx, tx, in.StoreID, []audit.Line{
					f.line(in.Actor, "staff.created", "staff", m.ID, now, change("role", "", string(m.Role))),
				})
			},
		)
	})
	if db.IsUnique(err) {
		return staff.Member{}, fault.List{fault.Field("mail", "fault.mail.taken")}
	}
	return m, err
}

// SaveAddress keeps an address of a customer; one that they have already is not
// kept twice. Faults carry the fields of place.Address.Validate without a path.
func (f *Flow) SaveAddress(ctx context.Context, storeID int64, actor audit.Actor, customerID ident.ID, address place.Address) (customer.Address, error) {
	address = address.Normalize()
	if err := address.Validate("").Err(); err != nil {
		return customer.Address{}, err
	}
	saved, now := customer.Address{ID: f.NewID(), CustomerID: customerID, Address: address, Version: 1}, f.Now()
	err := f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		known, err := db.AddressesOf(ctx, tx, storeID, customerID)
		if err != nil {
			return err
		}
		for _, k := range known {
			if k.Address == address {
				saved = k
				return nil
			}
		}
		if err := db.InsertAddress(ctx, tx, storeID, saved, now); err != nil {
			return err
		}
		// the line names the row and not what is in it, which can be erased
		return db.WriteAudit(ctx, tx, storeID, []audit.Line{
			f.line(actor, "address.saved", "customer", customerID, now, nil),
		})
	})
	return saved, err
}

// refuseLogin records the failure and gives the one answer there is.
func (f *Flow) refuseLogin(ctx context.Context, try attempt) error {
	if err := f.failed(ctx, try); err != nil {
		return err
	}
	return fault.New(fault.Invalid, "fault.login.failed")
}
