package browsertest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// problems gathers what the pages of one tab complained of.
type problems struct {
	mu    sync.Mutex
	notes []string
	// answers are the addresses of documents and script requests answered
	// with 400 or above. The browser logs them as failures; to us they are
	// pages (a form with errors, a page not found) which the test looks at.
	answers map[string]bool
	failed  []failedLoad
}

// failedLoad is the browser's own remark that an address did not answer well.
type failedLoad struct{ url, text string }

func newProblems() *problems { return &problems{answers: map[string]bool{}} }

// answerTypes are the requests whose refusal is an answer; that of a picture,
// a style sheet or a script is a fault.
var answerTypes = []network.ResourceType{
	network.ResourceTypeDocument, network.ResourceTypeXHR, network.ResourceTypeFetch,
}

// note is called with every event of the tab, on the goroutine that reads
// them.
func (p *problems) note(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		p.noteEntry(e.Entry)
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		p.notes = append(p.notes, fmt.Sprintf("uncaught exception: %s (%s line %d)",
			text, e.ExceptionDetails.URL, e.ExceptionDetails.LineNumber+1))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			p.notes = append(p.notes, "console."+string(e.Type)+": "+plainText(e.Args))
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 && slices.Contains(answerTypes, e.Type) {
			p.answers[e.Response.URL] = true
		}
	}
}

func (p *problems) noteEntry(e *log.Entry) {
	// A policy that only reports logs its violations below "error".
	policy := strings.Contains(e.Text, "Content Security Policy")
	switch {
	case e.Source == log.EntrySourceNetwork && !policy && e.Level == log.EntryLevelError:
		p.failed = append(p.failed, failedLoad{e.URL, e.Text})
	case e.Level == log.EntryLevelError || policy:
		p.notes = append(p.notes, fmt.Sprintf("%s: %s (%s)", e.Source, e.Text, e.URL))
	}
}

func (p *problems) list() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := slices.Clone(p.notes)
	for _, f := range p.failed {
		if !p.answers[f.url] {
			all = append(all, f.text+" ("+f.url+")")
		}
	}
	return all
}

func plainText(args []*runtime.RemoteObject) string {
	var words []string
	for _, arg := range args {
		if arg.Description != "" {
			words = append(words, arg.Description)
			continue
		}
		words = append(words, string(arg.Value))
	}
	return strings.Join(words, " ")
}
