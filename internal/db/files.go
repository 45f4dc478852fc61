package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// File is a picture in one width. Hash names the picture, whatever the width.
type File struct {
	Hash    string
	Width   int
	Kind    string // media type
	Content []byte
}

type fileRow struct {
	bun.BaseModel `bun:"table:files"`

	StoreID   int64
	Hash      string
	Width     int
	Kind      string
	Content   []byte
	CreatedAt instant
}

// SaveFiles keeps pictures. Those that are there already are the same: their
// content names them.
func SaveFiles(ctx context.Context, tx Tx, storeID int64, files []File, now time.Time) error {
	for _, f := range files {
		row := fileRow{StoreID: storeID, Hash: f.Hash, Width: f.Width, Kind: f.Kind, Content: f.Content, CreatedAt: at(now)}
		_, err := insertOr(ctx, tx, []fileRow{row}, "ON CONFLICT (store_id, hash, width) DO NOTHING")
		if err != nil {
			return doing("save picture", err)
		}
	}
	return nil
}

// FileByHash reads a picture in the smallest width from width on, else in the
// widest there is; ErrNotFound where the store has no such picture.
func FileByHash(ctx context.Context, c Conn, storeID int64, hash string, width int) (File, error) {
	row, err := rowOf[fileRow](ctx, c, `WHERE store_id = ? AND hash = ?
		ORDER BY CASE WHEN width >= ? THEN width ELSE 1000000 - width END LIMIT 1`, storeID, hash, width)
	return File{Hash: row.Hash, Width: row.Width, Kind: row.Kind, Content: row.Content}, doing("read picture", err)
}
