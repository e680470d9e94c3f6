package members

import (
	"context"

	"holdfast/internal/failure"
)

// MaxPage is how many members one page of a list may hold.
const MaxPage = 1000

// Filter chooses members. An empty field does not narrow the choice; all that are set apply together.
type Filter struct {
	GroupID  int64
	Language string // exactly this tag: "pt" does not find "pt-BR"
	Country  string
	State    State
	After    int64 // begin behind this id: the Next of the page before
	Limit    int   // 1 to MaxPage; 0 means 100
}

// Page is a stretch of members in order of id. Next is the After of the page that follows, 0 when this is
// the last.
type Page struct {
	Members []Member
	Next    int64
}

// List returns the members that f chooses. Erased members are in no list. The error is failure.Invalid for
// a filter that can choose nobody.
func (s *Store) List(ctx context.Context, f Filter) (Page, error) {
	if f.Limit == 0 {
		f.Limit = 100
	}
	if err := f.check(); err != nil {
		return Page{}, err
	}
	limit := f.Limit
	f.Limit++ // one more, to know whether another page follows
	ids, err := s.listIDs(ctx, f)
	if err != nil {
		return Page{}, err
	}
	var page Page
	if len(ids) > limit {
		ids = ids[:limit]
		page.Next = ids[limit-1]
	}
	page.Members, err = s.read(ctx, ids)
	return page, err
}

func (f Filter) check() error {
	var check failure.Check
	check.Need(f.After >= 0, "after", "is no cursor of this list")
	check.Need(f.GroupID >= 0, "group_id", "there is no group %d", f.GroupID)
	check.Need(f.Limit >= 1 && f.Limit <= MaxPage, "limit", "must be from 1 to %d", MaxPage)
	if f.Language != "" {
		_, reason := parseLanguage(f.Language)
		check.Need(reason == "", "language", "%s", reason)
	}
	if f.Country != "" {
		_, reason := parseCountry(f.Country)
		check.Need(reason == "", "country", "%s", reason)
	}
	switch f.State {
	case "", Subscribed, Left, Suppressed:
	default:
		check.Add("state", "must be one of subscribed, left, suppressed")
	}
	return check.Err()
}
