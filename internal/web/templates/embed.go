// Package templates holds the built-in page templates: a folder for each
// audience with its layout.html, its pages and the partials they share.
package templates

import "embed"

// FS holds the templates by their path, such as "shop/product.html".
//
//go:embed */*.html */*/*.html
var FS embed.FS
