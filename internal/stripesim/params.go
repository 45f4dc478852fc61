package stripesim

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// params is a form in Stripe's notation: nested fields and lists in brackets.
type params map[string]string

func parseParams(encoded string) (params, error) {
	values, err := url.ParseQuery(encoded)
	if err != nil {
		return nil, err
	}
	p := make(params, len(values))
	for name, all := range values {
		// "expand[]=a&expand[]=b" and "expand[0]=a&expand[1]=b" mean the same.
		if base, ok := strings.CutSuffix(name, "[]"); ok {
			for i, value := range all {
				p[base+"["+strconv.Itoa(i)+"]"] = value
			}
			continue
		}
		p[name] = all[len(all)-1]
	}
	return p, nil
}

// only refuses parameters that the endpoint does not know, as Stripe does: a misspelled one must not pass unseen.
func (p params) only(roots ...string) error {
	for name := range p {
		root, _, _ := strings.Cut(name, "[")
		if root != "expand" && !slices.Contains(roots, root) {
			return invalid("parameter_unknown", name, "Received unknown parameter: "+name)
		}
	}
	return nil
}

// hash collects root[key]=value pairs, nil when there is none.
func (p params) hash(root string) map[string]string {
	var pairs map[string]string
	for name, value := range p {
		key, ok := strings.CutPrefix(name, root+"[")
		if !ok {
			continue
		}
		if key, ok = strings.CutSuffix(key, "]"); ok && !strings.ContainsAny(key, "[]") {
			if pairs == nil {
				pairs = map[string]string{}
			}
			pairs[key] = value
		}
	}
	return pairs
}

// expand lists the fields that the request wants as objects.
func (p params) expand() []string {
	var items []string
	for i := 0; ; i++ {
		value, ok := p["expand["+strconv.Itoa(i)+"]"]
		if !ok {
			return items
		}
		items = append(items, value)
	}
}

// integer reads a whole number; absent is reported by ok=false.
func (p params) integer(name string) (value int64, ok bool, err error) {
	text, ok := p[name]
	if !ok || text == "" {
		return 0, false, nil
	}
	value, convErr := strconv.ParseInt(text, 10, 64)
	if convErr != nil {
		return 0, false, invalid("parameter_invalid_integer", name, "Invalid integer: "+text)
	}
	return value, true, nil
}

// merge changes metadata as Stripe does: given keys are set, an empty value removes its key.
// Source: https://docs.stripe.com/api/metadata
func merge(old, changes map[string]string) map[string]string {
	merged := make(map[string]string, len(old)+len(changes))
	for key, value := range old {
		merged[key] = value
	}
	for key, value := range changes {
		if value == "" {
			delete(merged, key)
			continue
		}
		merged[key] = value
	}
	return merged
}
