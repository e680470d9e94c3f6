package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/accounts"
	"holdfast/internal/audit"
)

// mayDo is who may do what, written down a second time and by hand: a route that is not here fails the test, and so
// does a permission that somebody widened.
func mayDo() map[string]string {
	const (
		campaignReaders = "coordinator caseworker reviewer translator tracker auditor"
		caseReaders     = "coordinator caseworker reviewer"
		letterReaders   = "coordinator caseworker reviewer tracker"
		letterEditors   = "coordinator tracker"
		everybody       = "coordinator caseworker reviewer translator tracker auditor administrator"
		anybody         = string(Anybody)
	)
	return map[string]string{
		"GET /api/v1/openapi.json": anybody,

		"GET /api/v1/cases":                         caseReaders,
		"POST /api/v1/cases":                        "coordinator caseworker",
		"GET /api/v1/cases/{id}":                    caseReaders,
		"PUT /api/v1/cases/{id}/removal":            "coordinator caseworker",
		"PUT /api/v1/cases/{id}/origin-state-knows": "coordinator caseworker",

		"GET /api/v1/targets":      campaignReaders,
		"POST /api/v1/targets":     "coordinator tracker",
		"GET /api/v1/targets/{id}": campaignReaders,
		"PUT /api/v1/targets/{id}": "coordinator tracker",

		"GET /api/v1/targets/{id}/letters":         letterReaders,
		"POST /api/v1/targets/{id}/letters/stop":   "coordinator tracker",
		"POST /api/v1/targets/{id}/letters/resume": "coordinator tracker",

		"GET /api/v1/targets/{id}/channel-marks":           letterReaders,
		"PUT /api/v1/targets/{id}/channel-marks/{channel}": "coordinator tracker",
		"DELETE /api/v1/channel-marks/{id}":                "coordinator tracker",
		"GET /api/v1/postal-routes":                        campaignReaders,
		"PUT /api/v1/postal-routes/{from}/{to}":            "coordinator tracker",
		"PUT /api/v1/campaigns/{id}/counter":               "coordinator",
		"GET /api/v1/letters/aside":                        letterReaders,
		"POST /api/v1/letters/{id}/review":                 "coordinator tracker",
		"GET /api/v1/campaigns/{id}/evenings":              letterReaders,
		"POST /api/v1/campaigns/{id}/evenings":             "coordinator tracker",
		"DELETE /api/v1/campaigns/{id}/evenings/{letter}":  "coordinator tracker",

		"GET /api/v1/campaigns":                              campaignReaders,
		"POST /api/v1/campaigns":                             "coordinator",
		"GET /api/v1/campaigns/{id}":                         campaignReaders,
		"PUT /api/v1/campaigns/{id}/deadline":                "coordinator",
		"POST /api/v1/campaigns/{id}/close":                  "coordinator",
		"POST /api/v1/campaigns/{id}/stop":                   "coordinator reviewer",
		"POST /api/v1/campaigns/{id}/resume":                 "coordinator",
		"GET /api/v1/campaigns/{id}/late-joiners":            campaignReaders,
		"POST /api/v1/campaigns/{id}/late-joiners":           "coordinator",
		"GET /api/v1/appeals/{id}/forecast":                  campaignReaders,
		"POST /api/v1/appeals/{id}/retry":                    "coordinator",
		"POST /api/v1/campaigns/{id}/asks":                   "coordinator",
		"PUT /api/v1/campaigns/{id}/asks/{code}":             "coordinator",
		"PUT /api/v1/campaigns/{id}/targets/{target}":        "coordinator",
		"DELETE /api/v1/campaigns/{id}/targets/{target}":     "coordinator",
		"POST /api/v1/campaigns/{id}/targets/{target}/agree": "coordinator reviewer",

		"GET /api/v1/campaigns/{id}/appeals":           campaignReaders,
		"POST /api/v1/campaigns/{id}/appeals":          "coordinator",
		"GET /api/v1/appeals/{id}":                     campaignReaders,
		"PUT /api/v1/appeals/{id}/audience":            "coordinator",
		"GET /api/v1/appeals/{id}/reach":               campaignReaders,
		"GET /api/v1/appeals/{id}/texts":               campaignReaders,
		"PUT /api/v1/appeals/{id}/texts/{language}":    "coordinator translator",
		"DELETE /api/v1/appeals/{id}/texts/{language}": "coordinator translator",
		"GET /api/v1/appeals/{id}/preview/{language}":  campaignReaders,
		"POST /api/v1/appeals/{id}/test":               "coordinator translator",
		"POST /api/v1/appeals/{id}/launch":             "coordinator",
		"POST /api/v1/appeals/{id}/stop":               "coordinator reviewer",
		"POST /api/v1/appeals/{id}/resume":             "coordinator",
		"GET /api/v1/appeals/{id}/receipt":             campaignReaders,
		"GET /api/v1/appeals/{id}/deliveries":          "coordinator",
		"GET /api/v1/members":                          "coordinator",
		"POST /api/v1/members":                         "coordinator",
		"GET /api/v1/members/{id}":                     "coordinator",
		"PATCH /api/v1/members/{id}":                   "coordinator",
		"POST /api/v1/members/{id}/leave":              "coordinator",
		"POST /api/v1/members/{id}/rejoin":             "coordinator",
		"POST /api/v1/members/import":                  "coordinator",
		"GET /api/v1/members/export":                   "coordinator",
		"GET /api/v1/groups":                           "coordinator",
		"POST /api/v1/groups":                          "coordinator",
		"PUT /api/v1/groups/{id}":                      "coordinator",
		"GET /api/v1/letters":                          letterReaders,
		"GET /api/v1/replies":                          letterReaders,
		"GET /api/v1/replies/{id}":                     letterReaders,
		"GET /api/v1/campaigns/{id}/letter-totals":     letterReaders,
		"GET /api/v1/reports/letters":                  letterReaders,

		"GET /static/{file}": anybody,
		"GET /a/{slug}":      anybody,
		"GET /r/{token}":     anybody,
		"POST /r/{token}":    anybody,

		"GET /r/{token}/report":                        anybody,
		"POST /r/{token}/report":                       anybody,
		"POST /r/{token}/report/letters/{id}":          anybody,
		"POST /r/{token}/report/letters/{id}/withdraw": anybody,
		"GET /r/{token}/evening":                       anybody,
		"POST /r/{token}/evening":                      anybody,
		"POST /r/{token}/evening/{id}/withdraw":        anybody,
		"GET /a/{slug}/report":                         anybody,
		"POST /a/{slug}/report":                        anybody,
		"GET /w/{token}":                               anybody,
		"POST /w/{token}":                              anybody,
		"POST /w/{token}/letters/{id}":                 anybody,
		"POST /w/{token}/letters/{id}/withdraw":        anybody,

		"GET /admin/letters/aside":                              letterEditors,
		"POST /admin/letters/aside/{id}":                        letterEditors,
		"GET /admin/campaigns/{id}/evenings":                    letterEditors,
		"POST /admin/campaigns/{id}/evenings":                   letterEditors,
		"POST /admin/campaigns/{id}/evenings/{letter}/withdraw": letterEditors,
		"POST /admin/campaigns/{id}/counter":                    "coordinator",

		"GET /u/{token}":                       anybody,
		"POST /u/{token}":                      anybody,
		"GET /a/{slug}/write/{target}":         anybody,
		"POST /a/{slug}/write/{target}/check":  anybody,
		"GET /a/{slug}/write/{target}/check":   anybody,
		"POST /a/{slug}/write/{target}/own":    anybody,
		"GET /a/{slug}/write/{target}/own":     anybody,
		"GET /r/{token}/write/{target}":        anybody,
		"POST /r/{token}/write/{target}/check": anybody,
		"GET /r/{token}/write/{target}/check":  anybody,
		"POST /r/{token}/write/{target}/own":   anybody,
		"GET /r/{token}/write/{target}/own":    anybody,
		"GET /a/{slug}/card.png":               anybody,
		"POST /a/{slug}/write/{target}/send":   anybody,
		"GET /a/{slug}/write/{target}/send":    anybody,
		"POST /r/{token}/write/{target}/send":  anybody,
		"GET /r/{token}/write/{target}/send":   anybody,
		"GET /c/{token}":                       anybody,
		"POST /c/{token}":                      anybody,
		"POST /c/{token}/withdraw":             anybody,

		"POST /a/{slug}/write/{target}/paper":  anybody,
		"GET /a/{slug}/write/{target}/paper":   anybody,
		"POST /r/{token}/write/{target}/paper": anybody,
		"GET /r/{token}/write/{target}/paper":  anybody,
		"GET /a/{slug}/labels/{file}":          anybody,
		"GET /a/{slug}/evening.pdf":            anybody,
		"GET /code":                            anybody,
		"POST /code":                           anybody,
		"POST /admin/campaigns/{id}/casefile":  "coordinator",
		"GET /admin/postal-routes":             "coordinator tracker",
		"POST /admin/postal-routes":            "coordinator tracker",

		"GET /":                                                 anybody,
		"GET /sign-in":                                          anybody,
		"POST /sign-in":                                         anybody,
		"POST /sign-in/link":                                    anybody,
		"GET /sign-in/link/{token}":                             anybody,
		"POST /sign-in/link/{token}":                            anybody,
		"POST /sign-out":                                        everybody,
		"GET /admin":                                            everybody,
		"GET /admin/account":                                    everybody,
		"POST /admin/account/password":                          everybody,
		"POST /admin/account/sessions/{id}/end":                 everybody,
		"POST /admin/account/sessions/end-others":               everybody,
		"GET /admin/cases":                                      caseReaders,
		"POST /admin/cases":                                     "coordinator caseworker",
		"GET /admin/cases/new":                                  "coordinator caseworker",
		"GET /admin/cases/{id}":                                 caseReaders,
		"POST /admin/cases/{id}/removal":                        "coordinator caseworker",
		"POST /admin/cases/{id}/origin-state-knows":             "coordinator caseworker",
		"GET /admin/campaigns":                                  campaignReaders,
		"POST /admin/campaigns":                                 "coordinator",
		"GET /admin/campaigns/new":                              "coordinator",
		"GET /admin/campaigns/{id}":                             campaignReaders,
		"POST /admin/campaigns/{id}/origin-state-knows":         "coordinator caseworker",
		"POST /admin/campaigns/{id}/close":                      "coordinator",
		"POST /admin/campaigns/{id}/stop":                       "coordinator reviewer",
		"POST /admin/campaigns/{id}/resume":                     "coordinator",
		"POST /admin/campaigns/{id}/appeals":                    "coordinator",
		"GET /admin/campaigns/{id}/change":                      "coordinator",
		"POST /admin/campaigns/{id}/deadline":                   "coordinator",
		"POST /admin/campaigns/{id}/asks":                       "coordinator",
		"POST /admin/campaigns/{id}/asks/{code}":                "coordinator",
		"POST /admin/campaigns/{id}/targets":                    "coordinator",
		"POST /admin/campaigns/{id}/targets/{target}/remove":    "coordinator",
		"POST /admin/campaigns/{id}/targets/{target}/agree":     "coordinator reviewer",
		"GET /admin/engine":                                     campaignReaders,
		"GET /admin/engine/events":                              campaignReaders,
		"GET /admin/appeals/{id}":                               campaignReaders,
		"GET /admin/appeals/{id}/events":                        campaignReaders,
		"GET /admin/appeals/{id}/compose":                       "coordinator translator",
		"POST /admin/appeals/{id}/compose":                      "coordinator translator",
		"POST /admin/appeals/{id}/test":                         "coordinator translator",
		"GET /admin/appeals/{id}/preview/{language}":            campaignReaders,
		"GET /admin/appeals/{id}/preview/{language}/html":       campaignReaders,
		"GET /admin/appeals/{id}/launch":                        "coordinator",
		"POST /admin/appeals/{id}/launch":                       "coordinator",
		"POST /admin/appeals/{id}/stop":                         "coordinator reviewer",
		"POST /admin/appeals/{id}/resume":                       "coordinator",
		"POST /admin/appeals/{id}/retry":                        "coordinator",
		"POST /admin/campaigns/{id}/late-joiners":               "coordinator",
		"GET /admin/members":                                    "coordinator",
		"POST /admin/members":                                   "coordinator",
		"GET /admin/members/new":                                "coordinator",
		"GET /admin/members/import":                             "coordinator",
		"POST /admin/members/import":                            "coordinator",
		"POST /admin/members/export":                            "coordinator",
		"GET /admin/members/{id}":                               "coordinator",
		"POST /admin/members/{id}":                              "coordinator",
		"GET /admin/members/{id}/change":                        "coordinator",
		"POST /admin/members/{id}/unsubscribe":                  "coordinator",
		"POST /admin/members/{id}/rejoin":                       "coordinator",
		"POST /admin/members/{id}/suppress":                     "coordinator",
		"POST /admin/members/{id}/lift":                         "coordinator",
		"GET /admin/groups":                                     "coordinator",
		"POST /admin/groups":                                    "coordinator",
		"GET /admin/groups/{id}":                                "coordinator",
		"POST /admin/groups/{id}":                               "coordinator",
		"GET /admin/letters/queue":                              letterReaders,
		"POST /admin/letters/queue/{target}/stop":               "coordinator tracker",
		"POST /admin/letters/queue/{target}/resume":             "coordinator tracker",
		"POST /admin/letters/marks":                             "coordinator tracker",
		"POST /admin/letters/marks/{id}/clear":                  "coordinator tracker",
		"GET /admin/letters":                                    letterReaders,
		"GET /admin/replies":                                    letterReaders,
		"POST /admin/replies":                                   "coordinator tracker",
		"GET /admin/replies/new":                                "coordinator tracker",
		"GET /admin/replies/{id}":                               letterReaders,
		"POST /admin/replies/{id}/open":                         "coordinator tracker",
		"POST /admin/replies/{id}/files/{n}":                    "coordinator tracker",
		"POST /admin/replies/{id}/settle":                       "coordinator tracker",
		"POST /admin/replies/{id}/state":                        "coordinator tracker",
		"POST /admin/replies/{id}/shown":                        "coordinator tracker",
		"POST /admin/replies/{id}/notes":                        "coordinator tracker",
		"POST /admin/replies/{id}/link-all":                     "coordinator tracker",
		"POST /admin/replies/{id}/letters/{letter}/link":        "coordinator tracker",
		"POST /admin/replies/{id}/letters/{letter}/unlink":      "coordinator tracker",
		"GET /admin/targets":                                    campaignReaders,
		"POST /admin/targets":                                   "coordinator tracker",
		"GET /admin/targets/new":                                "coordinator tracker",
		"GET /admin/targets/{id}":                               campaignReaders,
		"POST /admin/targets/{id}":                              "coordinator tracker",
		"GET /admin/accounts":                                   "administrator",
		"POST /admin/accounts":                                  "administrator",
		"GET /admin/accounts/new":                               "administrator",
		"GET /admin/accounts/{id}":                              "administrator",
		"POST /admin/accounts/{id}/roles":                       "administrator",
		"POST /admin/accounts/{id}/disable":                     "administrator",
		"POST /admin/accounts/{id}/enable":                      "administrator",
		"GET /admin/reports":                                    letterReaders,
		"GET /admin/reports.csv":                                letterReaders,
		"GET /admin/reports.xlsx":                               letterReaders,
		"POST /admin/reports/members":                           "coordinator",
		"GET /admin/campaigns/{id}/plots/days.svg":              letterReaders,
		"GET /admin/targets/{id}/record":                        letterReaders,
		"POST /admin/targets/{id}/positions":                    "coordinator tracker",
		"POST /admin/campaigns/{id}/targets/{target}/follow-up": "coordinator",
		"POST /admin/campaigns/{id}/targets/{target}/chase":     "coordinator",
		"POST /admin/cases/{id}/unspoken":                       "coordinator caseworker",
		"POST /admin/cases/{id}/unspoken/{word}/remove":         "coordinator caseworker",
		"POST /admin/campaigns/{id}/samples":                    "coordinator",
	}
}

func TestA8_EveryRouteIsInTheTableOfRolesAndTheReverse(t *testing.T) {
	t.Parallel()
	table := mayDo()
	for _, r := range (&Server{}).routes() {
		name := r.method + " " + r.pattern
		said, there := table[name]
		delete(table, name)
		var want []string
		for _, role := range r.permission.Roles() {
			want = append(want, string(role))
		}
		if r.permission == Anybody {
			want = []string{string(Anybody)}
		}
		slices.Sort(want)
		got := strings.Fields(said)
		slices.Sort(got)
		if !there || !slices.Equal(got, want) {
			t.Errorf("%s is for %v, the table says %v", name, want, got)
		}
	}
	for name := range table {
		t.Errorf("%s is in the table and is no route", name)
	}
}

// nobody is a world in which nothing exists: every permission is asked for before anything is looked up.
func nobody() world {
	const none = "999999999"
	return world{caseID: none, target: none, campaign: none, appeal: none, group: none, member: none}
}

func TestA8_EveryRouteOfTheAPIIsRefusedToEveryOtherRole(t *testing.T) {
	t.Parallel()
	d := open(t)
	before := d.count(countAuditSQL)
	for _, r := range d.routesOf(api) {
		name := r.method + " " + r.pattern
		allowed := strings.Fields(mayDo()[name])
		for _, role := range accounts.Roles() {
			got := d.do(d.request(r.method, nobody().path(r.pattern), d.tokens[role], nil))
			refused := got.StatusCode == http.StatusForbidden
			if may := slices.Contains(allowed, string(role)); refused == may || got.StatusCode == http.StatusUnauthorized {
				t.Errorf("%s as %s: %d, allowed is %v\n%s", name, role, got.StatusCode, allowed, got.text)
			}
		}
		withCookie := d.request(r.method, nobody().path(r.pattern), "", nil)
		withCookie.AddCookie(&http.Cookie{Name: d.server.cookieName(), Value: d.sessions[everything]})
		for what, request := range map[string]*http.Request{
			"without a token":        d.request(r.method, nobody().path(r.pattern), "", nil),
			"with a session":         withCookie,
			"with a session's token": d.request(r.method, nobody().path(r.pattern), d.sessions[everything], nil),
			"with a made-up token":   d.request(r.method, nobody().path(r.pattern), "hf_"+strings.Repeat("a", 52), nil),
		} {
			if got := d.do(request); got.StatusCode != http.StatusUnauthorized || got.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s: %d, want 401", name, what, got.StatusCode)
			}
		}
	}
	// What an allowed role did above is one export, which is put on record.
	if after := d.count(countAuditSQL); after != before+1 {
		t.Errorf("%d things were done by requests that name nothing, want the export alone", after-before)
	}
}

func TestA8_StaffRoutesWantASessionWithARole(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.server.limits.watch = 10 * time.Millisecond
	for _, r := range d.routesOf(staff) {
		name := r.method + " " + r.pattern
		allowed := strings.Fields(mayDo()[name])
		for _, role := range accounts.Roles() {
			if _, err := d.server.Accounts.FindSession(d.ctx, d.sessions[role]); err != nil { // a route has ended it
				d.tokens[role], d.sessions[role] = d.account(role)
			}
			got := d.send(d.form(r.method, nobody().path(r.pattern), d.sessions[role]))
			if may := slices.Contains(allowed, string(role)); may == (got.StatusCode == http.StatusForbidden) {
				t.Errorf("%s as %s: %d, allowed is %v", name, role, got.StatusCode, allowed)
			}
		}
		got := d.send(d.form(r.method, nobody().path(r.pattern), d.tokens[everything]))
		if got.StatusCode != http.StatusUnauthorized && got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s with an API token for a session: %d", name, got.StatusCode)
		}
	}
}

func TestA13_ATokenIsNoPartOfAnAddressAndEndsAtOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	token := d.tokens[accounts.Coordinator]
	for _, name := range []string{"access_token", "token"} {
		if got := d.do(d.request("GET", apiRoot+"/cases?"+name+"="+token, "", nil)); got.StatusCode != 401 {
			t.Errorf("a token in the query: %d, want 401", got.StatusCode)
		}
	}
	p, err := d.server.Accounts.FindToken(d.ctx, token)
	d.must(err)
	request := func() reply { return d.do(d.request("GET", apiRoot+"/cases", token, nil)) }
	if got := request(); got.StatusCode != 200 {
		t.Fatalf("before: %d", got.StatusCode)
	}
	d.must(d.server.Accounts.RevokeToken(d.ctx, audit.System(), p.AccountID, p.TokenID))
	if got := request(); got.StatusCode != 401 {
		t.Errorf("a revoked token: %d, want 401", got.StatusCode)
	}
	basic := d.request("GET", apiRoot+"/cases", "", nil)
	basic.SetBasicAuth("x", d.tokens[everything])
	if got := d.do(basic); got.StatusCode != 401 {
		t.Errorf("a token as a password: %d, want 401", got.StatusCode)
	}
}
