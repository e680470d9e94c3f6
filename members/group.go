package members

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// Group is a local group of members.
type Group struct {
	ID        int64
	Name      string
	City      string // "" where it has none
	CreatedAt time.Time
	Members   int64 // how many are subscribed and not suppressed; only Groups counts them
}

// maxGroupName is the limit of a group's name and city in characters.
const maxGroupName = 100

// AddGroup makes a group. The errors are failure.Invalid, and failure.Conflict when there is a group of
// this name, in whatever case.
func (s *Store) AddGroup(ctx context.Context, by audit.Actor, name, city string) (Group, error) {
	name, city, err := checkGroup(name, city)
	if err != nil {
		return Group{}, err
	}
	var group Group
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		if err := refuseGroupName(ctx, tx, name, 0); err != nil {
			return err
		}
		if group, err = insertGroup(ctx, tx, name, city); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{
			Actor: by, Action: "group.add", Subject: "group", SubjectID: group.ID, After: group})
	})
	return group, groupNameTaken(err, name)
}

// RenameGroup gives a group another name and city. The errors are failure.NotFound, failure.Invalid, and
// failure.Conflict when another group has the name, in whatever case.
func (s *Store) RenameGroup(ctx context.Context, by audit.Actor, id int64, name, city string) (Group, error) {
	name, city, err := checkGroup(name, city)
	if err != nil {
		return Group{}, err
	}
	var group Group
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		before, err := lockGroup(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := refuseGroupName(ctx, tx, name, id); err != nil {
			return err
		}
		if group, err = updateGroup(ctx, tx, id, name, city); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{
			Actor: by, Action: "group.rename", Subject: "group", SubjectID: id, Before: before, After: group})
	})
	return group, groupNameTaken(err, name)
}

// Groups returns all groups in order of name, each with the number of its members who can be mailed.
func (s *Store) Groups(ctx context.Context) ([]Group, error) { return readGroups(ctx, s.DB) }

// Town returns the city of a member's group; "" where they stand alone, or it has none.
func (s *Store) Town(ctx context.Context, member int64) (string, error) {
	return readTown(ctx, s.DB, member)
}

func checkGroup(name, city string) (string, string, error) {
	var check failure.Check
	name, reason := cleanLine(name, maxGroupName)
	if reason == "" && name == "" {
		reason = "a group needs a name"
	}
	check.Need(reason == "", "name", "%s", reason)
	city, reason = cleanLine(city, maxGroupName)
	check.Need(reason == "", "city", "%s", reason)
	return name, city, check.Err()
}

// groupNameTaken turns the answer to a race for a name into a conflict.
func groupNameTaken(err error, name string) error {
	if postgres.IsUnique(err, "groups_name_key") {
		return failure.Clash("there is a group called %s already", name)
	}
	return err
}

// needGroup returns failure.Invalid when there is no group of this id; 0 is none and right.
func needGroup(ctx context.Context, tx pgx.Tx, id int64) error {
	if id == 0 {
		return nil
	}
	found, err := groupExists(ctx, tx, id)
	if err != nil || found {
		return err
	}
	return failure.Wrong("group_id", "there is no group %d", id)
}
