package importcsv

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/teiki-commerce/teiki/internal/core/fault"
)

// Mapping says which of a file's columns holds which of our fields.
type Mapping struct {
	// Lang is the language the file's texts are in.
	Lang string `json:"lang"`
	// Columns are the header names that a field goes by, the preferred first.
	Columns map[string][]string `json:"columns"`
	// Values are the words that a field's cells may hold, by what each means
	// here; the preferred first.
	Values map[string]map[string][]string `json:"values,omitempty"`
	// Ignore are header names that are passed over; "*" is all unknown ones.
	Ignore []string `json:"ignore"`
}

// Fields of a row of products.
const (
	fieldCode          = "code"
	fieldSKU           = "sku"
	fieldName          = "name"
	fieldOption1       = "option1"
	fieldOption2       = "option2"
	fieldRegular       = "regular"
	fieldSubscription  = "subscription"
	fieldFirst         = "first"
	fieldTax           = "tax"
	fieldWeight        = "weight"
	fieldStock         = "stock"
	fieldExpected      = "expected"
	fieldExpectedDate  = "expected_date"
	fieldSubscribable  = "subscribable"
	fieldCycles        = "cycles"
	fieldMinimum       = "minimum"
	fieldStaffGrace    = "staff_grace"
	fieldCustomerGrace = "customer_grace"
	fieldPutOff        = "put_off"
	fieldVisible       = "visible"
)

// requiredFields must have a column. The plan's own belong together: see
// planFields.
var requiredFields = []string{fieldCode, fieldSKU, fieldName, fieldRegular, fieldTax}

// planFields must all have a column where one says which goods can be
// subscribed to: half a plan is none.
var planFields = []string{
	fieldSubscription, fieldCycles, fieldMinimum, fieldStaffGrace, fieldCustomerGrace, fieldPutOff, fieldVisible,
}

//go:embed preset/products.json
var productsPreset []byte

// ErrMapping is returned for a mapping file that is not one.
var ErrMapping = errors.New("not a mapping file")

// ProductsPreset is the mapping for exports with Japanese headers.
func ProductsPreset() (Mapping, error) { return Mapping{}.Override(productsPreset) }

// Override reads a mapping file (JSON) over m: fields it names get its columns,
// others keep theirs. ErrMapping for other files and for fields that do not
// exist.
func (m Mapping) Override(file []byte) (Mapping, error) {
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(file, bom)))
	decoder.DisallowUnknownFields()
	var over Mapping
	if err := decoder.Decode(&over); err != nil {
		return Mapping{}, fmt.Errorf("%w: %w", ErrMapping, err)
	}
	merged := Mapping{
		Lang: m.Lang, Columns: map[string][]string{}, Values: map[string]map[string][]string{},
		Ignore: slices.Concat(m.Ignore, over.Ignore),
	}
	maps.Copy(merged.Columns, m.Columns)
	for field, words := range m.Values {
		merged.Values[field] = maps.Clone(words)
	}
	if over.Lang != "" {
		merged.Lang = over.Lang
	}
	for field, names := range over.Columns {
		if len(m.Columns) > 0 && m.Columns[field] == nil {
			return Mapping{}, fmt.Errorf("%w: there is no field %q", ErrMapping, field)
		}
		merged.Columns[field] = names
	}
	for field, words := range over.Values {
		if len(m.Columns) > 0 && m.Values[field] == nil {
			return Mapping{}, fmt.Errorf("%w: the field %q has no words of its own", ErrMapping, field)
		}
		for meaning, names := range words {
			if len(m.Columns) > 0 && m.Values[field][meaning] == nil {
				return Mapping{}, fmt.Errorf("%w: %q of the field %q means nothing here", ErrMapping, meaning, field)
			}
			if merged.Values[field] == nil {
				merged.Values[field] = map[string][]string{}
			}
			merged.Values[field][meaning] = names
		}
	}
	return merged, nil
}

// meaning is what a cell of a field with words of its own says.
func (m Mapping) meaning(field string) func(string) (string, *fault.Error) {
	return func(cell string) (string, *fault.Error) {
		known := []string{}
		for _, meaning := range slices.Sorted(maps.Keys(m.Values[field])) {
			for _, word := range m.Values[field][meaning] {
				if headerKey(word) == headerKey(cell) {
					return meaning, nil
				}
				known = append(known, word)
			}
		}
		return "", fault.Field("", "import.word", "Words", strings.Join(known, ", "))
	}
}

// Header is the name that a field's column is written by.
func (m Mapping) Header(field string) string { return preferred(m.Columns[field], field) }

// Word is the word that a meaning of a field is written by.
func (m Mapping) Word(field, meaning string) string {
	return preferred(m.Values[field][meaning], meaning)
}

func preferred(names []string, otherwise string) string {
	if len(names) == 0 {
		return otherwise
	}
	return names[0]
}

// columns are where in a file's rows the fields stand.
type columns struct {
	index map[string]int
	name  map[string]string // as the file writes it
	width int
}

// has reports whether the file says anything about the field.
func (c columns) has(field string) bool {
	_, ok := c.index[field]
	return ok
}

// find places the fields of a mapping of goods in a header.
func (m Mapping) find(header []string) (columns, error) {
	return m.findNeeding(header, neededOfProducts)
}

// neededOfProducts are the columns that a file of goods cannot do without.
func neededOfProducts(found columns) []string {
	needed := slices.Clone(requiredFields)
	if found.has(fieldSubscribable) {
		needed = append(needed, planFields...)
	}
	if found.has(fieldExpected) || found.has(fieldExpectedDate) {
		needed = append(needed, fieldStock, fieldExpected, fieldExpectedDate)
	}
	return needed
}

// findNeeding places the fields of the mapping in a header and refuses one
// without the columns that are needed besides those found.
func (m Mapping) findNeeding(header []string, needed func(found columns) []string) (columns, error) {
	found := columns{index: map[string]int{}, name: map[string]string{}, width: len(header)}
	fieldOf := map[string]string{}
	for field, names := range m.Columns {
		for _, name := range names {
			fieldOf[headerKey(name)] = field
		}
	}
	ignored := map[string]bool{}
	for _, name := range m.Ignore {
		ignored[headerKey(name)] = true
	}
	var faults fault.List
	for i, name := range header {
		field, known := fieldOf[headerKey(name)]
		_, taken := found.index[field]
		switch {
		case known && taken:
			faults.Add(fault.Field(name, "import.column.twice", "Column", name, "Other", found.name[field]))
		case known:
			found.index[field], found.name[field] = i, name
		case name == "", ignored[headerKey(name)], ignored["*"]:
		default:
			faults.Add(fault.Field(name, "import.column.unknown", "Column", name))
		}
	}
	if len(found.index) == 0 {
		return columns{}, fault.Field("file", "import.file.no_header", "Header", strings.Join(header, ", "))
	}
	for _, field := range needed(found) {
		if !found.has(field) {
			faults.Add(fault.Field(field, "import.column.missing",
				"Column", strings.Join(m.Columns[field], " / "), "Field", field))
		}
	}
	return found, faults.Err()
}

// headerKey compares headers without regard to width, case and spaces.
func headerKey(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(name)), ""))
}
