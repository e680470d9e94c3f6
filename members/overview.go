package members

import (
	"context"
	"time"
)

// Stretch is one time of being subscribed, with the evidence of why.
type Stretch struct {
	Consent
	JoinedAt time.Time
	LeftAt   time.Time // zero while it has not ended
	LeftHow  How
}

// Some returns those of the members with these ids that there are, in order of id; who is erased is not among them.
func (s *Store) Some(ctx context.Context, ids []int64) ([]Member, error) { return s.read(ctx, ids) }

// Count returns how many members f chooses, on whatever page. The error is failure.Invalid for a filter that can choose
// nobody.
func (s *Store) Count(ctx context.Context, f Filter) (int64, error) {
	f.Limit = 1
	if err := f.check(); err != nil {
		return 0, err
	}
	return s.count(ctx, f)
}

// Stretches returns every time that a member was subscribed, the latest first; none for somebody who is unknown.
func (s *Store) Stretches(ctx context.Context, id int64) ([]Stretch, error) {
	return s.stretches(ctx, id)
}

// InUse returns the languages and the countries that members have, each in order.
func (s *Store) InUse(ctx context.Context) (languages, countries []string, err error) {
	if languages, err = s.texts(ctx, languagesInUseSQL); err != nil {
		return nil, nil, err
	}
	countries, err = s.texts(ctx, countriesInUseSQL)
	return languages, countries, err
}
