package render

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func newTestAssets(t *testing.T) *Assets {
	t.Helper()
	assets, err := NewAssets(fstest.MapFS{
		"shop.css":      {Data: []byte("a{}")},
		"icons.svg":     {Data: []byte(`<svg><symbol id="cart"/></svg>`)},
		"goods/bag.svg": {Data: []byte("<svg/>")},
		"LICENSE":       {Data: []byte("not for browsers")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return assets
}

func get(assets *Assets, url, etag string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, url, nil)
	r.Header.Set("If-None-Match", etag)
	w := httptest.NewRecorder()
	assets.ServeHTTP(w, r)
	return w
}

func TestHashedAssetsAreKeptForEver(t *testing.T) {
	assets := newTestAssets(t)
	url, err := assets.URL("goods/bag.svg")
	if err != nil {
		t.Fatal(err)
	}
	w := get(assets, url, "")
	if w.Code != http.StatusOK || w.Body.String() != "<svg/>" {
		t.Fatalf("%s answers %d %q", url, w.Code, w.Body)
	}
	if got := w.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("Cache-Control is %q", got)
	}
	if got := w.Header().Get("Content-Type"); got != "image/svg+xml" {
		t.Errorf("Content-Type is %q", got)
	}
}

func TestPlainNamesAreAskedForAgain(t *testing.T) {
	assets := newTestAssets(t)
	w := get(assets, "/static/shop.css", "")
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-cache" {
		t.Fatalf("answers %d, Cache-Control %q", w.Code, w.Header().Get("Cache-Control"))
	}
	if again := get(assets, "/static/shop.css", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("an unchanged file answers %d", again.Code)
	}
}

func TestOtherFilesAreNotServed(t *testing.T) {
	assets := newTestAssets(t)
	for _, url := range []string{"/static/LICENSE", "/static/", "/static/shop.000000000000.css", "/static/../render.go"} {
		if w := get(assets, url, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", url, w.Code)
		}
	}
}

func TestIconsAndPicturesThatDoNotExistAreErrors(t *testing.T) {
	assets := newTestAssets(t)
	if _, err := assets.icon("nothing"); err == nil {
		t.Error("an unknown icon is drawn")
	}
	if _, err := assets.picture("goods/nothing.svg"); err == nil {
		t.Error("an unknown picture has an address")
	}
	uploaded := "/files/" + strings.Repeat("a1", 32)
	if url, err := assets.picture(uploaded, 640); err != nil || url != uploaded+"/640" || !photo(uploaded) {
		t.Errorf("an uploaded picture is at %q, %v", url, err)
	}
	if set := photoSet(uploaded); set != uploaded+"/320 320w, "+uploaded+"/640 640w, "+uploaded+"/1280 1280w" {
		t.Errorf("an uploaded picture in its widths: %q", set)
	}
	if url, err := assets.picture("/static/1.svg", 640); err != nil || url != "/static/1.svg" || photo(url) || photoSet(url) != "" {
		t.Errorf("a drawing is at %q, %v", url, err)
	}
}
