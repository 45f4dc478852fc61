package ground

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
)

// Client is a browser of one person.
type Client struct {
	base string
	http *http.Client
}

// NewClient makes one without cookies; it follows no redirect.
func NewClient(base string) (*Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &Client{base: base, http: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{MaxIdleConnsPerHost: 2, DisableCompression: true},
	}}, nil
}

// Twin is another connection of the same person.
func (c *Client) Twin() *Client {
	twin := *c.http
	twin.Transport = &http.Transport{MaxIdleConnsPerHost: 2, DisableCompression: true}
	return &Client{base: c.base, http: &twin}
}

// Gzipped is how many bytes a page has on the wire for those who take gzip, as all
// browsers do; anything but 200 is an error.
func (c *Client) Gzipped(ctx context.Context, path string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Accept-Encoding", "gzip")
	body, status, _, err := c.do(request)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("GET %s: status %d", path, status)
	}
	return len(body), err
}

// Get reads a page; anything but 200 is an error.
func (c *Client) Get(ctx context.Context, path string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return "", err
	}
	body, status, _, err := c.do(request)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("GET %s: status %d", path, status)
	}
	return body, err
}

// Post sends a form and expects to be sent on.
func (c *Client) Post(ctx context.Context, path string, form url.Values) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", c.base)
	_, status, location, err := c.do(request)
	if err == nil && status != http.StatusSeeOther {
		err = fmt.Errorf("POST %s: status %d", path, status)
	}
	return location, err
}

func (c *Client) do(request *http.Request) (body string, status int, location string, err error) {
	answer, err := c.http.Do(request)
	if err != nil {
		return "", 0, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(answer.Body)
	return string(content), answer.StatusCode, answer.Header.Get("Location"), err
}

// LogIn logs a customer of the shop in.
func (c *Client) LogIn(ctx context.Context, mail string) error {
	_, err := c.Post(ctx, "/login", url.Values{"mail": {mail}, "password": {Password}, "next": {"/mypage"}})
	return err
}

// FillCart puts one piece into the cart and says where to and how to pay.
func (c *Client) FillCart(ctx context.Context) error {
	_, err := c.Post(ctx, "/cart", url.Values{"product": {"hb-blend"}, "option0": {"0"}, "way": {"once"}, "quantity": {"1"}})
	if err != nil {
		return err
	}
	_, err = c.Post(ctx, "/checkout", url.Values{
		"family": {"早川"}, "given": {"千尋"}, "family_kana": {"ハヤカワ"}, "given_kana": {"チヒロ"},
		"postcode": {"167-0042"}, "region": {"JP-13"}, "city": {"杉並区"}, "street": {"西荻北3-18-6"},
		"phone": {"090-5550-0142"}, "slot": {"1820"}, "payment": {"cod"},
	})
	return err
}

var hidden = regexp.MustCompile(`<input type="hidden" name="(version|digest)" value="([^"]*)"`)

// Confirmation opens the final confirmation and returns its form.
func (c *Client) Confirmation(ctx context.Context) (url.Values, error) {
	page, err := c.Get(ctx, "/checkout/confirm")
	if err != nil {
		return nil, err
	}
	form := url.Values{}
	for _, field := range hidden.FindAllStringSubmatch(page, -1) {
		form.Set(field[1], field[2])
	}
	if form.Get("digest") == "" {
		return nil, errors.New("the final confirmation has no form")
	}
	return form, nil
}

// Place presses the button of the final confirmation.
func (c *Client) Place(ctx context.Context, form url.Values) error {
	location, err := c.Post(ctx, "/checkout/confirm", form)
	if err == nil && !strings.HasSuffix(location, "/thanks") {
		err = fmt.Errorf("the order was not placed: sent to %s", location)
	}
	return err
}
