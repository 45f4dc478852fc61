// Package picture makes of a photograph that a merchant uploads the pictures that
// pages show: upright, in a few widths, encoded anew so that nothing is kept of
// what cameras write beside the picture, the place where it was taken among it.
// Where pictures are kept is not its business.
package picture

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
)

// What may be uploaded. The pixels are counted before anything is decoded: a file
// of a few kilobytes can claim to be as large as a house. A progressive JPEG takes
// up to 12 bytes a pixel while it is decoded, so that the limit is 360 MB.
const (
	MaxBytes  = 12 << 20
	MaxPixels = 30_000_000
)

// Widths are those that are made of a picture, the smallest first: of lists, of
// phones, and of the large picture on screens of twice the density. A picture is
// never made larger than it is.
var Widths = []int{320, 640, 1280}

// tallest bounds a picture's height by so many times the width that is asked for,
// so that a long one does not come out huge.
const tallest = 2

// quality of JPEG files: below 80 the edges of lettering on packages blur.
const quality = 82

// Errors of uploads that cannot be used.
var (
	ErrKind   = errors.New("neither JPEG nor PNG")
	ErrBytes  = errors.New("file is too large")
	ErrPixels = errors.New("picture has too many pixels")
	ErrBroken = errors.New("picture cannot be read")
)

// Picture is one picture in its widths, the smallest first.
type Picture struct {
	Hash       string // SHA-256 of the widest, in hexadecimal
	Renditions []Rendition
}

// Rendition is a picture in one width.
type Rendition struct {
	Width, Height int
	Kind          string // media type
	Content       []byte
}

// Make reads an uploaded file. ErrKind, ErrBytes, ErrPixels and ErrBroken say
// what is wrong with it.
func Make(upload []byte) (Picture, error) {
	if len(upload) > MaxBytes {
		return Picture{}, ErrBytes
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(upload))
	switch {
	case errors.Is(err, image.ErrFormat):
		return Picture{}, ErrKind
	case err != nil:
		return Picture{}, fmt.Errorf("%w: %w", ErrBroken, err)
	case config.Width <= 0 || config.Height <= 0:
		return Picture{}, ErrBroken
	case pixels(config) > MaxPixels:
		return Picture{}, ErrPixels
	}
	decoded, err := decode(format, upload)
	if err != nil {
		return Picture{}, err
	}
	turned := upright
	if format == "jpeg" {
		turned = orientationOf(upload)
	}
	return renditions(decoded, turned)
}

// pixels counts those of 16 bits a channel twice.
func pixels(c image.Config) int {
	n := c.Width * c.Height
	switch c.ColorModel {
	case color.RGBA64Model, color.NRGBA64Model, color.Gray16Model:
		n *= 2
	}
	return n
}

// decode names the decoders itself: image.Decode takes whatever formats other
// packages of the program register.
func decode(format string, upload []byte) (image.Image, error) {
	var decoded image.Image
	var err error
	switch format {
	case "jpeg":
		decoded, err = jpeg.Decode(bytes.NewReader(upload))
	case "png":
		decoded, err = png.Decode(bytes.NewReader(upload))
	default:
		return nil, ErrKind
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return decoded, nil
}

// renditions makes the widest from the original and each further one from the
// next wider.
func renditions(original image.Image, turned orientation) (Picture, error) {
	var p Picture
	from := original
	for i := len(Widths) - 1; i >= 0; i-- {
		size := from.Bounds().Size()
		if turned.lies() {
			size.X, size.Y = size.Y, size.X
		}
		if i < len(Widths)-1 && size.X <= Widths[i] {
			continue // no wider than this, and made already
		}
		size = fit(size, Widths[i])
		if turned.lies() {
			size.X, size.Y = size.Y, size.X
		}
		scaled := turn(scale(from, size), turned)
		kind, content, err := encode(scaled)
		if err != nil {
			return Picture{}, err
		}
		made := Rendition{Width: scaled.Rect.Dx(), Height: scaled.Rect.Dy(), Kind: kind, Content: content}
		p.Renditions = append([]Rendition{made}, p.Renditions...)
		from, turned = scaled, upright
	}
	sum := sha256.Sum256(p.Renditions[len(p.Renditions)-1].Content)
	p.Hash = hex.EncodeToString(sum[:])
	return p, nil
}

// fit is a size of the same shape, no wider than width.
func fit(size image.Point, width int) image.Point {
	w := min(size.X, width)
	if size.Y > tallest*size.X {
		w = min(w, max(tallest*width*size.X/size.Y, 1))
	}
	return image.Pt(w, max((size.Y*w+size.X/2)/size.X, 1))
}

// encode writes a photograph as JPEG, and one with transparent parts as PNG,
// which alone can hold them.
func encode(m *image.RGBA) (kind string, content []byte, err error) {
	var out bytes.Buffer
	if m.Opaque() {
		kind, err = "image/jpeg", jpeg.Encode(&out, m, &jpeg.Options{Quality: quality})
	} else {
		encoder := png.Encoder{CompressionLevel: png.BestCompression}
		kind, err = "image/png", encoder.Encode(&out, m)
	}
	if err != nil {
		return "", nil, fmt.Errorf("encode picture: %w", err)
	}
	return kind, out.Bytes(), nil
}
