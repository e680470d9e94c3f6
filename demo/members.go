package demo

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"time"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/members"
)

// RefusedAddress is the member whose mailbox is closed: the demo's mailbox answers 550 for it, so that a receipt shows
// what a refusal looks like.
const RefusedAddress = "closed.mailbox.7@poste.example"

// refusedIndex is the place of RefusedAddress among the members, early enough for the smallest demo.
const refusedIndex = 6

// Members that are not mailed, whatever their number: few, so that a receipt has a line for them.
const (
	leftFirst, leftStep, leftCount                   = 9, 61, 7
	suppressedFirst, suppressedStep, suppressedCount = 13, 97, 4
)

// person is one member as they stand in the list of another tool.
type person struct {
	address, name, language, country, group string
	joined                                  time.Time
}

// crowd makes the members of one seed. The member at an index is the same however many there are. It is not safe for
// concurrent use.
type crowd struct {
	source   *rand.PCG
	random   *rand.Rand
	seed     uint64
	names    map[string][]given
	initials map[string][]rune
	groups   []group
}

func newCrowd(seed uint64) *crowd {
	source := rand.NewPCG(seed, 0)
	return &crowd{source: source, random: rand.New(source), seed: seed,
		names: givenNames(), initials: initials(), groups: groups()}
}

// at returns the member at index i, from 0.
func (c *crowd) at(i int) person {
	c.source.Seed(c.seed, uint64(i))
	lang := languageAt(i)
	first := pick(c.random, c.names[lang])
	p := person{language: lang, name: first.name + " " + string(pick(c.random, c.initials[lang])) + "."}
	p.address = first.plain + "." + strconv.Itoa(i+1) + "@" + c.provider()
	if i == refusedIndex {
		p.address = RefusedAddress
	}
	p.country = c.country(lang)
	if p.country == "CA" {
		p.group = c.city(lang)
	}
	p.joined = time.Date(2019, time.January, 1+c.random.IntN(6*365), 0, 0, 0, 0, time.UTC)
	return p
}

// languageAt gives of each fifty members 31 English, 12 French, 3 Spanish, 2 Arabic and 2 Persian, spread evenly, so
// that the shares (62, 24, 6, 4 and 4 in a hundred) hold for any number.
func languageAt(i int) string {
	switch place := i * 7 % 50; {
	case place < 31:
		return "en"
	case place < 43:
		return "fr"
	case place < 46:
		return "es"
	case place < 48:
		return "ar"
	default:
		return "fa"
	}
}

// provider chooses a mailbox provider: a few that many use, a long tail, one with a name that is not ASCII.
func (c *crowd) provider() string {
	switch n := c.random.IntN(100); {
	case n < 34:
		return "mail.example"
	case n < 52:
		return "courriel.example"
	case n < 66:
		return "inbox.example"
	case n < 76:
		return "poste.example"
	case n < 80:
		return "boîte-aux-lettres.example"
	default:
		return "campus" + strconv.Itoa(1+c.random.IntN(20)) + ".example"
	}
}

// country is Canada for nearly all.
func (c *crowd) country(lang string) string {
	if c.random.IntN(100) < 94 {
		return "CA"
	}
	abroad := map[string][]string{"en": {"US", "GB"}, "fr": {"FR", "BE"}, "es": {"MX", "CL"}, "ar": {"FR", "JO"}, "fa": {"DE", "US"}}
	return pick(c.random, abroad[lang])
}

// city is the local group of a member in Canada, "" for who stands alone.
func (c *crowd) city(lang string) string {
	n := c.random.IntN(100)
	for _, g := range c.groups {
		if n -= g.shares[lang]; n < 0 {
			return g.city
		}
	}
	return ""
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

// writeCSV writes the first n members as another tool would export them.
func (c *crowd) writeCSV(w io.Writer, n int) error {
	buffered := bufio.NewWriterSize(w, 64<<10)
	out := csv.NewWriter(buffered)
	if err := out.Write([]string{"Email Address", "Name", "Language", "Country", "Group", "Status",
		"Consent source", "Consent date", "Consent words"}); err != nil {
		return err
	}
	for i := range n {
		p := c.at(i)
		source, words := basis(p)
		if err := out.Write([]string{p.address, p.name, p.language, p.country, p.group, "subscribed",
			source, p.joined.Format(time.DateOnly), words}); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return buffered.Flush()
}

// basis is what a member agreed to, and where (R9).
func basis(p person) (source, words string) {
	if p.language == "fr" {
		return "formulaire d’inscription du site", "Envoyez-moi les actions urgentes par courriel. Je peux me désabonner à tout moment."
	}
	return "sign-up form of the site", "Send me urgent actions by e-mail. I can unsubscribe at any time."
}

// importMembers takes in the first n members by the door that any list comes in by, and reports whether it had to: when
// the last of them is in, all are.
func importMembers(ctx context.Context, store *members.Store, by audit.Actor, c *crowd, n int, progress func(members.Progress)) (bool, error) {
	if n == 0 {
		return false, nil
	}
	if _, err := store.Find(ctx, c.at(n-1).address); !failure.Is(err, failure.NotFound) {
		return false, err
	}
	reader, writer := io.Pipe()
	written := make(chan struct{})
	go func() {
		defer close(written)
		writer.CloseWithError(c.writeCSV(writer, n)) //nolint:errcheck // never fails
	}()
	report, err := store.Import(ctx, by, reader, members.ImportOptions{}, progress)
	reader.Close() //nolint:errcheck // never fails; ends the writer where the import did not read to the end
	<-written
	if err == nil && report.Wrong+report.Duplicate > 0 {
		err = fmt.Errorf("of the demo's members %d lines are wrong and %d stand twice", report.Wrong, report.Duplicate)
	}
	return true, err
}

// partWays ends the subscription of the handful who have left, and sees to it that the few who asked are never mailed.
func partWays(ctx context.Context, store *members.Store, by audit.Actor, c *crowd, n int) error {
	for i := leftFirst; i < min(n, leftFirst+leftCount*leftStep); i += leftStep {
		member, err := store.Find(ctx, c.at(i).address)
		if err != nil {
			return err
		}
		if err := store.Leave(ctx, by, member.ID, members.ByStaff); err != nil {
			return err
		}
	}
	for i := suppressedFirst; i < min(n, suppressedFirst+suppressedCount*suppressedStep); i += suppressedStep {
		address, err := members.ParseAddress(c.at(i).address)
		if err != nil {
			return err
		}
		if err := store.Suppress(ctx, by, address, members.AskedStaff); err != nil {
			return err
		}
	}
	return nil
}

// mayLeave returns the ids of the last two members, who are mailed last.
func mayLeave(ctx context.Context, store *members.Store, c *crowd, n int) ([]int64, error) {
	var ids []int64
	for i := max(0, n-2); i < n; i++ {
		member, err := store.Find(ctx, c.at(i).address)
		if err != nil {
			return nil, err
		}
		ids = append(ids, member.ID)
	}
	return ids, nil
}
