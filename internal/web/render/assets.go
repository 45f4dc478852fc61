package render

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// assetPath is where static files are served.
const assetPath = "/static/"

// Assets serves static files under names that hold a hash of their content, so
// that browsers may keep them for ever and still see the next version at once.
type Assets struct {
	byName map[string]*asset
	byHash map[string]*asset
}

type asset struct {
	content []byte
	kind    string
	hash    string
	url     string
	// gzipped is the content compressed, made when it is first asked for and then
	// kept; nil where it would not be smaller.
	gzipped func() []byte
}

// kinds are the media types we serve; another file is a mistake in this program.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// NewAssets reads every servable file of files.
func NewAssets(files fs.FS) (*Assets, error) {
	a := &Assets{byName: map[string]*asset{}, byHash: map[string]*asset{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		kind := kinds[path.Ext(name)]
		if err != nil || entry.IsDir() || kind == "" {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		hash := hex.EncodeToString(sum[:6])
		hashed := strings.TrimSuffix(name, path.Ext(name)) + "." + hash + path.Ext(name)
		file := &asset{content: content, kind: kind, hash: hash, url: assetPath + hashed}
		file.gzipped = sync.OnceValue(func() []byte { return shrunk(content) })
		a.byName[name], a.byHash[hashed] = file, file
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read static files: %w", err)
	}
	return a, nil
}

// URL is the hashed address of a file such as "shop.css".
func (a *Assets) URL(name string) (string, error) {
	file, ok := a.byName[name]
	if !ok {
		return "", fmt.Errorf("no static file %q", name)
	}
	return file.url, nil
}

// ServeHTTP answers below /static/, for hashed and for plain names.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, assetPath)
	file, cache := a.byHash[name], "public, max-age=31536000, immutable"
	if file == nil {
		file, cache = a.byName[name], "no-cache"
	}
	if file == nil {
		http.NotFound(w, r)
		return
	}
	header, content, tag := w.Header(), file.content, file.hash
	header.Add("Vary", "Accept-Encoding")
	if small := file.gzipped(); small != nil && TakesGzip(r) {
		// other bytes are another representation and need another tag (RFC 9110, 8.8.3)
		content, tag = small, file.hash+"-gzip"
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("ETag", `"`+tag+`"`)
	header.Set("Cache-Control", cache)
	if strings.Contains(r.Header.Get("If-None-Match"), `"`+tag+`"`) {
		header.Del("Content-Encoding") // of a body that is not sent
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", file.kind)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Length", strconv.Itoa(len(content)))
	if r.Method != http.MethodHead {
		// The client may be gone; there is nobody to tell.
		_, _ = w.Write(content)
	}
}
