package web_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

// photographed gives the thread's product a picture and returns its address.
func photographed(t *testing.T, site *webtest.Site) string {
	t.Helper()
	var file bytes.Buffer
	if err := jpeg.Encode(&file, image.NewRGBA(image.Rect(0, 0, 900, 900)), nil); err != nil {
		t.Fatal(err)
	}
	saved, err := site.Flow.SavePictures(t.Context(), thread.StoreID, audit.System, flow.SavePicturesInput{
		ProductID: site.Product.ID, Version: site.Product.Version, Changes: []flow.PictureChange{{Upload: file.Bytes()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return saved.Picture
}

func TestAPictureIsKeptByBrowsersForEverAndByNobodyElsesShop(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		path := photographed(t, site)
		b := site.Browser(t)
		for suffix, width := range map[string]int{"": 900, "/1280": 900, "/640": 640, "/320": 320} {
			a := b.Get(t, path+suffix)
			config, err := jpeg.DecodeConfig(strings.NewReader(a.Body))
			if a.Status != http.StatusOK || err != nil || config.Width != width {
				t.Fatalf("%s: %d, %d pixels wide, %v", suffix, a.Status, config.Width, err)
			}
			for name, want := range map[string]string{
				"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=31536000, immutable", "Set-Cookie": "",
			} {
				if got := a.Header.Get(name); got != want {
					t.Errorf("%s: %s is %q", suffix, name, got)
				}
			}
			b.Header = http.Header{"If-None-Match": {a.Header.Get("ETag")}}
			if again := b.Get(t, path+suffix); again.Status != http.StatusNotModified || again.Body != "" {
				t.Errorf("%s, asked again: %d", suffix, again.Status)
			}
			b.Header = nil
		}
		for _, wrong := range []string{"/641", "/0640", "/x", "/320/1"} {
			if a := b.Get(t, path+wrong); a.Status != http.StatusNotFound || strings.Contains(a.Header.Get("Cache-Control"), "public") {
				t.Errorf("%s: %d, %s", wrong, a.Status, a.Header.Get("Cache-Control"))
			}
		}
		if a := b.Get(t, "/files/"+strings.Repeat("0", 64)); a.Status != http.StatusNotFound {
			t.Errorf("no such picture: %d", a.Status)
		}
	})
}
