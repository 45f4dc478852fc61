package staff

import "testing"

func TestEachRoleMayDoWhatThoseBelowItMay(t *testing.T) {
	ladder := []Role{RoleViewer, RoleOperator, RoleManager, RoleOwner}
	for i, role := range ladder {
		for j, needed := range ladder {
			if got := role.Includes(needed); got != (i >= j) {
				t.Errorf("%s includes %s: %v", role, needed, got)
			}
		}
	}
}

func TestARoleThatNobodyKnowsMayDoNothing(t *testing.T) {
	for _, unknown := range []Role{"", "root"} {
		if unknown.Includes(RoleViewer) || unknown.Includes("") {
			t.Errorf("%q may do something", unknown)
		}
	}
}
