package mypage

import (
	"maps"
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
)

// showEffect words an effect: the table いま / 変更後 by box, what is ordered at
// once, and a button that repeats the result.
func (h *Handlers) showEffect(f *changeForm, e flow.Effect) {
	words := h.Words(f.r)
	f.page.Effect = effectLines(words, e)
	for _, o := range e.TakenBack {
		f.page.Taken = append(f.page.Taken, words.T("mypage.change.taken", "Number", o.Number, "Total", money.Of(o.Total, o.Currency)))
	}
	if e.Box != nil {
		f.page.Box = &BoxOrdered{
			Count: len(e.Box.Deliveries), Date: e.Box.Deliveries[0].Date, Reasons: frame.Reasons(words, e.Box.Priced),
			Total: e.Box.Priced.Amount(e.Box.Priced.Total),
		}
	}
	d, _, _ := f.delivery()
	button := func(key string, args ...any) { f.page.Button = words.T("mypage.change."+key+".button", args...) }
	intro := func(key string, args ...any) { f.page.Intro = words.T("mypage.change."+key+".intro", args...) }
	switch f.kind {
	case KindPutOff:
		button("put-off", "Date", f.chosen.date)
		for _, r := range e.Rows {
			if r.Slot == f.chosen.slot {
				f.page.Note = words.T("mypage.change.put-off.note", "Deadline", words.DeadlineAt(r.After.Deadline, e.Shop.Location))
			}
		}
	case KindSkip:
		key := "skip"
		if f.chosen.undo {
			key = "undo"
		}
		button(key, "Date", d.Date)
		intro(key, "Date", d.Date, "Deadline", words.DeadlineAt(d.Deadline, e.Shop.Location))
	case KindQuantity:
		button("quantity", "Quantity", f.chosen.quantity)
	case KindPause:
		button("pause")
		intro("pause")
	case KindResume:
		switch next := nextDate(e); {
		case f.page.Box != nil:
			button("resume.ship", "Date", f.page.Box.Date, "Total", f.page.Box.Total)
		case next.IsZero():
			button("resume.plain")
		default:
			button("resume", "Date", next)
		}
	case KindCancel:
		if e.After.State == subscription.StateCancelled {
			button("cancel")
			intro("cancel")
			return
		}
		date, total := owed(e)
		button("ending", "N", e.After.Count)
		intro("ending", "Minimum", e.Before.Minimum, "Owed", e.Owed, "Date", date, "Total", total)
	}
}

// nextDate is the day of the first delivery that is to come afterwards.
func nextDate(e flow.Effect) calendar.Date {
	for _, r := range e.Rows {
		if r.After.There {
			return r.After.Date
		}
	}
	return calendar.Date{}
}

// owed is the last day and the total of the boxes that the minimum still asks
// for. Those beyond the visible range are counted by their slots and the price of
// the last one that is planned.
func owed(e flow.Effect) (calendar.Date, money.Amount) {
	total, missing := money.Of(0, e.After.Currency), e.Owed
	var last flow.EffectDelivery
	for _, r := range e.Rows {
		if r.After.There {
			last = r.After
			total.Minor += last.Total.Minor
			missing--
		}
	}
	if missing <= 0 {
		return last.Date, total
	}
	total.Minor += int64(missing) * last.Total.Minor
	return e.After.Cycle.Slot(e.After.Anchor, e.After.LastSlot+missing), total
}

// effectLines compare the boxes before and after, n-th with n-th.
func effectLines(words *i18n.Localizer, e flow.Effect) []EffectLine {
	before, after := map[int]flow.EffectDelivery{}, map[int]flow.EffectDelivery{}
	for _, r := range e.Rows {
		if r.Before.There {
			before[r.Before.Box] = r.Before
		}
		if r.After.There {
			after[r.After.Box] = r.After
		}
	}
	boxes := maps.Clone(before)
	maps.Copy(boxes, after)
	together := map[int]calendar.Date{}
	if e.Box != nil {
		for _, d := range e.Box.Deliveries {
			together[d.Box] = d.Date
		}
	}
	var lines []EffectLine
	detailed := false
	for _, box := range slices.Sorted(maps.Keys(boxes)) {
		was, is := before[box], after[box]
		line := EffectLine{Label: words.T("shop.box", "N", box), Before: coming(words, was), After: coming(words, is)}
		switch date, ships := together[box]; {
		case ships:
			line.After = []string{words.T("mypage.change.together", "Date", date)}
		case e.After.State == subscription.StatePaused && is.There:
			line.After = []string{words.T("mypage.change.stopped")}
		case !is.There:
			line.After = []string{words.T("mypage.change.gone")}
		}
		line.Changed = !slices.Equal(line.Before, line.After)
		lines = append(lines, line)
		if was.There && is.There && was.Deadline != is.Deadline && !detailed {
			detailed = true // of the first that moves; the others follow it
			lines = append(lines,
				EffectLine{
					Label:   words.T("mypage.change.deadline"),
					Before:  []string{words.DeadlineAt(was.Deadline, e.Shop.Location)},
					After:   []string{words.DeadlineAt(is.Deadline, e.Shop.Location)},
					Changed: true,
				},
				EffectLine{
					Label: words.T("mypage.change.charged"), Before: []string{words.Date(was.Charged)}, After: []string{words.Date(is.Charged)},
					Changed: was.Charged != is.Charged,
				})
		}
	}
	return lines
}

// coming is a delivery in a cell of the table.
func coming(words *i18n.Localizer, d flow.EffectDelivery) []string {
	switch {
	case !d.There:
		return []string{"—"}
	case d.State == subscription.DeliveryHeld:
		return []string{words.T("mypage.change.held", "Date", d.Date)}
	default:
		return []string{words.Date(d.Date), words.Money(d.Total)}
	}
}
