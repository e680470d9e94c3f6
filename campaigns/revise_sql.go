package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"
)

const dropOtherTextsSQL = `
DELETE FROM appeal_texts
WHERE appeal_id = $1 AND language <> ALL ($2)`

func replaceTexts(ctx context.Context, tx pgx.Tx, appealID int64, texts []Text) error {
	languages := make([]string, len(texts))
	for i, t := range texts {
		languages[i] = t.Language
		if err := putText(ctx, tx, appealID, t); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, dropOtherTextsSQL, appealID, languages)
	return err
}
