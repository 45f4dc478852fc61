package redirect_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

func TestANextPageIsAlwaysOneOfOurs(t *testing.T) {
	for next, ours := range map[string]bool{
		"/mypage": true, "/goods/a?cycle=1m#buy": true, "/en/checkout": true, "/": true,
		"": false, "mypage": false, "//evil.example": false, "/\\evil.example": false, "\\/evil.example": false,
		"https://evil.example/": false, "javascript:alert(1)": false, "/\t/evil.example": false, "/\n/evil.example": false,
		"\t//evil.example": false, "/%zz": false, " /mypage": false, "///evil.example": false,
	} {
		want := "/fallback"
		if ours {
			want = next
		}
		if got := redirect.Local(next, "/fallback"); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

func TestAFormLeadsToThePageInItsLanguage(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/cart", http.NoBody)
	r = r.WithContext(reqctx.WithLang(r.Context(), i18n.ZhHant))
	w := httptest.NewRecorder()
	if err := redirect.To(w, r, "/cart"); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/zh-hant/cart" {
		t.Errorf("%d %s", w.Code, w.Header().Get("Location"))
	}
}

func TestAFragmentNeverHoldsAnotherSitesPage(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/checkout", http.NoBody)
	r.Header.Set("HX-Request", "true")
	w := httptest.NewRecorder()
	if err := redirect.Out(w, r, "https://checkout.stripe.com/c/1"); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusOK || w.Header().Get("HX-Redirect") != "https://checkout.stripe.com/c/1" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
