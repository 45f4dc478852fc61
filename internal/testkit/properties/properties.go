// Package properties sets how often each property of the rules is tried: 500
// times in the ordinary tests. The flag -rapid.checks and the variable
// RAPID_CHECKS still say otherwise; `make rules` tries 10,000. A test package
// imports it for this effect alone.
package properties

import (
	"flag"
	"os"

	_ "pgregory.net/rapid" // its flags are there before ours is set
)

// ordinary finds most mistakes and keeps the rules' tests within seconds.
const ordinary = "500"

// The flags are parsed after this, so that the command line has the last word.
func init() {
	if _, given := os.LookupEnv("RAPID_CHECKS"); given {
		return
	}
	if err := flag.Set("rapid.checks", ordinary); err != nil {
		panic(err) // rapid renamed its flag: better none of the tests than 100 checks unnoticed
	}
}
