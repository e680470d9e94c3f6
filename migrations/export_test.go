package migrations

import (
	"context"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"
)

// What the tests of this package need of its inside; they stand outside because dbtest imports it.

const TryLockSQL, UnlockSQL = tryLockSQL, unlockSQL

func Files() fs.FS { return files }

func UpOurs(ctx context.Context, pool *pgxpool.Pool, steps fs.FS, progress func(string)) error {
	return upOurs(ctx, pool, steps, progress)
}
