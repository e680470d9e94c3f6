package campaigns

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Limit is how many messages a second a provider takes from us, from all processes together.
type Limit struct {
	Provider string  // the domain that the limit is named after; several domains may share it
	Rate     float64 // messages a second, above 0
}

// Pacing is what a process knows of providers when it is about to claim.
type Pacing struct {
	Urgent   bool
	Limits   map[string]Limit           // by domain
	Provider func(domain string) string // whose limit and whose pauses a domain shares
	Paused   bool                       // some provider is paused: the database says which, and for how long
}

// providerBurst is how much of a provider's rate may leave at once: those who wait for their moment are woken to within a second.
const providerBurst = time.Second

// shortestWait keeps a row that is put off from being due again at once.
const shortestWait = 50 * time.Millisecond

// Pace says how many of the first rows due in a batch, limit at most, may be claimed now: those at providers that have room for them
// and are not paused. The others it puts off, without counting an attempt and never past the deadline: until the end of the pause,
// or to a moment of their own in the line that the appeal has at that provider. It is at least 1, so that a claim reads how the
// appeal stands.
//
// It need be asked only where there is a limit or a pause. A row that comes due between this and the claim is one too many.
func (s *Store) Pace(ctx context.Context, b Batch, limit int, p Pacing) (int, error) {
	paused, err := s.pausedNow(ctx, p)
	if err != nil {
		return 0, err
	}
	for {
		due, err := dueDomains(ctx, s.DB, b, limit)
		if err != nil {
			return 0, err
		}
		slowed, limited := p.sort(due, paused)
		may := len(due) - len(slowed)
		for _, members := range limited {
			may -= len(members)
		}
		if len(slowed)+len(limited) > 0 {
			err = s.inTx(ctx, func(tx pgx.Tx) error {
				granted, late, err := queue(ctx, tx, b.AppealID, p, limited)
				may += granted
				if err != nil {
					return err
				}
				return putOff(ctx, tx, b.AppealID, append(slowed, late...))
			})
		}
		if err != nil || may > 0 || len(due) < limit {
			return max(may, 1), err
		}
	}
}

// dueMember is a row that is due, by the member's domain.
type dueMember struct {
	MemberID int64
	Domain   string
}

// wait is how long one row is put off, and why.
type wait struct {
	member int64
	wait   time.Duration
	reason string // limit, slowed
}

// pausedNow says which providers are paused, and for how long.
func (s *Store) pausedNow(ctx context.Context, p Pacing) (map[string]time.Duration, error) {
	if !p.Paused {
		return nil, nil
	}
	list, err := s.Paused(ctx)
	paused := make(map[string]time.Duration, len(list))
	for _, state := range list {
		if state.Left > 0 {
			paused[state.Provider] = state.Left
		}
	}
	return paused, err
}

// sort says which of the rows due are paused, and which need their provider's grant, by provider.
func (p Pacing) sort(due []dueMember, paused map[string]time.Duration) (slowed []wait, limited map[Limit][]int64) {
	limited = map[Limit][]int64{}
	for _, d := range due {
		if left, ok := paused[p.Provider(d.Domain)]; ok {
			slowed = append(slowed, wait{d.MemberID, max(left, shortestWait), "slowed"})
		} else if limit, ok := p.Limits[d.Domain]; ok {
			limited[limit] = append(limited[limit], d.MemberID)
		}
	}
	return slowed, limited
}

// queue takes from each provider's budget what it has, and gives the others their moments in the line. Budgets are taken in the
// order of their names, so that two who take several never wait for each other.
func queue(ctx context.Context, tx pgx.Tx, appealID int64, p Pacing, limited map[Limit][]int64) (granted int, late []wait, err error) {
	order := slices.SortedFunc(maps.Keys(limited), func(a, b Limit) int { return strings.Compare(a.Provider, b.Provider) })
	for _, limit := range order {
		members := limited[limit]
		demand := Demand{Budget: limit.Provider, Wanted: len(members), Least: 1, Rate: limit.Rate, Burst: providerBurst, Urgent: p.Urgent}
		answer, err := takeBudget(ctx, tx, demand)
		if err != nil {
			return 0, nil, err
		}
		grant := demand.granted(answer)
		granted += grant.N
		members = members[grant.N:]
		if len(members) == 0 {
			continue
		}
		start, err := joinLine(ctx, tx, appealID, limit, grant.Free, len(members))
		if err != nil {
			return 0, nil, err
		}
		for i, member := range members {
			late = append(late, wait{member, max(start+seconds(float64(i)/limit.Rate), shortestWait), "limit"})
		}
	}
	return granted, late, nil
}
