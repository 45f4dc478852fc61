// Package exportcsv writes a merchant's books as CSV files, with the columns and
// words that an import reads: whoever leaves takes all of it along, and whoever
// has just moved in can lay the two files side by side.
package exportcsv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/japanese"

	"github.com/teiki-commerce/teiki/internal/flow/importcsv"
)

// table writes rows of cells as a spreadsheet of Japanese offices reads them.
type table struct {
	to       io.Writer
	encoding importcsv.Encoding
	lost     int // characters that the encoding does not have
}

// write adds rows, with line ends of Windows.
func (t *table) write(rows [][]string) error {
	var text bytes.Buffer
	sheet := csv.NewWriter(&text)
	sheet.UseCRLF = true
	for _, row := range rows {
		for i, cell := range row {
			row[i] = harmless(cell)
		}
		if err := sheet.Write(row); err != nil {
			return fmt.Errorf("write a row: %w", err)
		}
	}
	sheet.Flush()
	if err := sheet.Error(); err != nil {
		return fmt.Errorf("write rows: %w", err)
	}
	content := text.Bytes()
	if t.encoding == importcsv.CP932 {
		content = t.cp932(text.String())
	}
	_, err := t.to.Write(content)
	return err
}

// harmless keeps spreadsheets from running what somebody typed into a form: a
// cell that begins like a formula gets the apostrophe by which they know text.
// The import takes it off again.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// geta (〓) stands where a printer has no type.
const geta = "〓"

// cp932 encodes text, with geta for characters that CP932 does not have.
func (t *table) cp932(text string) []byte {
	encoder := japanese.ShiftJIS.NewEncoder()
	if whole, err := encoder.Bytes([]byte(text)); err == nil {
		return whole
	}
	var out bytes.Buffer
	for _, r := range text {
		letter, err := encoder.String(string(r))
		if err != nil {
			t.lost++
			letter, _ = encoder.String(geta) // CP932 has it
		}
		out.WriteString(letter)
	}
	return out.Bytes()
}

// ErrEncoding is returned for an encoding that is not offered.
var ErrEncoding = errors.New("not an encoding that is offered")

// EncodingNamed reads utf-8 and cp932 and their usual other names.
func EncodingNamed(name string) (importcsv.Encoding, error) {
	switch strings.ToLower(name) {
	case "utf-8", "utf8":
		return importcsv.UTF8, nil
	case "cp932", "shift_jis", "sjis", "windows-31j":
		return importcsv.CP932, nil
	default:
		return "", fmt.Errorf("%w: %q", ErrEncoding, name)
	}
}
