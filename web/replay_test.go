package web

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"holdfast/accounts"
)

// twentyTimes sends a request twenty times at once, and counts the answers by status.
func (d *doors) twentyTimes(r route, w world, key string, body any) (statuses map[int]int, texts map[string]int) {
	d.Helper()
	statuses, texts = map[int]int{}, map[string]int{}
	token := d.tokens[everything]
	if r.permission == accounts.AgreeAsSecond {
		token = d.tokens[accounts.Reviewer] // the second yes is somebody else's
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	for range 20 {
		request := d.request(r.method, w.path(r.pattern), token, body)
		if key != "" {
			request.Header.Set("Idempotency-Key", key)
		}
		group.Go(func() {
			got := d.do(request)
			mu.Lock()
			defer mu.Unlock()
			statuses[got.StatusCode]++
			if got.StatusCode < 300 {
				texts[string(got.text)]++
			}
		})
	}
	group.Wait()
	return statuses, texts
}

// effects is how much has been done: what is on record, and what was sent.
func (d *doors) effects() int {
	d.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.count(countAuditSQL) + len(d.posted)
}

// doubles are the routes that act, each with what has to stand before it can. once says that without a key, too, it is
// done once; what is not is a new thing each time.
func doubles() map[string]struct {
	before []string // "METHOD path": of fixtures below
	once   bool
} {
	type row = struct {
		before []string
		once   bool
	}
	launched := []string{"POST /appeals/{id}/launch"}
	return map[string]row{
		"POST /cases":                                 {nil, true},
		"POST /targets":                               {nil, true},
		"POST /campaigns":                             {nil, false}, // each gets a number of its own
		"POST /campaigns/{id}/close":                  {launched, true},
		"POST /campaigns/{id}/stop":                   {launched, true},
		"POST /campaigns/{id}/resume":                 {append(launched, "POST /campaigns/{id}/stop"), true},
		"POST /campaigns/{id}/asks":                   {nil, true},
		"POST /campaigns/{id}/targets/{target}/agree": {[]string{"origin"}, false},
		"POST /campaigns/{id}/appeals":                {launched, false},
		"POST /appeals/{id}/test":                     {nil, false},
		"POST /appeals/{id}/launch":                   {nil, true},
		"POST /appeals/{id}/stop":                     {launched, true},
		"POST /appeals/{id}/resume":                   {append(launched, "POST /appeals/{id}/stop"), true},
		"POST /appeals/{id}/retry":                    {append(launched, "us"), true},
		"POST /campaigns/{id}/late-joiners":           {append(launched, "late"), true},
		"POST /members":                               {nil, true},
		"POST /members/{id}/leave":                    {nil, true},
		"POST /members/{id}/rejoin":                   {[]string{"POST /members/{id}/leave"}, true},
		"POST /groups":                                {nil, true},
		"POST /campaigns/{id}/evenings":               {launched, false}, // the same again corrects it
		"POST /letters/{id}/review":                   {append(launched, "aside"), true},
		"POST /targets/{id}/letters/stop":             {nil, true},
		"POST /targets/{id}/letters/resume":           {[]string{"POST /targets/{id}/letters/stop"}, true},
	}
}

// ready makes a world in which a route has something to do once, and the body to do it with.
func (d *doors) ready(r route, before []string) (world, any) {
	d.Helper()
	w := d.world()
	for _, step := range before {
		if step == "origin" {
			w.target = d.receivingTarget(w)
			continue
		}
		if step == "aside" {
			evening := d.routeOf("POST", "/campaigns/{id}/evenings")
			got := d.want(200, "POST", strings.TrimPrefix(w.path(evening.pattern), apiRoot), w.body(evening))
			w.letter = idOf(got["items"].([]any)[0].(fields))
			continue
		}
		if step == "us" || step == "late" {
			d.deliverRefusing(number(w.appeal), "us")
			d.made("/members", memberFields())
			continue
		}
		method, path, _ := strings.Cut(step, " ")
		got := d.do(d.request(method, w.path(apiRoot+path), d.tokens[everything], nil))
		if got.StatusCode >= 300 {
			d.Fatalf("%s: %d %s", step, got.StatusCode, got.text)
		}
	}
	body := w.body(r)
	if strings.HasSuffix(r.pattern, "/appeals") && len(before) > 0 {
		body = newAppeal("update")
	}
	return w, body
}

// receivingTarget adds an office of the state of origin to the campaign, and lets it wait for the second yes.
func (d *doors) receivingTarget(w world) string {
	d.Helper()
	n := newTarget()
	n["country"], n["office"] = "IR", fields{"en": "Minister of Justice"}
	id := d.made("/targets", n)
	d.want(200, "PUT", "/cases/"+w.caseID+"/origin-state-knows", fields{"reason": "Its embassy issued the travel document."})
	d.want(200, "PUT", "/campaigns/"+w.campaign+"/targets/"+id, nil)
	return id
}

func TestS2_TwentyAtOnceWithOneKeyAreOne(t *testing.T) {
	t.Parallel()
	d := open(t)
	table := doubles()
	for _, r := range d.routesOf(api) {
		if r.method != "POST" || r.stream {
			continue
		}
		name := "POST " + strings.TrimPrefix(r.pattern, apiRoot)
		row, there := table[name]
		if !there {
			t.Errorf("%s acts, and is not in the table of doubles", name)
			continue
		}
		w, body := d.ready(r, row.before)
		done, key := d.effects(), newID()
		statuses, texts := d.twentyTimes(r, w, key, body)
		busy := statuses[409]
		delete(statuses, 409)
		if len(texts) != 1 || len(statuses) != 1 || busy > 19 || d.effects() != done+1 {
			t.Errorf("%s with one key: %v, %d busy, %d different answers, done %d times", name, statuses, busy, len(texts), d.effects()-done)
		}
		again, texts2 := d.twentyTimes(r, w, key, body)
		if again[409] != 0 || len(again) != 1 || !slices.Equal(slices.Collect(maps.Keys(texts)), slices.Collect(maps.Keys(texts2))) || d.effects() != done+1 {
			t.Errorf("%s again, later: %v, done %d times; want the first answer", name, again, d.effects()-done)
		}
	}
}

func TestS2_TwentyAtOnceWithoutAKeyDoWhatTheRoomAllows(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, r := range d.routesOf(api) {
		row, there := doubles()["POST "+strings.TrimPrefix(r.pattern, apiRoot)]
		if !there || r.method != "POST" || !row.once {
			continue
		}
		w, body := d.ready(r, row.before)
		done := d.effects()
		statuses, _ := d.twentyTimes(r, w, "", body)
		if d.effects() != done+1 {
			t.Errorf("POST %s twenty times at once: %v, done %d times, want once", r.pattern, statuses, d.effects()-done)
		}
		for status := range statuses {
			if status >= 300 && status != 409 {
				t.Errorf("POST %s twenty times at once: %v", r.pattern, statuses)
			}
		}
	}
	launched := 0
	for name, row := range doubles() {
		if row.once && (name == "POST /appeals/{id}/launch" || slices.Contains(row.before, "POST /appeals/{id}/launch")) {
			launched++
		}
	}
	if n := d.count(countFanOutsSQL); n < launched || n > launched+1 { // a resume before the ledger is filled promises it again
		t.Errorf("%d fan-outs for %d appeals", n, launched)
	}
}

func TestAKeyIsForOneRequest(t *testing.T) {
	t.Parallel()
	d := open(t)
	key := newID()
	send := func(path, token string, body any, key string) reply {
		r := d.request("POST", apiRoot+path, token, body)
		r.Header["Idempotency-Key"] = []string{key}
		return d.do(r)
	}
	body := newCase()
	first := send("/cases", d.tokens[everything], body, key)
	if first.StatusCode != 201 || first.Header.Get("Location") != apiRoot+"/cases/"+idOf(first.json(t)) {
		t.Fatalf("first: %d, Location %q", first.StatusCode, first.Header.Get("Location"))
	}
	again := send("/cases", d.tokens[everything], body, key)
	if string(again.text) != string(first.text) || again.StatusCode != 201 || again.Header.Get("Idempotency-Replayed") != "true" ||
		again.Header.Get("Location") != first.Header.Get("Location") || again.Header.Get("X-Request-Id") == first.Header.Get("X-Request-Id") {
		t.Errorf("again: %d %q, want the first answer under an id of its own", again.StatusCode, again.Header)
	}
	other := newCase()
	for what, got := range map[string]reply{
		"another body":    send("/cases", d.tokens[everything], other, key),
		"another address": send("/targets", d.tokens[everything], body, key),
		"another query":   send("/cases?", d.tokens[everything], other, key),
		"no key":          send("/cases", d.tokens[everything], other, ""),
		"a long key":      send("/cases", d.tokens[everything], other, strings.Repeat("k", 201)),
	} {
		if _, named := got.fields(t)["Idempotency-Key"]; got.StatusCode != 422 || !named {
			t.Errorf("%s: %d %s", what, got.StatusCode, got.text)
		}
	}
	if got := send("/cases", d.tokens[accounts.Caseworker], other, key); got.StatusCode != 201 {
		t.Errorf("somebody else's key of the same text: %d", got.StatusCode)
	}
	// A refusal is an answer too, and comes again as it was.
	key = newID()
	bad := send("/cases", d.tokens[everything], fields{}, key)
	same := send("/cases", d.tokens[everything], fields{}, key)
	if bad.StatusCode != 422 || string(same.text[:40]) != string(bad.text[:40]) || same.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("a refusal again: %d %s", same.StatusCode, same.text)
	}
	// What failed by our fault did nothing, and runs again.
	d.mu.Lock()
	d.lost = true
	d.mu.Unlock()
	w, key := d.world(), newID()
	if got := send("/appeals/"+w.appeal+"/test", d.tokens[everything], fields{"language": "en"}, key); got.StatusCode != 502 {
		t.Errorf("a test while the relay takes nothing: %d", got.StatusCode)
	}
	d.mu.Lock()
	d.lost = false
	d.mu.Unlock()
	if got := send("/appeals/"+w.appeal+"/test", d.tokens[everything], fields{"language": "en"}, key); got.StatusCode != 200 {
		t.Errorf("and when it takes mail again: %d", got.StatusCode)
	}
}

func TestAnImportWithAKeyIsHeldAgainstItsDigest(t *testing.T) {
	t.Parallel()
	d := open(t)
	const file = "address\nlina@mail.example\n"
	key := newID()
	first, again := d.importFile(file, key), d.importFile(file, key)
	if first.StatusCode != 200 || string(first.text) != string(again.text) || again.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("first %d %s, again %d %s", first.StatusCode, first.text, again.StatusCode, again.text)
	}
	if got := d.importFile(file+"omar@mail.example\n", key); got.StatusCode != 422 {
		t.Errorf("another file with the key: %d", got.StatusCode)
	}
	for what, digest := range map[string]string{"none": "", "another": "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:", "no base64": "sha-256=:!:", "md5": "md5=:AAAA:"} {
		r := d.request("POST", apiRoot+importPath, d.tokens[everything], "address\nomar@mail.example\n")
		r.Header.Set("Content-Type", "text/csv")
		r.Header.Set("Idempotency-Key", newID())
		r.Header.Set("Content-Digest", digest)
		got := d.do(r)
		if _, named := got.fields(t)["Content-Digest"]; got.StatusCode != 422 || !named {
			t.Errorf("with a digest that is %s: %d %s", what, got.StatusCode, got.text)
		}
	}
	if n := d.count(countMembersSQL); n != 1 {
		t.Errorf("%d members, want 1: a file that is not the one meant changes nothing", n)
	}
}
