package web

import (
	"encoding/base64"
	"encoding/binary"

	"holdfast/campaigns"
	"holdfast/internal/failure"
)

// How long a page of a list is, and may be.
const (
	pageLimit = 50
	pageMost  = 100
)

// list is one page of a list. Next is the cursor of the page that follows, null where none does.
type list[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

// whole is a list that is short enough to be one page.
func whole[T any](items []T) list[T] { return list[T]{Items: items} }

// paging is which page is asked for.
type paging struct {
	after int64
	limit int
}

// paging reads cursor and limit from the query.
func (r *call) paging() (paging, error) {
	p := paging{limit: pageLimit}
	var check failure.Check
	if cursor := r.values.Get("cursor"); cursor != "" {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
		if err == nil && len(raw) == 8 {
			p.after = int64(binary.BigEndian.Uint64(raw))
		}
		check.Need(p.after > 0, "cursor", "is no cursor of this list; take the one from next, as it is")
	}
	limit, err := r.number("limit")
	if err := check.Join("", err); err != nil {
		return p, err
	}
	if limit > 0 {
		check.Need(limit <= pageMost, "limit", "must be from 1 to %d", pageMost)
		p.limit = int(min(limit, pageMost))
	}
	return p, check.Err()
}

// rooms is the page as the rooms ask for it: one more than is shown, to know whether another page follows.
func (p paging) rooms() campaigns.Page { return campaigns.Page{After: p.after, Limit: p.limit + 1} }

// page cuts what a room returned to one page.
func page[T any](p paging, items []T, id func(T) int64) list[T] {
	if len(items) <= p.limit {
		return list[T]{Items: items}
	}
	items = items[:p.limit]
	next := cursorOf(id(items[p.limit-1]))
	return list[T]{Items: items, Next: &next}
}

func cursorOf(id int64) string {
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, uint64(id)))
}
