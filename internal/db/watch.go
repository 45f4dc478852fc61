package db

import "github.com/uptrace/bun"

// Watch returns the database with a hook that sees every statement of it, for
// tests and logs. Both share the connections.
func (d *DB) Watch(hook bun.QueryHook) *DB {
	watched := &DB{Engine: d.Engine, reader: d.reader.WithQueryHook(hook), generation: d.generation, gate: d.gate}
	if d.writer == d.reader {
		watched.writer = watched.reader
	} else {
		watched.writer = d.writer.WithQueryHook(hook)
	}
	return watched
}
