package console

import (
	"net/http"
	"net/url"
	"slices"
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

// Change is a change of a subscription by staff, as it stands at the end of its
// address.
type Change string

// The changes that staff make.
const (
	ChangePutOff    Change = "put-off"
	ChangeSkip      Change = "skip"
	ChangeQuantity  Change = "quantity"
	ChangePause     Change = "pause"
	ChangeResume    Change = "resume"
	ChangeCancel    Change = "cancel"
	ChangeTakeBack  Change = "take-back" // the order of a delivery
	ChangeCOD       Change = "cod"       // to cash on delivery
	ChangeTakeOver  Change = "take-over" // a box of the cart before is ours
	ChangeElsewhere Change = "elsewhere" // the cart before delivered it
)

// changePath is the address of a change with what was chosen so far.
func changePath(number string, kind Change, chosen ...Hidden) string {
	var pairs []string
	for _, c := range chosen {
		pairs = append(pairs, c.Name, c.Value)
	}
	return addressOf(subscriptionPath(number)+"/"+string(kind), pairs...)
}

// slotField is the delivery that a change is about.
func slotField(slot int) Hidden { return Hidden{"slot", strconv.Itoa(slot)} }

// chosen is what staff chose in a form; zero values are not chosen yet.
type chosen struct {
	slot      int
	date      calendar.Date
	following bool
	undo      bool
	quantity  int64
	later     bool // a resume that leaves the held deliveries out
	reason    string
	agreed    bool
	back      string // page to return to
}

func chosenOf(values url.Values) chosen {
	c := chosen{
		following: values.Get("scope") == "following", undo: values.Get("undo") != "", later: values.Get("held") == "skip",
		reason: values.Get("reason"), agreed: values.Get("agreed") != "", back: values.Get("return"),
	}
	// What is no number or date is as good as not chosen: the form asks again.
	c.slot, _ = strconv.Atoi(values.Get("slot"))
	c.quantity, _ = strconv.ParseInt(values.Get("quantity"), 10, 64)
	c.date, _ = calendar.ParseDate(values.Get("date"))
	return c
}

// hidden is what a form sends of the choice, without what the member of staff
// chooses in that form.
func (c chosen) hidden(kind Change, asked bool) []Hidden {
	var list []Hidden
	add := func(name, value string, wanted bool) {
		if wanted {
			list = append(list, Hidden{name, value})
		}
	}
	switch kind {
	case ChangePutOff:
		list = append(list, slotField(c.slot))
		add("date", c.date.String(), asked)
		add("scope", "following", asked && c.following)
	case ChangeSkip:
		list = append(list, slotField(c.slot))
		add("undo", "1", c.undo)
	case ChangeTakeBack, ChangeTakeOver, ChangeElsewhere:
		list = append(list, slotField(c.slot))
	case ChangeQuantity:
		add("quantity", strconv.FormatInt(c.quantity, 10), asked)
	case ChangeResume:
		add("held", "skip", asked && c.later)
	case ChangePause, ChangeCancel, ChangeCOD: // nothing to choose from
	}
	add("return", c.back, c.back != "")
	return list
}

// complete reports whether enough is chosen to show an effect.
func (c chosen) complete(kind Change) bool {
	switch kind {
	case ChangePutOff:
		return !c.date.IsZero()
	case ChangeQuantity:
		return c.quantity != 0
	default:
		return true
	}
}

// on is what a change of a subscription is told: who asks, and of which one.
func (v *visit) on(s subscription.Subscription) flow.Verb {
	return flow.Verb{StoreID: v.shop.ID, Actor: reqctx.Actor(v.ctx), CustomerID: s.CustomerID, SubscriptionID: s.ID}
}

func (v *visit) preview(kind Change, on flow.Verb, item ident.ID, c chosen) (flow.Effect, error) {
	f := v.h.Flow
	switch kind {
	case ChangePutOff:
		return f.PreviewPutOff(v.ctx, flow.PutOff{Verb: on, Slot: c.slot, Date: c.date, Following: c.following})
	case ChangeSkip:
		return f.PreviewSkip(v.ctx, flow.SkipDelivery{Verb: on, Slot: c.slot, Undo: c.undo})
	case ChangeQuantity:
		return f.PreviewQuantity(v.ctx, flow.ChangeQuantity{Verb: on, ItemID: item, Quantity: c.quantity})
	case ChangePause:
		return f.PreviewPause(v.ctx, flow.Pause{Verb: on})
	case ChangeResume:
		return f.PreviewResume(v.ctx, flow.Resume{Verb: on, Ship: !c.later})
	case ChangeTakeBack:
		return f.PreviewTakeBack(v.ctx, flow.TakeBack{Verb: on, Slot: c.slot})
	case ChangeCOD:
		return f.PreviewPayOnDelivery(v.ctx, flow.PayOnDelivery{Verb: on})
	case ChangeTakeOver, ChangeElsewhere:
		return f.PreviewCutoverBox(v.ctx, flow.CutoverBox{Verb: on, Slot: c.slot, Ours: kind == ChangeTakeOver})
	default:
		return f.PreviewCancel(v.ctx, flow.Cancel{Verb: on}) // a reason changes no effect
	}
}

func (v *visit) change(kind Change, on flow.Verb, item ident.ID, c chosen) (flow.Changed, error) {
	f := v.h.Flow
	switch kind {
	case ChangePutOff:
		return f.PutOff(v.ctx, flow.PutOff{Verb: on, Slot: c.slot, Date: c.date, Following: c.following})
	case ChangeSkip:
		return f.Skip(v.ctx, flow.SkipDelivery{Verb: on, Slot: c.slot, Undo: c.undo})
	case ChangeQuantity:
		return f.ChangeQuantity(v.ctx, flow.ChangeQuantity{Verb: on, ItemID: item, Quantity: c.quantity})
	case ChangePause:
		return f.Pause(v.ctx, flow.Pause{Verb: on})
	case ChangeResume:
		return f.Resume(v.ctx, flow.Resume{Verb: on, Ship: !c.later})
	case ChangeTakeBack:
		return f.TakeBack(v.ctx, flow.TakeBack{Verb: on, Slot: c.slot})
	case ChangeCOD:
		return f.PayOnDelivery(v.ctx, flow.PayOnDelivery{Verb: on, Agreed: c.agreed})
	case ChangeTakeOver, ChangeElsewhere:
		return f.CutoverBox(v.ctx, flow.CutoverBox{Verb: on, Slot: c.slot, Ours: kind == ChangeTakeOver})
	default:
		return f.Cancel(v.ctx, flow.Cancel{Verb: on, Reason: c.reason})
	}
}

// ShowChange shows a change and, once enough is chosen, its effect.
func (h *Handlers) ShowChange(kind Change) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		return h.showChange(w, r, kind, chosenOf(r.URL.Query()), http.StatusOK, nil)
	}
}

// DoChange makes the change that was shown and goes back. Where it is another by
// now, the effect is shown again.
func (h *Handlers) DoChange(kind Change) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, c := h.enter(r), chosenOf(r.PostForm)
		s, err := db.SubscriptionByNumber(v.ctx, v.db(), v.shop.ID, r.PathValue("number"))
		if err != nil {
			return missing(err)
		}
		asked := v.on(s)
		asked.Version, _ = strconv.ParseInt(r.PostForm.Get("version"), 10, 64) // none is never that of a subscription
		asked.Digest = r.PostForm.Get("digest")
		after, err := v.change(kind, asked, firstItem(s), c)
		switch {
		case err == nil:
			session.AddFlash(v.ctx, "ok", v.words.T(doneKey(kind, c, after)))
			if h.Wake != nil {
				h.Wake()
			}
			return redirect.To(w, r, redirect.Local(c.back, subscriptionPath(s.Number)))
		case fault.Is(err, fault.Conflict), fault.Is(err, fault.NotFound):
			return h.showChange(w, r, kind, c, http.StatusConflict, fault.All(err)[0])
		case fault.Is(err, fault.Invalid):
			return h.showChange(w, r, kind, c, http.StatusUnprocessableEntity, fault.All(err)[0])
		default:
			return err
		}
	}
}

// doneKey is what is said of a change that was made.
func doneKey(kind Change, c chosen, after flow.Changed) string {
	switch {
	case kind == ChangeCancel && after.State != subscription.StateCancelled:
		return "console.change.ending.done"
	case kind == ChangeSkip && c.undo:
		return "console.change.undo.done"
	default:
		return "console.change." + string(kind) + ".done"
	}
}

func firstItem(s subscription.Subscription) ident.ID {
	if len(s.Items) == 0 {
		return ident.ID{}
	}
	return s.Items[0].ID
}

// changing is a change on its way to its page.
type changing struct {
	*visit
	kind Change
	chosen
	s          subscription.Subscription
	deliveries []subscription.Delivery
	page       ChangePage
}

// showChange shows a change with its effect; said is what was wrong with the form
// that was sent.
func (h *Handlers) showChange(w http.ResponseWriter, r *http.Request, kind Change, c chosen, status int, said *fault.Error) error {
	v := h.enter(r)
	s, err := db.SubscriptionByNumber(v.ctx, v.db(), v.shop.ID, r.PathValue("number"))
	if err != nil {
		return missing(err)
	}
	all, err := db.Deliveries(v.ctx, v.db(), v.shop.ID, []ident.ID{s.ID})
	if err != nil {
		return err
	}
	f := &changing{visit: v, kind: kind, chosen: c, s: s, deliveries: all[s.ID]}
	if f.slot == 0 {
		f.slot = f.nextSlot()
	}
	base, err := v.base(r, f.heading())
	if err != nil {
		return err
	}
	f.page = ChangePage{
		Base: base, Number: s.Number, Back: subscriptionPath(s.Number), Heading: f.heading(),
		Action: changePath(s.Number, kind), Intro: f.intro(),
	}
	if err := f.fill(); err != nil {
		return err
	}
	f.say(said)
	return v.show(w, status, "change", f.page)
}

// say puts what was wrong with the form beside its field, or on top.
func (f *changing) say(said *fault.Error) {
	if said == nil || f.page.Problem != "" {
		return
	}
	text := f.words.Fault(said)
	switch {
	case said.Field == "agreed" && f.page.Agreed != nil:
		f.page.Agreed.Error = text
		f.page.Errors = []page.FieldError{{ID: "agreed", Text: text}} // which says what it is about
	case said.Field != "" && f.page.Choose != nil:
		f.refuse(text)
	default:
		f.page.Flash = append(f.page.Flash, page.Flash{Kind: "error", Text: text})
	}
}

// refuse says beside what was chosen, and on top, why it cannot be.
func (f *changing) refuse(text string) {
	form := f.page.Choose
	form.Error = text
	line := page.FieldError{Text: frame.About(f.words, form.Label, text)}
	if len(form.Options) > 0 {
		line.ID = form.Name
	}
	f.page.Errors = []page.FieldError{line}
}

// nextSlot is the slot of the next delivery that is to come, 0 for none.
func (f *changing) nextSlot() int {
	for _, d := range f.deliveries {
		if d.State == subscription.DeliveryPlanned && d.Deadline.After(f.now) {
			return d.Slot
		}
	}
	return 0
}

// delivery is the one that the change is about, zero where there is none.
func (f *changing) delivery() subscription.Delivery {
	at := slices.IndexFunc(f.deliveries, func(d subscription.Delivery) bool { return d.Slot == f.slot })
	if at < 0 {
		return subscription.Delivery{}
	}
	return f.deliveries[at]
}

func (f *changing) heading() string { return f.words.T(f.key("title"), "Date", f.delivery().Date) }

func (f *changing) intro() string {
	if key := f.key("intro"); f.words.Has(key) {
		return f.words.T(key, "Date", f.delivery().Date)
	}
	return ""
}

// key of a text of this change.
func (f *changing) key(what string) string {
	kind := string(f.kind)
	if f.kind == ChangeSkip && f.undo {
		kind = "undo"
	}
	return "console.change." + kind + "." + what
}
