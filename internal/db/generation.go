package db

// Generation counts what was committed through this handle to what shops keep in
// memory: stores, their hosts, settings and secrets. Who keeps a copy remembers
// the generation from before reading it; another one says that the copy may be
// old. What other processes commit it does not know.
func (d *DB) Generation() uint64 { return d.generation.Load() }

// marks are what a transaction has touched, for when it is committed.
type marks struct{ shop bool }

// touchShop says that the transaction changes what Generation counts.
func (t Tx) touchShop() { t.marks.shop = true }
