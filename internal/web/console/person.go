package console

import (
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/db"
)

// person words a customer. address is shown where it is not empty.
func (v *visit) person(id ident.ID, address []string) (Person, error) {
	c, err := db.Customer(v.ctx, v.db(), v.shop.ID, id)
	if err != nil {
		return Person{}, missing(err)
	}
	use, err := db.UseOf(v.ctx, v.db(), v.shop.ID, id)
	if err != nil {
		return Person{}, err
	}
	p := v.personOf(c)
	p.Address = address
	p.Use = v.words.T("console.customer.use.text", "Count", v.number(use.N), "Total", money.Of(use.Total, v.shop.Currency))
	return p, nil
}

func (v *visit) personOf(c customer.Customer) Person {
	return Person{
		Name: v.addressee(c), Plain: v.words.Name(c.Name), Kana: kana(c.Name), Number: c.Number, Path: customerPath(c.ID), Phone: c.Phone, Mail: c.Mail,
	}
}
