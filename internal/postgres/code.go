package postgres

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// The error codes that rooms decide by (PostgreSQL manual, appendix A).
const (
	codeUniqueViolation      = "23505"
	codeForeignKeyViolation  = "23503"
	codeCheckViolation       = "23514"
	codeSerializationFailure = "40001"
	codeDeadlock             = "40P01"
	codeLockNotAvailable     = "55P03"
	codeQueryCanceled        = "57014"
	codeProtocolViolation    = "08P01"
)

// IsUnique reports whether err says that a row with the same key is there already. constraint is the
// name of the unique constraint or index, "" for any.
func IsUnique(err error, constraint string) bool {
	return isViolation(err, codeUniqueViolation, constraint)
}

// IsForeignKey reports whether err says that a row refers to one that is not there, or that a row to be
// deleted is still referred to. constraint is the name of the foreign key, "" for any.
func IsForeignKey(err error, constraint string) bool {
	return isViolation(err, codeForeignKeyViolation, constraint)
}

// IsCheck reports whether err says that a row breaks a rule of its table. constraint is the name of the
// CHECK, "" for any.
func IsCheck(err error, constraint string) bool {
	return isViolation(err, codeCheckViolation, constraint)
}

// IsLockTimeout reports whether err says that a row or table was locked by somebody else: after
// lock_timeout, or at once with NOWAIT.
func IsLockTimeout(err error) bool { return codeOf(err) == codeLockNotAvailable }

// IsStatementTimeout reports whether the server cut the statement off: after statement_timeout, or
// because the context ended.
func IsStatementTimeout(err error) bool { return codeOf(err) == codeQueryCanceled }

// IsRefusedData reports whether the server will never take these values: they are malformed (class 22) or break a rule of
// the table (class 23).
func IsRefusedData(err error) bool {
	code := codeOf(err)
	return strings.HasPrefix(code, "22") || strings.HasPrefix(code, "23")
}

// IsRetryable reports whether the same transaction may well succeed when it is begun anew: it was
// chosen to end a deadlock, or could not be put in an order with the others.
func IsRetryable(err error) bool {
	code := codeOf(err)
	return code == codeSerializationFailure || code == codeDeadlock
}

func isViolation(err error, code, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == code && (constraint == "" || pg.ConstraintName == constraint)
}

func codeOf(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}
