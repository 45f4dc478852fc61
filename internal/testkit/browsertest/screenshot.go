package browsertest

import (
	"context"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Screenshot writes the whole page, from top to bottom, as a PNG at the size of
// screen, and leaves the tab at its own size.
func (p *Page) Screenshot(path string, screen Screen) {
	p.t.Helper()
	p.do("set the screen", show(screen))
	defer p.do("set the screen back", show(p.screen))
	picture := run(p, "take a screenshot", fullPage)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatalf("make a folder for screenshots: %v", err)
	}
	if err := os.WriteFile(path, picture, 0o644); err != nil {
		p.t.Fatalf("write a screenshot: %v", err)
	}
}

func fullPage(ctx context.Context, t *chromedp.Target) ([]byte, error) {
	metrics, err := cdp.Call(ctx, t, page.GetLayoutMetrics, cdp.Empty{})
	if err != nil {
		return nil, err
	}
	beyond := true
	shot, err := cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format:                page.CaptureScreenshotFormatPng,
		CaptureBeyondViewport: &beyond,
		Clip: &page.Viewport{
			Width: metrics.CSSContentSize.Width, Height: metrics.CSSContentSize.Height, Scale: 1,
		},
	})
	if err != nil {
		return nil, err
	}
	return shot.Data, nil
}
