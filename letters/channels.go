package letters

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
)

// What can be wrong with a way to reach an office.
const (
	FlagTooLate   = "too_late"   // the post would arrive when it is over (R12)
	FlagSuspended = "suspended"  // no post goes there now (R12)
	FlagReturned  = "returned"   // a letter came back
	FlagRefused   = "refused"    // the office takes nothing this way
	FlagTold      = "told"       // somebody told us that it does not work
	FlagOneByOne  = "one_by_one" // the office asks for no mass letters: the house mails none
	FlagHeld      = "held"       // the house mails none for now
)

// Reach is what is known of the ways to one office.
type Reach struct {
	Post  Post
	Marks map[string]string // what does not work: the flag, by channel
	Held  bool              // the house's line to it is stopped
}

// Way is one way to reach an office, with what is wrong with it.
type Way struct {
	Channel string
	Flags   []string
}

// Works reports whether the way is worth trying.
func (w Way) Works() bool {
	return !slices.ContainsFunc(w.Flags, func(f string) bool { return f != FlagOneByOne && f != FlagHeld })
}

// ByHouse reports whether the house itself mails letters this way.
func (w Way) ByHouse() bool { return w.Channel == "email" && len(w.Flags) == 0 }

// LettersEnd is when a letter must have arrived: the deadline, or the removal where that is sooner and still ahead. It is zero where letters help without end,
// after a deadline that leaves them open.
func LettersEnd(s campaigns.Sheet) time.Time {
	end := s.DeadlineAt
	if !s.Now.Before(end) {
		if s.AfterDeadline == "open" {
			return time.Time{}
		}
		return end
	}
	r := s.Removal
	if (r.Timing == campaigns.RemovalExact || r.Timing == campaigns.RemovalWindow) && r.At != nil && r.At.After(s.Now) && r.At.Before(end) {
		end = *r.At
	}
	return end
}

// Ways lists the ways to reach an office, the best first for the time that is left: with a week to spare beyond the post's time a letter on paper,
// else what arrives at once, the public post after what the office alone reads. What does not work, or too late, comes last and says why. last is
// the last useful posting day, zero where there is none to speak of.
func Ways(t campaigns.CampaignTarget, r Reach, now, end time.Time, zone *time.Location) (ways []Way, last campaigns.Day) {
	has := map[string]bool{"email": t.Address != "", "post": t.PostalAddress != "", "fax": t.Fax != "", "phone": t.Phone != "", "web_form": t.FormURL != "",
		"social": len(t.PublicProfiles()) > 0}
	order := []string{"email", "web_form", "fax", "phone", "social", "post"}
	last = LastPosting(end, r.Post.Days, zone)
	today := campaigns.DayOf(now.In(zone))
	if last.IsZero() || !last.AddDate(0, 0, -7).Before(today.Time) {
		order = []string{"post", "email", "web_form", "fax", "phone", "social"}
	}
	for _, channel := range order {
		if !has[channel] {
			continue
		}
		w := Way{Channel: channel}
		if channel == "post" && !last.IsZero() && last.Before(today.Time) {
			w.Flags = append(w.Flags, FlagTooLate)
		}
		if channel == "post" && r.Post.Suspended {
			w.Flags = append(w.Flags, FlagSuspended)
		}
		if mark := r.Marks[channel]; mark != "" {
			w.Flags = append(w.Flags, mark)
		}
		if channel == "email" && !t.TakesMassLetters {
			w.Flags = append(w.Flags, FlagOneByOne)
		}
		if channel == "email" && r.Held {
			w.Flags = append(w.Flags, FlagHeld)
		}
		ways = append(ways, w)
	}
	slices.SortStableFunc(ways, func(a, b Way) int {
		switch {
		case a.Works() == b.Works():
			return 0
		case a.Works():
			return -1
		}
		return 1
	})
	if t.PostalAddress == "" {
		last = campaigns.Day{}
	}
	return ways, last
}

// Reaches is what is known now of the ways to some offices, by id, for somebody who posts a letter in the country from; "" where that is not known.
func (s *Store) Reaches(ctx context.Context, targets []campaigns.CampaignTarget, from string) (map[int64]Reach, error) {
	ids := make([]int64, len(targets))
	for i, t := range targets {
		ids[i] = t.ID
	}
	var today campaigns.Day
	if err := s.DB.QueryRow(ctx, todaySQL).Scan(&today); err != nil {
		return nil, err
	}
	rows, err := s.DB.Query(ctx, routesFromSQL, from)
	routes, err := all[Route](rows, err)
	if err != nil {
		return nil, err
	}
	rows, err = s.DB.Query(ctx, reachMarksSQL, ids)
	marks, err := all[reachMark](rows, err)
	if err != nil {
		return nil, err
	}
	rows, err = s.DB.Query(ctx, heldLinesSQL, ids)
	if err != nil {
		return nil, err
	}
	held, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	reaches := map[int64]Reach{}
	for _, t := range targets {
		r := Reach{Post: postOn(routes, from, t.PostedTo(), today), Marks: map[string]string{}, Held: slices.Contains(held, t.ID)}
		for _, m := range marks {
			if m.TargetID == t.ID {
				r.Marks[m.Channel] = m.Why
			}
		}
		reaches[t.ID] = r
	}
	return reaches, err
}
