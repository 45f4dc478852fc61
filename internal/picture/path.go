package picture

import (
	"regexp"
	"strconv"
)

// folder is where pages find the pictures of a store.
const folder = "/files/"

var pathForm = regexp.MustCompile(`^/files/([0-9a-f]{64})$`)

// Path is how a product names a picture, and where its widest stands.
func Path(hash string) string { return folder + hash }

// HashOf reads a path that Path made; false for any other.
func HashOf(path string) (hash string, ok bool) {
	parts := pathForm.FindStringSubmatch(path)
	if parts == nil {
		return "", false
	}
	return parts[1], true
}

// Sized is where a picture stands that is shown so many pixels wide, one of
// Widths.
func Sized(path string, width int) string { return path + "/" + strconv.Itoa(width) }
