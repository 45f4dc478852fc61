package stock

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/teiki-commerce/teiki/internal/core/ident"
)

var house, dark, filter = ident.ID{15: 1}, ident.ID{15: 2}, ident.ID{15: 3}

func TestBoxesGetAllOfTheirPiecesOrNone(t *testing.T) {
	tests := []struct {
		name      string
		available map[ident.ID]int64
		boxes     []Want
		given     []bool
		left      map[ident.ID]int64
	}{
		{
			"enough for all",
			map[ident.ID]int64{house: 3},
			[]Want{{house: 1}, {house: 2}},
			[]bool{true, true},
			map[ident.ID]int64{house: 0},
		},
		{
			"the earlier deadline goes first",
			map[ident.ID]int64{house: 2},
			[]Want{{house: 2}, {house: 1}},
			[]bool{true, false},
			map[ident.ID]int64{house: 0},
		},
		{
			"a box that cannot be filled leaves its pieces to the next",
			map[ident.ID]int64{house: 2},
			[]Want{{house: 3}, {house: 2}},
			[]bool{false, true},
			map[ident.ID]int64{house: 0},
		},
		{
			"one missing piece holds the whole box back",
			map[ident.ID]int64{house: 5, dark: 0},
			[]Want{{house: 1, dark: 1}, {house: 5}},
			[]bool{false, true},
			map[ident.ID]int64{house: 0, dark: 0},
		},
		{
			"a variant that nobody counts is out of stock",
			map[ident.ID]int64{},
			[]Want{{filter: 1}},
			[]bool{false},
			map[ident.ID]int64{},
		},
		{
			"a box of nothing needs nothing",
			map[ident.ID]int64{house: 0},
			[]Want{{}},
			[]bool{true},
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
		boxes := make([]Want, rapid.IntRange(0, 20).Draw(t, "boxes"))
		for i := range boxes {
			boxes[i] = rapid.MapOf(rapid.SampledFrom(variants), rapid.Int64Range(1, 6)).Draw(t, "box")
		}
		left := maps.Clone(available)
		given := Allocate(left, boxes)
		for i, box := range boxes {
			fits := true
			for v, quantity := range box {
				fits = fits && available[v] >= quantity
			}
			if fits != given[i] {
				t.Fatalf("box %d wants %v of %v: given %v", i, box, available, given[i])
			}
			if fits {
				for v, quantity := range box {
					available[v] -= quantity
				}
			}
		}
		if diff := cmp.Diff(available, left); diff != "" {
			t.Fatal(diff)
		}
	})
}
