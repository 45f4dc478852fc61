package faulttest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// mutant is a deliberate mistake in the source of the program under test.
type mutant struct {
	name    string
	changes []change
}

// change replaces a text that a file must hold just once.
type change struct {
	file     string // from the module's root
	old, new string
}

// build builds the runner with the mistake. The source on disk stays as it is: the
// go command is told to read other files in their place.
func (m mutant) build(dir string) (string, error) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return "", err
	}
	mutated := map[string]string{} // by path
	for _, c := range m.changes {
		path := filepath.Join(root, filepath.FromSlash(c.file))
		source, begun := mutated[path]
		if !begun {
			content, err := os.ReadFile(path)
			if err != nil {
				return "", fmt.Errorf("mutate %s: %w", c.file, err)
			}
			source = string(content)
		}
		if n := strings.Count(source, c.old); n != 1 {
			return "", fmt.Errorf("mutant %q: %s has %d times, not once:\n%s", m.name, c.file, n, c.old)
		}
		mutated[path] = strings.Replace(source, c.old, c.new, 1)
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for path, source := range mutated {
		overlay.Replace[path] = filepath.Join(dir, fmt.Sprintf("%d-%s", len(overlay.Replace), filepath.Base(path)))
		if err := os.WriteFile(overlay.Replace[path], []byte(source), 0o600); err != nil {
			return "", fmt.Errorf("write a mutant: %w", err)
		}
	}
	content, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, content, 0o600); err != nil {
		return "", fmt.Errorf("write the overlay: %w", err)
	}
	return build("internal/faulttest/runner", "-overlay", list)
}
