package db

import (
	"database/sql/driver"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
)

// plan is a product's plan as a column: JSON, or NULL for a product that cannot
// be subscribed to.
type plan struct{ *catalog.Plan }

// Value writes JSON or NULL.
func (p plan) Value() (driver.Value, error) {
	if p.Plan == nil {
		return nil, nil
	}
	return doc(p.Plan).Value()
}

// Scan reads JSON or NULL.
func (p *plan) Scan(src any) error {
	var d document[*catalog.Plan]
	err := d.Scan(src)
	p.Plan = d.V
	return err
}
