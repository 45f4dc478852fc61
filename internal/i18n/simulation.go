package i18n

import "github.com/teiki-commerce/teiki/internal/core/simulation"

// Simulation gives the names that a simulation's table has in the language. What
// the catalogue does not know keeps its bare word: a new kind of mail must not
// hide its figure.
func (l *Localizer) Simulation() simulation.Words {
	named := func(prefix, suffix string) func(string) string {
		return func(word string) string {
			if key := prefix + word + suffix; l.Has(key) {
				return l.T(key)
			}
			return word
		}
	}
	return simulation.Words{
		Column: named("simulation.column.", ""), Event: named("console.event.", ""),
		Alert: named("alert.", ".title"), State: named("state.delivery.", ""),
	}
}
