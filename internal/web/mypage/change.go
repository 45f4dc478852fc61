package mypage

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// Kind of change, as it stands at the end of its address.
type Kind string

// The changes that a member makes.
const (
	KindPutOff   Kind = "put-off"
	KindSkip     Kind = "skip"
	KindQuantity Kind = "quantity"
	KindPause    Kind = "pause"
	KindResume   Kind = "resume"
	KindCancel   Kind = "cancel"
)

// changePath is the address of a change with what was chosen so far.
func changePath(id ident.ID, kind Kind, chosen ...Hidden) string {
	path := subscriptionPath(id) + "/" + string(kind)
	values := url.Values{}
	for _, c := range chosen {
		values.Set(c.Name, c.Value)
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// choice is what the member chose in a form; zero values are not chosen yet.
type choice struct {
	slot      int
	date      calendar.Date
	following bool
	undo      bool
	item      ident.ID
	quantity  int64
	later     bool // a resume that leaves the held deliveries out
	reason    string
}

func choiceOf(values url.Values) choice {
	c := choice{
		following: values.Get("scope") == "following", undo: values.Get("undo") != "",
		later: values.Get("held") == "skip", reason: values.Get("reason"),
	}
	// What is no number, date or id is as good as not chosen: the form asks again.
	c.slot, _ = strconv.Atoi(values.Get("slot"))
	c.quantity, _ = strconv.ParseInt(values.Get("quantity"), 10, 64)
	c.date, _ = calendar.ParseDate(values.Get("date"))
	c.item, _ = ident.Parse(values.Get("item"))
	return c
}

// hidden is what the confirming form sends of the choice.
func (c choice) hidden(kind Kind) []Hidden {
	slot := Hidden{"slot", strconv.Itoa(c.slot)}
	switch kind {
	case KindPutOff:
		list := []Hidden{slot, {"date", c.date.String()}}
		if c.following {
			list = append(list, Hidden{"scope", "following"})
		}
		return list
	case KindSkip:
		if c.undo {
			return []Hidden{slot, {"undo", "1"}}
		}
		return []Hidden{slot}
	case KindQuantity:
		return []Hidden{{"item", c.item.String()}, {"quantity", strconv.FormatInt(c.quantity, 10)}}
	case KindResume:
		if c.later {
			return []Hidden{{"held", "skip"}}
		}
	default: // pause and cancel have nothing to choose from
	}
	return nil
}

// complete reports whether enough is chosen to show an effect.
func (c choice) complete(kind Kind) bool {
	switch kind {
	case KindPutOff:
		return !c.date.IsZero()
	case KindQuantity:
		return c.quantity != 0
	default:
		return true
	}
}

// preview asks what a change would do.
func (h *Handlers) preview(ctx context.Context, kind Kind, v flow.Verb, c choice) (flow.Effect, error) {
	switch kind {
	case KindPutOff:
		return h.Flow.PreviewPutOff(ctx, flow.PutOff{Verb: v, Slot: c.slot, Date: c.date, Following: c.following})
	case KindSkip:
		return h.Flow.PreviewSkip(ctx, flow.SkipDelivery{Verb: v, Slot: c.slot, Undo: c.undo})
	case KindQuantity:
		return h.Flow.PreviewQuantity(ctx, flow.ChangeQuantity{Verb: v, ItemID: c.item, Quantity: c.quantity})
	case KindPause:
		return h.Flow.PreviewPause(ctx, flow.Pause{Verb: v})
	case KindResume:
		return h.Flow.PreviewResume(ctx, flow.Resume{Verb: v, Ship: !c.later})
	default:
		return h.Flow.PreviewCancel(ctx, flow.Cancel{Verb: v}) // a reason changes no effect
	}
}

func (h *Handlers) change(ctx context.Context, kind Kind, v flow.Verb, c choice) (flow.Changed, error) {
	switch kind {
	case KindPutOff:
		return h.Flow.PutOff(ctx, flow.PutOff{Verb: v, Slot: c.slot, Date: c.date, Following: c.following})
	case KindSkip:
		return h.Flow.Skip(ctx, flow.SkipDelivery{Verb: v, Slot: c.slot, Undo: c.undo})
	case KindQuantity:
		return h.Flow.ChangeQuantity(ctx, flow.ChangeQuantity{Verb: v, ItemID: c.item, Quantity: c.quantity})
	case KindPause:
		return h.Flow.Pause(ctx, flow.Pause{Verb: v})
	case KindResume:
		return h.Flow.Resume(ctx, flow.Resume{Verb: v, Ship: !c.later})
	default:
		return h.Flow.Cancel(ctx, flow.Cancel{Verb: v, Reason: c.reason})
	}
}

// ShowChange shows the form of a change and, once enough is chosen, its effect.
func (h *Handlers) ShowChange(kind Kind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		return h.showChange(w, r, kind, choiceOf(r.URL.Query()), http.StatusOK, nil)
	}
}

// DoChange makes the change that was shown and goes back to the subscription.
// Where it is another by now it shows the effect again.
func (h *Handlers) DoChange(kind Kind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, c := r.Context(), choiceOf(r.PostForm)
		s, err := h.subscriptionOf(r)
		if err != nil {
			return err
		}
		v := h.verb(r, s)
		v.Version, _ = strconv.ParseInt(r.PostForm.Get("version"), 10, 64) // none is never that of a subscription
		v.Digest = r.PostForm.Get("digest")
		changed, err := h.change(ctx, kind, v, c)
		switch {
		case err == nil:
			done := "mypage.change." + string(kind) + ".done"
			if kind == KindCancel && changed.State != subscription.StateCancelled {
				done = "mypage.change.ending.done"
			}
			if kind == KindSkip && c.undo {
				done = "mypage.change.undo.done"
			}
			session.AddFlash(ctx, "ok", h.Words(r).T(done))
			return redirect.To(w, r, subscriptionPath(s.ID))
		case fault.Is(err, fault.Conflict), fault.Is(err, fault.NotFound):
			return h.showChange(w, r, kind, c, http.StatusConflict, fault.All(err)[0])
		case fault.Is(err, fault.Invalid):
			return h.showChange(w, r, kind, c, http.StatusUnprocessableEntity, fault.All(err)[0])
		default:
			return err
		}
	}
}

func (h *Handlers) verb(r *http.Request, s subscription.Subscription) flow.Verb {
	ctx := r.Context()
	return flow.Verb{
		StoreID: reqctx.Shop(ctx).ID, Actor: reqctx.Actor(ctx), CustomerID: member(r).ID, SubscriptionID: s.ID,
	}
}

// changeForm is a form on its way to its page.
type changeForm struct {
	r          *http.Request
	kind       Kind
	chosen     choice
	s          subscription.Subscription
	deliveries []subscription.Delivery
	goods      frame.Products
	page       ChangePage
}

// showChange shows a form with its effect; said is what was wrong with the form
// that was sent.
func (h *Handlers) showChange(w http.ResponseWriter, r *http.Request, kind Kind, c choice, status int, said *fault.Error) error {
	words := h.Words(r)
	f := &changeForm{r: r, kind: kind, chosen: c}
	var err error
	if f.s, err = h.subscriptionOf(r); err != nil {
		return err
	}
	all, err := db.Deliveries(r.Context(), h.Flow.DB, reqctx.Shop(r.Context()).ID, []ident.ID{f.s.ID})
	if err != nil {
		return err
	}
	f.deliveries = all[f.s.ID]
	if f.goods, err = h.goodsOf(r, f.s); err != nil {
		return err
	}
	h.chooseForThem(f)
	name, _ := nameOf(words, f.s, f.goods)
	f.page = ChangePage{
		Name: name, Back: subscriptionPath(f.s.ID), Heading: h.heading(f), Action: changePath(f.s.ID, kind),
	}
	f.page.Base = h.Base(r, f.page.Heading)
	frame.At(r, &f.page.Base, changePath(f.s.ID, kind, f.chosen.hidden(kind)...))
	if err := h.fillChange(f); err != nil {
		return err
	}
	switch {
	case said == nil || f.page.Problem != "":
	case said.Field != "":
		f.page.Error = words.Fault(said)
	default:
		f.page.Flash = append(f.page.Flash, page.Flash{Kind: "error", Text: words.Fault(said)})
	}
	return h.Show(w, r, status, "mypage/change", f.page)
}

// chooseForThem chooses what there is only one of: the next delivery, the item.
func (h *Handlers) chooseForThem(f *changeForm) {
	if f.chosen.slot == 0 {
		f.chosen.slot = nextSlot(f.deliveries, h.Flow.Now())
	}
	if f.chosen.item.IsZero() && len(f.s.Items) > 0 {
		f.chosen.item = f.s.Items[0].ID
	}
}

// delivery is the one that the form is about; false where there is none.
func (f *changeForm) delivery() (d subscription.Delivery, box int, there bool) {
	waiting := 0
	for _, d := range f.deliveries {
		if d.Slot == f.chosen.slot {
			return d, f.s.BoxOf(waiting), true
		}
		switch d.State {
		case subscription.DeliveryPlanned, subscription.DeliveryHeld, subscription.DeliveryBlocked:
			waiting++
		default: // ordered or given up: it takes no number
		}
	}
	return subscription.Delivery{}, 0, false
}

func (h *Handlers) heading(f *changeForm) string {
	words := h.Words(f.r)
	d, box, _ := f.delivery()
	if f.kind == KindSkip && f.chosen.undo {
		return words.T("mypage.change.undo.title", "Date", d.Date)
	}
	return words.T("mypage.change."+string(f.kind)+".title", "N", box)
}

// fillChange asks for the effect and fills the page's parts.
func (h *Handlers) fillChange(f *changeForm) error {
	words := h.Words(f.r)
	if _, _, there := f.delivery(); !there && (f.kind == KindPutOff || f.kind == KindSkip) {
		f.page.Problem = words.T("mypage.change.nothing")
		return nil
	}
	if err := h.ask(f); err != nil {
		return err
	}
	if !f.chosen.complete(f.kind) || f.page.Problem != "" {
		return nil
	}
	effect, err := h.preview(f.r.Context(), f.kind, h.verb(f.r, f.s), f.chosen)
	if faults := fault.All(err); len(faults) > 0 {
		switch {
		case faults[0].Field != "":
			f.page.Error = words.Fault(faults[0])
		case f.kind == KindResume && !f.chosen.later: // the held ones can still be left out
			f.page.Error = words.Fault(faults[0])
		default:
			f.page.Problem = words.Fault(faults[0])
		}
		return nil
	}
	if err != nil {
		return err
	}
	h.showEffect(f, effect)
	f.page.Hidden = append(f.chosen.hidden(f.kind), Hidden{"version", strconv.FormatInt(effect.Version(), 10)}, Hidden{"digest", effect.Digest()})
	if f.kind == KindCancel {
		for _, reason := range flow.CancelReasons {
			f.page.Reasons = append(f.page.Reasons, page.Choice{
				Value: reason, Label: words.T("state.reason." + reason), Selected: reason == f.chosen.reason,
			})
		}
	}
	return nil
}

// ask fills what the member chooses from.
func (h *Handlers) ask(f *changeForm) error {
	switch f.kind {
	case KindPutOff:
		return h.askDate(f)
	case KindQuantity:
		h.askQuantity(f)
	case KindResume:
		h.askHeld(f)
	default: // nothing to choose from
	}
	return nil
}

// askQuantity offers the numbers of every item; the effect below is of the one
// that was chosen.
func (h *Handlers) askQuantity(f *changeForm) {
	words := h.Words(f.r)
	f.page.Quantity = &QuantityForm{Path: changePath(f.s.ID, KindQuantity)}
	for i, item := range f.s.Items {
		asked := QuantityItem{ID: item.ID.String(), Field: "quantity", Name: f.page.Name, Chosen: item.ID == f.chosen.item}
		if i > 0 {
			asked.Field += "-" + strconv.Itoa(i+1)
		}
		selected := item.Quantity
		if asked.Chosen && f.chosen.quantity != 0 {
			selected = f.chosen.quantity
		}
		if p, ok := f.goods[item.VariantID]; ok {
			asked.Name = p.Text(string(words.Lang())).Name
			if v, known := p.Variant(item.VariantID); known {
				asked.Variant = p.OptionText(v, string(words.Lang()))
			}
			if p.Plan != nil {
				asked.Choices = quantities(p.Plan.MaxQuantity, selected)
			}
		}
		f.page.Quantity.Items = append(f.page.Quantity.Items, asked)
	}
	f.page.Intro = words.T("mypage.change.quantity.intro")
}

func quantities(most, selected int64) []page.Choice {
	list := make([]page.Choice, most)
	for i := range list {
		value := strconv.Itoa(i + 1)
		list[i] = page.Choice{Value: value, Label: value, Selected: int64(i+1) == selected}
	}
	return list
}

func (h *Handlers) askHeld(f *changeForm) {
	words, held := h.Words(f.r), 0
	now := h.Flow.Now()
	for _, d := range f.deliveries {
		if d.State == subscription.DeliveryHeld || (d.State == subscription.DeliveryPlanned && !d.Deadline.After(now)) {
			held++
		}
	}
	if held == 0 {
		f.page.Intro = words.T("mypage.change.resume.intro")
		return
	}
	f.page.Intro = words.Plural("mypage.change.resume.held", held)
	if plan := f.plan(); plan.ResumeSkips || !plan.AllowSkip {
		return // the plan leaves no choice; the effect shows which
	}
	f.page.Legend = words.T("mypage.change.resume.legend")
	f.page.Choices = []LinkChoice{
		{
			Label: words.T("mypage.change.resume.ship"), Note: words.T("mypage.change.resume.ship.note"),
			Path: changePath(f.s.ID, KindResume), Selected: !f.chosen.later,
		},
		{
			Label: words.T("mypage.change.resume.skip"), Note: words.T("mypage.change.resume.skip.note"),
			Path: changePath(f.s.ID, KindResume, Hidden{"held", "skip"}), Selected: f.chosen.later,
		},
	}
}
