package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/picture"
)

var (
	red  = color.RGBA{R: 200, A: 255}
	blue = color.RGBA{B: 200, A: 255}
)

// halves is a picture whose left half is red and whose right half is blue.
func halves(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Rect, image.NewUniform(red), image.Point{}, draw.Src)
	draw.Draw(m, image.Rect(w/2, 0, w, h), image.NewUniform(blue), image.Point{}, draw.Src)
	return m
}

func asJPEG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// held writes into a JPEG file how the camera was held, as cameras do.
func held(file []byte, orientation uint16, order binary.AppendByteOrder) []byte {
	mark := "MM"
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		mark = "II"
	}
	tiff := order.AppendUint16([]byte(mark), 42)
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 1)
	tiff = order.AppendUint16(tiff, 0x0112)
	tiff = order.AppendUint16(tiff, 3)
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, orientation)
	tiff = order.AppendUint16(tiff, 0)
	body := append([]byte("Exif\x00\x00"), tiff...)
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, 0xE1}, uint16(len(body)+2))
	out := append([]byte{}, file[:2]...)
	out = append(append(out, segment...), body...)
	return append(out, file[2:]...)
}

func reading(t *testing.T, r picture.Rendition) image.Image {
	t.Helper()
	m, format, err := image.Decode(bytes.NewReader(r.Content))
	if err != nil {
		t.Fatal(err)
	}
	if r.Kind != "image/"+format || m.Bounds().Dx() != r.Width || m.Bounds().Dy() != r.Height {
		t.Errorf("says %s of %d × %d, is %s of %v", r.Kind, r.Width, r.Height, format, m.Bounds())
	}
	return m
}

// like reports whether a point has a colour, give or take what JPEG loses.
func like(m image.Image, x, y int, want color.RGBA) bool {
	r, g, b, _ := m.At(x, y).RGBA()
	near := func(a uint32, b uint8) bool { return max(int(a>>8), int(b))-min(int(a>>8), int(b)) < 12 }
	return near(r, want.R) && near(g, want.G) && near(b, want.B)
}

func TestAPhotographIsMadeInEveryWidthThatItHas(t *testing.T) {
	for name, c := range map[string]struct {
		w, h int
		want []image.Point
	}{
		"a large one":       {2_560, 1_280, []image.Point{{320, 160}, {640, 320}, {1_280, 640}}},
		"one between":       {900, 600, []image.Point{{320, 214}, {640, 427}, {900, 600}}},
		"just one of them":  {640, 640, []image.Point{{320, 320}, {640, 640}}},
		"smaller than all":  {100, 50, []image.Point{{100, 50}}},
		"a ribbon":          {100, 5_000, []image.Point{{51, 2_550}}},
		"a line of a pixel": {1, 1, []image.Point{{1, 1}}},
	} {
		p, err := picture.Make(asJPEG(t, halves(c.w, c.h)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(p.Renditions) != len(c.want) {
			t.Fatalf("%s: %d renditions, want %v", name, len(p.Renditions), c.want)
		}
		for i, r := range p.Renditions {
			m := reading(t, r)
			if m.Bounds().Size() != c.want[i] {
				t.Errorf("%s: %v, want %v", name, m.Bounds().Size(), c.want[i])
			}
			if w, h := r.Width, r.Height; w > 40 && (!like(m, w/4, h/2, red) || !like(m, w*3/4, h/2, blue)) {
				t.Errorf("%s: the colours of %d × %d are wrong", name, w, h)
			}
		}
	}
}

func TestAPictureIsNamedByItsContent(t *testing.T) {
	one, err := picture.Make(asPNG(t, halves(700, 700)))
	if err != nil {
		t.Fatal(err)
	}
	again, err := picture.Make(asPNG(t, halves(700, 700)))
	if err != nil {
		t.Fatal(err)
	}
	other, err := picture.Make(asPNG(t, halves(700, 701)))
	if err != nil {
		t.Fatal(err)
	}
	if len(one.Hash) != 64 || one.Hash != again.Hash || one.Hash == other.Hash {
		t.Errorf("names %s, %s, %s", one.Hash, again.Hash, other.Hash)
	}
}

func TestAPhotographStandsUprightHoweverTheCameraWasHeld(t *testing.T) {
	const w, h = 1_600, 800 // as stored: red at the left
	plain := asJPEG(t, halves(w, h))
	for orientation, at := range map[uint16]struct {
		size image.Point
		red  image.Point // in quarters of the size
	}{
		1: {image.Pt(1_280, 640), image.Pt(1, 2)},
		2: {image.Pt(1_280, 640), image.Pt(3, 2)},
		3: {image.Pt(1_280, 640), image.Pt(3, 2)},
		4: {image.Pt(1_280, 640), image.Pt(1, 2)},
		5: {image.Pt(800, 1_600), image.Pt(2, 1)},
		6: {image.Pt(800, 1_600), image.Pt(2, 1)},
		7: {image.Pt(800, 1_600), image.Pt(2, 3)},
		8: {image.Pt(800, 1_600), image.Pt(2, 3)},
		9: {image.Pt(1_280, 640), image.Pt(1, 2)}, // there is no such one
	} {
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			p, err := picture.Make(held(plain, orientation, order))
			if err != nil {
				t.Fatal(err)
			}
			widest := reading(t, p.Renditions[len(p.Renditions)-1])
			if size := widest.Bounds().Size(); size != at.size || !like(widest, at.red.X*size.X/4, at.red.Y*size.Y/4, red) {
				t.Errorf("orientation %d, %v: %v with red elsewhere than at %v", orientation, order, size, at.red)
			}
		}
	}
}

func TestNothingIsKeptOfWhatACameraWritesBesideThePicture(t *testing.T) {
	file := held(asJPEG(t, halves(400, 400)), 1, binary.BigEndian)
	file = append(file[:len(file)-2], append([]byte("GPS 35.6812,139.7671"), file[len(file)-2:]...)...)
	p, err := picture.Make(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Renditions {
		if s := string(r.Content); strings.Contains(s, "Exif") || strings.Contains(s, "GPS") {
			t.Errorf("%d pixels wide: the camera's notes are still there", r.Width)
		}
	}
}

func TestTransparentPartsStayTransparent(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 800, 800))
	draw.Draw(m, image.Rect(200, 200, 600, 600), image.NewUniform(red), image.Point{}, draw.Src)
	p, err := picture.Make(asPNG(t, m))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Renditions {
		made := reading(t, r)
		_, _, _, corner := made.At(0, 0).RGBA()
		if r.Kind != "image/png" || corner != 0 || !like(made, r.Width/2, r.Height/2, red) {
			t.Errorf("%s, corner %d", r.Kind, corner)
		}
	}
}

// claiming is a PNG file's head that claims a size and goes no further.
func claiming(t *testing.T, w, h uint32, depth byte) []byte {
	t.Helper()
	file := asPNG(t, halves(1, 1))
	binary.BigEndian.PutUint32(file[16:], w)
	binary.BigEndian.PutUint32(file[20:], h)
	file[24] = depth
	// the checksum of the chunk follows its 13 bytes
	binary.BigEndian.PutUint32(file[29:], crc(file[12:29]))
	return file
}

func crc(b []byte) uint32 {
	sum := ^uint32(0)
	for _, c := range b {
		sum ^= uint32(c)
		for range 8 {
			sum = sum>>1 ^ 0xEDB88320*(sum&1)
		}
	}
	return ^sum
}

func TestWhatIsNoUsablePictureIsRefusedBeforeItIsDecoded(t *testing.T) {
	var animated bytes.Buffer
	if err := gif.Encode(&animated, halves(10, 10), nil); err != nil {
		t.Fatal(err)
	}
	photograph := asJPEG(t, halves(600, 600))
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":             {nil, picture.ErrKind},
		"a drawing with code": {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), picture.ErrKind},
		"an animation":        {animated.Bytes(), picture.ErrKind},
		"a text":              {[]byte("商品コード,商品名\n"), picture.ErrKind},
		"half a file":         {photograph[:len(photograph)/2], picture.ErrBroken},
		"only a beginning":    {photograph[:4], picture.ErrBroken},
		"a huge claim":        {claiming(t, 60_000, 60_000, 8), picture.ErrPixels},
		"a deep one":          {claiming(t, 5_000, 5_000, 16), picture.ErrPixels},
		"a claim without it":  {claiming(t, 5_000, 5_000, 8), picture.ErrBroken},
		"too many bytes":      {append(photograph, make([]byte, picture.MaxBytes)...), picture.ErrBytes},
	} {
		if _, err := picture.Make(c.file); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
