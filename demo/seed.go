package demo

import (
	"context"
	"time"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/members"
)

// Stores are the rooms that Seed fills. All are needed; nothing is launched, so Campaigns.Jobs may be nil.
type Stores struct {
	Accounts  *accounts.Store
	Members   *members.Store
	Campaigns *campaigns.Store
}

// Options say how much to seed.
type Options struct {
	Members  int                    // how many; more than the last time adds the rest, fewer takes nobody away
	Seed     uint64                 // the same seed makes the same members
	Now      time.Time              // by the database's clock, now_at(): the time of the first issue of each case
	Progress func(members.Progress) // of the import of members; may be nil
}

// Seeded is what there is after Seed.
type Seeded struct {
	Coordinators [2]accounts.Account // the second gives the yes that the first may not (R2)
	Reviewer     accounts.Account
	Tracker      accounts.Account
	Cases        []SeededCase // in the order of their numbers
	// MayLeave are two members who are mailed last: whoever wants to show somebody leaving while an appeal goes out lets them
	// leave once it is launched. Seed leaves them subscribed.
	MayLeave []int64
}

// SeededCase is where one of the ten cases stands in the database.
type SeededCase struct {
	Number     int // as in Fixture
	CaseID     int64
	CampaignID int64
	AppealID   int64 // its first appeal
}

// ToLaunch returns the first appeal of the case that the demo launches.
func (s Seeded) ToLaunch() int64 { return s.Cases[Launched-1].AppealID }

// Seed makes everything that is not there yet, and changes nothing that is. Each step is a transaction of its own; after
// an error, call it again. An error of a kind (failure.Invalid and so on) is a fault of the fixtures.
func Seed(ctx context.Context, stores Stores, o Options) (Seeded, error) {
	var seeded Seeded
	people, err := seedStaff(ctx, stores.Accounts)
	if err != nil {
		return seeded, err
	}
	seeded.Coordinators, seeded.Reviewer, seeded.Tracker = [2]accounts.Account{people[0], people[1]}, people[2], people[3]
	by := audit.Account(people[0].ID)
	if err := seedGroups(ctx, stores.Members, by); err != nil {
		return seeded, err
	}
	crowd := newCrowd(o.Seed)
	imported, err := importMembers(ctx, stores.Members, by, crowd, o.Members, o.Progress)
	if err != nil {
		return seeded, err
	}
	work := &caseWork{store: stores.Campaigns, by: by, second: audit.Account(people[1].ID)}
	finished, err := work.look(ctx)
	if err != nil {
		return seeded, err
	}
	// Once everything stands, who came back or may be mailed again by now has done so in the demo.
	if imported || !finished {
		if err := partWays(ctx, stores.Members, by, crowd, o.Members); err != nil {
			return seeded, err
		}
	}
	if seeded.Cases, err = work.seed(ctx, o.Now); err != nil {
		return seeded, err
	}
	seeded.MayLeave, err = mayLeave(ctx, stores.Members, crowd, o.Members)
	return seeded, err
}

func seedStaff(ctx context.Context, store *accounts.Store) ([]accounts.Account, error) {
	var people []accounts.Account
	for _, wanted := range staff() {
		account, err := store.FindByAddress(ctx, wanted.Address)
		if failure.Is(err, failure.NotFound) {
			account, err = store.Add(ctx, audit.System(), wanted)
		}
		if err != nil {
			return nil, err
		}
		people = append(people, account)
	}
	return people, nil
}

func seedGroups(ctx context.Context, store *members.Store, by audit.Actor) error {
	known, err := store.Groups(ctx)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, g := range known {
		there[g.Name] = true
	}
	for _, g := range groups() {
		if there[g.city] {
			continue
		}
		if _, err := store.AddGroup(ctx, by, g.city, g.city); err != nil {
			return err
		}
	}
	return nil
}
