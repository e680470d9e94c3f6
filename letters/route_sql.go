package letters

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/postgres"
)

const routeColumns = `from_country, to_country, transit_days, postage, suspended_from, suspended_until, verified_on`

const (
	routesSQL = `
SELECT ` + routeColumns + `
FROM postal_routes
ORDER BY from_country, to_country`
	routeSQL = `
SELECT ` + routeColumns + `
FROM postal_routes
WHERE from_country = $1 AND to_country = $2`
	putRouteSQL = `
INSERT INTO postal_routes (from_country, to_country, transit_days, postage, suspended_from, suspended_until, verified_on)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (from_country, to_country) DO UPDATE
SET transit_days = excluded.transit_days, postage = excluded.postage, suspended_from = excluded.suspended_from,
    suspended_until = excluded.suspended_until, verified_on = excluded.verified_on`
	routesFromSQL = `
SELECT ` + routeColumns + `
FROM postal_routes
WHERE from_country = $1`
)

// routeBetween returns what is known of the post between two countries, nil where nothing is.
func routeBetween(ctx context.Context, db postgres.DB, from, to string) (*Route, error) {
	rows, err := db.Query(ctx, routeSQL, from, to)
	list, err := all[Route](rows, err)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

func putRoute(ctx context.Context, tx pgx.Tx, r Route) error {
	_, err := tx.Exec(ctx, putRouteSQL, r.FromCountry, r.ToCountry, r.TransitDays, r.Postage, r.SuspendedFrom, r.SuspendedUntil, r.VerifiedOn)
	return err
}
