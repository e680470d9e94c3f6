package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/smtp"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
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
	signIn(t, two)

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

// signIn uses the sign-in link as a browser does, and looks at the campaigns.
func signIn(t *testing.T, demo demoReport) {
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
