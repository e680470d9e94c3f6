package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/internal/audit"
	"holdfast/members"
)

// C14, shortened: hundreds leave by one click while scanners look at everybody's links. Who has pressed has left when the answer is
// there, before any other claim; who was only looked at is still there.
func TestC14_AStormOfOneClicksBetweenScanners(t *testing.T) {
	t.Parallel()
	const people = 800
	o := launched(t)
	var csv strings.Builder
	csv.WriteString("email,name\n")
	for i := range people {
		fmt.Fprintf(&csv, "storm%d@mail.example,Member\n", i)
	}
	_, err := o.server.Members.Import(o.ctx, audit.System(), strings.NewReader(csv.String()), members.ImportOptions{
		Consent: members.Consent{Source: "test", GivenOn: time.Now().AddDate(0, -1, 0), Words: "Write to me."}, Language: "en"}, nil)
	o.must(err)
	var all sync.WaitGroup
	queue := make(chan int)
	for range 32 {
		all.Go(func() {
			for i := range queue {
				o.storm(i, i%2 == 0)
			}
		})
	}
	for i := range people {
		queue <- i
	}
	close(queue)
	all.Wait()
	looked, err := o.server.Members.Find(o.ctx, "storm1@mail.example")
	o.must(err)
	if looked.State != members.Subscribed {
		t.Errorf("a member who was only looked at is %s", looked.State)
	}
	var left int
	o.must(o.pool.QueryRow(o.ctx, "SELECT count(*) FROM mailing_consents WHERE left_at IS NOT NULL").Scan(&left))
	if left != people/2 {
		t.Errorf("%d have left, want the %d who pressed", left, people/2)
	}
}

// storm looks at the links of one member as scanners do, and then leaves, where leaves.
func (o *opened) storm(i int, leaves bool) {
	m, err := o.server.Members.Find(o.ctx, fmt.Sprintf("storm%d@mail.example", i))
	if err != nil {
		o.Error(err)
		return
	}
	link := "/u/" + o.server.Links.Unsubscribe.Make(o.appealID, m.ID)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		if got := o.visit(method, link, nil); got.StatusCode != http.StatusOK {
			o.Errorf("%s is answered %d", method, got.StatusCode)
		}
	}
	if !leaves {
		return
	}
	if got := o.visit(http.MethodPost, link, url.Values{"List-Unsubscribe": {"One-Click"}}); got.StatusCode != http.StatusOK {
		o.Errorf("a one-click is answered %d", got.StatusCode)
	}
	if m, err = o.server.Members.Get(o.ctx, m.ID); err != nil || m.State != members.Left {
		o.Errorf("after the answer the member is %s, %v", m.State, err)
	}
}
