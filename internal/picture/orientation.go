package picture

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation is how a camera was held, as Exif numbers it (CIPA DC-008, tag
// 0x0112): 1 is upright; 5 to 8 lie on their side; 2, 4, 5 and 7 are mirrored.
type orientation int

const upright orientation = 1

// lies reports whether width and height change places.
func (o orientation) lies() bool { return o >= 5 }

// orientationOf reads the orientation that a JPEG file names; upright where it
// names none that is understood.
func orientationOf(file []byte) orientation {
	const startOfScan, app1 = 0xDA, 0xE1
	for at := 2; at+4 <= len(file) && file[at] == 0xFF; {
		marker, length := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		end := at + 2 + length
		if marker == startOfScan || length < 2 || end > len(file) {
			break
		}
		if body, is := bytes.CutPrefix(file[at+4:end], []byte("Exif\x00\x00")); marker == app1 && is {
			return orientationIn(body)
		}
		at = end
	}
	return upright
}

// orientationIn looks through the first directory of a TIFF structure.
func orientationIn(tiff []byte) orientation {
	const header, entry, tag = 8, 12, 0x0112
	if len(tiff) < header {
		return upright
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	directory := int(order.Uint32(tiff[4:]))
	if directory < header || directory+2 > len(tiff) {
		return upright
	}
	count := int(order.Uint16(tiff[directory:]))
	for i := range count {
		at := directory + 2 + i*entry
		if at+entry > len(tiff) {
			break
		}
		if order.Uint16(tiff[at:]) != tag {
			continue
		}
		if o := orientation(order.Uint16(tiff[at+8:])); o >= 1 && o <= 8 {
			return o
		}
	}
	return upright
}

// turn sets a picture upright.
func turn(from *image.RGBA, o orientation) *image.RGBA {
	if o == upright {
		return from
	}
	w, h := from.Rect.Dx(), from.Rect.Dy()
	size := image.Rect(0, 0, w, h)
	if o.lies() {
		size = image.Rect(0, 0, h, w)
	}
	to := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch o {
			case upright:
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			copy(to.Pix[to.PixOffset(tx, ty):][:4], from.Pix[from.PixOffset(x, y):][:4])
		}
	}
	return to
}
