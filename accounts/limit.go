package accounts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// limit says what failures of one subject cost. It is pure; the database only keeps the count and its time.
type limit struct {
	from   int           // this failure and each after it begin a wait
	first  time.Duration // the wait after that one; each after it is twice as long
	most   time.Duration // but never longer than this
	forget time.Duration // after so much quiet one failure is forgotten
	text   string        // what the reader is told while waiting
}

// accountLimit is of guesses at one account, wherever they come from. Over a day it lets a guesser try some 100
// passwords; the owner has the link.
func accountLimit() limit {
	return limit{from: 5, first: 5 * time.Second, most: 15 * time.Minute, forget: time.Hour,
		text: "too many wrong passwords for this address; a sign-in link by mail works at once"}
}

// sourceLimit is of guesses from one source, whatever account they are at. A whole office may sit behind it, so it
// is wider, and who signs in pays back their own attempt only.
func sourceLimit() limit {
	return limit{from: 20, first: 5 * time.Second, most: 15 * time.Minute, forget: 10 * time.Minute,
		text: "too many wrong passwords from this network"}
}

// linkLimit is of sign-in links for one address: one a minute. The reader is never told of it.
func linkLimit() limit {
	return limit{from: 1, first: time.Minute, most: time.Minute, forget: time.Minute}
}

// wait returns how long after the last of so many failures the next attempt may come.
func (l limit) wait(failures int) time.Duration {
	if failures < l.from {
		return 0
	}
	wait := l.first
	for range failures - l.from {
		if wait *= 2; wait >= l.most {
			return l.most
		}
	}
	return wait
}

// left returns how many failures still count after a time of quiet.
func (l limit) left(failures int, quiet time.Duration) int {
	return max(0, failures-int(quiet/l.forget))
}

// subject is whose failures are counted: a keyed hash, so that the table names nobody.
type subject struct {
	index []byte
	limit limit
}

func (s *Store) accountSubject(address string) subject {
	return subject{s.Ring.Index("sign-in failures of an account", FoldAddress(address)), accountLimit()}
}

func (s *Store) sourceSubject(source string) subject {
	return subject{s.Ring.Index("sign-in failures of a source", source), sourceLimit()}
}

func (s *Store) linkSubject(address string) subject {
	return subject{s.Ring.Index("sign-in links of an account", FoldAddress(address)), linkLimit()}
}

// charge counts an attempt against each subject before it is made: of many at once, no more get through than one
// after another would. It returns a TryLater, and tx must be rolled back, when one of them has to wait.
//
// Account before source, always: two transactions never wait for each other's rows.
func charge(ctx context.Context, tx pgx.Tx, subjects ...subject) error {
	var indexes [][]byte
	for _, s := range subjects {
		indexes = append(indexes, s.index)
	}
	counts, err := raiseFailures(ctx, tx, indexes)
	if err != nil {
		return err
	}
	settled := make([]int32, len(subjects))
	var refused *TryLater
	for i, s := range subjects {
		count := counts[string(s.index)]
		before, quiet := count.Failures-1, count.At.Sub(count.LastAt)
		if rest := s.limit.wait(before) - quiet; rest > 0 && (refused == nil || rest > refused.Wait) {
			refused = &TryLater{Wait: rest, Text: s.limit.text}
		}
		settled[i] = int32(s.limit.left(before, quiet) + 1)
	}
	if refused != nil {
		return refused
	}
	return settleFailures(ctx, tx, indexes, settled)
}

// forgive takes back what an attempt was charged, once it has succeeded: everything of the account, whose owner
// this was, and that one attempt of the source, which may be guessing at other accounts as well.
func (s *Store) forgive(ctx context.Context, tx pgx.Tx, address, source string) error {
	if err := clearFailures(ctx, tx, s.accountSubject(address).index); err != nil {
		return err
	}
	return lowerFailures(ctx, tx, s.sourceSubject(source).index)
}
