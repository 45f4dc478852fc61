package browsertest

import (
	_ "embed"
	"strings"
)

//go:embed axe/axe.min.js
var axeSource string

// axeRun asks for all that WCAG 2.2 AA asks for and a machine can see. preload
// would fetch the style sheets again, which the page's policy may refuse.
const axeRun = `axe.run(document, {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"],
	resultTypes: ["violations"], preload: false,
}).then(result => result.violations.map(v => ({
	rule: v.id, help: v.help,
	places: v.nodes.map(n => n.target.join(" ") + ": " + n.failureSummary.replaceAll("\n", " ")),
})))`

// Violation is one accessibility rule that the page breaks.
type Violation struct {
	Rule   string   `json:"rule"`
	Help   string   `json:"help"`
	Places []string `json:"places"`
}

// Violations checks the page as it is now with axe-core.
func (p *Page) Violations() []Violation {
	p.t.Helper()
	if !Eval[bool](p, `typeof axe === "object"`) {
		// Evaluated from outside, so the page's policy need not allow it.
		Eval[bool](p, axeSource+"; true")
	}
	return Eval[[]Violation](p, axeRun)
}

// Axe fails the test for each accessibility violation on the page. The test
// goes on, so that one run shows them all.
func (p *Page) Axe() {
	p.t.Helper()
	for _, v := range p.Violations() {
		p.t.Errorf("%s breaks %s (%s):\n\t%s", p.URL(), v.Rule, v.Help, strings.Join(v.Places, "\n\t"))
	}
}
