package letters

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// The code that is printed on a letter: eight signs of Crockford's base 32, forty bits. It says nothing of who wrote, and by itself allows one
// thing, to say that this letter was posted.
//
// Nobody comes by one by guessing. There are 2⁴⁰ of them; where a house has a hundred thousand letters on paper, one guess in eleven million
// hits one, and web lets one source be wrong thirty times at once and ten times a minute after that: a hit every two years, and what it gains is
// one letter of somebody else's, counted as posted.
const (
	codeSigns  = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength = 8
	mostQuoted = 500 // codes that are looked for in one text
)

// newCode returns a code that nobody can foresee.
func newCode() string {
	var b [codeLength]byte
	rand.Read(b[:]) // never fails (Go 1.24)
	for i := range b {
		b[i] = codeSigns[b[i]%32]
	}
	return string(b[:])
}

// ShownCode is a code as it is printed: K7QM-2XPA.
func ShownCode(code string) string {
	if len(code) != codeLength {
		return code
	}
	return code[:4] + "-" + code[4:]
}

// ReadCode reads a code as people write it down: in any case, with or without spaces and dashes, O for 0, I and L for 1. ok is false for what
// can be none.
func ReadCode(text string) (code string, ok bool) {
	var out strings.Builder
	for _, r := range text {
		switch r = unicode.ToUpper(r); {
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), r == '\u2212', r == '\u00ad', r == '_', r == '.':
			continue
		case r == 'O':
			r = '0'
		case r == 'I', r == 'L':
			r = '1'
		}
		if !strings.ContainsRune(codeSigns, r) || out.Len() == codeLength {
			return "", false
		}
		out.WriteRune(r)
	}
	return out.String(), out.Len() == codeLength
}

// codesIn returns what may be codes in a free text, each once.
func codesIn(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	var list []string
	add := func(text string) {
		if code, ok := ReadCode(text); ok && !slices.Contains(list, code) && len(list) < mostQuoted {
			list = append(list, code)
		}
	}
	for i, word := range words {
		switch {
		case len(word) == codeLength:
			add(word)
		case len(word) == codeLength/2 && i+1 < len(words) && len(words[i+1]) == codeLength/2:
			add(word + words[i+1])
		}
	}
	return list
}

// BeginPaper begins a letter on paper and gives it its code; begun again it is the same letter with the same code. It counts once the code is
// entered. Errors: NotFound; Conflict where letters are not wanted any more, or not yet (R13).
func (s *Store) BeginPaper(ctx context.Context, w Writer, campaignID, targetID int64, language string) (letter Letter, err error) {
	for range 3 { // a code that is taken, once in eleven million times
		letter, err = s.beginPaper(ctx, w, campaignID, targetID, language)
		if !postgres.IsUnique(err, "letters_code_key") {
			break
		}
	}
	return letter, err
}

func (s *Store) beginPaper(ctx context.Context, w Writer, campaignID, targetID int64, language string) (letter Letter, err error) {
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		if err := mayPost(ctx, tx, w, campaignID, targetID); err != nil {
			return err
		}
		if letter, err = begin(ctx, tx, w, campaignID, targetID, "post", language); err != nil || letter.Code != nil {
			return err
		}
		code := newCode()
		letter.Code = &code
		if err := setCode(ctx, tx, letter.ID, code); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: audit.Member(), Action: "letter.print", Subject: "letter", SubjectID: letter.ID})
	})
	return letter, err
}

// EnterCode takes down that the letter with this code was posted: it counts, as known by paper. Entered again it changes nothing. A letter that
// its writer took back stays so; the letter returned says. A code is taken for as long as the letter stands, unlike a report: it was printed only while
// letters were asked for. Errors: NotFound, the same for what can be no code and for one that no letter has.
func (s *Store) EnterCode(ctx context.Context, text string) (letter Letter, err error) {
	code, _ := ReadCode(text)
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		if letter, err = lockByCode(ctx, tx, code); err != nil {
			return err
		}
		known := letter.Grade == Paper && letter.State != Made && letter.State != SetAside
		if known || letter.State == Withdrawn {
			return nil
		}
		if err := prove(ctx, tx, letter.ID, Paper); err != nil {
			return err
		}
		before := letter
		if letter, err = lockByCode(ctx, tx, code); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: audit.Member(), Action: "letter.code", Subject: "letter", SubjectID: letter.ID, Before: before, After: letter})
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Letter{}, failure.Missing("letter", "with this code")
	}
	return letter, err
}

// quotedIn returns the letters whose printed code a text quotes: they reached the office, so they are on Paper. Whoever can have been told of no other
// letters proves none: where member is not 0 those of this member alone are looked for, and where target is not 0 those to this office.
func quotedIn(ctx context.Context, tx pgx.Tx, text string, member, target int64) ([]int64, error) {
	codes := codesIn(text)
	if len(codes) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, withCodesSQL, codes, member, target)
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if err := prove(ctx, tx, id, Paper); err != nil {
			return nil, err
		}
	}
	return ids, nil
}
