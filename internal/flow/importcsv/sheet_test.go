package importcsv

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/japanese"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

// refusal is why a file as a whole is none of ours: keys and arguments.
func refusal(t *testing.T, content []byte) []string {
	t.Helper()
	file, err := readSheet(content)
	if err == nil {
		_, err = preset(t).find(file.header)
	}
	if err == nil {
		return nil
	}
	faults := fault.All(err)
	if len(faults) == 0 {
		t.Fatalf("not for a person: %v", err)
	}
	var keys []string
	for _, f := range faults {
		key := f.Key
		for _, name := range []string{"Column", "Field", "Row", "Header"} {
			if value, ok := f.Args[name]; ok {
				key += fmt.Sprintf(" %s=%v", name, value)
			}
		}
		keys = append(keys, key)
	}
	return keys
}

func TestFilesThatAreNoneOfOurs(t *testing.T) {
	const header = "商品コード,SKU,商品名,通常価格,税率\n"
	for _, tc := range []struct {
		name, content string
		want          []string
	}{
		{"empty", "", []string{"import.file.empty"}},
		{"a mark and nothing else", "\xEF\xBB\xBF \r\n", []string{"import.file.empty"}},
		{"blank cells", ",,\n,,\n", []string{"import.file.not_csv"}},
		{"headers alone", header, []string{"import.file.no_rows"}},
		{"prose", "拝啓\n貴社ますますご清栄のこととお慶び申し上げます。\n", []string{"import.file.not_csv"}},
		{
			"no header row", "HB-1,HB-1-A,豆,1480,8%\nHB-2,HB-2-A,豆,1480,8%\n",
			[]string{"import.file.no_header Header=HB-1, HB-1-A, 豆, 1480, 8%"},
		},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", []string{"import.file.binary"}},
		{"an Excel workbook", "PK\x03\x04\x14\x00", []string{"import.file.excel"}},
		{"an old Excel workbook", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", []string{"import.file.excel"}},
		{"UTF-16", "\xFF\xFEa\x00,\x00b\x00", []string{"import.file.utf16"}},
		{"neither encoding", header + "A,A-1,\xFF\xFE,1480,8%\n", []string{"import.file.encoding Row=2"}},
		{"an open quotation mark", header + "A,A-1,\"豆,1480,8%\nB,B-1,豆,1480,8%\n", []string{"import.file.quotes Row=2"}},
		{"a stray quotation mark", header + "\"A\nB\",A-1,豆,1480,8%\nB,B-1,12\"豆,1480,8%\n", []string{"import.file.quotes Row=3"}},
		{"an unknown column", "商品コード,SKU,商品名,通常価格,税率,JAN\nA,A-1,豆,1480,8%,49\n", []string{"import.column.unknown Column=JAN"}},
		{
			"a column that stands twice", "商品コード,SKU,商品名,通常価格,税率,通常価格（税込）\nA,A-1,豆,1480,8%,1480\n",
			[]string{"import.column.twice Column=通常価格（税込）"},
		},
		{
			"missing columns", "商品コード,SKU,商品名\nA,A-1,豆\n",
			[]string{"import.column.missing Column=通常価格(税込) / 通常価格 Field=regular", "import.column.missing Column=税率 Field=tax"},
		},
		{"half a plan", "商品コード,SKU,商品名,通常価格,税率,定期購入,定期価格,購入周期,変更猶予日数1,変更猶予日数2,配送延長可能日数,出荷予定表示範囲\n" +
			"A,A-1,豆,1480,8%,1,1330,1m,1,2,30,3\n", []string{"import.column.missing Column=最低購入回数 Field=minimum"}},
		{"too large", strings.Repeat("a", MaxFile+1), []string{"import.file.too_large"}},
		{"the least there can be", header + "A,A-1,豆,1480,8%\n", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, refusal(t, []byte(tc.content))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRowsAreCountedAsSpreadsheetsDo(t *testing.T) {
	for name, text := range map[string]string{
		"LF": "a,b\n1,\"x\ny\"\n\n ,　\n2,z\n", "CRLF": "a,b\r\n1,\"x\r\ny\"\r\n\r\n ,　\r\n2,z", "CR": "a,b\r1,\"x\ry\"\r\r ,　\r2,z\r",
	} {
		cp932, err := japanese.ShiftJIS.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, content := range []string{text, cp932, "\xEF\xBB\xBF" + text} {
			s, err := readSheet([]byte(content))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			want := []row{{2, []string{"1", "x\ny"}}, {5, []string{"2", "z"}}}
			if diff := cmp.Diff(want, s.rows, cmp.AllowUnexported(row{})); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
}

func TestMappingFileOverridesThePreset(t *testing.T) {
	mapping, err := preset(t).Override([]byte(`{"columns": {"code": ["品番"], "tax": ["消費税"]}, "ignore": ["JAN"]}`))
	if err != nil {
		t.Fatal(err)
	}
	found, err := mapping.find([]string{"品番", "JAN", "SKU", "商品名", "通常価格", "消費税"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"code": 0, "sku": 2, "name": 3, "regular": 4, "tax": 5}
	if diff := cmp.Diff(want, found.index); diff != "" {
		t.Error(diff)
	}
	everything, err := preset(t).Override([]byte(`{"ignore": ["*"]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := everything.find([]string{"商品コード", "備考", "SKU", "商品名", "通常価格", "税率"}); err != nil {
		t.Errorf("with all unknown columns ignored: %v", err)
	}
	for _, bad := range []string{`商品コード,code`, `{"columns": {"colour": ["色"]}}`, `{"column": {}}`, ``} {
		if _, err := preset(t).Override([]byte(bad)); !errors.Is(err, ErrMapping) {
			t.Errorf("%q: %v, want ErrMapping", bad, err)
		}
	}
}

func TestPricesAreReadOneWayOrNotAtAll(t *testing.T) {
	for _, tc := range []struct {
		text   string
		digits int
		want   int64
	}{
		{"1480", 0, 1_480},
		{"1,480", 0, 1_480},
		{"１，４８０円", 0, 1_480},
		{"¥1,480", 0, 1_480},
		{"￥1480", 0, 1_480},
		{"\\1480", 0, 1_480},
		{"1480.00", 0, 1_480},
		{"1 480", 0, 1_480},
		{"14.5", 2, 1_450},
		{"14.50", 2, 1_450},
		{"1,014.05", 2, 101_405},
		{"14", 2, 1_400},
		{"1.234", 3, 1_234},
		{"1.2300", 2, 123},
	} {
		if got, why := price(tc.text, tc.digits); why != nil || got != tc.want {
			t.Errorf("%q: %d, %v, want %d", tc.text, got, why, tc.want)
		}
	}
	for text, want := range map[string]string{
		"1,48": "import.price", "14,80": "import.price", "1480.5": "import.price", "-1480": "import.price", "1e3": "import.price",
		"1480円税込": "import.price", ".5": "import.price", "0": "import.price.zero", "9999999999999": "import.price.limit",
		"99999999999999999999": "import.price.limit", "一四八〇": "import.price", "1.-0": "import.price",
	} {
		if got, why := price(text, 0); why == nil || why.Key != want {
			t.Errorf("%q: %d, %v, want %s", text, got, why, want)
		}
	}
}

func TestCellsAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]tax.Class{"8%": tax.Reduced, "８％": tax.Reduced, "10": tax.Standard, "10.0%": tax.Standard} {
		if got, why := taxClass(text); why != nil || got != want {
			t.Errorf("%q: %s, %v", text, got, why)
		}
	}
	for _, text := range []string{"0.08", "5%", "8.5%", "軽減", "108%"} {
		if got, why := taxClass(text); why == nil {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
	for _, text := range []string{"2026/12/4", "2026-12-04", "2026.12.4", "２０２６年１２月４日", "2026年12月04日"} {
		if got, why := date(text); why != nil || got != calendar.On(2026, 12, 4) {
			t.Errorf("%q: %v, %v", text, got, why)
		}
	}
	for _, text := range []string{"12/4", "2026/13/1", "2026/2/29", "46360", "26/12/04", "2026/12/04 10:00", "2026/0/1"} {
		if got, why := date(text); why == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
	for _, text := range []string{"1m,2w,30d", "１Ｍ、２Ｗ、３０Ｄ", "1m 2w 30d", "1m; 2w /30d"} {
		got, why := cycles(text)
		if why != nil || len(got) != 3 || got[1] != (calendar.Cycle{Every: 2, Unit: calendar.UnitWeek}) {
			t.Errorf("%q: %v, %v", text, got, why)
		}
	}
	for text, want := range map[string]string{"ＨＢ－１": "HB-1", "HB_1.a": "HB_1.a", "4901234567894": "4901234567894"} {
		if got, why := code(text); why != nil || got != want {
			t.Errorf("%q: %s, %v", text, got, why)
		}
	}
	for _, text := range []string{"HB 1", "-HB", "珈琲", "HB/1", "../x", strings.Repeat("A", 65)} {
		if got, why := code(text); why == nil {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
}

func TestTheApostropheOfAnExportIsTakenOff(t *testing.T) {
	for text, want := range map[string]string{"'=1+1": "=1+1", "'+81 90": "+81 90", "'-5": "-5", "'@a": "@a", "'90s": "'90s", "'": "'", "a'=": "a'="} {
		if got := typed(text); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

func TestWordsOfAMappingFile(t *testing.T) {
	mapping, err := SubscriptionsPreset()
	if err != nil {
		t.Fatal(err)
	}
	mapping, err = mapping.Override([]byte(`{"values": {"state": {"paused": ["おやすみ"]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	meaning := mapping.meaning(fieldState)
	for word, want := range map[string]string{"おやすみ": statePaused, "継続": stateActive, "終 了": stateCompleted} {
		if got, why := meaning(word); why != nil || got != want {
			t.Errorf("%s means %q, %v", word, got, why)
		}
	}
	if got, why := meaning("休止"); why == nil {
		t.Errorf("a word that the mapping replaced means %q", got)
	}
	if mapping.Word(fieldState, statePaused) != "おやすみ" || mapping.Word(fieldState, "odd") != "odd" || mapping.Header(fieldNext) != "次回お届け日" {
		t.Error("an export would be named otherwise")
	}
	for _, bad := range []string{`{"values": {"sku": {"a": ["b"]}}}`, `{"values": {"state": {"asleep": ["寝"]}}}`} {
		if _, err := mapping.Override([]byte(bad)); !errors.Is(err, ErrMapping) {
			t.Errorf("%s: %v, want ErrMapping", bad, err)
		}
	}
}

func TestGatewayIDsAreReadOnceEach(t *testing.T) {
	mapping, err := SubscriptionsPreset()
	if err != nil {
		t.Fatal(err)
	}
	ids, err := GatewayIDs(testFile(t, "subscriptions.csv"), mapping)
	if err != nil || len(ids) == 0 {
		t.Fatalf("%d, %v", len(ids), err)
	}
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id.PaymentMethod] || !strings.HasPrefix(id.Customer, "cus_") || !strings.HasPrefix(id.PaymentMethod, "pm_") {
			t.Errorf("%+v", id)
		}
		seen[id.PaymentMethod] = true
	}
	if _, err := GatewayIDs(testFile(t, "customers.csv"), mapping); err == nil {
		t.Error("customers have ids")
	}
}
