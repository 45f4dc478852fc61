package dbtest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
)

// global are the tables that belong to no store.
var global = map[string]bool{
	"stores": true, "instance": true, "staff": true, "gateway_budget": true, "goose_db_version": true,
}

// AllStores marks a statement that works for all stores on purpose, as the
// claims of the engine do.
const AllStores = "/* all stores */"

var (
	literals = regexp.MustCompile(`'(?:[^']|'')*'`)
	verb     = regexp.MustCompile(`(?i)^\s*(?:WITH\b|SELECT\b|UPDATE\b|DELETE\b|INSERT\b)`)
	tables   = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INTO|UPDATE)\s+"?([a-z_]+)"?`)
	inserted = regexp.MustCompile(`(?i)\bINTO\s+"?[a-z_]+"?(?:\s+AS\s+"?[a-z_]+"?)?\s*\([^()]*\bstore_id\b`)
	bound    = regexp.MustCompile(`(?i)\bstore_id"?\s*(?:=|IN\b)\s*\(?\s*[0-9?]`)
	named    = regexp.MustCompile(`(?i)([a-z_]+)"?\s+AS\s+(?:MATERIALIZED\s+|NOT\s+MATERIALIZED\s+)?\(|\bWITH\s+([a-z_]+)\s*\(`)
)

// crossing says why a statement does not keep to one store; empty where it does.
func crossing(sql string) string {
	if strings.Contains(sql, AllStores) {
		return ""
	}
	sql = literals.ReplaceAllString(sql, "''")
	if !verb.MatchString(sql) {
		return ""
	}
	defined := map[string]bool{}
	for _, match := range named.FindAllStringSubmatch(sql, -1) {
		defined[strings.ToLower(match[1]+match[2])] = true
	}
	for _, match := range tables.FindAllStringSubmatch(sql, -1) {
		table := strings.ToLower(match[1])
		if global[table] || defined[table] || table == "set" { // DO UPDATE SET
			continue
		}
		if !bound.MatchString(sql) && !inserted.MatchString(sql) {
			return table
		}
	}
	return ""
}

// errCrossing is why a statement was refused.
var errCrossing = errors.New("statement on rows of a store without a store_id")

// isolation refuses statements which read or write rows of a store without saying
// which store, and fails the test.
func isolation(t testing.TB) db.Watcher {
	return func(query string) error {
		table := crossing(query)
		if table == "" {
			return nil
		}
		t.Errorf("%v: table %s in %s", errCrossing, table, query)
		return fmt.Errorf("%w: table %s", errCrossing, table)
	}
}
