package shop_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

func TestAPostcodeFillsWhatIsEmptyAndKeepsWhatWasTyped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		site.Member(t, "chihiro@example.jp")
		b := site.Browser(t)
		b.LogIn(t, "chihiro@example.jp")
		goesTo(t, b, "/cart", subscribe(), "/cart")
		for name, c := range map[string]struct {
			typed url.Values
			want  map[string]string
			says  string
		}{
			"nothing typed": {
				url.Values{"postcode": {"１８０ー０００４"}, "building": {"203"}, "payment": {"cod"}},
				map[string]string{"postcode": "180-0004", "region": "JP-13", "city": "武蔵野市", "street": "吉祥寺本町", "building": "203", "payment": "cod"},
				"東京都武蔵野市吉祥寺本町",
			},
			"city and street typed": {
				url.Values{"postcode": {"180-0004"}, "city": {"三鷹市"}, "street": {"下連雀1-1"}, "family": {"髙橋"}},
				map[string]string{"region": "JP-13", "city": "三鷹市", "street": "下連雀1-1", "family": "髙橋"},
				"東京都武蔵野市吉祥寺本町",
			},
			"unknown": {
				url.Values{"postcode": {"999-9999"}, "street": {"1-1"}},
				map[string]string{"postcode": "999-9999", "region": "", "city": "", "street": "1-1"},
				"見つかりませんでした",
			},
		} {
			t.Run(name, func(t *testing.T) {
				c.typed.Set("lookup", "1")
				a := b.Post(t, "/checkout", c.typed)
				if a.Status != http.StatusOK {
					t.Fatalf("%d %s", a.Status, a.Body)
				}
				doc := a.Doc(t)
				for id, want := range c.want {
					field := doc.Find("input[type=text][name=" + id + "], input[name=" + id + "][checked], select[name=" + id + "] option[selected]")
					if got := field.AttrOr("value", ""); got != want {
						t.Errorf("%s is %q, want %q", id, got, want)
					}
				}
				if said := text(doc.Find("#town")); !strings.Contains(said, c.says) {
					t.Errorf("beside the postcode: %q, want %q", said, c.says)
				}
			})
		}
	})
}
