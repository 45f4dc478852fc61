package db

import (
	"context"
	"fmt"
)

// Durability reads back what a connection of this program commits with: on
// SQLite synchronous and the journal, on PostgreSQL what decides whether a
// commit is on disk when it is answered.
func (d *DB) Durability(ctx context.Context) (map[string]string, error) {
	queries := map[string]string{
		"synchronous":  "SELECT CAST(synchronous AS TEXT) AS v FROM pragma_synchronous",
		"journal_mode": "SELECT journal_mode AS v FROM pragma_journal_mode",
	}
	if d.Engine == Postgres {
		queries = map[string]string{}
		for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "server_version"} {
			queries[name] = "SELECT current_setting('" + name + "') AS v"
		}
	}
	settings := make(map[string]string, len(queries))
	for name, query := range queries {
		row, err := one(selectInto[settingRow](ctx, d, query))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		settings[name] = row.V
	}
	// synchronous is a number there (sqlite.org/pragma.html#pragma_synchronous).
	if name, ok := map[string]string{"0": "off", "1": "normal", "2": "full", "3": "extra"}[settings["synchronous"]]; ok {
		settings["synchronous"] = name
	}
	return settings, nil
}

type settingRow struct{ V string }
