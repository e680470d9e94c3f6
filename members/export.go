package members

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
)

// ExportOptions are the choices of an export.
type ExportOptions struct {
	BOM bool // begin with a byte order mark, by which Excel knows UTF-8
}

// Export writes every member who is not erased to w as CSV, with state and the evidence of the latest
// consent, and returns how many it wrote. Import reads what Export wrote and comes to the same. No
// spreadsheet runs a cell of it.
//
// That there was an export is recorded before the first byte leaves, also when the reader hangs up. Members
// are read in pages, each as it is then: memory is bounded, and no transaction stays open meanwhile.
func (s *Store) Export(ctx context.Context, by audit.Actor, w io.Writer, o ExportOptions) (int, error) {
	err := pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "member.export", Subject: "member"})
	})
	if err != nil {
		return 0, err
	}
	if o.BOM {
		if _, err := io.WriteString(w, byteOrderMark); err != nil {
			return 0, err
		}
	}
	out := csv.NewWriter(w)
	if err := out.Write([]string{"id", "address", "name", "language", "country", "group", "status",
		"consent_source", "consent_date", "consent_words", "joined_at", "left_at", "left_how", "suppressed", "suppressed_at"}); err != nil {
		return 0, err
	}
	written := 0
	for filter := (Filter{Limit: MaxPage}); ; {
		page, err := s.List(ctx, filter)
		if err != nil {
			return written, err
		}
		for _, member := range page.Members {
			if err := out.Write(member.cells()); err != nil {
				return written, err
			}
			written++
		}
		out.Flush()
		if err := out.Error(); err != nil || page.Next == 0 {
			return written, err
		}
		filter.After = page.Next
	}
}

// cells is a member as a line of an export.
func (m Member) cells() []string {
	day := ""
	if !m.Consent.GivenOn.IsZero() {
		day = m.Consent.GivenOn.Format(time.DateOnly)
	}
	return []string{strconv.FormatInt(m.ID, 10), GuardCell(m.Address.mailbox), GuardCell(m.Name), m.Language, m.Country,
		GuardCell(m.GroupName), string(m.State), GuardCell(m.Consent.Source), day, GuardCell(m.Consent.Words),
		instant(m.JoinedAt), instant(m.LeftAt), string(m.LeftHow), string(m.SuppressedBy), instant(m.SuppressedAt)}
}

func instant(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}
