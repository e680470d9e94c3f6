package letters

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// CaseFile is what this house can show of one campaign, at one moment: what was asked, who let it go out, what was written and how that is known,
// what was answered, how it ended. Each entry has a hash, and the list of them one of its own, which stands on every page of the file.
type CaseFile struct {
	Entries []Entry
}

// Entry is one fact of a case file. Its key names it within the file, whenever the file is made.
type Entry struct {
	Kind  string            `json:"kind"` // one of EntryKinds
	Key   string            `json:"key"`
	At    string            `json:"at,omitempty"` // when it came to be, in UTC (RFC 3339); empty where that says nothing
	Facts map[string]string `json:"facts"`
}

// The kinds of entry, in the order in which a file has them.
const (
	OfFile     = "file" // who made the file, and when; another one each time
	OfCampaign = "campaign"
	OfPerson   = "person"
	OfAsk      = "ask"
	OfTarget   = "target"
	OfEvent    = "event" // who did what, when
	OfAppeal   = "appeal"
	OfText     = "text" // as it left, frozen
	OfReceipt  = "receipt"
	OfLetters  = "letters" // to one office by one channel, as known in one way
	OfReply    = "reply"
	OfPosition = "position"
	OfOutcome  = "outcome"
)

// EntryKinds lists the kinds, in order.
var EntryKinds = []string{OfFile, OfCampaign, OfPerson, OfAsk, OfTarget, OfEvent, OfAppeal, OfText, OfReceipt, OfLetters, OfReply, OfPosition, OfOutcome}

// line is an entry as it is hashed: JSON with its keys in order, on one line.
func (e Entry) line() []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(e) // texts alone
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// Hash is the SHA-256 of an entry's canonical line, in hexadecimal.
func (e Entry) Hash() string {
	sum := sha256.Sum256(e.line())
	return hex.EncodeToString(sum[:])
}

// Hash is that of the list: the SHA-256 of the hashes of its entries, one a line.
func (f CaseFile) Hash() string {
	sum := sha256.New()
	for _, e := range f.Entries {
		fmt.Fprintln(sum, e.Hash())
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// listedEntry is one line of a file's list.
type listedEntry struct {
	SHA256 string          `json:"sha256"`
	Entry  json.RawMessage `json:"entry"`
}

// List writes the entries with their hashes, one a line, in JSON. ReadList reads it.
func (f CaseFile) List() []byte {
	var out bytes.Buffer
	for _, e := range f.Entries {
		text, _ := json.Marshal(listedEntry{SHA256: e.Hash(), Entry: e.line()}) // texts alone
		out.Write(text)
		out.WriteByte('\n')
	}
	return out.Bytes()
}

// ReadList reads a list. altered names each entry that is not what its hash says, by its key or, where that cannot be read, its line. The error
// says that this is no list.
func ReadList(list []byte) (f CaseFile, altered []string, err error) {
	number := 0
	for line := range bytes.Lines(list) {
		number++
		var read listedEntry
		var entry Entry
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&read); err != nil {
			return f, nil, failure.Wrong("file", "has a list of which line %d cannot be read", number)
		}
		strict := json.NewDecoder(bytes.NewReader(read.Entry))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&entry); err != nil {
			altered = append(altered, "line "+strconv.Itoa(number))
			continue
		}
		if entry.Hash() != read.SHA256 {
			altered = append(altered, entry.Key)
		}
		f.Entries = append(f.Entries, entry)
	}
	if number == 0 {
		return f, nil, failure.Wrong("file", "has an empty list")
	}
	return f, altered, nil
}

// Difference is one entry that is not in the house as it is in a file.
type Difference struct {
	Key  string `json:"key"`
	What string `json:"what"` // "changed", "gone" from the house, or "new" in it
}

// differences holds a file against another of the same campaign. Who made them, and when, is left out.
func differences(file, now CaseFile) []Difference {
	list := []Difference{}
	hashes := map[string]string{}
	for _, e := range now.Entries {
		hashes[e.Key] = e.Hash()
	}
	for _, e := range file.Entries {
		hash, there := hashes[e.Key]
		delete(hashes, e.Key)
		switch {
		case e.Kind == OfFile:
		case !there:
			list = append(list, Difference{e.Key, "gone"})
		case hash != e.Hash():
			list = append(list, Difference{e.Key, "changed"})
		}
	}
	for _, e := range now.Entries {
		if _, left := hashes[e.Key]; left && e.Kind != OfFile {
			list = append(list, Difference{e.Key, "new"})
		}
	}
	return list
}

// MakeCaseFile gathers the case file of a campaign as it stands, and keeps its list, so that a copy can be told from a forgery. Errors: NotFound;
// Conflict for a campaign that was never launched.
func (s *Store) MakeCaseFile(ctx context.Context, by audit.Actor, campaignID int64) (f CaseFile, err error) {
	err = s.frozen(ctx, func(tx pgx.Tx) error {
		if f, err = s.gather(ctx, tx, campaignID); err != nil {
			return err
		}
		made, err := whoMade(ctx, tx, by.AccountID(), campaignID)
		if err != nil {
			return err
		}
		f.Entries = append([]Entry{made}, f.Entries...)
		id, err := keepCaseFile(ctx, tx, campaignID, by.AccountID(), f)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "case_file.make", Subject: "case_file", SubjectID: id, After: f.Hash()})
	})
	return f, err
}

// HeldCaseFile is what the house says of a case file.
type HeldCaseFile struct {
	Made    bool         `json:"made_here"` // this house made a file with this very list
	MadeAt  *time.Time   `json:"made_at"`
	Changes []Difference `json:"changes_since"` // what is otherwise now
}

// HoldCaseFile holds a file against the house: whether it was made here, and what has changed since; of a campaign
// that is not here, everything is gone. Errors: Invalid where the file does not say which campaign it is about.
func (s *Store) HoldCaseFile(ctx context.Context, f CaseFile) (held HeldCaseFile, err error) {
	campaign := int64(0)
	for _, e := range f.Entries {
		if e.Kind == OfCampaign {
			campaign, _ = strconv.ParseInt(strings.TrimPrefix(e.Key, OfCampaign+" "), 10, 64) // 0 is no campaign
		}
	}
	if campaign == 0 {
		return held, failure.Wrong("file", "does not say which campaign it is about")
	}
	err = s.frozen(ctx, func(tx pgx.Tx) error {
		hash, err := hex.DecodeString(f.Hash())
		if err != nil {
			return err
		}
		if held.MadeAt, err = caseFileMadeAt(ctx, tx, hash); err != nil {
			return err
		}
		held.Made = held.MadeAt != nil
		now, err := s.gather(ctx, tx, campaign)
		if failure.Is(err, failure.NotFound) { // of which nothing is here
			err = nil
		}
		held.Changes = differences(f, now)
		return err
	})
	return held, err
}

// frozen runs do on the house as it stands at one instant.
func (s *Store) frozen(ctx context.Context, do func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"); err != nil {
			return err
		}
		return do(tx)
	})
}

func instantText(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func pointedDay(d *campaigns.Day) string {
	if d == nil {
		return ""
	}
	return d.String()
}

// entry makes an entry of pairs of name and value; what is empty is left out.
func entry(kind, key, at string, pairs ...string) Entry {
	e := Entry{Kind: kind, Key: kind + " " + key, At: at, Facts: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			e.Facts[pairs[i]] = pairs[i+1]
		}
	}
	return e
}
