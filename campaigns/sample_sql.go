package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"
)

const (
	sampleLettersSQL = `
SELECT language, text
FROM sample_letters
WHERE campaign_id = $1
ORDER BY language`
	putSampleLetterSQL = `
INSERT INTO sample_letters (campaign_id, language, text)
VALUES ($1, $2, $3)
ON CONFLICT (campaign_id, language) DO UPDATE
SET text = excluded.text`
	deleteSampleLetterSQL = `
DELETE FROM sample_letters
WHERE campaign_id = $1 AND language = $2`
)

// sampleLetter is a finished letter in one language.
type sampleLetter struct{ Language, Text string }

func putSampleLetter(ctx context.Context, tx pgx.Tx, campaignID int64, lang, text string) error {
	if text == "" {
		_, err := tx.Exec(ctx, deleteSampleLetterSQL, campaignID, lang)
		return err
	}
	_, err := tx.Exec(ctx, putSampleLetterSQL, campaignID, lang, text)
	return err
}
