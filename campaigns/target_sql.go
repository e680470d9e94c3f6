package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"
)

const targetColumns = `id, code, kind, country, power, office, institution, salutation, languages, gender, postal_address, postal_country, address, fax, phone, form_url,
       social_urls, postage_free, letters_are_public_records, takes_mass_letters, verified_on, verified_source, created_at`

const (
	targetSQL     = `SELECT ` + targetColumns + ` FROM targets WHERE id = $1`
	lockTargetSQL = `SELECT ` + targetColumns + ` FROM targets WHERE id = $1 FOR NO KEY UPDATE`
	targetsSQL    = `
SELECT ` + targetColumns + `
FROM targets
WHERE id > $1
ORDER BY id
LIMIT $2`
	insertTargetSQL = `
INSERT INTO targets (code, kind, country, power, office, institution, salutation, languages, gender, postal_address, postal_country, address, fax,
                     phone, form_url, social_urls, postage_free, letters_are_public_records, takes_mass_letters, verified_on, verified_source)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
RETURNING ` + targetColumns
	updateTargetSQL = `
UPDATE targets
SET code = $2, kind = $3, country = $4, power = $5, office = $6, institution = $7, salutation = $8, languages = $9, gender = $10,
    postal_address = $11, postal_country = $12, address = $13, fax = $14, phone = $15, form_url = $16, social_urls = $17,
    postage_free = $18, letters_are_public_records = $19, takes_mass_letters = $20, verified_on = $21, verified_source = $22
WHERE id = $1
RETURNING ` + targetColumns
)

func (n NewTarget) values() []any {
	takesMass := n.TakesMassLetters == nil || *n.TakesMassLetters
	institution, salutation := n.Institution, n.Salutation
	if institution == nil {
		institution = Texts{}
	}
	if salutation == nil {
		salutation = Texts{}
	}
	languages, profiles := n.Languages, n.SocialURLs
	if languages == nil {
		languages = []string{}
	}
	if profiles == nil {
		profiles = []string{}
	}
	return []any{n.Code, n.Kind, orNull(n.Country), n.Power, n.Office, institution, salutation, languages, n.Gender, n.PostalAddress,
		orNull(n.PostalCountry), n.Address, n.Fax, n.Phone, n.FormURL, profiles, n.PostageFree, n.LettersArePublicRecords, takesMass, n.VerifiedOn, n.VerifiedSource}
}

func insertTarget(ctx context.Context, tx pgx.Tx, n NewTarget) (Target, error) {
	rows, err := tx.Query(ctx, insertTargetSQL, n.values()...)
	return one[Target](rows, err, "target", n.Code)
}

func updateTarget(ctx context.Context, tx pgx.Tx, id int64, n NewTarget) (Target, error) {
	rows, err := tx.Query(ctx, updateTargetSQL, append([]any{id}, n.values()...)...)
	return one[Target](rows, err, "target", id)
}

func lockTarget(ctx context.Context, tx pgx.Tx, id int64) (Target, error) {
	rows, err := tx.Query(ctx, lockTargetSQL, id)
	return one[Target](rows, err, "target", id)
}
