package flow

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/teiki-commerce/teiki/internal/db"
)

// firstAnswer is what the first submit of a request was answered; db.ErrNotFound
// when there was none.
func firstAnswer[Answer any](ctx context.Context, c db.Conn, storeID int64, key string) (Answer, error) {
	var answer Answer
	text, err := db.Answer(ctx, c, storeID, key)
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return answer, fmt.Errorf("read the first answer to %s: %w", key, err)
	}
	return answer, nil
}
