package campaigns

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// SampleLetters are the finished letters that a coordinator gives for a campaign, by language; most campaigns have none, so that letters are in
// people's own words.
func (s *Store) SampleLetters(ctx context.Context, campaignID int64) (Texts, error) {
	rows, err := s.DB.Query(ctx, sampleLettersSQL, campaignID)
	list, err := all[sampleLetter](rows, err)
	texts := Texts{}
	for _, l := range list {
		texts[l.Language] = l.Text
	}
	return texts, err
}

// SetSampleLetters gives a campaign sample letters, or takes one back whose text is empty; those in languages that are not named stay. Errors: Invalid on
// sample.LANG; NotFound; Conflict for a closed campaign.
func (s *Store) SetSampleLetters(ctx context.Context, by audit.Actor, campaignID int64, texts Texts) error {
	var check failure.Check
	languages := slices.Sorted(maps.Keys(texts))
	for _, lang := range languages {
		check.Need(isLanguage(lang), "sample."+lang, "%q is not a language tag such as en, fr or fa", lang)
		check.Need(len(texts[lang]) <= 10_000 && !hasControl(texts[lang], true), "sample."+lang, "is longer than 10,000 bytes, or holds a control character")
	}
	if err := check.Err(); err != nil {
		return err
	}
	return s.change(ctx, by, campaignID, "campaign.set_sample_letters", texts, func(tx pgx.Tx, c Campaign) error {
		for _, lang := range languages {
			if err := putSampleLetter(ctx, tx, campaignID, lang, strings.TrimSpace(texts[lang])); err != nil {
				return err
			}
		}
		return nil
	})
}
