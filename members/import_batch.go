package members

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/postgres"
)

// known is somebody whose address is in the database already.
type known struct {
	ID           int64
	AddressIndex []byte
	NameSealed   []byte
	Language     string
	Country      *string
	GroupID      *int64
	Subscribed   bool
}

// standing is what the database says about the addresses of one batch.
type standing struct {
	members    map[string]known // by blind index
	suppressed map[string]bool
}

// fate is what becomes of one row.
type fate int

// The fates.
const (
	added fate = iota
	keptAsIs
	keptLeft
	keptSuppressed
	stopped
)

// fateOf says what becomes of a row that says somebody may be mailed. A stop of before always holds.
func (s standing) fateOf(index []byte) fate {
	member, found := s.members[string(index)]
	switch {
	case s.suppressed[string(index)]:
		return keptSuppressed
	case !found:
		return added
	case !member.Subscribed:
		return keptLeft
	}
	return keptAsIs
}

// fateOfStop says what becomes of a row that says somebody may not be mailed. Who has left is left in
// peace: a suppression would stand in the way of a new consent of their own.
func (s standing) fateOfStop(index []byte) fate {
	if fate := s.fateOf(index); fate == keptLeft || fate == keptSuppressed {
		return fate
	}
	return stopped
}

// retries is how often a batch is tried anew when it ran into somebody else's transaction.
const retries = 5

// batch runs one transaction of an import, again if it lost against another that wrote the same members.
func (s *Store) batch(ctx context.Context, do func(tx pgx.Tx) (Counts, error)) (counts Counts, err error) {
	for range retries {
		err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
			counts, err = do(tx)
			return err
		})
		if !postgres.IsRetryable(err) && !postgres.IsUnique(err, "members_address_index_key") {
			break
		}
	}
	return counts, err
}

// stopBatch makes members leave and suppresses addresses.
func (s *Store) stopBatch(ctx context.Context, by audit.Actor, indexes [][]byte) (Counts, error) {
	if len(indexes) == 0 {
		return Counts{}, nil
	}
	return s.batch(ctx, func(tx pgx.Tx) (Counts, error) {
		now, err := beginBatch(ctx, tx)
		if err != nil {
			return Counts{}, err
		}
		standing, err := readStanding(ctx, tx, indexes)
		if err != nil {
			return Counts{}, err
		}
		var counts Counts
		var suppress [][]byte
		var leave []int64
		for _, index := range indexes {
			switch standing.fateOfStop(index) {
			case keptLeft:
				counts.KeptLeft++
			case keptSuppressed:
				counts.KeptSuppressed++
			default:
				counts.Stopped++
				suppress = append(suppress, index)
				if member, found := standing.members[string(index)]; found {
					leave = append(leave, member.ID)
				}
			}
		}
		if len(suppress) == 0 {
			return counts, nil
		}
		left, err := closeConsents(ctx, tx, leave, byImport)
		if err != nil {
			return Counts{}, err
		}
		if err := recordLeaving(ctx, tx, by, left); err != nil {
			return Counts{}, err
		}
		if err := suppressAll(ctx, tx, suppress, now); err != nil {
			return Counts{}, err
		}
		return counts, audit.Record(ctx, tx, audit.Event{
			Actor: by, Action: "suppression.import", Subject: "suppression", After: suppress})
	})
}

// addBatch adds new members and brings those up to date who are subscribed.
func (s *Store) addBatch(ctx context.Context, by audit.Actor, rows []importRow, defaults ImportOptions) (Counts, error) {
	if len(rows) == 0 {
		return Counts{}, nil
	}
	indexes := make([][]byte, len(rows))
	for i, row := range rows {
		indexes[i] = row.index
	}
	return s.batch(ctx, func(tx pgx.Tx) (Counts, error) {
		now, err := beginBatch(ctx, tx)
		if err != nil {
			return Counts{}, err
		}
		standing, err := readStanding(ctx, tx, indexes)
		if err != nil {
			return Counts{}, err
		}
		var counts Counts
		var fresh []importRow
		var changed []memberRow
		for _, row := range rows {
			switch standing.fateOf(row.index) {
			case added:
				counts.Added++
				fresh = append(fresh, row.orDefaults(defaults))
			case keptLeft:
				counts.KeptLeft++
			case keptSuppressed:
				counts.KeptSuppressed++
			default:
				after, differs, err := s.merge(standing.members[string(row.index)], row)
				if err != nil {
					return Counts{}, err
				}
				if !differs {
					counts.Unchanged++
					continue
				}
				counts.Updated++
				changed = append(changed, after)
			}
		}
		if len(fresh)+len(changed) == 0 {
			return counts, nil
		}
		ids, err := s.insertAll(ctx, tx, by, fresh, now)
		if err != nil {
			return Counts{}, err
		}
		if err := updateAll(ctx, tx, changed); err != nil {
			return Counts{}, err
		}
		return counts, audit.Record(ctx, tx, audit.Event{Actor: by, Action: "member.import", Subject: "member",
			After: struct {
				Added   []int64
				Updated []memberRow
			}{ids, changed}})
	})
}

// orDefaults returns row with the defaults of the import where it says nothing.
func (r importRow) orDefaults(o ImportOptions) importRow {
	if r.language == "" {
		r.language = o.Language
	}
	if r.country == "" {
		r.country = o.Country
	}
	if r.groupID == 0 {
		r.groupID = o.GroupID
	}
	return r
}

// merge returns a member with what row says of them, and whether that is anything new. Only the columns
// that an import may change are filled.
func (s *Store) merge(member known, row importRow) (after memberRow, differs bool, err error) {
	after = memberRow{ID: member.ID, NameSealed: member.NameSealed,
		Language: member.Language, Country: member.Country, GroupID: member.GroupID}
	if row.name != "" {
		var name []byte
		if member.NameSealed != nil {
			if name, err = s.Ring.Open(namePlace(member.ID), member.NameSealed); err != nil {
				return after, false, err
			}
		}
		if string(name) != row.name {
			after.NameSealed, differs = s.sealName(member.ID, row.name), true
		}
	}
	if row.language != "" && row.language != member.Language {
		after.Language, differs = row.language, true
	}
	if row.country != "" && row.country != textOr(member.Country) {
		after.Country, differs = &row.country, true
	}
	if row.groupID != 0 && row.groupID != idOr(member.GroupID) {
		after.GroupID, differs = &row.groupID, true
	}
	return after, differs, nil
}
