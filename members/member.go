package members

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
	"holdfast/internal/seal"
)

// Store is the members' room. Both fields are needed. It is safe for concurrent use.
type Store struct {
	DB   postgres.DB
	Ring *seal.Ring
}

// State is what a member is, worked out from consents and suppressions: the first that applies of
// suppressed, left, subscribed.
type State string

// The states of a member.
const (
	Subscribed State = "subscribed"
	Left       State = "left"
	Suppressed State = "suppressed"
)

// Member is somebody who receives appeals, or did.
type Member struct {
	ID        int64
	Address   Address
	Name      string
	Language  string // BCP 47
	Country   string // ISO 3166-1 alpha-2; "" where not known
	GroupID   int64  // 0: stands alone
	GroupName string
	CreatedAt time.Time

	State        State
	Consent      Consent   // of the latest stretch
	JoinedAt     time.Time // when the latest stretch began
	LeftAt       time.Time // when it ended; zero while it has not
	LeftHow      How
	SuppressedAt time.Time // zero where the address is not suppressed
	SuppressedBy Reason
}

// New is what a member begins with. Address, Language and Consent are needed.
type New struct {
	Address  string
	Name     string
	Language string
	Country  string
	GroupID  int64
	Consent  Consent
}

// Change is what to change of a member; nil leaves a field as it is. An empty Name or Country, and a
// GroupID of 0, take away what was there.
type Change struct {
	Address  *string
	Name     *string
	Language *string
	Country  *string
	GroupID  *int64
}

// Contact is what the sender needs of a member. Printed or logged it shows the masked address alone.
type Contact struct {
	Address Address
	Name    string
}

// String is the masked address.
func (c Contact) String() string { return c.Address.Masked() }

// GoString is the masked address.
func (c Contact) GoString() string { return c.Address.Masked() }

// details are the fields of a member, checked and in the form in which they are kept.
type details struct {
	address  Address
	name     string
	language string
	country  string
	groupID  int64
}

// Add makes a member, subscribed on the consent given. The errors are failure.Invalid with every wrong
// field, and failure.Conflict when the address is a member's already, or suppressed.
func (s *Store) Add(ctx context.Context, by audit.Actor, n New) (Member, error) {
	now, err := readClock(ctx, s.DB)
	if err != nil {
		return Member{}, err
	}
	var check failure.Check
	d := checkDetails(&check, n.Address, n.Name, n.Language, n.Country, n.GroupID)
	consent := n.Consent.check(&check, now)
	if err := check.Err(); err != nil {
		return Member{}, err
	}
	var id int64
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		id, err = s.add(ctx, tx, by, d, consent)
		return err
	})
	if err != nil {
		return Member{}, err
	}
	return s.Get(ctx, id)
}

func (s *Store) add(ctx context.Context, tx pgx.Tx, by audit.Actor, d details, consent Consent) (int64, error) {
	index := s.index(d.address)
	if err := refuseSuppressed(ctx, tx, index); err != nil {
		return 0, err
	}
	if err := needGroup(ctx, tx, d.groupID); err != nil {
		return 0, err
	}
	ids, err := takeIDs(ctx, tx, 1)
	if err != nil {
		return 0, err
	}
	stored := s.seal(ids[0], d)
	added, err := insertMember(ctx, tx, stored)
	if err != nil {
		return 0, err
	}
	if !added {
		return 0, clashWithOwner(ctx, tx, index)
	}
	if err := insertConsent(ctx, tx, by, stored.ID, consent); err != nil {
		return 0, err
	}
	return stored.ID, audit.Record(ctx, tx, audit.Event{
		Actor: by, Action: "member.add", Subject: "member", SubjectID: stored.ID, After: stored})
}

// Get returns a member. The error is failure.NotFound when there is none of this id, or no longer.
func (s *Store) Get(ctx context.Context, id int64) (Member, error) {
	found, err := s.read(ctx, []int64{id})
	if err != nil {
		return Member{}, err
	}
	if len(found) == 0 {
		return Member{}, failure.Missing("member", id)
	}
	return found[0], nil
}

// Find returns the member with this address, in whatever case or Unicode form. The errors are
// failure.Invalid when it is no address and failure.NotFound when it is nobody's.
func (s *Store) Find(ctx context.Context, address string) (Member, error) {
	parsed, err := ParseAddress(address)
	if err != nil {
		return Member{}, err
	}
	id, found, err := findByIndex(ctx, s.DB, s.index(parsed))
	if err != nil {
		return Member{}, err
	}
	if !found {
		return Member{}, failure.Missing("member", "with this address")
	}
	return s.Get(ctx, id)
}

// Update changes a member. Where they were before, in language, country and group, stays on record. The
// errors are failure.NotFound, failure.Invalid with every wrong field, and failure.Conflict when the new
// address is another member's, or suppressed.
func (s *Store) Update(ctx context.Context, by audit.Actor, id int64, c Change) (Member, error) {
	err := pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error { return s.update(ctx, tx, by, id, c) })
	if err != nil {
		return Member{}, err
	}
	return s.Get(ctx, id)
}

func (s *Store) update(ctx context.Context, tx pgx.Tx, by audit.Actor, id int64, c Change) error {
	before, err := lockMember(ctx, tx, id)
	if err != nil {
		return err
	}
	contact, err := s.Open(id, before.AddressSealed, before.NameSealed)
	if err != nil {
		return err
	}
	d, err := c.apply(details{
		address: contact.Address, name: contact.Name, language: before.Language,
		country: textOr(before.Country), groupID: idOr(before.GroupID),
	})
	if err != nil {
		return err
	}
	after := s.reseal(before, contact, d)
	if after.equal(before) {
		return nil
	}
	if err := needGroup(ctx, tx, d.groupID); err != nil {
		return err
	}
	if string(after.AddressIndex) != string(before.AddressIndex) {
		if err := refuseSuppressed(ctx, tx, after.AddressIndex); err != nil {
			return err
		}
		if _, taken, err := findByIndex(ctx, tx, after.AddressIndex); err != nil {
			return err
		} else if taken {
			return clashWithOwner(ctx, tx, after.AddressIndex)
		}
	}
	if err := updateMember(ctx, tx, after); postgres.IsUnique(err, "members_address_index_key") {
		return failure.Clash("the new address of member %d was given to another member just now", id)
	} else if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Event{
		Actor: by, Action: "member.update", Subject: "member", SubjectID: id, Before: before, After: after})
}

// apply returns d with the change, or every field of it that is wrong.
func (c Change) apply(d details) (details, error) {
	address, name, country, group := d.address.mailbox, d.name, d.country, d.groupID
	language := d.language
	for _, text := range []struct{ to, from *string }{
		{&address, c.Address}, {&name, c.Name}, {&language, c.Language}, {&country, c.Country},
	} {
		if text.from != nil {
			*text.to = *text.from
		}
	}
	if c.GroupID != nil {
		group = *c.GroupID
	}
	var check failure.Check
	changed := checkDetails(&check, address, name, language, country, group)
	return changed, check.Err()
}

func checkDetails(check *failure.Check, address, name, language, country string, groupID int64) details {
	d := details{groupID: groupID}
	note := func(field, reason string) {
		if reason != "" {
			check.Add(field, "%s", reason)
		}
	}
	var reason string
	d.address, reason = parseAddress(address)
	note("address", reason)
	d.name, reason = cleanLine(name, maxName)
	note("name", reason)
	d.language, reason = parseLanguage(language)
	note("language", reason)
	if country != "" {
		d.country, reason = parseCountry(country)
		note("country", reason)
	}
	if groupID < 0 {
		note("group_id", fmt.Sprintf("there is no group %d", groupID))
	}
	return d
}

// Open opens the sealed address and name of member id, as they stand in the table. It reads nothing from
// the database. The error is seal.ErrOpen: the row was altered, or sealed with a key that the ring has not.
func (s *Store) Open(id int64, addressSealed, nameSealed []byte) (Contact, error) {
	address, err := s.Ring.Open(addressPlace(id), addressSealed)
	if err != nil {
		return Contact{}, fmt.Errorf("address of member %d: %w", id, err)
	}
	contact := Contact{Address: Address{mailbox: string(address)}}
	if nameSealed == nil {
		return contact, nil
	}
	name, err := s.Ring.Open(namePlace(id), nameSealed)
	if err != nil {
		return Contact{}, fmt.Errorf("name of member %d: %w", id, err)
	}
	contact.Name = string(name)
	return contact, nil
}

// seal returns the row of a new member.
func (s *Store) seal(id int64, d details) memberRow {
	return memberRow{
		ID:            id,
		AddressSealed: s.Ring.Seal(addressPlace(id), []byte(d.address.mailbox)),
		AddressIndex:  s.index(d.address),
		AddressDomain: d.address.Domain(),
		NameSealed:    s.sealName(id, d.name),
		Language:      d.language,
		Country:       textOrNull(d.country),
		GroupID:       idOrNull(d.groupID),
	}
}

// reseal returns row with d in it. What did not change keeps its bytes, so that an update that changes
// nothing can be told from one that does.
func (s *Store) reseal(row memberRow, was Contact, d details) memberRow {
	if d.address != was.Address {
		row.AddressSealed = s.Ring.Seal(addressPlace(row.ID), []byte(d.address.mailbox))
		row.AddressIndex = s.index(d.address)
		row.AddressDomain = d.address.Domain()
	}
	if d.name != was.Name {
		row.NameSealed = s.sealName(row.ID, d.name)
	}
	row.Language, row.Country, row.GroupID = d.language, textOrNull(d.country), idOrNull(d.groupID)
	return row
}

func (s *Store) sealName(id int64, name string) []byte {
	if name == "" {
		return nil
	}
	return s.Ring.Seal(namePlace(id), []byte(name))
}

func (s *Store) index(a Address) []byte { return Index(s.Ring, a) }

// Index is the blind index of an address, by which it is found and never read: the same wherever addresses are kept, in members,
// suppressions and the letters of those who are no members.
func Index(ring *seal.Ring, a Address) []byte { return ring.Index("members.address", a.key()) }

func addressPlace(id int64) string { return "members.address/" + strconv.FormatInt(id, 10) }
func namePlace(id int64) string    { return "members.name/" + strconv.FormatInt(id, 10) }

func textOrNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func idOrNull(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

func textOr(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func idOr(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}
