package archtest

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Breach is one place where the source breaks a rule.
type Breach struct {
	Place string // file and line
	What  string
	Why   string
}

func (b Breach) String() string { return b.Place + ": " + b.What + ": " + b.Why }

// Check reads all Go files under the root of the repository and returns where
// they break the rules, in the order of the files.
func Check(root fs.FS) ([]Breach, error) {
	var all []Breach
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			// tools has its own module; testdata is data.
			if name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || name == "tools") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		source, err := fs.ReadFile(root, name)
		if errors.Is(err, fs.ErrNotExist) { // an editor's temporary file, gone again
			return nil
		}
		if err != nil {
			return err
		}
		breaches, err := checkFile(name, source)
		all = append(all, breaches...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the source: %w", err)
	}
	return all, nil
}

// file is one parsed source file.
type file struct {
	name  string // from the root, with slashes
	dir   string
	tests bool
	set   *token.FileSet
	tree  *ast.File
	found []Breach
}

func checkFile(name string, source []byte) ([]Breach, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", name, err)
	}
	f := &file{name: name, dir: path.Dir(name), tests: isTest(name), set: set, tree: tree}
	f.checkHome()
	for _, spec := range tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("read an import of %s: %w", name, err)
		}
		f.checkImport(spec, imported)
	}
	f.checkCalls()
	return f.found, nil
}

func isTest(name string) bool {
	return strings.HasSuffix(name, "_test.go") || withinAny(path.Dir(name), testSupport)
}

func (f *file) report(at ast.Node, why, what string, args ...any) {
	line := f.set.Position(at.Pos()).Line
	f.found = append(f.found, Breach{Place: fmt.Sprintf("%s:%d", f.name, line), What: fmt.Sprintf(what, args...), Why: why})
}

// checkHome refuses packages that the table does not know, as a rule that
// forgets a package guards nothing.
func (f *file) checkHome() {
	inside, ok := strings.CutPrefix(f.dir, "internal/")
	if !ok {
		return
	}
	floor, rest, _ := strings.Cut(inside, "/")
	if _, known := floors[floor]; !known {
		f.report(f.tree.Name, "every package has its place: name it in internal/archtest/rules.go",
			"internal/%s is on no floor", floor)
	}
	if floor == "core" {
		name, _, _ := strings.Cut(rest, "/")
		if storeyOf(name) < 0 {
			f.report(f.tree.Name, "every package of core has its storey: name it in internal/archtest/rules.go",
				"internal/core/%s is in no storey", name)
		}
	}
}

func (f *file) checkImport(spec *ast.ImportSpec, imported string) {
	for _, rule := range importRules {
		if matchesAny(rule.imports, imported) && !rule.allows(f) {
			f.report(spec, rule.why, "imports %s", imported)
		}
	}
	if f.tests {
		return
	}
	if ours, ok := strings.CutPrefix(imported, module); ok {
		f.checkOurs(spec, ours)
		return
	}
	if within(f.dir, "internal/core") && !slices.Contains(coreLibraries, imported) &&
		strings.Contains(strings.Split(imported, "/")[0], ".") {
		f.report(spec, "core imports nothing but the standard library and core", "imports %s", imported)
	}
}

// checkOurs checks the import of one of our own packages by the floors and, in
// core, by the storeys.
func (f *file) checkOurs(spec *ast.ImportSpec, imported string) {
	from, ok := strings.CutPrefix(f.dir, "internal/")
	if !ok {
		return // cmd and bench may import all
	}
	to, ok := strings.CutPrefix(imported, "internal/")
	if !ok {
		f.report(spec, "imports go down only; cmd and bench are the roof", "imports %s", imported)
		return
	}
	fromFloor, fromRest, _ := strings.Cut(from, "/")
	toFloor, toRest, _ := strings.Cut(to, "/")
	if fromFloor != toFloor {
		if !slices.Contains(floors[fromFloor], toFloor) {
			f.report(spec, "imports go down only: app → web, engine → flow → db, stripe → core; mail, document → view → i18n → core",
				"internal/%s imports internal/%s", fromFloor, toFloor)
		}
		return
	}
	if fromFloor == "core" {
		f.checkStoreys(spec, fromRest, toRest)
	}
}

func (f *file) checkStoreys(spec *ast.ImportSpec, from, to string) {
	from, _, _ = strings.Cut(from, "/")
	to, _, _ = strings.Cut(to, "/")
	a, b := storeyOf(from), storeyOf(to)
	switch {
	case from == to || a < 0 || b < 0: // the unknown one is reported at its home
	case b > a:
		f.report(spec, "inside core each storey imports its own and lower ones only",
			"core/%s (storey %d) imports core/%s (storey %d)", from, a+1, to, b+1)
	case b == a && !storeys[a].siblings:
		f.report(spec, "in this storey none imports another: resolve the values first and hand them over",
			"core/%s imports core/%s (both storey %d)", from, to, a+1)
	}
}

// checkCalls looks for uses of forbidden names, called or handed on.
func (f *file) checkCalls() {
	names := f.importNames()
	testers := f.testers()
	ast.Inspect(f.tree, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := selector.X.(*ast.Ident)
		if !ok {
			return true
		}
		for _, rule := range callRules {
			if !slices.Contains(rule.names, selector.Sel.Name) || rule.allows(f) {
				continue
			}
			if names[x.Name] == rule.pkg || (rule.pkg == testTypes && testers[x.Name]) {
				f.report(selector, rule.why, "uses %s.%s", x.Name, selector.Sel.Name)
			}
		}
		return true
	})
}

// importNames maps the names by which a file calls packages to their paths.
func (f *file) importNames() map[string]string {
	names := map[string]string{}
	for _, spec := range f.tree.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value) // checked in checkFile
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = imported
	}
	return names
}

// testers are the parameters of the file's functions that are a test.
func (f *file) testers() map[string]bool {
	testers := map[string]bool{}
	ast.Inspect(f.tree, func(n ast.Node) bool {
		function, ok := n.(*ast.FuncType)
		if !ok {
			return true
		}
		for _, param := range function.Params.List {
			kind := param.Type
			if star, ok := kind.(*ast.StarExpr); ok {
				kind = star.X
			}
			selector, ok := kind.(*ast.SelectorExpr)
			if !ok {
				continue
			}
			if pkg, ok := selector.X.(*ast.Ident); !ok || pkg.Name != "testing" ||
				!slices.Contains(words("T B F TB"), selector.Sel.Name) {
				continue
			}
			for _, name := range param.Names {
				testers[name.Name] = true
			}
		}
		return true
	})
	return testers
}

func (r importRule) allows(f *file) bool {
	if f.tests && r.tests {
		return true
	}
	if r.within != nil {
		return !withinAny(f.dir, r.within)
	}
	return withinAny(f.dir, r.only)
}

func (r callRule) allows(f *file) bool {
	if f.tests {
		return r.tests
	}
	return withinAny(f.dir, r.only)
}

// storeyOf counts from 0; -1 is unknown.
func storeyOf(name string) int {
	return slices.IndexFunc(storeys, func(s storey) bool { return slices.Contains(s.packages, name) })
}

func within(dir, folder string) bool {
	return dir == folder || strings.HasPrefix(dir, folder+"/")
}

func withinAny(dir string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool { return within(dir, folder) })
}

func matchesAny(patterns []string, imported string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if folder, ok := strings.CutSuffix(pattern, "/..."); ok {
			return within(imported, folder)
		}
		return imported == pattern
	})
}

// words keeps the tables short.
func words(s string) []string { return strings.Fields(s) }
