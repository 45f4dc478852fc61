package main

import (
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/app"
)

func TestDoctorSpeaksTheLanguageAskedForAndFailsWhereSomethingIsWrong(t *testing.T) {
	for lang, want := range map[string][]string{
		"ja": {"問題", "データベースがありません", "→", "teiki setup"}, "en": {"WRONG", "There is no database at", "→"},
		"zh-Hans": {"问题", "没有数据库"}, "zh-Hant": {"問題", "沒有資料庫"},
	} {
		var out strings.Builder
		err := doctorCmd{Place: app.Place{Data: t.TempDir()}, Lang: lang}.run(t.Context(), &out)
		if err == nil || !strings.Contains(err.Error(), "1") {
			t.Errorf("%s: the verdict is %v", lang, err)
		}
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s does not say %q:\n%s", lang, w, out.String())
			}
		}
	}
	if code := run([]string{"doctor", "--data", t.TempDir()}); code != 1 {
		t.Errorf("the exit code is %d", code)
	}
}
