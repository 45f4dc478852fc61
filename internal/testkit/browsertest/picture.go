package browsertest

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Picture writes what a page shows from a line on, down to a height in CSS
// pixels, as a PNG of at most 256 colours: small enough for documentation.
func (p *Page) Picture(path string, from, height float64) {
	p.t.Helper()
	shot := run(p, "take a picture", func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		metrics, err := cdp.Call(ctx, t, page.GetLayoutMetrics, cdp.Empty{})
		if err != nil {
			return nil, err
		}
		beyond := true
		shot, err := cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{
			Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &beyond,
			Clip: &page.Viewport{
				Y: from, Width: metrics.CSSContentSize.Width, Height: min(height, metrics.CSSContentSize.Height-from), Scale: 1,
			},
		})
		if err != nil {
			return nil, err
		}
		return shot.Data, nil
	})
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		p.t.Fatalf("read a picture: %v", err)
	}
	var small bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, fewColours(picture)); err != nil {
		p.t.Fatalf("write a picture: %v", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatalf("make a folder for pictures: %v", err)
	}
	if err := os.WriteFile(path, small.Bytes(), 0o644); err != nil {
		p.t.Fatalf("write a picture: %v", err)
	}
}

// fewColours paints a picture with 256 of its colours, found by halving the set
// of colours at the median of its widest channel (Heckbert 1982). Pages are flat,
// so that nobody sees a difference.
func fewColours(picture image.Image) *image.Paletted {
	bounds := picture.Bounds()
	counts := map[color.RGBA]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[rgb(picture.At(x, y))]++
		}
	}
	all := make([]shade, 0, len(counts))
	for c, n := range counts {
		all = append(all, shade{[3]uint8{c.R, c.G, c.B}, n})
	}
	boxes := [][]shade{all}
	for len(boxes) < 256 {
		at, channel := widest(boxes)
		if at < 0 {
			break
		}
		left, right := halve(boxes[at], channel)
		boxes[at] = left
		boxes = append(boxes, right)
	}
	palette, index := make(color.Palette, len(boxes)), map[color.RGBA]uint8{}
	for i, box := range boxes {
		palette[i] = mean(box)
		for _, s := range box {
			index[color.RGBA{s.at[0], s.at[1], s.at[2], 255}] = uint8(i)
		}
	}
	painted := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			painted.SetColorIndex(x, y, index[rgb(picture.At(x, y))])
		}
	}
	return painted
}

// shade is a colour and how many pixels have it.
type shade struct {
	at [3]uint8
	n  int
}

func rgb(c color.Color) color.RGBA {
	r, g, b, _ := c.RGBA()
	return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}
}

// widest is the box, and its channel, in which the colours of most pixels differ
// most; −1 where every box holds one colour.
func widest(boxes [][]shade) (at, channel int) {
	at, most := -1, 0
	for i, box := range boxes {
		pixels := 0
		for _, s := range box {
			pixels += s.n
		}
		for c := range 3 {
			low, high := uint8(255), uint8(0)
			for _, s := range box {
				low, high = min(low, s.at[c]), max(high, s.at[c])
			}
			if low >= high {
				continue
			}
			if weight := int(high-low) * int(high-low) * min(pixels, 4096); weight > most {
				at, channel, most = i, c, weight
			}
		}
	}
	return at, channel
}

func halve(box []shade, channel int) (left, right []shade) {
	slices.SortFunc(box, func(a, b shade) int {
		if d := int(a.at[channel]) - int(b.at[channel]); d != 0 {
			return d
		}
		return bytes.Compare(a.at[:], b.at[:]) // the same picture, whatever the map's order
	})
	half := len(box) / 2
	return box[:half], box[half:]
}

// mean is the colour that stands for a box.
func mean(box []shade) color.RGBA {
	var sum [3]int
	pixels := 0
	for _, s := range box {
		for c := range 3 {
			sum[c] += int(s.at[c]) * s.n
		}
		pixels += s.n
	}
	return color.RGBA{uint8(sum[0] / pixels), uint8(sum[1] / pixels), uint8(sum[2] / pixels), 255}
}
