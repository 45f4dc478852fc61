package mypage

import (
	"slices"
	"strconv"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// sheetsToPick bounds the calendar of days to choose from: a year and the month
// that it begins in.
const sheetsToPick = 13

// nextSlot is the slot of the next delivery that can be changed, 0 for none.
func nextSlot(list []subscription.Delivery, now time.Time) int {
	for _, d := range list {
		if d.State == subscription.DeliveryPlanned && d.Deadline.After(now) {
			return d.Slot
		}
	}
	return 0
}

// askDate shows the days that the delivery may be put off to, and whether the
// following ones move along.
func (h *Handlers) askDate(f *changeForm) error {
	words := h.Words(f.r)
	d, box, _ := f.delivery()
	in := flow.PutOff{Verb: h.verb(f.r, f.s), Slot: f.chosen.slot, Following: f.chosen.following}
	days, err := h.Flow.PutOffDates(f.r.Context(), in)
	if err != nil {
		return err
	}
	if len(days) == 0 && f.chosen.date.IsZero() {
		f.page.Problem = words.T("mypage.change.put-off.none")
		return nil
	}
	f.page.Intro = words.T("mypage.change.put-off.intro", "Date", d.Date)
	f.page.Months = f.months(d.Date, days)
	f.page.Legend = words.T("mypage.change.put-off.legend")
	one, all := f.chosen, f.chosen
	one.following, all.following = false, true
	f.page.Choices = []LinkChoice{
		{
			Label: words.T("mypage.change.put-off.one", "N", box), Note: words.T("mypage.change.put-off.one.note"),
			Path: f.datePath(one), Selected: !f.chosen.following,
		},
		{
			Label: words.T("mypage.change.put-off.all", "N", box), Note: words.T("mypage.change.put-off.all.note"),
			Path: f.datePath(all), Selected: f.chosen.following,
		},
	}
	return nil
}

func (f *changeForm) datePath(c choice) string {
	list := c.hidden(KindPutOff)
	if c.date.IsZero() {
		list = slices.DeleteFunc(list, func(h Hidden) bool { return h.Name == "date" })
	}
	return changePath(f.s.ID, KindPutOff, list...)
}

// months draws the sheets from the delivery's day to the last that can be chosen.
func (f *changeForm) months(from calendar.Date, days []calendar.Date) []PickMonth {
	last := from
	if len(days) > 0 {
		last = days[len(days)-1]
	}
	var months []PickMonth
	for _, sheet := range page.Months(from, []page.Mark{{Date: last}}, sheetsToPick) {
		month := PickMonth{First: sheet.First}
		for _, week := range sheet.Weeks {
			row := make([]PickDay, len(week))
			for i, cell := range week {
				row[i] = PickDay{Number: cell.Number, Sunday: cell.Sunday, Saturday: cell.Saturday}
				if cell.Number == 0 {
					continue
				}
				date := calendar.Date{Year: sheet.First.Year, Month: sheet.First.Month, Day: cell.Number}
				row[i].Date, row[i].Now, row[i].Chosen = date, date == from, date == f.chosen.date
				if slices.Contains(days, date) {
					c := f.chosen
					c.date = date
					row[i].Path = f.datePath(c)
				}
			}
			month.Weeks = append(month.Weeks, row)
		}
		months = append(months, month)
	}
	return months
}

// actions are what can be done with a subscription now.
func (h *Handlers) actions(f *changeForm) []Action {
	words, id := h.Words(f.r), f.s.ID
	action := func(kind Kind, icon string) Action {
		return Action{Text: words.T("mypage.act." + string(kind)), Path: changePath(id, kind), Icon: icon}
	}
	switch f.s.State {
	case subscription.StatePaused:
		resume := action(KindResume, "repeat")
		resume.Main = true
		return []Action{resume, action(KindCancel, "close")}
	case subscription.StateActive:
	default:
		return nil
	}
	var list []Action
	slot := nextSlot(f.deliveries, h.Flow.Now())
	most, days := f.limits()
	if slot > 0 && days > 0 {
		putOff := action(KindPutOff, "calendar")
		putOff.Main = true
		list = append(list, putOff)
	}
	blocked := slices.ContainsFunc(f.deliveries, func(d subscription.Delivery) bool { // a smaller one may go on
		return d.State == subscription.DeliveryBlocked
	})
	if most > 1 && (slot > 0 || blocked) {
		list = append(list, action(KindQuantity, "plus"))
	}
	if slot > 0 && f.plan().AllowSkip {
		skip := action(KindSkip, "skip")
		skip.Path = changePath(id, KindSkip, Hidden{"slot", strconv.Itoa(slot)})
		list = append(list, skip)
	}
	if f.plan().AllowPause {
		list = append(list, action(KindPause, "pause"))
	}
	return append(list, action(KindCancel, "close"))
}

// limits are those of the plan: pieces a box, days to put off.
func (f *changeForm) limits() (most int64, days int) {
	p := f.plan()
	return p.MaxQuantity, p.MaxPutOffDays
}

// plan rules the subscription now; a product that has none any more leaves what
// every plan does.
func (f *changeForm) plan() catalog.Plan {
	for _, p := range f.goods {
		if p.ID == f.s.ProductID && p.Plan != nil {
			return *p.Plan
		}
	}
	return catalog.NewPlan()
}
