package demo

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// PastDays is how long the shop has been open when a demo begins.
const PastDays = 185

// Past lets the shop live through the months before its first visitor. Nothing is
// made up but the people and their wishes: the use cases, the engine and the
// simulator do all of it as they do every day, on a clock that is set back, and so
// the books are true.
type Past struct {
	Flow   *flow.Flow
	Engine Engine
	// SetClock moves the clock that the flow, the engine and the simulator read.
	SetClock func(time.Time)
	// Terms renders what is kept of a final confirmation.
	Terms func(lang i18n.Lang) func(flow.Proposal) (string, error)
	// SimulatorURL is where the simulator answers.
	SimulatorURL string
	Logins       Logins
}

// Engine is what the past needs of it.
type Engine interface {
	Drain(ctx context.Context) error
	NextDue(ctx context.Context) (time.Time, bool, error)
}

// event is one thing that somebody does.
type event struct {
	at   time.Time
	what string
	do   func(context.Context) error
}

// story is the past as it goes on.
type story struct {
	Past

	zone    *time.Location
	now     time.Time // when the demo begins
	today   calendar.Date
	clock   time.Time
	dice    *dice
	crowd   *crowd
	bank    *hosted
	goods   map[string]catalog.Product // by code
	ownerID ident.ID
	events  []event

	// lineID makes the ids of audit lines that parcels writes for other times
	// than the clock's.
	lineID ident.Generator
	lineAt time.Time
}

// Live opens the shop PastDays before now and lets it run until now. The shop must
// be seeded with the clock at Opening.
func Live(ctx context.Context, p Past, now time.Time) error {
	s := &story{Past: p, now: now, dice: &dice{state: 2011}, bank: newHosted(p.SimulatorURL)}
	if err := s.open(ctx); err != nil {
		return err
	}
	for _, plan := range []func() error{s.season, s.chihiro, s.cast, s.regulars, s.passersBy, s.letters} {
		if err := plan(); err != nil {
			return err
		}
	}
	slices.SortStableFunc(s.events, func(a, b event) int { return a.at.Compare(b.at) })
	for _, e := range s.events {
		if e.at.After(now) {
			break
		}
		if err := s.happen(ctx, e); err != nil {
			return fmt.Errorf("%s on %s: %w", e.what, e.at.In(s.zone).Format(time.DateTime), err)
		}
	}
	if err := s.forward(ctx, now); err != nil {
		return err
	}
	if err := s.Engine.Drain(ctx); err != nil {
		return fmt.Errorf("finish what is due: %w", err)
	}
	return s.parcels(ctx)
}

// Opening is when a shop that is visited now has opened.
func Opening(now time.Time) time.Time { return now.AddDate(0, 0, -PastDays) }

// open reads what the story needs to know of the shop.
func (s *story) open(ctx context.Context) error {
	shop, err := s.Flow.Shop(ctx, s.Flow.DB, StoreID)
	if err != nil {
		return err
	}
	s.zone, s.today, s.clock = shop.Location, calendar.DateOf(s.now.In(shop.Location)), Opening(s.now)
	if s.crowd, err = newCrowd(s.dice); err != nil {
		return err
	}
	owner, _, err := db.StaffByMail(ctx, s.Flow.DB, StoreID, OwnerMail)
	if err != nil {
		return fmt.Errorf("read the owner: %w", err)
	}
	s.ownerID = owner.ID
	return s.readGoods(ctx)
}

func (s *story) readGoods(ctx context.Context) error {
	products, err := db.Products(ctx, s.Flow.DB, StoreID)
	if err != nil {
		return fmt.Errorf("read the goods: %w", err)
	}
	s.goods = map[string]catalog.Product{}
	for _, p := range products {
		s.goods[p.Code] = p
	}
	return nil
}

// plan notes what happens so many days before today.
func (s *story) plan(daysAgo, hour, minute int, what string, do func(context.Context) error) {
	day := s.today.AddDays(-daysAgo).Start(s.zone)
	s.events = append(s.events, event{
		at:   day.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(s.dice.below(60))*time.Second),
		what: what, do: do,
	})
}

// happen lets the engine do what is due before an event, then the event, then
// sends its mails. What the shop refuses (too late, sold out) people leave.
func (s *story) happen(ctx context.Context, e event) error {
	if err := s.forward(ctx, e.at); err != nil {
		return err
	}
	err := e.do(ctx)
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.Invalid) {
		slog.DebugContext(ctx, "the demo's past: refused", "what", e.what, "at", e.at, "error", err)
		err = nil
	}
	if err != nil {
		return err
	}
	_, err = s.Flow.SendMails(ctx, 64)
	return err
}

// forward moves the clock deadline by deadline, as time does.
func (s *story) forward(ctx context.Context, to time.Time) error {
	for {
		next, ok, err := s.Engine.NextDue(ctx)
		if err != nil {
			return fmt.Errorf("find what is due next: %w", err)
		}
		if !ok || next.After(to) {
			break
		}
		s.set(next)
		if err := s.Engine.Drain(ctx); err != nil {
			return fmt.Errorf("do what is due: %w", err)
		}
	}
	s.set(to)
	return nil
}

// set moves the clock, never back.
func (s *story) set(to time.Time) {
	if cmp.Compare(to.UnixMicro(), s.clock.UnixMicro()) > 0 {
		s.clock = to
		s.SetClock(to)
	}
}
