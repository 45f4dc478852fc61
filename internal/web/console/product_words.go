package console

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/picture"
)

// productChanges words changed fields in the order of their names.
func (v *visit) productChanges(changes map[string]audit.Change) []AuditLine {
	var lines []AuditLine
	for _, field := range slices.Sorted(maps.Keys(changes)) {
		c := changes[field]
		lines = append(lines, AuditLine{
			What: v.productField(field), Before: v.changed(field, "product", c.Before), After: v.changed(field, "product", c.After),
		})
	}
	return lines
}

// productField names a field of flow.ProductChanges: "name.en" is 商品名・English.
func (v *visit) productField(field string) string {
	if key := "product." + field; v.words.Has(key) {
		return v.words.T(key)
	}
	name, of, _ := strings.Cut(field, ".")
	label := v.productLabel(name)
	if lang, known := i18n.Parse(of); known {
		of = v.h.Catalog.For(lang).T("common.lang")
	}
	if of == "" {
		return label
	}
	return v.words.T("console.product.field_of", "Field", label, "Of", of)
}

// productLabel is what a field of a product is called.
func (v *visit) productLabel(name string) string {
	if key := "product." + name; v.words.Has(key) {
		return v.words.T(key)
	}
	return v.words.T("console.product." + name)
}

// inputNames are the inputs that are called otherwise than in the trail.
var inputNames = map[string]string{
	"code": "product_code", "price": "unit_price", "weight_grams": "weight", "off": "discount.off", "from": "discount.from",
	"from_box": "discount.from_box",
}

// indexForm is where a path names a row.
var indexForm = regexp.MustCompile(`\[(\d+)\]`)

// inputLabel is what an input is called, with its row; nothing for none.
func (v *visit) inputLabel(id string) string {
	path := strings.Split(id, ".")
	name, language := indexForm.ReplaceAllString(path[len(path)-1], ""), ""
	if other, known := inputNames[name]; known {
		name = other
	}
	if path[0] == "texts" && len(path) == 3 {
		language = "." + path[1]
		if name == "plan" {
			name = "plan_text"
		}
	}
	if strings.HasPrefix(id, "options") {
		if _, known := i18n.Parse(name); known {
			name, language = "options", "."+name
		}
	}
	if strings.HasSuffix(id, "]") && strings.HasPrefix(id, "variants") {
		name = "options"
	}
	if !v.words.Has("console.product."+name) && !v.words.Has("product."+name) {
		return ""
	}
	field := v.productField(name + language)
	if row := indexForm.FindStringSubmatch(id); row != nil {
		if n, err := strconv.Atoi(row[1]); err == nil {
			field = v.words.T("product.row", "Label", field, "N", n+1)
		}
	}
	return field
}

// productValue words a value of flow.ProductChanges where it is not a text of
// the product itself.
func (v *visit) productValue(field, value string) (string, bool) {
	switch field {
	case "cycles":
		var cycles []string
		for text := range strings.FieldsSeq(value) {
			if c, err := calendar.ParseCycle(text); err == nil {
				cycles = append(cycles, v.words.Cycle(c))
			}
		}
		return strings.Join(cycles, v.words.T("console.product.separator")), true
	case "volume_tiers", "plan_volume_tiers":
		return v.discountsText(value, "pieces_from"), true
	case "count_discounts":
		return v.discountsText(value, "box_from"), true
	case "shipping", "stock_out":
		return v.words.T("product." + field + "." + value), true
	case "variants":
		return strings.ReplaceAll(value, " ", v.words.T("console.product.separator")), true
	case "plan", "until_cancelled", "deadline_notice", "resume_skips", "allow_skip", "allow_pause":
		return v.words.T("console.product.is." + value), true
	case "tax_class":
		return v.words.T("console.product.tax_class." + value), true
	case "category":
		return v.category(value), true
	}
	if name, _, _ := strings.Cut(field, "."); name == "picture" {
		if hash, uploaded := picture.HashOf(value); uploaded {
			value = hash[:8]
		}
		return v.words.T("product.picture.named", "Name", value), true
	}
	return "", false
}
