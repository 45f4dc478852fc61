// Package staff holds people in the console and what they may do.
package staff

import "github.com/teiki-commerce/teiki/internal/core/ident"

// Role of a staff member in one store.
type Role string

// The roles, each may do what those after it may.
const (
	RoleOwner    Role = "owner"
	RoleManager  Role = "manager"
	RoleOperator Role = "operator"
	RoleViewer   Role = "viewer"
)

var rank = map[Role]int{RoleViewer: 1, RoleOperator: 2, RoleManager: 3, RoleOwner: 4}

// Includes reports whether the role may do what needed asks for.
func (r Role) Includes(needed Role) bool { return rank[r] > 0 && rank[r] >= rank[needed] }

// Member is a person in the console. Staff are global, with a role per store.
type Member struct {
	ID   ident.ID
	Mail string
	Name string
	Lang string
	Role Role // in the store at hand
	// Version goes up with every change of the password: sessions of a version
	// before are over.
	Version int64
}
