package exportcsv

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/japanese"

	"github.com/teiki-commerce/teiki/internal/flow/importcsv"
)

func TestCellsCannotRunAsFormulas(t *testing.T) {
	var out bytes.Buffer
	sheet := table{to: &out, encoding: importcsv.UTF8}
	rows := [][]string{
		{"=HYPERLINK(\"http://x\")", "+81 90", "@SUM(1)", "-5", "\tx", "a=b", "090-1234-5678", ""},
	}
	if err := sheet.write(rows); err != nil {
		t.Fatal(err)
	}
	want := "\"'=HYPERLINK(\"\"http://x\"\")\",'+81 90,'@SUM(1),'-5,'\tx,a=b,090-1234-5678,\r\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestWhatTheEncodingLacksIsGetaAndCounted(t *testing.T) {
	var out bytes.Buffer
	sheet := table{to: &out, encoding: importcsv.CP932}
	if err := sheet.write([][]string{{"𠮷田髙﨑①", "コーヒー☕"}}); err != nil {
		t.Fatal(err)
	}
	text, err := japanese.ShiftJIS.NewDecoder().Bytes(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if want := "〓田髙﨑①,コーヒー〓\r\n"; string(text) != want || sheet.lost != 2 {
		t.Errorf("%q, %d lost; want %q", text, sheet.lost, want)
	}
}

func TestEncodingsGoByTheirUsualNames(t *testing.T) {
	for name, want := range map[string]importcsv.Encoding{
		"utf-8": importcsv.UTF8, "UTF8": importcsv.UTF8, "cp932": importcsv.CP932, "Shift_JIS": importcsv.CP932,
	} {
		if got, err := EncodingNamed(name); err != nil || got != want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	if got, err := EncodingNamed("euc-jp"); err == nil {
		t.Errorf("euc-jp is %s", got)
	}
}

func TestAmountsHaveTheDecimalsOfTheirCurrency(t *testing.T) {
	for _, tc := range []struct {
		minor  int64
		digits int
		want   string
	}{{1_480, 0, "1480"}, {0, 0, "0"}, {1_480, 2, "14.80"}, {5, 2, "0.05"}, {1, 3, "0.001"}} {
		if got := (writer{digits: tc.digits}).amount(tc.minor); got != tc.want {
			t.Errorf("%d with %d decimals: %s, want %s", tc.minor, tc.digits, got, tc.want)
		}
	}
}
