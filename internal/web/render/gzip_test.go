package render

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func TestStaticFilesAreKeptCompressedUnderATagOfTheirOwn(t *testing.T) {
	long := strings.Repeat(".card{color:#333;margin:0 auto}\n", 200)
	assets, err := NewAssets(fstest.MapFS{"shop.css": {Data: []byte(long)}, "tiny.css": {Data: []byte("a{}")}})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(name, accepts, tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/static/"+name, nil)
		r.Header.Set("Accept-Encoding", accepts)
		r.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		assets.ServeHTTP(w, r)
		return w
	}
	plain, small := ask("shop.css", "identity", ""), ask("shop.css", "gzip, br", "")
	if plain.Body.String() != long || plain.Header().Get("Content-Encoding") != "" {
		t.Errorf("in plain: %q", plain.Header().Get("Content-Encoding"))
	}
	z, err := gzip.NewReader(small.Body)
	if err != nil {
		t.Fatal(err)
	}
	if whole, err := io.ReadAll(z); err != nil || string(whole) != long {
		t.Errorf("compressed it is another file: %v", err)
	}
	tags := [2]string{plain.Header().Get("ETag"), small.Header().Get("ETag")}
	if tags[0] == tags[1] || small.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("tags %q, %q", tags, small.Header().Get("Content-Encoding"))
	}
	for i, accepts := range []string{"identity", "gzip"} {
		if w := ask("shop.css", accepts, tags[i]); w.Code != http.StatusNotModified || w.Body.Len() != 0 || w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s again: %d", accepts, w.Code)
		}
		if w := ask("shop.css", accepts, tags[1-i]); w.Code != http.StatusOK {
			t.Errorf("%s with the other's tag: %d", accepts, w.Code)
		}
	}
	if w := ask("tiny.css", "gzip", ""); w.Header().Get("Content-Encoding") != "" || w.Body.String() != "a{}" {
		t.Errorf("a tiny file: %q", w.Header().Get("Content-Encoding"))
	}
}
