package console

import (
	"strconv"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// fill asks for what there is to choose from, and for the effect.
func (f *changing) fill() error {
	if err := f.ask(); err != nil {
		return err
	}
	if f.page.Problem != "" || !f.complete(f.kind) {
		return nil
	}
	effect, err := f.preview(f.kind, f.on(f.s), firstItem(f.s), f.chosen)
	if faults := fault.All(err); len(faults) > 0 {
		// another choice may do: the form stays
		if f.page.Choose != nil {
			f.refuse(f.words.Fault(faults[0]))
			return nil
		}
		f.page.Problem = f.words.Fault(faults[0])
		return nil
	}
	if err != nil {
		return err
	}
	return f.showEffect(effect)
}

// ask fills what staff choose from.
func (f *changing) ask() error {
	form := &ChangeForm{Hidden: f.hidden(f.kind, false)}
	switch f.kind {
	case ChangePutOff:
		return f.askDate(form)
	case ChangeQuantity:
		return f.askQuantity(form)
	case ChangeResume:
		f.askHeld(form)
	default: // nothing to choose from
	}
	return nil
}

func (f *changing) askDate(form *ChangeForm) error {
	days, err := f.h.Flow.PutOffDates(f.ctx, flow.PutOff{Verb: f.on(f.s), Slot: f.slot, Following: f.following})
	if err != nil {
		return err
	}
	if len(days) == 0 && f.date.IsZero() {
		f.page.Problem = f.words.T("console.change.put-off.none")
		return nil
	}
	form.Label, form.Name = f.words.T("console.change.put-off.date"), "date"
	for _, d := range days {
		form.Options = append(form.Options, page.Choice{Value: d.String(), Label: f.words.DateShort(d), Selected: d == f.date})
	}
	form.Scope = []page.Choice{
		{Value: "one", Label: f.words.T("console.change.put-off.one"), Selected: !f.following},
		{Value: "following", Label: f.words.T("console.change.put-off.following"), Selected: f.following},
	}
	f.page.Choose = form
	return nil
}

// askQuantity offers what the plan allows.
func (f *changing) askQuantity(form *ChangeForm) error {
	if len(f.s.Items) == 0 {
		return nil
	}
	item := f.s.Items[0]
	products, err := db.VariantsByIDs(f.ctx, f.db(), f.shop.ID, []ident.ID{item.VariantID})
	if err != nil {
		return err
	}
	most := int64(1)
	if plan := products[item.VariantID].Plan; plan != nil {
		most = plan.MaxQuantity
	}
	now := f.quantity
	if now == 0 {
		now = item.Quantity
	}
	form.Label, form.Name = f.words.T("console.col.quantity"), "quantity"
	for n := int64(1); n <= most; n++ {
		text := strconv.FormatInt(n, 10)
		form.Options = append(form.Options, page.Choice{Value: text, Label: text, Selected: n == now})
	}
	f.page.Choose = form
	return nil
}

func (f *changing) askHeld(form *ChangeForm) {
	held := 0
	for _, d := range f.deliveries {
		if d.State == subscription.DeliveryHeld || (d.State == subscription.DeliveryPlanned && !d.Deadline.After(f.now)) {
			held++
		}
	}
	if held == 0 {
		return
	}
	f.page.Intro = f.words.Plural("console.change.resume.held", held)
	form.Held = []page.Choice{
		{Value: "ship", Label: f.words.T("console.change.resume.ship"), Selected: !f.later},
		{Value: "skip", Label: f.words.T("console.change.resume.skip"), Selected: f.later},
	}
	f.page.Choose = form
}

// showEffect words an effect and the button that brings it about.
func (f *changing) showEffect(e flow.Effect) error {
	t := f.words.T
	for _, r := range e.Rows {
		f.page.Effect = append(f.page.Effect, f.effectLine(e, r))
	}
	for _, o := range e.TakenBack {
		f.page.Taken = append(f.page.Taken, t("console.change.taken", "Number", o.Number, "Total", money.Of(o.Total, o.Currency)))
	}
	if e.Box != nil {
		f.page.Box = &BoxOrdered{
			Count: len(e.Box.Deliveries), Date: e.Box.Deliveries[0].Date, Steps: frame.Reasons(f.words, e.Box.Priced),
			Total: e.Box.Priced.Amount(e.Box.Priced.Total),
		}
	}
	f.page.Hidden = append(f.hidden(f.kind, true),
		Hidden{"version", strconv.FormatInt(e.Version(), 10)}, Hidden{"digest", e.Digest()})
	f.page.Button, f.page.Ends = t(f.key("button")), f.kind == ChangeCancel || f.kind == ChangeTakeBack
	if f.kind == ChangeCOD {
		f.page.Agreed = &page.Field{}
	}
	if f.kind == ChangeCancel {
		f.leaving(e)
	}
	c, err := db.Customer(f.ctx, f.db(), f.shop.ID, f.s.CustomerID)
	f.page.Mailed = c.Mail != ""
	return err
}

// leaving says when a cancelled subscription ends, and asks why.
func (f *changing) leaving(e flow.Effect) {
	if e.After.State != subscription.StateCancelled {
		f.page.Intro = f.words.T("console.change.ending.intro", "Minimum", e.Before.Minimum, "Owed", e.Owed)
		f.page.Button = f.words.T("console.change.ending.button", "N", e.After.Count)
	}
	f.page.Reasons = []page.Choice{{Label: f.words.T("console.change.reason.none"), Selected: f.reason == ""}}
	for _, reason := range flow.CancelReasons {
		f.page.Reasons = append(f.page.Reasons, page.Choice{
			Value: reason, Label: f.words.T("state.reason." + reason), Selected: reason == f.reason,
		})
	}
}

func (f *changing) effectLine(e flow.Effect, r flow.EffectRow) EffectLine {
	line := EffectLine{
		N: r.After.Box, Before: r.Before.Date, BeforeState: f.waits(r.Before), BeforeTotal: r.Before.Total,
		After: r.After.Date, AfterState: f.waits(r.After), AfterTotal: r.After.Total, Changes: r.Changes(),
	}
	if !r.After.There {
		line.N = r.Before.Box
	}
	if e.After.State == subscription.StateCancelled {
		line.After = calendar.Date{}
	}
	return line
}

// waits words the state of a delivery that is not simply planned.
func (f *changing) waits(d flow.EffectDelivery) string {
	if !d.There || d.State == subscription.DeliveryPlanned {
		return ""
	}
	return f.words.T("state.delivery." + string(d.State))
}

// acts are what staff may do with a subscription now.
func (v *visit) acts(s subscription.Subscription, deliveries []subscription.Delivery, product catalog.Product) []Act {
	if !v.mayAct() {
		return nil
	}
	act := func(kind Change, chosen ...Hidden) Act {
		return Act{
			Text: v.words.T("console.act." + string(kind)), Path: changePath(s.Number, kind, chosen...),
			Ends: kind == ChangeCancel,
		}
	}
	var list []Act
	switch s.State {
	case subscription.StatePaused:
		resume := act(ChangeResume)
		resume.Main = true
		return []Act{resume, act(ChangeCancel)}
	case subscription.StateActive:
	default:
		return nil
	}
	f := &changing{visit: v, s: s, deliveries: deliveries}
	if slot := f.nextSlot(); slot > 0 {
		if product.Plan != nil && product.Plan.MaxPutOffDays > 0 {
			putOff := act(ChangePutOff)
			putOff.Main = true
			list = append(list, putOff)
		}
		if product.Plan != nil && product.Plan.MaxQuantity > 1 {
			list = append(list, act(ChangeQuantity))
		}
		list = append(list, act(ChangeSkip, slotField(slot)))
	}
	list = append(list, act(ChangePause))
	if s.Pays == string(pricing.MethodCard) {
		list = append(list, act(ChangeCOD))
	}
	return append(list, act(ChangeCancel))
}

// deliveryActs are what staff may do with one delivery; o is its order, where it
// has one.
func (v *visit) deliveryActs(s agreed, d subscription.Delivery, o order.Order) []Act {
	if !v.mayAct() || s.State != subscription.StateActive {
		return nil
	}
	act := func(key string, kind Change, more ...Hidden) Act {
		return Act{
			Text: v.words.T("console.act." + key), Path: changePath(s.Number, kind, append([]Hidden{slotField(d.Slot)}, more...)...),
		}
	}
	switch {
	case d.State == subscription.DeliveryPlanned && d.Deadline.After(v.now):
		if plan := s.product().Plan; plan == nil || plan.MaxPutOffDays == 0 {
			return []Act{act("skip.short", ChangeSkip)}
		}
		return []Act{act("put-off.short", ChangePutOff), act("skip.short", ChangeSkip)}
	case d.State == subscription.DeliveryBlocked:
		return []Act{act("skip.short", ChangeSkip)}
	case d.Restorable() && d.Deadline.After(v.now):
		return []Act{act("undo", ChangeSkip, Hidden{"undo", "1"})}
	case d.State == subscription.DeliverySkipped && d.Cause == subscription.CauseCutover:
		return []Act{act("take-over", ChangeTakeOver), act("elsewhere", ChangeElsewhere)}
	case d.State == subscription.DeliveryOrdered && returnable(o):
		return []Act{act("take-back", ChangeTakeBack)}
	default:
		return nil
	}
}

// returnable tells an order that staff may take back: nobody has paid it, and
// nothing of it is on its way.
func returnable(o order.Order) bool {
	unpaid := o.Payment == order.PaymentFailing || o.Payment == order.PaymentCOD
	waits := o.Fulfilment == order.FulfilmentHeld || o.Fulfilment == order.FulfilmentReady
	return unpaid && waits && o.Source == order.SourceRenewal
}
