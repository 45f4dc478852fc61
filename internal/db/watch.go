package db

// Watcher sees each statement before it runs, with its places for values ("?"),
// and refuses it by an error.
type Watcher func(query string) error

// Watch returns the database with a watcher of its statements, for tests. Both
// share the connections.
func (d *DB) Watch(w Watcher) *DB {
	watched := *d
	watched.watch = w
	return &watched
}

// see asks the watcher, where there is one.
func (w Watcher) see(query string) error {
	if w == nil {
		return nil
	}
	return w(query)
}
