package letters_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/members"
)

// Everything that can happen to letters by mail, to the same few letters at once: nothing waits for what waits for it (40P01), nothing breaks a rule of
// the schema, and each refusal is one that its reader can act on.
func TestNothingThatHappensToALetterWaitsForItself(t *testing.T) {
	t.Parallel()
	const people, rounds = 6, 50
	d := newMailing(t, people)
	d.store.Pace = time.Microsecond
	house, list := &campaigns.Store{DB: d.db, Jobs: d.store.Jobs}, &members.Store{DB: d.db, Ring: d.store.Ring}
	visitors := []letters.Writer{d.visitor(), d.visitor()}
	anyID := func() (id int64) {
		d.db.QueryRow(d.ctx, `SELECT letter_id FROM letter_mails WHERE state <> 'sent' ORDER BY random() LIMIT 1`).Scan(&id) // 0 where there is none yet
		return id
	}
	seldom := func(do func() error) func() error {
		return func() error {
			if rand.IntN(8) > 0 {
				return nil
			}
			return do()
		}
	}
	writers := slices.Concat(d.writers, visitors)
	anyWriter := func() letters.Writer { return writers[rand.IntN(len(writers))] }
	anyTarget := func() int64 { return d.targets[rand.IntN(2)] }
	report := func() letters.Report {
		r := d.report(1+rand.IntN(3), d.targets[1], d.targets[0])
		r.Channel = []string{"email", "post", "fax", "phone"}[rand.IntN(4)]
		return r
	}
	send := func(id int64) error {
		c, _, ok, err := d.store.Claim(d.ctx, id, time.Millisecond)
		if err != nil || !ok {
			return err
		}
		outcome := []campaigns.Outcome{campaigns.Accepted, campaigns.Refused, campaigns.Later, campaigns.Unknown}[rand.IntN(4)]
		if rand.IntN(5) == 0 {
			return d.store.Unclaim(d.ctx, c, 0)
		}
		code := 550
		if outcome == campaigns.Accepted {
			code = 250
		}
		return d.store.Settle(d.ctx, letters.MailVerdict{Claimed: c, Outcome: outcome, Reason: "address", Code: code, Reply: "so"}, []time.Duration{time.Microsecond})
	}
	confirm := func(id int64) error {
		m, err := d.store.Mail(d.ctx, id)
		if err != nil {
			return err
		}
		return d.store.Confirm(d.ctx, id, m.Version())
	}
	deeds := map[string]func() error{
		"ask": func() error {
			a := d.asked(anyTarget())
			a.Draft.Email = fmt.Sprintf("m%d@mail.example", rand.IntN(people+200))
			w, err := d.store.Visit(d.ctx, d.campaign.ID, fmt.Sprint(rand.IntN(1000)))
			if rand.IntN(2) == 0 {
				w = anyWriter()
			}
			if err == nil {
				_, err = d.store.Ask(d.ctx, w, a)
			}
			return err
		},
		"confirm":   func() error { return confirm(anyID()) },
		"yes":       func() error { return confirm(anyID()) },
		"send":      func() error { return send(anyID()) },
		"withdraw":  seldom(func() error { return d.store.WithdrawMail(d.ctx, anyID()) }),
		"take back": seldom(func() error { return d.store.Withdraw(d.ctx, anyWriter(), anyID()) }),
		"report":    func() error { return d.store.Report(d.ctx, anyWriter(), report()) },
		"copy": seldom(func() error {
			w := d.writers[rand.IntN(people)]
			return d.store.CopyArrived(d.ctx, w.AppealID, anyTarget(), w.MemberID, "m@mail.example")
		}),
		"return": func() error { return d.store.LetterReturned(d.ctx, anyID(), "5.1.1") },
		"sweep":  func() error { _, err := d.store.Sweep(d.ctx, 0); return err },
		"sweep too": func() error {
			_, err := d.store.Sweep(d.ctx, 0)
			if err == nil {
				_, err = d.store.Erase(d.ctx)
			}
			return err
		},
		"stop the line": seldom(func() error { _, err := d.store.StopLine(d.ctx, audit.System(), anyTarget()); return err }),
		"resume it":     func() error { _, err := d.store.ResumeLine(d.ctx, audit.System(), anyTarget()); return err },
		"stop the campaign": seldom(func() error {
			_, err := house.StopCampaign(d.ctx, audit.System(), d.campaign.ID)
			if err == nil {
				_, err = house.ResumeCampaign(d.ctx, audit.System(), d.campaign.ID)
			}
			return err
		}),
		"move": func() error { // who changes their address has another lock of their own
			address := fmt.Sprintf("n%d@mail.example", rand.IntN(1000))
			_, err := list.Update(d.ctx, audit.System(), d.writers[0].MemberID, members.Change{Address: &address})
			return err
		},
		"answer": func() error {
			_, err := d.store.TakeAnswer(d.ctx, anyID(), anyTarget(), letters.Mail{Key: fmt.Sprint(rand.IntN(100)), Text: "So."})
			return err
		},
	}
	var wg sync.WaitGroup
	for _, w := range d.writers {
		d.queued(w, d.targets[0])
		d.ask(w, d.targets[1])
	}
	happened := map[string]string{"claimed": `claim > 0`, "sent": `state = 'sent'`, "withdrawn": `state = 'withdrawn'`}
	never := func() (list []string) {
		for what, sql := range happened {
			if d.count(`SELECT count(*) FROM letter_mails WHERE `+sql) == 0 {
				list = append(list, what)
			}
		}
		return list
	}
	// Chance decides who meets whom: it is given more storms, until everything has happened.
	for storm := 0; storm == 0 || len(never()) > 0 && storm < 20; storm++ {
		for name, do := range deeds {
			wg.Go(func() {
				for range rounds {
					err := do()
					var pg *pgconn.PgError
					var not *letters.Unmailable
					switch {
					case err == nil:
					case errors.As(err, &pg):
						t.Errorf("%s: %v", name, err)
					case !errors.As(err, &not) && failure.KindOf(err) == "":
						t.Errorf("%s: %v", name, err)
					}
				}
			})
		}
		wg.Wait()
	}
	for _, what := range never() {
		t.Errorf("no letter was %s", what)
	}
}
