package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"holdfast/demo"
	"holdfast/internal/seal"
	"holdfast/members"
	"holdfast/templates"
)

// demoKeys opens the keys of a demo's folder, and makes them where there are none yet.
func demoKeys(dir string) (*seal.Ring, error) {
	path := filepath.Join(dir, "keys")
	ring, err := seal.Open(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return ring, err
	}
	if err := seal.Create(path); err != nil {
		return nil, fmt.Errorf("the keys of the demo cannot be made: %w", err)
	}
	return seal.Open(path)
}

// hintOwnKeys says what to do about a folder whose keys are gone.
func (s *stage) hintOwnKeys(err error) error {
	if !errors.Is(err, members.ErrKeys) {
		return err
	}
	return withHint(fmt.Errorf("the database in %s was made with other keys, which are gone from there", s.dir),
		"put the file %s back, or begin anew with --data and another folder", filepath.Join(s.dir, "keys"))
}

// signInLink makes a link that lets whoever has it in as the coordinator. Where one was made less than a minute ago, there
// is none.
func (s *stage) signInLink(ctx context.Context) (string, error) {
	link, ok, err := s.site.accounts.RequestLink(ctx, s.seeded.Coordinators[0].Address)
	if err != nil || !ok {
		return "", err
	}
	return s.site.settings.publicURL + "/sign-in/link/" + link.Secret, nil
}

// tellWhere says what to look at, and how to end.
func (s *stage) tellWhere(r demoReport, link string) {
	fmt.Fprintln(s.out, "Where to look:")
	line := func(address, what string) { fmt.Fprintf(s.out, "  %s\n      %s\n", address, what) }
	line(r.URL+"/mailbox", "every mail that left: open the links in an alert to write a letter, or answer it as the member")
	line(r.URL+"/mailbox?what=letter", "letters that reached an office; answer one as the office, and the answer is linked at /admin/replies")
	line("smtp://"+r.Mailbox, "the mailbox itself: a mail to an address of List-Unsubscribe takes that member off")
	line(r.Page, "what its link leads to: take action")
	if link != "" {
		line(link, "sign in as the coordinator "+s.seeded.Coordinators[0].Name+" (works once, within 20 minutes)")
	}
	line(r.URL+"/admin/replies", "answers that wait to be read; then /admin/letters and /admin/reports, how each letter is known; /admin/targets, the record of each office")
	line(r.URL+"/admin/campaigns/"+strconv.FormatInt(s.seeded.Cases[demo.Launched-1].CampaignID, 10), r.Campaign+" with its letters day by day; “Make a case file” prints what is on record")
	line(r.URL+"/sign-in", "sign in again: ask for a link, which comes to the mailbox, for "+s.seeded.Coordinators[0].Address+", "+s.seeded.Coordinators[1].Address+" (in French), "+
		s.seeded.Tracker.Address+" or "+s.seeded.Reviewer.Address)
	line(r.URL+"/api/v1/openapi.json", "the admin API; a token: see holdfast token add --help")
	fmt.Fprintf(s.out, "Everybody in it is invented, and no mail leaves this machine. Ctrl-C ends it; %s keeps the data.\n", s.dir)
}

// counts sets reasons in the order of their number.
func counts(reasons map[string]int64) []templates.Count {
	list := make([]templates.Count, 0, len(reasons))
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		list = append(list, templates.Count{Reason: reason, N: reasons[reason]})
	}
	slices.SortStableFunc(list, func(a, b templates.Count) int { return cmp.Compare(b.N, a.N) })
	return list
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ") + "\n"
}
