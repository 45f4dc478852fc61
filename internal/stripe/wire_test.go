package stripe

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stripe/stripe-mock/embedded"
)

// specSchema is what this test needs of an object in Stripe's OpenAPI description.
type specSchema struct {
	Ref        string                 `json:"$ref"`
	Type       string                 `json:"type"`
	AnyOf      []*specSchema          `json:"anyOf"`
	Properties map[string]*specSchema `json:"properties"`
	Items      *specSchema            `json:"items"`
}

// TestEveryFieldWeReadExistsAtStripe walks our answer structs beside Stripe's description: a misspelled field would
// silently stay empty.
func TestEveryFieldWeReadExistsAtStripe(t *testing.T) {
	var spec struct {
		Components struct {
			Schemas map[string]*specSchema `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(embedded.OpenAPISpec, &spec); err != nil {
		t.Fatal(err)
	}
	w := walker{t: t, schemas: spec.Components.Schemas, seen: map[reflect.Type]bool{}}
	for name, answer := range map[string]any{
		"account": wireAccount{}, "charge": wireCharge{}, "payment_intent": wireIntent{},
		"setup_intent": wireSetupIntent{}, "checkout.session": wireSession{}, "payment_method": wirePaymentMethod{},
		"refund": wireRefund{}, "api_errors": wireError{}, "customer": wireCustomer{},
	} {
		w.walk(reflect.TypeOf(answer), w.schemas[name], name)
	}
	if w.fields < 60 {
		t.Errorf("only %d fields were looked at", w.fields)
	}
}

type walker struct {
	t       *testing.T
	schemas map[string]*specSchema
	seen    map[reflect.Type]bool
	fields  int
}

func (w *walker) walk(typ reflect.Type, schema *specSchema, at string) {
	if w.seen[typ] {
		return
	}
	w.seen[typ] = true
	for i := range typ.NumField() {
		field := typ.Field(i)
		name := field.Tag.Get("json")
		if name == "" {
			continue // the SDK's embedded part
		}
		w.fields++
		options := w.options(schema, name)
		if name == "deleted" { // the mark of an object that is no more has a description of its own
			options = w.options(w.schemas["deleted_customer"], name)
		}
		if len(options) == 0 {
			w.t.Errorf("%s has no field %s", at, name)
			continue
		}
		w.check(field.Type, options, at+"."+name)
	}
}

// options are the schemas a field may have.
func (w *walker) options(schema *specSchema, name string) []*specSchema {
	property := schema.Properties[name]
	if property == nil {
		return nil
	}
	alternatives := property.AnyOf
	if len(alternatives) == 0 {
		alternatives = []*specSchema{property}
	}
	var resolved []*specSchema
	for _, a := range alternatives {
		if a.Ref != "" {
			a = w.schemas[strings.TrimPrefix(a.Ref, "#/components/schemas/")]
		}
		resolved = append(resolved, a)
	}
	return resolved
}

func (w *walker) check(typ reflect.Type, options []*specSchema, at string) {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if strings.HasPrefix(typ.Name(), "expandable") {
		object, _ := typ.FieldByName("Object")
		for _, option := range options {
			if option.Type == "object" && option.Properties["deleted"] == nil {
				w.walk(object.Type.Elem(), option, at)
				return
			}
		}
		w.t.Errorf("%s cannot be expanded", at)
		return
	}
	want := map[reflect.Kind]string{
		reflect.String: "string", reflect.Int64: "integer", reflect.Int: "integer", reflect.Bool: "boolean",
		reflect.Struct: "object", reflect.Map: "object",
	}[typ.Kind()]
	for _, option := range options {
		if option.Type == want {
			if typ.Kind() == reflect.Struct {
				w.walk(typ, option, at)
			}
			return
		}
	}
	w.t.Errorf("%s is read as %s, which Stripe does not send", at, want)
}
