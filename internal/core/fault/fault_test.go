package fault

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAFaultSaysCodeFieldAndKeyInLogs(t *testing.T) {
	if got := New(Conflict, "fault.order.changed").Error(); got != "conflict: fault.order.changed" {
		t.Errorf("without a field: %s", got)
	}
	if got := Field("mail", "fault.mail").Error(); got != "invalid: mail: fault.mail" {
		t.Errorf("with a field: %s", got)
	}
}

func TestArgumentsArePairsOfNameAndValue(t *testing.T) {
	e := Field("count", "fault.number.range", "Min", 1, "Max", 12, "alone")
	want := map[string]any{"Min": 1, "Max": 12}
	if diff := cmp.Diff(want, e.Args); diff != "" {
		t.Error(diff)
	}
	if Field("count", "fault.required").Args != nil {
		t.Error("no arguments, but a map")
	}
}

func TestAnEmptyListIsNoError(t *testing.T) {
	var list List
	list.Add(nil)
	if err := list.Err(); err != nil {
		t.Errorf("got %v", err)
	}
	list.Add(Field("a", "fault.required"))
	list.Add(Field("b", "fault.too_long"))
	if err := list.Err(); err == nil || err.Error() != "invalid: a: fault.required; invalid: b: fault.too_long" {
		t.Errorf("got %v", err)
	}
}

func TestFaultsAreFoundInWrappedErrors(t *testing.T) {
	one := New(NotFound, "fault.not_found")
	many := List{Field("a", "fault.required"), one}
	tests := []struct {
		name string
		err  error
		want int
	}{
		{"none", nil, 0},
		{"another error", errors.New("disk full"), 0},
		{"one", one, 1},
		{"one, wrapped", fmt.Errorf("read order: %w", one), 1},
		{"a list, wrapped", fmt.Errorf("save plan: %w", many), 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := len(All(tt.err)); got != tt.want {
				t.Errorf("%d faults, want %d", got, tt.want)
			}
			if got := Is(tt.err, NotFound); got != (tt.want > 0) {
				t.Errorf("Is(NotFound) = %v", got)
			}
			if Is(tt.err, Forbidden) {
				t.Error("a code that nobody gave")
			}
		})
	}
}
