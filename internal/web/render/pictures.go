package render

import (
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/picture"
)

// picture is the address of a static file, of an uploaded picture by the path that
// names it, or of the mark that stands for a missing one. An uploaded picture can
// be asked for in a width, for places that never show it wider.
func (a *Assets) picture(name string, width ...int) (string, error) {
	switch {
	case name == "":
		return a.URL("goods/none.svg")
	case photo(name) && len(width) > 0:
		return picture.Sized(name, width[0]), nil
	case strings.HasPrefix(name, "/"):
		return name, nil
	default:
		return a.URL(name)
	}
}

// photo reports whether a picture was uploaded. It fills its place, whereas the
// drawings that come with the program stand in it.
func photo(name string) bool {
	_, uploaded := picture.HashOf(name)
	return uploaded
}

// photoSet are the widths of an uploaded picture for a srcset attribute; empty for
// a drawing, which is as sharp in any.
func photoSet(name string) string {
	if !photo(name) {
		return ""
	}
	sources := make([]string, len(picture.Widths))
	for i, width := range picture.Widths {
		sources[i] = picture.Sized(name, width) + " " + strconv.Itoa(width) + "w"
	}
	return strings.Join(sources, ", ")
}
