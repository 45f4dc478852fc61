package console

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// A list in a form, such as the variants, has inputs named "variants[0].sku",
// "variants[1].sku" and so on. Buttons that send the form add, move and drop rows,
// so that it works without JavaScript; nothing is kept until the form is saved.

// rows is how many rows of a list a form holds.
func rows(form url.Values, list string) int {
	n := 0
	for name := range form {
		if i, _, is := rowOf(name, list); is {
			n = max(n, i+1)
		}
	}
	return n
}

// rowOf takes the name of an input apart: which row of the list it belongs to, and
// what follows.
func rowOf(name, list string) (row int, rest string, is bool) {
	number, is := strings.CutPrefix(name, list+"[")
	if !is {
		return 0, "", false
	}
	number, rest, is = strings.Cut(number, "]")
	if !is {
		return 0, "", false
	}
	row, err := strconv.Atoi(number)
	return row, rest, err == nil && row >= 0 && row < maxRows
}

// maxRows bounds what a form may claim to hold.
const maxRows = 1_000

func rowID(list string, row int) string { return fmt.Sprintf("%s[%d]", list, row) }

// moveRows names the rows of a list anew: to says where each one goes, −1 for
// away.
func moveRows(form url.Values, list string, to func(row int) int) {
	moved := url.Values{}
	for name, values := range form {
		row, rest, is := rowOf(name, list)
		if !is {
			continue
		}
		delete(form, name)
		if at := to(row); at >= 0 {
			moved[rowID(list, at)+rest] = values
		}
	}
	for name, values := range moved {
		form[name] = values
	}
}

// dropRow takes a row out; those after it move up.
func dropRow(form url.Values, list string, row int) {
	moveRows(form, list, func(at int) int {
		switch {
		case at == row:
			return -1
		case at > row:
			return at - 1
		}
		return at
	})
}

// raiseRow makes a row change places with the one before.
func raiseRow(form url.Values, list string, row int) {
	if row < 1 || row >= rows(form, list) {
		return
	}
	moveRows(form, list, func(at int) int {
		switch at {
		case row:
			return row - 1
		case row - 1:
			return row
		}
		return at
	})
}

// rowForm is what the button of a row sends: "drop variants[2]".
var rowForm = regexp.MustCompile(`^(add|drop|raise) ([a-z_.]+(?:\[\d+\]\.[a-z_]+)?)(?:\[(\d+)\])?$`)

// changeRows does what the button of a row or of a list asks for; false where it
// asks for something else.
func changeRows(form url.Values, asked string) bool {
	switch asked {
	case "combine":
		combine(form)
		return true
	case "cycle":
		typedCycle(form)
		return true
	case "count":
		typedCount(form)
		return true
	}
	parts := rowForm.FindStringSubmatch(asked)
	if parts == nil {
		return false
	}
	verb, list := parts[1], parts[2]
	if verb == "add" {
		addRow(form, list)
		return true
	}
	row, err := strconv.Atoi(parts[3])
	if err != nil {
		return false
	}
	if verb == "raise" {
		raiseRow(form, list, row)
		return true
	}
	dropRow(form, list, row)
	followOptions(form, list, row)
	return true
}

// firstInput is the input that makes a row of a list be there.
var firstInput = map[string]string{
	"options": ".names.ja", "variants": ".sku", "volume_tiers": ".from", "plan.volume_tiers": ".from", "plan.count_discounts": ".from_box",
}

func addRow(form url.Values, list string) {
	first, known := firstInput[list]
	if !known {
		first = ".ja" // of an option's values
	}
	at := rows(form, list)
	form.Set(rowID(list, at)+first, "")
	switch list {
	case "options":
		form.Set(rowID(list, at)+".values[0].ja", "")
	case "variants":
		form.Set(rowID(list, at)+".on_hand", "0")
	}
}

// followOptions keeps what variants chose right when an option, or a value of one,
// was dropped. Who had chosen the value has to choose again.
func followOptions(form url.Values, list string, dropped int) {
	option, rest, isValue := rowOf(list, "options")
	isValue = isValue && rest == ".values"
	if list != "options" && !isValue {
		return
	}
	for i := range rows(form, "variants") {
		if list == "options" {
			dropRow(form, rowID("variants", i)+".values", dropped)
			continue
		}
		id := choiceID(i, option)
		switch chosen, ok := whole(form.Get(id)); {
		case !ok:
		case chosen == dropped:
			form.Set(id, "")
		case chosen > dropped:
			form.Set(id, strconv.Itoa(chosen-1))
		}
	}
}

// choiceID names the input with which a variant chooses a value of an option.
func choiceID(variant, option int) string {
	return fmt.Sprintf("variants[%d].values[%d]", variant, option)
}

// combine adds a variant for each combination of values that none has yet, with
// the prices of the first.
func combine(form url.Values) {
	options := rows(form, "options")
	if options == 0 {
		return
	}
	wanted := [][]string{nil}
	for o := range options {
		var longer [][]string
		for _, begun := range wanted {
			for n := range rows(form, rowID("options", o)+".values") {
				longer = append(longer, append(append([]string{}, begun...), strconv.Itoa(n)))
			}
		}
		if wanted = longer; len(wanted) > maxRows {
			return
		}
	}
	there := map[string]bool{}
	for i := range rows(form, "variants") {
		there[choices(form, i, options)] = true
	}
	// a variant that chose nothing yet, as the first of a new product, is the first
	// combination that is missing
	for _, values := range wanted {
		if there[strings.Join(values, " ")] {
			continue
		}
		at := unchosen(form, options)
		if at < 0 {
			at = rows(form, "variants")
			addRow(form, "variants")
			for _, name := range []string{"regular", "subscription", "first", "trial", "weight_grams"} {
				form.Set(variantID(at, name), form.Get(variantID(0, name)))
			}
		}
		for o, value := range values {
			form.Set(choiceID(at, o), value)
		}
	}
}

func choices(form url.Values, variant, options int) string {
	list := make([]string, options)
	for o := range list {
		list[o] = form.Get(choiceID(variant, o))
	}
	return strings.Join(list, " ")
}

// unchosen is the first variant that has chosen of no option, −1 for none.
func unchosen(form url.Values, options int) int {
	for i := range rows(form, "variants") {
		if strings.TrimSpace(choices(form, i, options)) == "" {
			return i
		}
	}
	return -1
}
