package picture

import (
	"image"
	"image/draw"
)

// span is which source pixels a pixel of the result covers along one axis, and
// how much of each. Weights are exact: a source pixel is as many units long as
// the result has pixels, a pixel of the result as many as the source has.
type span struct {
	first   int
	weights []uint64
}

func spans(from, to int) []span {
	list := make([]span, to)
	for i := range list {
		start, end := i*from, (i+1)*from
		s := span{first: start / to}
		for at := s.first; at*to < end; at++ {
			s.weights = append(s.weights, uint64(min(end, (at+1)*to)-max(start, at*to)))
		}
		list[i] = s
	}
	return list
}

// scale makes a picture smaller: each pixel is the mean of what it covers. The
// source is taken in strips, so that a large one is never held twice.
func scale(from image.Image, size image.Point) *image.RGBA {
	bounds := from.Bounds()
	to := image.NewRGBA(image.Rectangle{Max: size})
	columns, rows := spans(bounds.Dx(), size.X), spans(bounds.Dy(), size.Y)
	total := uint64(bounds.Dx()) * uint64(bounds.Dy())
	sums := make([]uint64, 4*size.X)
	for y, row := range rows {
		strip := image.NewRGBA(image.Rect(0, 0, bounds.Dx(), len(row.weights)))
		draw.Draw(strip, strip.Rect, from, image.Pt(bounds.Min.X, bounds.Min.Y+row.first), draw.Src)
		clear(sums)
		for line, weight := range row.weights {
			pixels := strip.Pix[line*strip.Stride:]
			for x, column := range columns {
				for i, share := range column.weights {
					at, share := 4*(column.first+i), share*weight
					for channel := range 4 {
						sums[4*x+channel] += share * uint64(pixels[at+channel])
					}
				}
			}
		}
		for i, sum := range sums {
			to.Pix[y*to.Stride+i] = uint8((sum + total/2) / total)
		}
	}
	return to
}
