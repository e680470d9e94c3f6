package main

import (
	"encoding/csv"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/smtp"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// readReport reads what demo --json prints.
func readReport(t *testing.T, text string) demoReport {
	t.Helper()
	var report demoReport
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatalf("the report is no JSON: %v\n%s", err, text)
	}
	return report
}

// The demo from nothing to its receipt, and once more on the same folder, where nobody is mailed again.
func TestDemoOnceAndAgain(t *testing.T) {
	t.Parallel()
	program, dir := filepath.Join(installed(t), "holdfast"), openDir(t, nil)
	first := start(t, program, nil, nil, "demo", "--once", "--members", "60", "--data", dir, "--listen", "127.0.0.1:0")
	code, out := first.exit()
	if code != exitDone {
		t.Fatalf("it exits with %d, want %d", code, exitDone)
	}
	for _, want := range []string{"PostgreSQL 1", "its data is in " + dir, "60 invented members", "launched   UA 5/26: ", "Closes: everybody", "First mail after"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}

	again := start(t, program, nil, nil, "demo", "--once", "--members", "60", "--data", dir, "--listen", "127.0.0.1:0", "--json")
	code, out = again.exit()
	if code != exitDone {
		t.Fatalf("again it exits with %d, want %d", code, exitDone)
	}
	again.await("by an earlier demo on this folder")
	report := readReport(t, out)
	if report.State != "complete" || !report.Closes || *report.Receipt.Eligible == 0 || report.Receipt.Skipped["left"] != 2 || report.Receipt.Refused != 1 {
		t.Errorf("the receipt is %+v, want it to close with 2 who left and 1 refused", report)
	}

	info, err := os.Stat(filepath.Join(dir, "keys"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the keys: %v, %v, want them for their owner alone", info, err)
	}
	// Without its keys the folder is refused, not filled with people whom nobody could read.
	if err := os.Remove(filepath.Join(dir, "keys")); err != nil {
		t.Fatal(err)
	}
	lost := start(t, program, nil, nil, "demo", "--once", "--data", dir)
	if code, _ := lost.exit(); code != exitFailed {
		t.Errorf("without its keys it exits with %d, want %d", code, exitFailed)
	}
	lost.await("was made with other keys")
}

// ordinary returns a user who is not root: the one who runs the test, or nobody.
func ordinary(t *testing.T) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.ParseUint(nobody.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.ParseUint(nobody.Gid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// Two demos of one ordinary user, neither told where to go: each finds a folder and a port. One is killed and goes on later.
func TestTwoDemosAtOnceAndOneKilled(t *testing.T) {
	t.Parallel()
	who, program := ordinary(t), copied(t)
	home := openDir(t, who)
	env := []string{"HOME=" + home, "XDG_DATA_HOME=" + home, "TMPDIR=" + os.TempDir()}
	begin := func() (*process, demoReport) {
		p := start(t, program, env, who, "demo", "--members", "60", "--json")
		p.await("Ctrl-C ends it")
		line := make([]byte, 64<<10)
		n, err := p.stdout.Read(line)
		if err != nil {
			t.Fatal(err)
		}
		return p, readReport(t, string(line[:n]))
	}
	first, one := begin()
	second, two := begin()
	if one.Folder != filepath.Join(home, "holdfast", "demo") || two.Folder != one.Folder+"-2" || one.URL == two.URL || one.Mailbox == two.Mailbox {
		t.Errorf("the demos are at %+v and %+v, want each in places of its own", one, two)
	}
	second.await("another demo runs on " + one.Folder)

	for url, want := range map[string]string{two.URL + "/mailbox": "halt a removal", two.Page: `UA 5/26[\s\S]*At least \d+ letters[\s\S]*as groups told us of their evenings`, two.SignIn: "Noor A.|Sign in",
		two.URL + "/api/v1/openapi.json": `"openapi"`} {
		if status, body := get(t, url); status != 200 || !regexp.MustCompile(want).MatchString(body) {
			t.Errorf("%s answers %d, want 200 with %q:\n%.300s", url, status, want, body)
		}
	}
	leaveByMail(t, two)
	browser := signIn(t, two)
	everyGradeIsThere(t, browser, two)
	liveALetter(t, browser, two)

	busy := start(t, program, env, who, "demo", "--once", "--data", one.Folder)
	if code, _ := busy.exit(); code != exitFailed {
		t.Errorf("a folder in use: it exits with %d, want %d", code, exitFailed)
	}
	busy.await("is in use by process " + strconv.Itoa(first.cmd.Process.Pid))

	if err := first.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	first.exit()
	later := start(t, program, env, who, "demo", "--once", "--members", "60", "--data", one.Folder, "--json")
	code, out := later.exit()
	if report := readReport(t, out); code != exitDone || !report.Closes || *report.Receipt.Eligible != *one.Receipt.Eligible {
		t.Errorf("after SIGKILL it exits with %d and %+v, want the receipt of before", code, report)
	}
	second.terminate()
}

// leaveByMail sends a mail to the unsubscribe address of the newest mail, at the demo's mailbox.
func leaveByMail(t *testing.T, demo demoReport) {
	t.Helper()
	_, list := get(t, demo.URL+"/mailbox?what=alert")
	number := regexp.MustCompile(`/mailbox/(\d+)`).FindStringSubmatch(list)
	if number == nil {
		t.Fatalf("the mailbox shows no mail:\n%.300s", list)
	}
	_, source := get(t, demo.URL+"/mailbox/"+number[1]+"/source")
	address := regexp.MustCompile(`mailto:(u(?:\+|%2B|&#43;)[a-z2-7]+@[a-z.]+)`).FindStringSubmatch(source)
	if address == nil {
		t.Fatalf("the mail has no address to leave by:\n%.3000s", source)
	}
	to := strings.NewReplacer("%2B", "+", "&#43;", "+").Replace(address[1])
	if err := smtp.SendMail(demo.Mailbox, nil, "somebody@elsewhere.example", []string{to}, []byte("Subject: unsubscribe\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	// The link in the same mail leads to somebody who has left.
	link := regexp.MustCompile(`(http://[^\s"<&]+)/u/([a-z2-7]+)`).FindStringSubmatch(source)
	if link == nil {
		t.Fatal("the mail has no link to leave by")
	}
	if status, body := get(t, demo.URL+"/u/"+link[2]); status != 200 {
		t.Errorf("the unsubscribe page answers %d:\n%.300s", status, body)
	}
}

// signIn uses the sign-in link as a browser does, looks at the campaigns, and returns the browser.
func signIn(t *testing.T, demo demoReport) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: patience}
	press, err := http.NewRequest(http.MethodPost, demo.SignIn, nil)
	if err != nil {
		t.Fatal(err)
	}
	press.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	press.Header.Set("Origin", demo.URL)
	press.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := browser.Do(press)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK || !strings.Contains(string(page), "UA 5/26") {
		t.Errorf("the sign-in link leads to %s, %d, want the campaigns:\n%.500s", answer.Request.URL, answer.StatusCode, page)
	}
	return browser
}

// send fills in a form and returns the page that it leads to.
func send(t *testing.T, browser *http.Client, demo demoReport, address string, fields url.Values) string {
	t.Helper()
	press, err := http.NewRequest(http.MethodPost, address, strings.NewReader(fields.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	press.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	press.Header.Set("Origin", demo.URL)
	press.Header.Set("Sec-Fetch-Site", "same-origin")
	return read(t, browser, press)
}

// visit returns a page.
func visit(t *testing.T, browser *http.Client, address string) string {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, browser, request)
}

func read(t *testing.T, browser *http.Client, request *http.Request) string {
	t.Helper()
	answer, err := browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d:\n%.1000s", request.URL.Path, answer.StatusCode, page)
	}
	return string(page)
}

// found is what the first group of an expression finds in a text.
func found(t *testing.T, expression, text string) string {
	t.Helper()
	match := regexp.MustCompile(expression).FindStringSubmatch(text)
	if match == nil {
		t.Fatalf("there is no %s in:\n%.3000s", expression, text)
	}
	return html.UnescapeString(match[1])
}

// everyGradeIsThere wants the demo's own letters to be known in every way there is, in every state, and answered.
func everyGradeIsThere(t *testing.T, browser *http.Client, demo demoReport) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(visit(t, browser, demo.URL+"/admin/reports.csv?by=grade"), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 6 {
		t.Errorf("the report by grade has %v, want a line for each of five", rows)
	}
	letters := visit(t, browser, demo.URL+"/admin/letters")
	for _, state := range []string{"set aside", "withdrawn", "being written", "came back"} {
		if !strings.Contains(letters, state) {
			t.Errorf("no letter is %s", state)
		}
	}
	for address, want := range map[string]string{
		"/admin/replies": "3 answers", "/admin/replies?state=settled": "3 answers", "/admin/targets/2/record": "refused", "/admin/targets/4/record": "agreed",
		"/admin/cases/5": "Shirin", "/admin/campaigns/5/change": "ask you to defer his removal", "/admin/postal-routes": "two international stamps",
	} {
		if page := visit(t, browser, demo.URL+address); !strings.Contains(page, want) {
			t.Errorf("%s does not say %q:\n%.3000s", address, want, page)
		}
	}
}

// liveALetter does what the demo invites to, by pressing alone: a member writes, says yes in the mailbox, the letter arrives, the office answers, and
// the answer is linked; the member tells of two more by answering the alert; and another way the letter leaves with its writer's own mail program.
func liveALetter(t *testing.T, browser *http.Client, demo demoReport) {
	t.Helper()
	mailbox := demo.URL + "/mailbox"
	newest := func(query, title string) string {
		return demo.URL + found(t, `<a href="(/mailbox/\d+)"[^>]*><bdi>`+title, visit(t, browser, mailbox+query))
	}
	alert := newest("?what=alert&language=en", "")
	desk := found(t, `(http://[^\s"<&]+/r/[a-z2-7]+)`, visit(t, browser, alert)) + "/write/2"
	letter := url.Values{"name": {"A stranger"}, "subject": {"A letter to try"}, "language": {"en"}, "text": {"Dear Minister,\n\nplease wait.\n\nYours,"}}
	before := strings.Count(visit(t, browser, mailbox+"?what=note"), "Is this your letter? (UA 5/26)")
	send(t, browser, demo, desk+"/send", letter)
	question := awaitPage(t, func() (string, bool) {
		page := visit(t, browser, mailbox+"?what=note")
		return page, strings.Count(page, "Is this your letter? (UA 5/26)") > before
	})
	yes := ""
	for _, one := range regexp.MustCompile(`<a href="(/mailbox/\d+)"[^>]*><bdi>Is this your letter`).FindAllStringSubmatch(question, -1) {
		link := found(t, `(http://[^\s"<&]+/c/[a-z2-7]+)`, visit(t, browser, demo.URL+one[1]))
		if page := visit(t, browser, link); strings.Contains(page, "A letter to try") {
			send(t, browser, demo, link, url.Values{"version": {found(t, `name="version" value="([^"]+)"`, page)}})
			yes = link
		}
	}
	if yes == "" {
		t.Fatal("the mailbox has no question about the letter")
	}
	arrived := awaitPage(t, func() (string, bool) {
		page := visit(t, browser, mailbox+"?what=letter&q=A+letter+to+try")
		return page, strings.Contains(page, "minister.ps@gov-ca.example")
	})
	at := demo.URL + found(t, `<a href="(/mailbox/\d+)"`, arrived)
	if page := send(t, browser, demo, at+"/answer", url.Values{"kind": {"agreed"}}); !strings.Contains(page, "has taken this in") {
		t.Errorf("the answer of the office was not taken in:\n%.3000s", page)
	}
	reply := visit(t, browser, demo.URL+found(t, `<a href="(/admin/replies/\d+)"><bdi>Re: A letter to try`, visit(t, browser, demo.URL+"/admin/replies")))
	if !strings.Contains(reply, "linked") || !regexp.MustCompile(`/letters/\d+/unlink"`).MatchString(reply) {
		t.Errorf("the answer is not linked to the letter:\n%.3000s", reply)
	}
	if page := send(t, browser, demo, alert+"/answer", url.Values{"kind": {"told"}, "text": {"sent, 2 letters"}}); !strings.Contains(page, "has taken this in") {
		t.Errorf("the answer of the member was not taken in:\n%.3000s", page)
	}
	own := send(t, browser, demo, desk+"/own", letter)
	fields := url.Values{"sender": {"stranger@mail.example"}}
	for _, name := range []string{"recipient", "blind", "subject", "text"} {
		fields.Set(name, found(t, `name="`+name+`" value="([^"]*)"`, own))
	}
	if page := send(t, browser, demo, mailbox+"/own/send", fields); !strings.Contains(page, "has taken this in") {
		t.Errorf("the copy of the writer's own mail was not taken in:\n%.3000s", page)
	}
	// What nobody takes in is told to who sent it.
	fields.Set("recipient", "somebody@elsewhere.example")
	if page := send(t, browser, demo, mailbox+"/own/send", fields); !strings.Contains(page, "550 5.7.1 this copy proves no letter") {
		t.Errorf("the refusal is not shown:\n%.3000s", page)
	}
}

// awaitPage looks until a page says something.
func awaitPage(t *testing.T, looks func() (string, bool)) string {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; <-tick.C {
		page, there := looks()
		if there {
			return page
		}
		if time.Now().After(end) {
			t.Fatalf("it did not come:\n%.3000s", page)
		}
	}
}

func TestDemoRefusesWhatWouldHarm(t *testing.T) {
	t.Parallel()
	program := filepath.Join(installed(t), "holdfast")
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--listen", "0.0.0.0:8080"}, "--listen must be on loopback"},
		{[]string{"--listen", "nowhere"}, "--listen must be a host and a port"},
		{[]string{"--members", "0"}, "--members is a number from 10 to 1,000,000"},
	} {
		p := start(t, program, nil, nil, append([]string{"demo", "--once"}, c.args...)...)
		if code, _ := p.exit(); code != exitUsage {
			t.Errorf("%v: it exits with %d, want %d", c.args, code, exitUsage)
		}
		p.await(c.says)
	}
}
