package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// OpenScratch makes an SQLite database that is nothing before it is whole: no
// commit waits for the disk, and after a crash the file is worthless. Close it and
// Keep it. The schema is not touched; see Migrate.
func OpenScratch(ctx context.Context, path string) (*DB, error) {
	if err := removeDatabase(path); err != nil {
		return nil, err
	}
	return openSQLite(ctx, path, scratchOptions)
}

// Keep writes a closed scratch database to the disk and gives it its name.
func Keep(path, as string) error {
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keep %s: it is still open: %w", path, errors.Join(err, fs.ErrExist))
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("keep a database: %w", err)
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write %s to disk: %w", path, err)
	}
	if err := os.Rename(path, as); err != nil {
		return fmt.Errorf("keep a database: %w", err)
	}
	return nil
}

// removeDatabase removes what an earlier try left.
func removeDatabase(path string) error {
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an unfinished database: %w", err)
		}
	}
	return nil
}
