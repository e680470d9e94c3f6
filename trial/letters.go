package trial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"holdfast/campaigns"
	"holdfast/internal/seal"
)

// LettersOptions say what bench letters measures. All fields are needed but Pair and Rounds.
type LettersOptions struct {
	Self       string // this program's file
	Dir        string // as FanoutOptions.Dir
	Members    int    // who get the appeal that leaves meanwhile
	Deliveries int    // mails of before, at least
	Writers    int    // members who report
	Within     time.Duration
	RTT        time.Duration // to the sink and back
	Conns      int
	Pair       time.Duration // for how long each of the two is asked for the public page; 0: not at all
	Rounds     int           // of the pair
	Tell       func(string)
	Show       func(what string, done, total int64)
}

// PageFigures are what requests of one kind took.
type PageFigures struct {
	What     string  `json:"what"`
	Requests int     `json:"requests"`
	Errors   int     `json:"errors"` // no answer, or one that is not a success
	P50      float64 `json:"p50_seconds"`
	P99      float64 `json:"p99_seconds"`
	Most     float64 `json:"most_seconds"`
}

// LettersReport is what bench letters has measured.
type LettersReport struct {
	Pages        []PageFigures `json:"pages"`
	Seconds      float64       `json:"reporting_seconds"`
	Acknowledged int           `json:"acknowledged_reports"` // writers who were told that their report is recorded
	Rows         int           `json:"rows"`
	Lost         int           `json:"lost"`    // acknowledged, and no row says so
	Doubled      int           `json:"doubled"` // writers with more rows than one
	Wrong        int           `json:"wrong"`   // rows with another number than was reported
	Deliveries   int64         `json:"deliveries_behind"`
	Members      int           `json:"members"`
	Sent         int64         `json:"sent_while_reporting"` // mails that the sink took in that time
	FanOut       float64       `json:"fan_out_seconds"`
	Closes       bool          `json:"closes"`
	RTT          float64       `json:"rtt_seconds"`
	Cached       []float64     `json:"cached_pages_per_second,omitempty"`
	Fresh        []float64     `json:"fresh_pages_per_second,omitempty"`
}

// Holds reports whether nothing was lost or counted twice, and the receipt of the fan-out closes.
func (r LettersReport) Holds() bool { return r.Lost == 0 && r.Doubled == 0 && r.Wrong == 0 && r.Closes }

// desk is a bench of letters as far as it has come.
type desk struct {
	bench
	o      LettersOptions
	links  campaigns.Links
	about  campaigns.Campaign // that is reported on
	appeal int64
	target int64
	told   map[int64]bool // members who were told that their report is recorded
	report LettersReport
}

// Letters measures what reports, and the pages for them, take while an appeal leaves. The error is that of ctx, or says what did not work.
func Letters(ctx context.Context, o LettersOptions) (report LettersReport, err error) {
	d := &desk{o: o, report: LettersReport{Members: o.Members, RTT: o.RTT.Seconds()}}
	d.bench.o = FanoutOptions{Self: o.Self, Dir: o.Dir, Members: o.Members, Conns: o.Conns, Workers: 1, Tongues: MaxTongues, RTT: o.RTT, Tell: o.Tell, Show: o.Show}
	defer func() { err = errors.Join(err, d.bench.close()) }()
	if err := d.bench.open(ctx); err != nil {
		return d.report, err
	}
	if err := d.age(ctx); err != nil {
		return d.report, err
	}
	if _, err := d.warm(ctx); err != nil {
		return d.report, err
	}
	if err := d.write(ctx); err != nil {
		return d.report, err
	}
	if err := d.count(ctx); err != nil {
		return d.report, err
	}
	return d.report, d.pair(ctx)
}

// age puts mails behind the house, as many as were asked for: appeals of before, each to everybody and accepted. The last of them is the one
// that members report on.
func (d *desk) age(ctx context.Context) error {
	appeals := (d.o.Deliveries + d.o.Members - 1) / d.o.Members
	for i := range appeals {
		a, err := d.house.draft(ctx, 1, 0, true)
		if err != nil {
			return err
		}
		if _, err := d.house.pool.Exec(ctx, agedSQL, a.ID, appeals-i); err != nil {
			return fmt.Errorf("the mails of before: %w", err)
		}
		d.appeal = a.ID
		d.o.Show("mails before", int64(i+1)*int64(d.o.Members), int64(appeals)*int64(d.o.Members))
		if i < appeals-1 {
			continue
		}
		if d.about, err = d.house.campaigns.Campaign(ctx, a.CampaignID); err != nil {
			return err
		}
		targets, err := d.house.campaigns.CampaignTargets(ctx, a.CampaignID)
		if err != nil {
			return err
		}
		d.target = targets[0].ID
	}
	if _, err := d.house.pool.Exec(ctx, analyzeSQL); err != nil {
		return err
	}
	if err := d.house.pool.QueryRow(ctx, ledgerRowsSQL).Scan(&d.report.Deliveries); err != nil {
		return err
	}
	ring, err := seal.Open(d.house.keyFile)
	if err != nil {
		return err
	}
	d.links, err = campaigns.NewLinks(ring)
	return err
}

// serve starts the pages as a process of their own, and returns their address once they answer.
func (d *desk) serve(ctx context.Context, args ...string) (address string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	listen := l.Addr().String()
	l.Close()
	env := append(d.house.environment(d.out), "HOLDFAST_LISTEN="+listen, "HOLDFAST_TRUSTED_PROXIES=127.0.0.1", "HOLDFAST_LOG=text,error")
	p, err := start(d.o.Self, env, append([]string{"serve", "--no-worker"}, args...)...)
	if err != nil {
		return "", err
	}
	d.workers = append(d.workers, p)
	for {
		conn, err := net.DialTimeout("tcp", listen, time.Second)
		if err == nil {
			return "http://" + listen, conn.Close()
		}
		select {
		case <-p.ended:
			return "", fmt.Errorf("the pages have ended: %w", p.err)
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// write has the writers look at the public page, open their link and report, one in ten with a double click, while an appeal leaves to everybody.
func (d *desk) write(ctx context.Context) error {
	site, err := d.serve(ctx)
	if err != nil {
		return err
	}
	a, err := d.house.draft(ctx, d.bench.o.Tongues, 0, true)
	if err != nil {
		return err
	}
	d.o.Tell(fmt.Sprintf("%d members report within %s while an appeal leaves to %d", d.o.Writers, d.o.Within, d.o.Members))
	before, err := d.sink.count()
	if err != nil {
		return err
	}
	if err := d.house.launch(ctx, a.ID); err != nil {
		return err
	}
	requests, err := d.requests(ctx, site)
	if err != nil {
		return err
	}
	began := time.Now()
	d.attack(ctx, requests)
	d.report.Seconds = time.Since(began).Seconds()
	after, err := d.sink.count()
	if err != nil {
		return err
	}
	d.report.Sent = int64(after.Messages - before.Messages)
	receipt, err := d.follow(ctx, a.ID)
	if err != nil {
		return err
	}
	if a, err = d.house.campaigns.Appeal(ctx, a.ID); err != nil {
		return err
	}
	d.report.Closes = receipt.Closes()
	if receipt.LastAcceptedAt != nil {
		d.report.FanOut = receipt.LastAcceptedAt.Sub(*a.LaunchedAt).Seconds()
	}
	return nil
}

// The kinds of request, as the table calls them.
const (
	publicPage = "public page"
	reportPage = "page to report"
	reportForm = "report"
)

// asked is one request to come: whose, and of which kind.
type asked struct {
	vegeta.Target
	kind   string
	member int64
}

// requests are what all writers ask, in the order of their coming. Each comes from a place of its own, in the block that RFC 2544 has set
// aside for benches.
func (d *desk) requests(ctx context.Context, site string) ([]asked, error) {
	rows, err := d.house.pool.Query(ctx, writersSQL, d.o.Writers)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []asked
	for i := 0; rows.Next(); i++ {
		var member int64
		if err := rows.Scan(&member); err != nil {
			return nil, err
		}
		header := http.Header{"X-Forwarded-For": {fmt.Sprintf("198.%d.%d.%d", 18+i>>16&1, i>>8&255, i&255)}}
		link := site + "/r/" + d.links.Report.Make(d.appeal, member) + "/report"
		list = append(list, asked{vegeta.Target{Method: "GET", URL: site + "/a/" + d.about.Slug, Header: header}, publicPage, member},
			asked{vegeta.Target{Method: "GET", URL: link, Header: header}, reportPage, member})
		sent := header.Clone()
		sent.Set("Content-Type", "application/x-www-form-urlencoded")
		form := url.Values{"target": {strconv.FormatInt(d.target, 10)}, "channel": {"email"}, "day": {time.Now().UTC().Format(time.DateOnly)},
			"copies": {strconv.Itoa(copiesOf(member))}}.Encode()
		press := asked{vegeta.Target{Method: "POST", URL: link, Header: sent, Body: []byte(form)}, reportForm, member}
		list = append(list, press)
		if i%10 == 0 {
			list = append(list, press)
		}
	}
	return list, rows.Err()
}

// copiesOf is how many letters a member reports.
func copiesOf(member int64) int { return int(member%3) + 1 }

// attack asks all of it at an even pace, whatever the answers take, and takes down what they took and who was told that it is recorded.
func (d *desk) attack(ctx context.Context, list []asked) {
	var mu sync.Mutex
	next := 0
	kinds := map[string]asked{}
	for _, a := range list {
		kinds[a.Method+" "+a.URL] = a
	}
	attacker := vegeta.NewAttacker(vegeta.Redirects(vegeta.NoFollow), vegeta.KeepAlive(true), vegeta.Timeout(time.Minute))
	defer context.AfterFunc(ctx, func() { attacker.Stop() })()
	results := attacker.Attack(func(t *vegeta.Target) error {
		mu.Lock()
		defer mu.Unlock()
		if next == len(list) {
			return vegeta.ErrNoTargets
		}
		*t = list[next].Target
		next++
		return nil
	}, vegeta.Rate{Freq: len(list), Per: d.o.Within}, 0, "reports")
	metrics := map[string]*vegeta.Metrics{publicPage: {}, reportPage: {}, reportForm: {}}
	failed, told := map[string]int{}, map[int64]bool{}
	done := int64(0)
	for r := range results {
		if r.Error == vegeta.ErrNoTargets.Error() {
			continue
		}
		a := kinds[r.Method+" "+r.URL]
		metrics[a.kind].Add(r)
		want := http.StatusOK
		if a.kind == reportForm {
			want = http.StatusSeeOther
		}
		switch {
		case int(r.Code) != want:
			failed[a.kind]++
		case a.kind == reportForm:
			told[a.member] = true
		}
		if done++; done%500 == 0 {
			d.o.Show("requests", done, int64(len(list)))
		}
	}
	d.told = told
	for _, kind := range []string{publicPage, reportPage, reportForm} {
		m := metrics[kind]
		m.Close()
		d.report.Pages = append(d.report.Pages, PageFigures{What: kind, Requests: int(m.Requests), Errors: failed[kind], P50: m.Latencies.P50.Seconds(),
			P99: m.Latencies.P99.Seconds(), Most: m.Latencies.Max.Seconds()})
	}
}

// count holds the rows against what was acknowledged.
func (d *desk) count(ctx context.Context) error {
	rows, err := d.house.pool.Query(ctx, lettersOfSQL, d.about.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	found := map[int64]bool{}
	for rows.Next() {
		var member int64
		var copies int
		var state string
		if err := rows.Scan(&member, &copies, &state); err != nil {
			return err
		}
		d.report.Rows++
		if found[member] {
			d.report.Doubled++
		}
		found[member] = true
		if copies != copiesOf(member) || state != "counted" {
			d.report.Wrong++
		}
	}
	for member := range d.told {
		if !found[member] {
			d.report.Lost++
		}
	}
	d.report.Acknowledged = len(d.told)
	return rows.Err()
}

// pair asks for the public page as fast as it comes, from a process that keeps it in memory and from one that makes it anew each time, in turns.
func (d *desk) pair(ctx context.Context) error {
	if d.o.Pair == 0 || d.o.Rounds == 0 {
		return nil
	}
	cached, err := d.serve(ctx)
	if err != nil {
		return err
	}
	fresh, err := d.serve(ctx, "--fresh-pages")
	if err != nil {
		return err
	}
	d.o.Tell("the public page from memory, and made anew")
	for range d.o.Rounds {
		for _, one := range []struct {
			site string
			to   *[]float64
		}{{cached, &d.report.Cached}, {fresh, &d.report.Fresh}} {
			rate, err := d.rush(ctx, one.site+"/a/"+d.about.Slug)
			if err != nil {
				return err
			}
			*one.to = append(*one.to, rate)
		}
	}
	return nil
}

// rushers are how many ask at once in a rush.
const rushers = 16

// rush returns how many answers came in a second, with a few who ask again as soon as they have one.
func (d *desk) rush(ctx context.Context, address string) (float64, error) {
	attacker := vegeta.NewAttacker(vegeta.Workers(rushers), vegeta.MaxWorkers(rushers), vegeta.KeepAlive(true))
	defer context.AfterFunc(ctx, func() { attacker.Stop() })()
	var m vegeta.Metrics
	for r := range attacker.Attack(vegeta.NewStaticTargeter(vegeta.Target{Method: "GET", URL: address}), vegeta.Rate{}, d.o.Pair, "page") {
		m.Add(r)
	}
	m.Close()
	if m.Success < 1 {
		return 0, fmt.Errorf("the public page did not always answer: %s", strings.Join(m.Errors, "; "))
	}
	return m.Throughput, context.Cause(ctx)
}
