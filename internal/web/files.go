package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/picture"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// file answers a picture that a merchant uploaded, in the width of the address or
// else in its widest. Its name is the hash of what it shows, so that browsers and
// proxies keep it for ever. Only the widths that pages ask for are answered, lest
// somebody fills the caches with others.
func (s *server) file(w http.ResponseWriter, r *http.Request) error {
	lost := fault.New(fault.NotFound, "fault.not_found")
	hash, known := picture.HashOf(picture.Path(r.PathValue("hash")))
	width := picture.Widths[len(picture.Widths)-1]
	if typed := r.PathValue("width"); typed != "" {
		asked, err := strconv.Atoi(typed)
		if known = known && err == nil && strconv.Itoa(asked) == typed && slices.Contains(picture.Widths, asked); known {
			width = asked
		}
	}
	if !known {
		return lost
	}
	header, tag := w.Header(), `"`+hash[:16]+"-"+strconv.Itoa(width)+`"`
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		keepForEver(header, tag)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	file, err := db.FileByHash(r.Context(), s.Flow.DB, reqctx.Shop(r.Context()).ID, hash, width)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return lost
	case err != nil:
		return fmt.Errorf("read picture %s: %w", hash, err)
	}
	keepForEver(header, tag)
	header.Set("Content-Type", file.Kind)
	header.Set("Content-Length", strconv.Itoa(len(file.Content)))
	if r.Method != http.MethodHead {
		// The client may be gone; there is nobody to tell.
		_, _ = w.Write(file.Content)
	}
	return nil
}

func keepForEver(header http.Header, tag string) {
	header.Set("ETag", tag)
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
}
