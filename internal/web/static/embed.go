// Package static holds the files that browsers fetch as they are: style sheets,
// scripts, the icon sprite and the drawings of the sample goods.
//
// vendor/htmx is htmx 4.0.1 as published; to renew it run
// "npm pack htmx.org@VERSION" and copy dist/htmx.min.js and LICENSE.
package static

import "embed"

// FS holds every file of this folder that a page may ask for.
//
//go:embed *.css *.js *.svg goods/*.svg vendor/htmx/*
var FS embed.FS
