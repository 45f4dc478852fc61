package browsertest

import (
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

// site is a small shop front under a strict policy: no inline script, nothing
// from elsewhere.
func site(t *testing.T) string {
	t.Helper()
	page := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; img-src 'self' data:; form-action 'self'")
			fmt.Fprintf(w, `<!doctype html><html lang="ja"><head><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>珈琲の店</title></head><body><main>%s</main></body></html>`, body)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", page(`<h1>珈琲の店</h1>
<form method="post" action="/greet"><label>お名前 <input name="name" maxlength="10" value="前の値"></label>
<label>お届け日 <input type="date" name="day"></label>
<label>お支払い <select name="pay"><option value="card">カード</option><option value="cod">代引き</option></select></label>
<button>送信</button></form><p id="later"></p><button id="more" type="button">もっと</button><script src="/more.js"></script>`))
	mux.HandleFunc("GET /more.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write([]byte(`document.querySelector("#more").addEventListener("click", e => {
			document.querySelector("#later").textContent = "詳しくは店頭で"; e.target.remove(); });`))
	})
	mux.HandleFunc("POST /greet", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "name", Value: "known", Path: "/"})
		http.Redirect(w, r, "/thanks?"+r.FormValue("name")+"|"+r.FormValue("day")+"|"+r.FormValue("pay"), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /thanks", func(w http.ResponseWriter, r *http.Request) {
		_, err := r.Cookie("name")
		q := strings.ReplaceAll(r.URL.Query().Encode(), "=", "")
		page(fmt.Sprintf(`<h1>ありがとうございます</h1><p id="got">%s</p><p id="known">%t</p>`, q, err == nil))(w, r)
	})
	mux.Handle("GET /tall", page(`<h1>一覧</h1>`+strings.Repeat("<p>商品</p>", 200)))
	mux.Handle("GET /unlabelled", page(`<h1>申込み</h1><form><input name="x"></form>`))
	mux.Handle("GET /inline", page(`<h1>はみ出し</h1><script>document.title = "x"</script>`))
	mux.Handle("GET /elsewhere", page(`<h1>よその画像</h1><img alt="" src="https://example.com/x.png">`))
	mux.Handle("GET /missing-file", page(`<h1>欠けた画像</h1><img alt="" src="/none.png">`))
	mux.Handle("GET /throws", page(`<h1>失敗</h1><script src="/throws.js"></script>`))
	mux.HandleFunc("GET /throws.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write([]byte(`console.error("stock", -1); throw new Error("no cart");`))
	})
	mux.HandleFunc("GET /refused", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusUnprocessableEntity)
		page(`<h1>入力をご確認ください</h1>`)(w, r)
	})
	mux.HandleFunc("GET /broken", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "broken", http.StatusInternalServerError)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestFormIsFilledAndFollowedThroughItsRedirect(t *testing.T) {
	for _, screen := range []Screen{Desktop, Phone} {
		t.Run(fmt.Sprint(screen.Width), func(t *testing.T) {
			p := New(t, screen)
			p.Visit(site(t))
			if got := p.Text("h1"); got != "珈琲の店" {
				t.Errorf("the heading is %q, want 珈琲の店", got)
			}
			p.Fill("[name=name]", "𠮷田")
			if got := p.Value("[name=name]"); got != "𠮷田" {
				t.Errorf("the field holds %q, want 𠮷田 in place of what stood there", got)
			}
			p.Fill("[name=day]", "2026-12-24")
			p.Fill("[name=pay]", "cod")
			p.Follow("form button")
			p.WaitURL("/thanks")
			if got, want := p.Text("h1"), "ありがとうございます"; got != want {
				t.Errorf("after the form: %q, want %q", got, want)
			}
			got := Eval[string](p, `decodeURIComponent(document.querySelector("#got").textContent)`)
			if want := "𠮷田|2026-12-24|cod"; got != want {
				t.Errorf("the server got %q, want %q", got, want)
			}
			if p.Status() != http.StatusOK {
				t.Errorf("status %d, want 200", p.Status())
			}
			if got := Eval[int](p, `innerWidth`); got != int(screen.Width) {
				t.Errorf("the page is %d wide, want %d", got, screen.Width)
			}
		})
	}
}

func TestPageChangesInPlaceAndWithoutScriptsItDoesNot(t *testing.T) {
	address := site(t)
	p := New(t, Desktop)
	p.Visit(address)
	p.Click("#more")
	p.WaitText("#later", "店頭")
	p.WaitGone("#more")

	plain := New(t, Desktop)
	plain.WithoutJavaScript()
	plain.Visit(address)
	plain.Click("#more")
	if got := plain.Texts("#later"); len(got) != 1 || got[0] != "" {
		t.Errorf("without scripts the page says %q, want nothing", got)
	}
	plain.Fill("[name=name]", "森")
	plain.Follow("form button")
	plain.WaitText("h1", "ありがとう")
}

func TestTabsShareCookiesAndPagesDoNot(t *testing.T) {
	address := site(t)
	p := New(t, Desktop)
	p.Visit(address)
	p.Follow("form button")

	tab := p.NewTab()
	tab.Visit(address + "/thanks")
	if got := tab.Text("#known"); got != "true" {
		t.Errorf("a second tab is known: %s, want true", got)
	}
	stranger := New(t, Desktop)
	stranger.Visit(address + "/thanks")
	if got := stranger.Text("#known"); got != "false" {
		t.Errorf("a new page is known: %s, want false", got)
	}
}

func TestComplaintsOfTheBrowserFailTheTest(t *testing.T) {
	address := site(t)
	for _, tc := range []struct{ path, complaint string }{
		{"/inline", "Content Security Policy"},
		{"/elsewhere", "Content Security Policy"},
		{"/missing-file", "404"},
		{"/throws", "no cart"},
		{"/throws", "console.error: \"stock\" -1"},
	} {
		t.Run(tc.path+" "+tc.complaint, func(t *testing.T) {
			r := newRecorder(t)
			New(r, Desktop).Visit(address + tc.path)
			r.end()
			if !strings.Contains(r.errors, tc.complaint) {
				t.Errorf("the test failed with %q, want a complaint about %q", r.errors, tc.complaint)
			}
		})
	}
}

func TestRefusedFormIsAPageAndNoComplaint(t *testing.T) {
	p := New(t, Desktop)
	p.Visit(site(t) + "/refused")
	if p.Status() != http.StatusUnprocessableEntity {
		t.Errorf("status %d, want 422", p.Status())
	}
}

func TestFailureShowsAddressAndText(t *testing.T) {
	address := site(t)
	for _, tc := range []struct {
		name string
		step func(*Page)
		want []string
	}{
		{"a broken server", func(p *Page) { p.Visit(address + "/broken") }, []string{"answered 500", "/broken"}},
		{
			"an element that is not a field", func(p *Page) { p.Visit(address); p.Fill("[name=pay]", "gold") },
			[]string{"does not take", "珈琲の店"},
		},
		{"no server", func(p *Page) { p.Visit("http://127.0.0.1:1/") }, []string{"visit http://127.0.0.1:1/"}},
		{"a host outside", func(p *Page) { p.Visit("http://example.com/") }, []string{"NAME_NOT_RESOLVED"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRecorder(t)
			r.run(func() { tc.step(New(r, Desktop)) })
			r.end()
			for _, want := range tc.want {
				if !strings.Contains(r.fatal, want) {
					t.Errorf("the test failed with %q, want it to say %q", r.fatal, want)
				}
			}
		})
	}
}

func TestAxeFindsWhatIsWrongAndPassesWhatIsRight(t *testing.T) {
	address := site(t)
	p := New(t, Phone)
	p.Visit(address)
	p.Axe()

	r := newRecorder(t)
	bad := New(r, Phone)
	bad.Visit(address + "/unlabelled")
	bad.Axe()
	r.end()
	if !strings.Contains(r.errors, "label") || !strings.Contains(r.errors, "input") {
		t.Errorf("a field without a label gave %q, want the rule and the place", r.errors)
	}
}

func TestScreenshotShowsTheWholePageAtTheScreensSize(t *testing.T) {
	p := New(t, Desktop)
	p.Visit(site(t) + "/tall")
	path := filepath.Join(t.TempDir(), "shots", "tall.png")
	p.Screenshot(path, Phone)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	picture, err := png.DecodeConfig(f)
	if err != nil {
		t.Fatal(err)
	}
	if want := int(float64(Phone.Width) * Phone.Scale); picture.Width != want {
		t.Errorf("the picture is %d wide, want %d", picture.Width, want)
	}
	if picture.Height < 5000 {
		t.Errorf("the picture is %d high, want the whole page of 200 lines", picture.Height)
	}
	if got := Eval[int](p, `innerWidth`); got != int(Desktop.Width) {
		t.Errorf("after the screenshot the page is %d wide, want %d as before", got, Desktop.Width)
	}
}

func TestMissingBrowserSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := findBrowser()
	if !errors.Is(err, errNoBrowser) || !strings.Contains(err.Error(), "apt-get install chromium") {
		t.Errorf("got %v, want the words what to install", err)
	}
}

// recorder is a test that notes how it failed instead of failing this one.
type recorder struct {
	testing.TB
	fatal, errors string
	cleanups      []func()
}

func newRecorder(t testing.TB) *recorder { return &recorder{TB: t} }

func (r *recorder) Helper() {}

func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recorder) Errorf(format string, args ...any) {
	r.errors += fmt.Sprintf(format, args...) + "\n"
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = fmt.Sprintf(format, args...)
	panic(r)
}

// run runs f as far as it comes.
func (r *recorder) run(f func()) {
	defer func() {
		if p := recover(); p != nil && p != any(r) {
			panic(p)
		}
	}()
	f()
}

// end is the end of the recorded test.
func (r *recorder) end() {
	for len(r.cleanups) > 0 {
		last := len(r.cleanups) - 1
		r.cleanups[last]()
		r.cleanups = r.cleanups[:last]
	}
}
