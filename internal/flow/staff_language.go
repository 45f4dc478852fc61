package flow

import (
	"context"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// ChangeStaffLanguage sets the language in which the console speaks to who is
// logged in.
func (f *Flow) ChangeStaffLanguage(ctx context.Context, storeID int64, actor audit.Actor, m staff.Member, lang string) error {
	if _, known := i18n.Parse(lang); !known {
		return fault.Field("lang", "fault.choose")
	}
	now := f.Now()
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := db.SetStaffLang(ctx, tx, m.ID, lang); err != nil {
			return notFound(err)
		}
		return db.WriteAudit(ctx, tx, storeID, []audit.Line{
			f.line(actor, "staff.language", "staff", m.ID, now, change("lang", m.Lang, lang)),
		})
	})
}
