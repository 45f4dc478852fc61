package importcsv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"

	"github.com/teiki-commerce/teiki/internal/core/fault"
)

// Encoding is how a file's text was written.
type Encoding string

// The encodings of Japanese merchants' files. CP932 is what Windows calls
// Shift_JIS; Excel writes it unless asked for "CSV UTF-8".
const (
	UTF8  Encoding = "UTF-8"
	CP932 Encoding = "CP932"
)

// sheet is a CSV file as a spreadsheet shows it.
type sheet struct {
	encoding Encoding
	header   []string
	rows     []row
}

// row is one line of cells. number counts as a spreadsheet does: the header is
// row 1, blank rows count, and a line break within a cell does not.
type row struct {
	number int
	cells  []string
}

// MaxFile is the largest file that is read, in bytes: some hundred thousand
// SKUs. Files are held in memory, since nothing may be written before all of it
// is checked.
const MaxFile = 64 << 20

// readSheet reads a whole file. Errors are faults: the file is none of ours.
func readSheet(content []byte) (sheet, error) {
	if len(content) > MaxFile {
		return sheet{}, fault.Field("file", "import.file.too_large", "Max", MaxFile>>20)
	}
	text, encoding, err := decode(content)
	if err != nil {
		return sheet{}, err
	}
	if strings.TrimSpace(text) == "" {
		return sheet{}, fault.Field("file", "import.file.empty")
	}
	s := sheet{encoding: encoding}
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord = -1
	inner := 0 // line breaks within cells so far
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return sheet{}, brokenQuotes(err, inner)
		}
		line, _ := reader.FieldPos(0)
		number := line - inner
		blank := true
		for i, cell := range cells {
			inner += strings.Count(cell, "\n")
			cells[i] = strings.TrimSpace(cell)
			blank = blank && cells[i] == ""
		}
		switch {
		case blank:
		case s.header == nil:
			for i, name := range cells { // some headers are broken into two lines
				cells[i] = strings.Join(strings.Fields(name), " ")
			}
			s.header = cells
		default:
			s.rows = append(s.rows, row{number: number, cells: cells})
		}
	}
	if len(s.header) < 2 {
		return sheet{}, fault.Field("file", "import.file.not_csv")
	}
	if len(s.rows) == 0 {
		return sheet{}, fault.Field("file", "import.file.no_rows")
	}
	return s, nil
}

// brokenQuotes says where a quotation mark stands wrong: nothing after it can be
// trusted, so the file is refused as a whole.
func brokenQuotes(err error, inner int) *fault.Error {
	number := 0
	var broken *csv.ParseError
	if errors.As(err, &broken) {
		number = broken.StartLine - inner
	}
	return fault.Field("file", "import.file.quotes", "Row", number)
}

var (
	bom      = []byte("\xEF\xBB\xBF")
	utf16LE  = []byte("\xFF\xFE")
	utf16BE  = []byte("\xFE\xFF")
	zipMagic = []byte("PK\x03\x04")                       // .xlsx
	oleMagic = []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") // .xls
)

// decode turns a file into text with plain line feeds. UTF-8 is tried first:
// Japanese text in CP932 is practically never valid UTF-8 by chance.
func decode(content []byte) (string, Encoding, error) {
	switch {
	case bytes.HasPrefix(content, zipMagic), bytes.HasPrefix(content, oleMagic):
		return "", "", fault.Field("file", "import.file.excel")
	case bytes.HasPrefix(content, utf16LE), bytes.HasPrefix(content, utf16BE):
		return "", "", fault.Field("file", "import.file.utf16")
	case bytes.ContainsFunc(content, isBinary):
		return "", "", fault.Field("file", "import.file.binary")
	}
	plain := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	content = bytes.TrimPrefix(content, bom)
	if utf8.Valid(content) {
		return plain.Replace(string(content)), UTF8, nil
	}
	decoded, err := japanese.ShiftJIS.NewDecoder().Bytes(content)
	if err != nil {
		return "", "", fault.Field("file", "import.file.binary")
	}
	text := plain.Replace(string(decoded))
	if strings.ContainsRune(text, utf8.RuneError) {
		// Of the two encodings the file is in the one that gets further.
		broken := max(brokenLine(text), brokenLine(plain.Replace(string(content))))
		return "", "", fault.Field("file", "import.file.encoding", "Row", broken)
	}
	return text, CP932, nil
}

// brokenLine is the line, from 1, of the first character that could not be
// decoded.
func brokenLine(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			return 1 + strings.Count(text[:i], "\n")
		}
	}
	return 0
}

// isBinary finds control characters that no table has.
func isBinary(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r'
}
