package store

import (
	"strings"
)

// Legal are the texts a shop must have beside 特定商取引法に基づく表記, which is
// made of the profile and of what the shop does: 利用規約, プライバシーポリシー and
// ご利用ガイド, each by language. A missing language is shown in Japanese.
type Legal struct {
	Terms   map[string]string `json:"terms"`
	Privacy map[string]string `json:"privacy"`
	Guide   map[string]string `json:"guide"`
}

// Section is a heading with the paragraphs below it. What stands above the first
// heading has an empty one.
type Section struct {
	Heading    string
	Paragraphs []string
}

// headingMarks begin the line of a heading.
var headingMarks = []string{"■", "# ", "＃"}

// Sections reads a text as staff type it: an empty line ends a paragraph, a line
// that begins with ■ or # is a heading. Everything else stays plain text, lines
// as they were broken; nothing in it is ever markup.
func Sections(text string) []Section {
	var list []Section
	last := func() *Section {
		if len(list) == 0 {
			list = append(list, Section{})
		}
		return &list[len(list)-1]
	}
	for block := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		var lines []string
		flush := func() {
			if paragraph := strings.TrimSpace(strings.Join(lines, "\n")); paragraph != "" {
				s := last()
				s.Paragraphs = append(s.Paragraphs, paragraph)
			}
			lines = nil
		}
		for line := range strings.SplitSeq(block, "\n") {
			heading, is := headingOf(line)
			if !is {
				lines = append(lines, strings.TrimRight(line, " \t　"))
				continue
			}
			flush()
			list = append(list, Section{Heading: heading})
		}
		flush()
	}
	return list
}

func headingOf(line string) (string, bool) {
	line = strings.TrimSpace(line)
	for _, mark := range headingMarks {
		if rest, is := strings.CutPrefix(line, mark); is && strings.TrimSpace(rest) != "" {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}
