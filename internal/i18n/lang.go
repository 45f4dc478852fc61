// Package i18n turns keys, amounts, dates, names and addresses into the words of
// a reader's language. It owns the language catalogues (catalog/<area>.<lang>.json)
// and the URL prefixes of languages; it knows no page, no rule and no storage.
package i18n

import (
	"strings"

	"golang.org/x/text/language"
)

// Lang is a language that teiki speaks, as a BCP 47 tag for the lang attribute.
type Lang string

// The languages. Japanese is the one a shop speaks at its bare URLs.
const (
	Ja     Lang = "ja"
	En     Lang = "en"
	ZhHans Lang = "zh-Hans"
	ZhHant Lang = "zh-Hant"
)

// Langs lists the languages in the order of choice; the first is the default.
var Langs = []Lang{Ja, En, ZhHans, ZhHant}

// matcher holds the tags of Langs at equal indexes: its answer is used as an
// index, because the tag it returns carries the reader's region and script.
var matcher = language.NewMatcher(tagsOf(Langs))

func tagsOf(langs []Lang) []language.Tag {
	tags := make([]language.Tag, len(langs))
	for i, l := range langs {
		tags[i] = l.tag()
	}
	return tags
}

func (l Lang) tag() language.Tag { return language.Make(string(l)) }

// Prefix is what stands before a path in this language: "" for Japanese, else
// "/en", "/zh-hans", "/zh-hant".
func (l Lang) Prefix() string {
	if l == Ja {
		return ""
	}
	return "/" + strings.ToLower(string(l))
}

// URL is the language's own address of a path that bears no prefix.
func (l Lang) URL(path string) string {
	if path == "/" && l != Ja {
		return l.Prefix() + "/"
	}
	return l.Prefix() + path
}

// Cut takes the language prefix off a path. It happens before the mux, because
// patterns with a language wildcard clash with one another.
func Cut(path string) (Lang, string) {
	for _, l := range Langs {
		prefix := l.Prefix()
		if prefix == "" {
			continue
		}
		if path == prefix {
			return l, "/"
		}
		if rest, ok := strings.CutPrefix(path, prefix); ok && rest[0] == '/' {
			return l, rest
		}
	}
	return Ja, path
}

// Match is the language that suits an Accept-Language header best, Japanese
// where the header is empty or names none of ours. Malformed entries are passed
// over: one odd browser extension must not turn the page Japanese.
func Match(acceptLanguage string) Lang {
	var wellFormed []string
	for entry := range strings.SplitSeq(acceptLanguage, ",") {
		if _, _, err := language.ParseAcceptLanguage(entry); err == nil && strings.TrimSpace(entry) != "" {
			wellFormed = append(wellFormed, entry)
		}
	}
	wanted, _, err := language.ParseAcceptLanguage(strings.Join(wellFormed, ","))
	if err != nil || len(wanted) == 0 {
		return Ja
	}
	_, index, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return Ja
	}
	return Langs[index]
}

// Parse reads a language as stored or posted, in any letter case.
func Parse(s string) (Lang, bool) {
	for _, l := range Langs {
		if strings.EqualFold(s, string(l)) {
			return l, true
		}
	}
	return "", false
}
