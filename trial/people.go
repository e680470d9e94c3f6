package trial

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"holdfast/internal/audit"
	"holdfast/members"
)

// languages are those that the house's mails speak.
var languages = [...]string{"en", "fr", "es", "ar", "fa"}

// firstNames are invented, and so are the people: some have letters that must be encoded, as in life.
var firstNames = [...]string{"Ana", "Bruno", "Chloé", "Dariush", "Élodie", "Farid", "Grace", "Hugo", "Inès", "Jonas", "Katja", "Lucía",
	"Maryam", "Noël", "Omar", "Priya", "Quentin", "Rosa", "Søren", "Tomás", "Ulla", "Víctor", "Wanda", "Ximena", "Yara", "Zoë"}

// warmUp is the name of the group that gets an appeal before anything is measured.
const (
	warmUp        = "Warm-up"
	warmUpMembers = 200
)

// addressOf is where member number n gets mail. It is nobody's: .example is not given to anyone (RFC 2606).
func addressOf(n int) string { return fmt.Sprintf("member%07d@mail%d.example", n, n%50) }

// populate has n members join by the door that a coordinator uses, an import; the first of them belong to the group warmUp.
func (h *house) populate(ctx context.Context, n, tongues int, progress func(done, total int)) error {
	group, err := h.members.AddGroup(ctx, audit.System(), warmUp, "")
	if err != nil {
		return err
	}
	h.warmUp = group.ID
	r, w := io.Pipe()
	go func() { w.CloseWithError(writePeople(w, n, tongues)) }()
	defer r.Close()
	report, err := h.members.Import(ctx, audit.System(), r, members.ImportOptions{Consent: members.Consent{
		Source: "trial", GivenOn: time.Now().AddDate(-1, 0, 0), Words: "Invented for a trial."}},
		func(p members.Progress) { progress(p.Done, p.Total) })
	if err != nil {
		return err
	}
	if report.Added != n {
		return fmt.Errorf("of %d members %d joined; the folder must be an empty one", n, report.Added)
	}
	// As after any import of this size: the planner should know how many there are before the first appeal asks.
	_, err = h.pool.Exec(ctx, analyzeSQL)
	return err
}

// writePeople writes the export of a list of n members.
func writePeople(w io.Writer, n, tongues int) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "email,name,language,group")
	for i := range n {
		group := ""
		if i < warmUpMembers {
			group = warmUp
		}
		fmt.Fprintf(out, "%s,%s Example-%d,%s,%s\n", addressOf(i), firstNames[i%len(firstNames)], i, languages[i%tongues], group)
	}
	return out.Flush()
}
