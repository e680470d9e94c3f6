package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/accounts"
	"holdfast/internal/audit"
)

func TestS4_BodiesHeadersAndAddressesHaveASize(t *testing.T) {
	t.Parallel()
	d := open(t)
	large := `{"ref":"` + strings.Repeat("a", maxBody) + `"}`
	if got := d.do(d.request("POST", apiRoot+"/cases", d.tokens[everything], large)); got.StatusCode != 413 {
		t.Errorf("a body of more than a MiB: %d, want 413", got.StatusCode)
	}
	unsized := d.request("POST", apiRoot+"/cases", d.tokens[everything], "")
	unsized.Body, unsized.ContentLength = io.NopCloser(strings.NewReader(large)), -1
	unsized.GetBody = nil
	if got := d.do(unsized); got.StatusCode != 413 {
		t.Errorf("a body that does not say how long it is: %d, want 413", got.StatusCode)
	}
	if got := d.do(d.request("GET", apiRoot+"/cases?cursor="+strings.Repeat("a", maxURL), d.tokens[everything], nil)); got.StatusCode != 414 {
		t.Errorf("a long address: %d, want 414", got.StatusCode)
	}
	raw := d.raw("POST " + apiRoot + importPath + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + d.tokens[everything] +
		"\r\nContent-Type: text/csv\r\nContent-Length: " + fmt.Sprint(maxImport+1) + "\r\n\r\naddress\n")
	if !strings.HasPrefix(raw, "HTTP/1.1 413") {
		t.Errorf("an import of more than 512 MiB: %.100q, want 413", raw)
	}
	// A body that is refused is as good as not read: broken chunks are the client's fault, not ours.
	raw = d.raw("POST /api/v1/cases HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + d.tokens[everything] +
		"\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
	if !strings.HasPrefix(raw, "HTTP/1.1 400") {
		t.Errorf("a broken body: %.100q, want 400", raw)
	}
}

// raw sends bytes and returns the first line that comes back.
func (d *doors) raw(request string) string {
	d.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
	d.must(err)
	defer conn.Close()
	_, err = io.WriteString(conn, request)
	d.must(err)
	d.must(conn.SetReadDeadline(time.Now().Add(10 * time.Second)))
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return line
}

func TestAnImportMayBeLargerThanOtherBodies(t *testing.T) {
	t.Parallel()
	d := open(t)
	file := "address\n" + strings.Repeat("no address at all; not even nearly; and long enough to fill a line\n", 2*maxBody/64) + "lina@mail.example\n"
	if len(file) < 2*maxBody {
		t.Fatal("the file is too small to show anything")
	}
	got := d.importFile(file, "").json(t)
	if got["added"] != 1.0 {
		t.Errorf("added %v of %v", got["added"], got["rows"])
	}
}

// short are times in which a slow client can be waited for.
func short() times {
	return times{header: 300 * time.Millisecond, body: 600 * time.Millisecond, answer: 5 * time.Second, idle: time.Second, ending: 5 * time.Second}
}

// serving serves a handler with short times, and returns its address and how to end it.
func (d *doors) serving(h http.Handler) (address string, end func() error) {
	d.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	d.must(err)
	ctx, cancel := context.WithCancel(d.ctx)
	ended := make(chan error, 1)
	go func() { ended <- short().serve(ctx, l, h, d.server.Log) }()
	stop := sync.OnceValue(func() error { cancel(); return <-ended })
	d.Cleanup(func() { stop() }) //nolint:errcheck // a test that cares has asked already
	return l.Addr().String(), stop
}

func TestS4_SlowClientsAreCutOffAndHoldUpNobody(t *testing.T) {
	t.Parallel()
	d := open(t)
	address, _ := d.serving(d.server.Public())
	d.url = "http://" + address
	const many = 200
	var group sync.WaitGroup
	begun := make(chan struct{}, many)
	for i := range many {
		group.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				begun <- struct{}{}
				return
			}
			defer conn.Close()
			if i%2 == 0 { // never ends its header
				io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
			} else { // never ends its body
				io.WriteString(conn, "POST /api/v1/cases HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\nAuthorization: Bearer "+
					d.tokens[everything]+"\r\n\r\n{")
			}
			begun <- struct{}{}
			conn.SetReadDeadline(time.Now().Add(30 * time.Second))
			if _, err := io.ReadAll(conn); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Errorf("a slow client was not cut off: %v", err)
			}
		})
	}
	for range many {
		<-begun
	}
	if got := d.do(d.request("GET", apiRoot+"/cases", d.tokens[everything], nil)); got.StatusCode != 200 {
		t.Errorf("with %d slow clients: %d", many, got.StatusCode)
	}
	group.Wait()
}

func TestS4_ASlowImportIsCutOffAndALongOneIsNot(t *testing.T) {
	t.Parallel()
	d := open(t)
	address, _ := d.serving(d.server.Public())
	d.url = "http://" + address
	// Longer than the time for other bodies, and it moves.
	reader, writer := io.Pipe()
	r := d.request("POST", apiRoot+importPath, d.tokens[everything], "")
	r.Header.Set("Content-Type", "text/csv")
	r.Body, r.GetBody, r.ContentLength = reader, nil, -1
	go func() {
		io.WriteString(writer, "address\n")
		for range 4 {
			time.Sleep(short().body / 2) // the passing of time is what is tested
			io.WriteString(writer, strings.Repeat("no address\n", 100))
		}
		io.WriteString(writer, "lina@mail.example\n")
		writer.Close()
	}()
	if got := d.send(r); got.StatusCode != 200 || got.json(t)["added"] != 1.0 {
		t.Errorf("a long import: %d %s", got.StatusCode, got.text)
	}
	// One that stands still.
	d.server.limits.stream = 200 * time.Millisecond
	line := d.raw("POST " + apiRoot + importPath + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + d.tokens[everything] +
		"\r\nContent-Type: text/csv\r\nContent-Length: 100\r\n\r\naddress\nomar@mail.example\n")
	if !strings.HasPrefix(line, "HTTP/1.1 408") {
		t.Errorf("an import that stands still: %.100q, want 408", line)
	}
	if n := d.count(countMembersSQL); n != 1 {
		t.Errorf("%d members, want 1: a file that did not come to its end changes nothing", n)
	}
}

// TestAStreamMayBeWorkedOnLongerThanItMayStandStill: once the body is there, no time limit of the connection ends the work.
func TestAStreamMayBeWorkedOnLongerThanItMayStandStill(t *testing.T) {
	t.Parallel()
	const wait = 100 * time.Millisecond
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := &pacedReader{from: r.Body, conn: http.NewResponseController(w), wait: wait}
		if _, err := io.ReadFull(body, make([]byte, streamPace)); err != nil {
			t.Error(err)
		}
		if _, err := body.Read(make([]byte, 1)); err != io.EOF { // looks for the end, after a deadline was set anew
			t.Errorf("at the end: %v", err)
		}
		select {
		case <-r.Context().Done():
			t.Errorf("the work was ended: %v", r.Context().Err())
		case <-time.After(4 * wait): // that nothing happens cannot be awaited
		}
	}))
	defer server.Close()
	got, err := http.Post(server.URL, "text/csv", strings.NewReader(strings.Repeat("a", streamPace)))
	if err != nil {
		t.Fatal(err)
	}
	got.Body.Close()
}

func TestServeLetsWhatIsUnderWayEnd(t *testing.T) {
	t.Parallel()
	d := open(t)
	begun, goOn := make(chan struct{}), make(chan struct{})
	address, end := d.serving(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-goOn
		io.WriteString(w, "done")
	}))
	answered := make(chan string, 1)
	go func() {
		got, err := http.Get("http://" + address)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer got.Body.Close()
		text, _ := io.ReadAll(got.Body)
		answered <- string(text)
	}()
	<-begun
	ended := make(chan error)
	go func() { ended <- end() }()
	for { // until nobody new is let in
		conn, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		conn.Close()
	}
	select {
	case got := <-answered:
		t.Fatalf("what was under way was cut off: %q", got)
	case <-time.After(200 * time.Millisecond): // that nothing happens cannot be awaited
	}
	close(goOn)
	if got := <-answered; got != "done" {
		t.Errorf("what was under way ended with %q", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("serve = %v", err)
	}
}

func TestS4_EachTokenHasABucketOfItsOwn(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.server.limits.tokens = newBuckets(0.001, 5)
	statuses := map[int]int{}
	for range 20 {
		got := d.do(d.request("GET", apiRoot+"/cases", d.tokens[accounts.Reviewer], nil))
		statuses[got.StatusCode]++
		if got.StatusCode == 429 && got.Header.Get("Retry-After") == "" {
			t.Error("a 429 without Retry-After")
		}
	}
	if statuses[200] != 5 || statuses[429] != 15 {
		t.Errorf("twenty requests with a bucket of five: %v", statuses)
	}
	if got := d.do(d.request("GET", apiRoot+"/cases", d.tokens[accounts.Coordinator], nil)); got.StatusCode != 200 {
		t.Errorf("somebody else: %d", got.StatusCode)
	}
}

func TestA14_AHeaderLiftsNoLimit(t *testing.T) {
	t.Parallel()
	d := open(t)
	guess := func(url, header string, n int) (statuses map[int]int) {
		statuses = map[int]int{}
		for i := range n {
			r := d.request("GET", apiRoot+"/cases", "hf_made_up", nil)
			r.URL.Host = strings.TrimPrefix(url, "http://")
			r.Header.Set(header, fmt.Sprintf("203.0.113.%d", i))
			r.Header.Add(header, "198.51.100.7")
			statuses[d.do(r).StatusCode]++
		}
		return statuses
	}
	status := func(role accounts.Role) int {
		return d.do(d.request("GET", apiRoot+"/cases", d.tokens[role], nil)).StatusCode
	}
	if got := status(accounts.Reviewer); got != 200 {
		t.Fatalf("before: %d", got)
	}
	for _, header := range []string{"X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP"} {
		d.server.limits.strangers = newBuckets(0.001, 5)
		if got := guess(d.url, header, 20); got[401] != 5 || got[429] != 15 {
			t.Errorf("with %s: %v, want five looked at", header, got)
		}
	}
	if got := status(accounts.Coordinator); got != 429 {
		t.Errorf("a token that was never good, from the same place: %d; nothing tells it from a guess", got)
	}
	if got := status(accounts.Reviewer); got != 200 {
		t.Errorf("a token that was good before, from the same place: %d", got)
	}
	p, err := d.server.Accounts.FindToken(d.ctx, d.tokens[accounts.Reviewer])
	d.must(err)
	d.must(d.server.Accounts.RevokeToken(d.ctx, audit.System(), p.AccountID, p.TokenID))
	if first, second := status(accounts.Reviewer), status(accounts.Reviewer); first != 401 || second != 429 {
		t.Errorf("a revoked one: %d, then %d; want 401, then 429", first, second)
	}
}

func TestA14_TheSourceIsWhatAConfiguredProxySays(t *testing.T) {
	t.Parallel()
	s := &Server{Config: Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}}
	for _, c := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"192.0.2.1:1", nil, "192.0.2.1"},
		{"192.0.2.1:1", []string{"203.0.113.9"}, "192.0.2.1"},                   // not a proxy of ours
		{"10.0.0.1:1", []string{"203.0.113.9"}, "203.0.113.9"},                  // one of ours
		{"10.0.0.1:1", []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},   // the first was made up by the sender
		{"10.0.0.1:1", []string{"203.0.113.9", "198.51.100.7"}, "198.51.100.7"}, // in a line of its own, too
		{"10.0.0.1:1", []string{"203.0.113.9, 10.9.9.9"}, "203.0.113.9"},        // through two of ours
		{"10.0.0.1:1", []string{"203.0.113.9, nonsense"}, "10.0.0.1"},           // no more than is known
		{"10.0.0.1:1", nil, "10.0.0.1"},                                         // a proxy that says nothing
		{"[::ffff:192.0.2.1]:1", nil, "192.0.2.1"},                              // the same, written as IPv6
		{"[2001:db8:1:2:3:4:5:6]:1", nil, "2001:db8:1:2::/64"},                  // one household
		{"[fd00::1]:1", []string{"2001:db8:1:2:ffff::1"}, "2001:db8:1:2::/64"},  // behind a proxy
		{"[fe80::1%eth0]:1", nil, "fe80::/64"},                                  // with a zone
		{"@", []string{"203.0.113.9"}, "unknown"},                               // a socket of the file system
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{"X-Forwarded-For": c.forwarded}}
		if got := s.sourceOf(r); got != c.want {
			t.Errorf("from %s with %q: %q, want %q", c.remote, c.forwarded, got, c.want)
		}
	}
}

func TestBucketsAreBoundedAndRefill(t *testing.T) {
	t.Parallel()
	b := newBuckets(1e-9, 1)
	for i := range mostBuckets + 5 {
		if err := b.take(fmt.Sprint(i)); err != nil {
			t.Fatalf("the first of %d: %v", i, err)
		}
	}
	if len(b.held) > mostBuckets {
		t.Errorf("%d buckets are held", len(b.held))
	}
	b.of("used").Allow()
	for i := range mostBuckets { // full ones go before used ones
		b.of(fmt.Sprint("full", i))
	}
	if b.held["used"] == nil {
		t.Error("a bucket that was used made room for full ones")
	}
}
