package accounts

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// Account is a member of staff.
type Account struct {
	ID          int64      `json:"id"`
	Address     string     `json:"address"` // folded by FoldAddress
	Name        string     `json:"name"`
	Language    string     `json:"language"`
	Roles       []Role     `json:"roles"` // in the order of Roles
	HasPassword bool       `json:"has_password"`
	CreatedAt   time.Time  `json:"created_at"`
	DisabledAt  *time.Time `json:"disabled_at"`
}

func (a Account) principal() Principal {
	return Principal{AccountID: a.ID, Name: a.Name, Language: a.Language, Roles: sorted(a.Roles)}
}

// words returns what the account's password shall not be made of.
func (a Account) words(organisation string) []string {
	return []string{a.Name, a.Address, organisation, "holdfast"}
}

// NewAccount is what Add needs to know.
type NewAccount struct {
	Address  string
	Name     string
	Language string // "" for English
	Roles    []Role
	Password string // "" for none yet: the account signs in by a link and may set one then
}

// addressForm is the form of an address in the HTML standard (4.10.5.1.5), folded. It has no letters outside
// ASCII, so that every relay can mail a link to it.
var addressForm = regexp.MustCompile("^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$")

// languageForm is a language tag as far as we use them (RFC 5646): a language, then subtags.
var languageForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// FoldAddress returns the one form in which an address is kept and compared.
func FoldAddress(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// knownForm returns the folded address, or "", which no account has, for what cannot be an address: bytes that
// the database would refuse never reach it.
func knownForm(address string) string {
	folded := FoldAddress(address)
	if len(folded) > 254 || !addressForm.MatchString(folded) {
		return ""
	}
	return folded
}

// checkLine notes in c what is wrong with a short text of one line.
func checkLine(c *failure.Check, field, text string) {
	c.Need(strings.TrimSpace(text) != "", field, "is empty")
	c.Need(utf8.RuneCountInString(text) <= 100, field, "has more than 100 characters")
	c.Need(utf8.ValidString(text) && !strings.ContainsFunc(text, isUnseen), field, "has characters that cannot be seen")
}

// isUnseen reports whether a character ends a line, rings a bell, or turns the text around it: none has a place in a
// name that is shown to others or stands in the head of a mail.
func isUnseen(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// Add makes an account. It returns an Invalid for every wrong field, and a Conflict when there is an account with
// the address already, also a disabled one.
func (s *Store) Add(ctx context.Context, by audit.Actor, n NewAccount) (Account, error) {
	a := Account{Address: knownForm(n.Address), Name: strings.TrimSpace(n.Name), Language: n.Language, Roles: sorted(n.Roles)}
	if a.Language == "" {
		a.Language = "en"
	}
	var c failure.Check
	c.Need(a.Address != "", "address", "is not an e-mail address that can be used here (a domain with other letters: in its xn-- form)")
	checkLine(&c, "name", n.Name)
	c.Need(languageForm.MatchString(a.Language), "language", "is not a language tag, such as en or fr")
	checkRoles(&c, n.Roles)
	var hash *string
	if n.Password != "" {
		if err := c.Join("", checkPassword("password", n.Password, a.words(s.Organisation)...)); err != nil {
			return Account{}, err
		}
	}
	if err := c.Err(); err != nil {
		return Account{}, err
	}
	if n.Password != "" {
		made, err := s.hash(ctx, n.Password)
		if err != nil {
			return Account{}, err
		}
		hash = &made
	}
	err := pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		var err error
		if a, err = insertAccount(ctx, tx, a, hash); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "account.add", Subject: "account", SubjectID: a.ID, After: a})
	})
	if postgres.IsUnique(err, "accounts_address_key") {
		return Account{}, failure.Clash("there is an account with the address %s already", a.Address)
	}
	return a, err
}

// Find returns an account, or NotFound.
func (s *Store) Find(ctx context.Context, id int64) (Account, error) {
	return findAccount(ctx, s.DB, id)
}

// FindByAddress returns the account with an address, or NotFound. It is for staff and the command line; nothing
// that a stranger can reach may tell whether there is one.
func (s *Store) FindByAddress(ctx context.Context, address string) (Account, error) {
	a, err := accountOfAddress(ctx, s.DB, address)
	if err == nil && a.ID == 0 {
		return Account{}, failure.Missing("account with the address", address)
	}
	return a.Account, err
}

// List returns all accounts by name, the disabled ones last.
func (s *Store) List(ctx context.Context) ([]Account, error) { return listAccounts(ctx, s.DB) }

// Disable shuts an account out: its sessions and links end and its API tokens are revoked, in the same
// transaction. It keeps its place in the audit trail. Disabling twice is fine. It returns NotFound, or Forbidden
// for one's own account.
func (s *Store) Disable(ctx context.Context, by audit.Actor, id int64) error {
	if err := refuseOwn(by, id, "disables"); err != nil {
		return err
	}
	return s.change(ctx, id, func(tx pgx.Tx, before secretAccount) error {
		if before.DisabledAt != nil {
			return nil
		}
		after, err := setDisabled(ctx, tx, id, true)
		if err != nil {
			return err
		}
		if err := endAccess(ctx, tx, id); err != nil {
			return err
		}
		if err := revokeAllTokens(ctx, tx, id); err != nil {
			return err
		}
		return recordChange(ctx, tx, by, "account.disable", before.Account, after)
	})
}

// Enable lets a disabled account sign in again. Its API tokens stay revoked. It returns NotFound, or Forbidden for
// one's own account.
func (s *Store) Enable(ctx context.Context, by audit.Actor, id int64) error {
	if err := refuseOwn(by, id, "enables"); err != nil {
		return err
	}
	return s.change(ctx, id, func(tx pgx.Tx, before secretAccount) error {
		if before.DisabledAt == nil {
			return nil
		}
		after, err := setDisabled(ctx, tx, id, false)
		if err != nil {
			return err
		}
		return recordChange(ctx, tx, by, "account.enable", before.Account, after)
	})
}

// SetRoles gives an account exactly these roles. Its sessions and links end in the same transaction, so nothing is
// done any more with roles that are gone, and its API tokens lose what it lost. The same roles again change
// nothing. It returns NotFound, Invalid, or Forbidden for one's own account: who keeps the accounts shall not make
// themselves a coordinator.
func (s *Store) SetRoles(ctx context.Context, by audit.Actor, id int64, roles []Role) error {
	var c failure.Check
	checkRoles(&c, roles)
	if err := c.Err(); err != nil {
		return err
	}
	if err := refuseOwn(by, id, "changes the roles of"); err != nil {
		return err
	}
	return s.change(ctx, id, func(tx pgx.Tx, before secretAccount) error {
		if slices.Equal(sorted(before.Roles), sorted(roles)) {
			return nil
		}
		after, err := setRoles(ctx, tx, id, sorted(roles))
		if err != nil {
			return err
		}
		if err := endAccess(ctx, tx, id); err != nil {
			return err
		}
		return recordChange(ctx, tx, by, "account.set_roles", before.Account, after)
	})
}

// change runs do in a transaction that holds the account's row, so that no sign-in slips in between.
func (s *Store) change(ctx context.Context, id int64, do func(tx pgx.Tx, before secretAccount) error) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		before, err := lockAccount(ctx, tx, id)
		if err != nil {
			return err
		}
		if before.ID == 0 {
			return failure.Missing("account", id)
		}
		return do(tx, before)
	})
}

func refuseOwn(by audit.Actor, id int64, verb string) error {
	if own := by.AccountID(); own != nil && *own == id {
		return failure.Refuse("nobody %s their own account; ask another administrator", verb)
	}
	return nil
}

func recordChange(ctx context.Context, tx pgx.Tx, by audit.Actor, action string, before, after Account) error {
	return audit.Record(ctx, tx, audit.Event{Actor: by, Action: action, Subject: "account", SubjectID: after.ID, Before: before, After: after})
}
