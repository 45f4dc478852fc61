package stock

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	_ "github.com/teiki-commerce/teiki/internal/testkit/properties"
)

var house, dark, filter = ident.ID{15: 1}, ident.ID{15: 2}, ident.ID{15: 3}

func TestBoxesGetAllOfTheirPiecesOrNone(t *testing.T) {
	tests := []struct {
		name      string
		available map[ident.ID]int64
		boxes     []Box
		given     []Want
		left      map[ident.ID]int64
	}{
		{
			"enough for all",
			map[ident.ID]int64{house: 3},
			[]Box{{Want: Want{house: 1}}, {Want: Want{house: 2}}},
			[]Want{{house: 1}, {house: 2}},
			map[ident.ID]int64{house: 0},
		},
		{
			"the earlier deadline goes first",
			map[ident.ID]int64{house: 2},
			[]Box{{Want: Want{house: 2}}, {Want: Want{house: 1}}},
			[]Want{{house: 2}, nil},
			map[ident.ID]int64{house: 0},
		},
		{
			"a box that cannot be filled leaves its pieces to the next",
			map[ident.ID]int64{house: 2},
			[]Box{{Want: Want{house: 3}}, {Want: Want{house: 2}}},
			[]Want{nil, {house: 2}},
			map[ident.ID]int64{house: 0},
		},
		{
			"one missing piece holds the whole box back",
			map[ident.ID]int64{house: 5, dark: 0},
			[]Box{{Want: Want{house: 1, dark: 1}}, {Want: Want{house: 5}}},
			[]Want{nil, {house: 5}},
			map[ident.ID]int64{house: 0, dark: 0},
		},
		{
			"unless the rest may be shipped",
			map[ident.ID]int64{house: 5, dark: 1},
			[]Box{{Want: Want{house: 1, dark: 2}, Rest: true}, {Want: Want{dark: 1}}},
			[]Want{{house: 1}, {dark: 1}},
			map[ident.ID]int64{house: 4, dark: 0},
		},
		{
			"a rest of nothing is none",
			map[ident.ID]int64{house: 1},
			[]Box{{Want: Want{house: 2}, Rest: true}},
			[]Want{nil},
			map[ident.ID]int64{house: 1},
		},
		{
			"a variant that nobody counts is out of stock",
			map[ident.ID]int64{},
			[]Box{{Want: Want{filter: 1}}},
			[]Want{nil},
			map[ident.ID]int64{},
		},
		{
			"a box of nothing needs nothing",
			map[ident.ID]int64{house: 0},
			[]Box{{Want: Want{}}},
			[]Want{{}},
			map[ident.ID]int64{house: 0},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			given := Allocate(tt.available, tt.boxes)
			if diff := cmp.Diff(tt.given, given); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.left, tt.available); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStockIsConservedAndNeverBelowZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		variants := []ident.ID{house, dark, filter}
		available := map[ident.ID]int64{}
		for _, v := range variants {
			available[v] = rapid.Int64Range(0, 20).Draw(t, "available")
		}
		boxes := make([]Box, rapid.IntRange(0, 20).Draw(t, "boxes"))
		for i := range boxes {
			boxes[i].Want = rapid.MapOf(rapid.SampledFrom(variants), rapid.Int64Range(1, 6)).Draw(t, "box")
			boxes[i].Rest = rapid.Bool().Draw(t, "rest")
		}
		left := maps.Clone(available)
		given := Allocate(left, boxes)
		for i, box := range boxes {
			fits := Want{}
			for v, quantity := range box.Want {
				if available[v] >= quantity {
					fits[v] = quantity
				}
			}
			if full := len(fits) == len(box.Want); !full && (!box.Rest || len(fits) == 0) {
				fits = nil
			}
			if diff := cmp.Diff(fits, given[i]); diff != "" {
				t.Fatalf("box %d wants %v of %v: %s", i, box, available, diff)
			}
			for v, quantity := range fits {
				available[v] -= quantity
			}
		}
		if diff := cmp.Diff(available, left); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestThereIsEnoughExactlyWhenEveryBoxGetsAllItWants(t *testing.T) {
	variants := rapid.SampledFrom([]ident.ID{house, dark, filter})
	rapid.Check(t, func(t *rapid.T) {
		available := rapid.MapOf(variants, rapid.Int64Range(0, 6)).Draw(t, "available")
		var boxes []Box
		for _, want := range rapid.SliceOf(rapid.MapOfN(variants, rapid.Int64Range(1, 3), 1, 3)).Draw(t, "boxes") {
			boxes = append(boxes, Box{Want: want})
		}
		enough := Enough(available, boxes)
		full := true
		for i, given := range Allocate(maps.Clone(available), boxes) {
			full = full && len(given) == len(boxes[i].Want)
		}
		if enough != full {
			t.Errorf("enough %t, all got theirs %t", enough, full)
		}
	})
}
