package render

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
)

// TakesGzip reports whether whoever asks takes answers compressed by gzip
// (RFC 9110, 12.5.3). One that names it with a weight of zero does not.
func TakesGzip(r *http.Request) bool {
	for offer := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		coding, weight, weighted := strings.Cut(offer, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		if !weighted {
			return true
		}
		q, err := strconv.ParseFloat(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(weight)), "q="), 64)
		return err == nil && q > 0
	}
	return false
}

// shrunk is a content in its compressed form, as small as it gets; nil where that
// is hardly smaller.
func shrunk(content []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := z.Write(content); err != nil {
		return nil
	}
	if err := z.Close(); err != nil || b.Len() > len(content)*9/10 {
		return nil
	}
	return b.Bytes()
}
