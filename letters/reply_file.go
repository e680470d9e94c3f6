package letters

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// MostFile is how large a file of an answer may be, in octets.
const MostFile = 10 << 20

// File is what came with an answer, or a scan of one. Its type is what its content says it is.
type File struct {
	Type    string
	Content []byte
}

// CleanFile makes a file of what somebody sent: a PDF, a text or a mail as it is, a picture drawn anew, so that nothing is left of where and with
// what it was taken. Errors: Invalid for everything else.
func CleanFile(content []byte) (File, error) {
	wrong := func(why string) (File, error) { return File{}, failure.Wrong("file", "%s", why) }
	switch {
	case len(content) == 0:
		return wrong("is empty")
	case len(content) > MostFile:
		return wrong(fmt.Sprintf("is larger than %d MB", MostFile>>20))
	case bytes.HasPrefix(content, []byte("%PDF-")):
		return File{"application/pdf", content}, nil
	case bytes.HasPrefix(content, []byte("\xff\xd8\xff")), bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")):
		return drawnAnew(content)
	case !isPlain(content):
		return wrong("is of a kind that is not taken: send a PDF, a JPEG or a PNG")
	case isMail(content):
		return File{"message/rfc822", content}, nil
	}
	return File{"text/plain", content}, nil
}

func isPlain(content []byte) bool {
	return utf8.Valid(content) && !bytes.ContainsFunc(content, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' })
}

// isMail reports whether a text begins as a mail does: with header fields, From among them.
func isMail(content []byte) bool {
	head, _, found := strings.Cut(strings.ReplaceAll(string(content[:min(len(content), 64<<10)]), "\r\n", "\n"), "\n\n")
	if !found {
		return false
	}
	from := false
	for line := range strings.SplitSeq(head, "\n") {
		name, _, field := strings.Cut(line, ":")
		if !field && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") {
			return false
		}
		from = from || strings.EqualFold(name, "From")
	}
	return from
}

// FileInfo is a file as it stands in a list.
type FileInfo struct {
	Position int    `json:"position"`
	Type     string `json:"type"`
	Bytes    int    `json:"bytes"`
}

func (s *Store) insertFiles(ctx context.Context, tx pgx.Tx, replyID int64, files []File) error {
	for i, f := range files {
		var id int64
		if err := tx.QueryRow(ctx, takeFileIDSQL).Scan(&id); err != nil {
			return err
		}
		hash := sha256.Sum256(f.Content)
		if _, err := tx.Exec(ctx, insertFileSQL, id, replyID, i+1, f.Type, len(f.Content), hash[:], s.Ring.Seal(filePlace(id), f.Content)); err != nil {
			return err
		}
	}
	return nil
}

func filePlace(id int64) string { return "reply_files.content/" + strconv.FormatInt(id, 10) }

// Files lists what came with a reply.
func (s *Store) Files(ctx context.Context, replyID int64) ([]FileInfo, error) {
	rows, err := s.DB.Query(ctx, filesSQL, replyID)
	return all[FileInfo](rows, err)
}

// OpenFile returns a file of a reply, and writes down who looked at it. Errors: NotFound.
func (s *Store) OpenFile(ctx context.Context, by audit.Actor, replyID int64, position int) (f File, err error) {
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		var id int64
		var sealed []byte
		err := tx.QueryRow(ctx, openFileSQL, replyID, position).Scan(&id, &f.Type, &sealed)
		if errors.Is(err, pgx.ErrNoRows) {
			return failure.Missing("file", position)
		}
		if err != nil {
			return err
		}
		if f.Content, err = s.Ring.Open(filePlace(id), sealed); err != nil {
			return fmt.Errorf("file %d: %w", id, err)
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "reply.file", Subject: "reply", SubjectID: replyID, After: position})
	})
	return f, err
}
