package mailer_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"holdfast/mailer"
)

func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

func readMail(t testing.TB, text string) mailer.Incoming {
	t.Helper()
	in, err := mailer.ReadIncoming(strings.NewReader(crlf(text)))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestIncomingMailIsReadInItsCharsetsAndEncodings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ mail, subject, text string }{
		"latin 1, quoted-printable": {"From: a@b.example\nSubject: =?ISO-8859-1?Q?R=E9ponse_du_minist=E8re?=\nContent-Type: text/plain; charset=ISO-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nVotre lettre a =E9t=E9 re=\n=E7ue.",
			"Réponse du ministère", "Votre lettre a été reçue."},
		"windows-1256, base64":   {"From: a@b.example\nSubject: x\nContent-Type: text/plain; charset=windows-1256\nContent-Transfer-Encoding: base64\n\n48rHyA==\n", "x", "متاب"},
		"a charset nobody knows": {"From: a@b.example\nSubject: x\nContent-Type: text/plain; charset=x-wonder\nContent-Transfer-Encoding: quoted-printable\n\nCaf=E9\n", "x", "Café"},
		"html alone": {"From: a@b.example\nSubject: x\nContent-Type: text/html; charset=utf-8\n\n<html><head><title>no</title><style>p{}</style><body><p>Dear&nbsp;<b>writer</b>,<p>One<br>two<script>alert(1)</script><blockquote><p>your words</blockquote>",
			"x", "Dear writer,\n\nOne\ntwo\n\n> your words"},
		"base64 that breaks off":          {"From: a@b.example\nSubject: x\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\nSGVsbG8gd29ybGQ*", "x", "Hello worl"},
		"a parted mail that never ends":   {"From: a@b.example\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nHere I am", "x", "Here I am"},
		"a subject of control characters": {"From: a@b.example\nSubject: a\x00\x1b[31mb\u202ec\n\nt", "a[31mbc", "t"},
	} {
		in := readMail(t, c.mail)
		if in.Subject != c.subject || in.From != "a@b.example" || in.Text != c.text && name != "base64 that breaks off" {
			t.Errorf("%s: %q from %q:\n%q\nwant %q\n%q", name, in.Subject, in.From, in.Text, c.subject, c.text)
		}
	}
}

func TestB3_AReportIsReadByItsFields(t *testing.T) {
	t.Parallel()
	in := readMail(t, `From: Mail Delivery <MAILER-DAEMON@relay.example>
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Return-Path: <>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I am sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; Minister@Office.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1
 unknown

Final-Recipient: rfc822; later@office.example
Action: delayed
Status: 4.4.1

Final-Recipient: rfc822; fine@office.example
Action: delivered
Status: 2.0.0
--b
Content-Type: message/rfc822

Subject: our own letter

text
--b--
`)
	want := []mailer.ReportedRecipient{{Address: "minister@office.example", Action: "failed", Status: "5.1.1"},
		{Address: "later@office.example", Action: "delayed", Status: "4.4.1"}, {Address: "fine@office.example", Action: "delivered", Status: "2.0.0"}}
	if in.Report == nil || !cmp.Equal(want, in.Report.Recipients) {
		t.Fatalf("report %+v, want %+v", in.Report, want)
	}
	for i, failed := range []bool{true, false, false} {
		if in.Report.Recipients[i].Failed() != failed {
			t.Errorf("%s failed: %v, want %v", want[i].Address, !failed, failed)
		}
	}
	if in.Inside != nil || len(in.Files) > 0 || in.ReturnPath == nil || *in.ReturnPath != "" || in.Automatic.Submitted != "auto-replied" {
		t.Errorf("%+v", in)
	}
}

func TestB9_WhatAMachineSentIsToldFromWhatAPersonSent(t *testing.T) {
	t.Parallel()
	for header, sure := range map[string]bool{
		"Auto-Submitted: auto-generated":             true,
		"Auto-Submitted: AUTO-REPLIED; owner=x":      true,
		"Auto-Submitted: auto-replied (vacation)":    true,
		"Auto-Submitted: no":                         false,
		"Precedence: bulk":                           true,
		"Precedence: first-class":                    false,
		"List-Id: <x.y.example>":                     true,
		"X-Auto-Response-Suppress: DR, OOF":          true,
		"X-Auto-Response-Suppress: DR, RN":           false,
		"Subject: Out of office: back on Monday":     false,
		"Subject: Réponse automatique : en congé":    false,
		"Subject: about your out of office comments": false,
	} {
		a := readMail(t, "From: a@b.example\n"+header+"\n\nx\n").Automatic
		if a.Sure() != sure {
			t.Errorf("%s: sure %v, want %v", header, a.Sure(), sure)
		}
		if hint := strings.HasPrefix(header, "Subject: Out") || strings.HasPrefix(header, "Subject: R"); a.Vacation != hint {
			t.Errorf("%s: looks like a vacation %v, want %v", header, a.Vacation, hint)
		}
	}
}

func TestAMailWithinAMailIsReadAndKept(t *testing.T) {
	t.Parallel()
	in := readMail(t, `From: member@home.example
Subject: Fwd: answer
Content-Type: multipart/mixed; boundary=b

--b

See below.
--b
Content-Type: message/rfc822

From: "Office of the Minister" <office@ministry.example>
Subject: Your letter

Thank you for your letter.
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename="../../x.exe"

%PDF-1.7 whatever
--b--
`)
	if in.Inside == nil || in.Inside.From != "office@ministry.example" || in.Inside.Text != "Thank you for your letter." || len(in.Files) != 2 {
		t.Errorf("inside %+v, %d files", in.Inside, len(in.Files))
	}
}

// An answer is not lost because a program on its way set a line before it, or one of its fields is broken.
func TestAMailWithABrokenHeaderIsReadAllTheSame(t *testing.T) {
	t.Parallel()
	const good = "From: office@ministry.example\nSubject: Your letter\nContent-Type: text/plain\n\nThank you.\n"
	for name, mail := range map[string]string{
		"as it is":              good,
		"out of a mailbox":      "From office@ministry.example Thu Nov 26 07:00:00 2026\n" + good,
		"quoted there":          ">From office@ministry.example Thu Nov 26 07:00:00 2026\n" + good,
		"a field without colon": strings.Replace(good, "Subject", "X-Broken here\nSubject", 1),
		"and one that goes on":  strings.Replace(good, "Subject", "X-Broken here\n and here\n\t: too\nSubject", 1),
		"a name with a space":   strings.Replace(good, "Subject", "X Broken: here\nSubject", 1),
		"a field without end":   strings.Replace(good, "Subject", "X-Long: "+strings.Repeat("x", 300<<10)+"\nSubject", 1),
		"no empty line":         strings.Replace(good, "\n\nThank", "\nThank", 1),
	} {
		if in := readMail(t, mail); in.From != "office@ministry.example" || in.Subject != "Your letter" || in.Text != "Thank you." {
			t.Errorf("%s: from %q, subject %q, text %q", name, in.From, in.Subject, in.Text)
		}
	}
	for _, none := range []string{"", "Hello,\nthis is no mail: it has no header\n", " folded: at once\n", "From here on\nnothing\n"} {
		if in, err := mailer.ReadIncoming(strings.NewReader(none)); err == nil {
			t.Errorf("%q is read as a mail: %+v", none, in)
		}
	}
}

func TestB11_AThousandNestedPartsAndFiftyMegabytesStayBounded(t *testing.T) {
	t.Parallel()
	var nested strings.Builder
	nested.WriteString("From: a@b.example\r\nSubject: deep\r\n")
	for i := range 1000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	nested.WriteString("Content-Type: text/plain\r\n\r\ndeepest")
	var flat strings.Builder
	flat.WriteString("From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n")
	for range 1000 {
		flat.WriteString("--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n")
	}
	for name, mail := range map[string]io.Reader{
		"nested": strings.NewReader(nested.String()), "flat": strings.NewReader(flat.String()),
		"large":    io.MultiReader(strings.NewReader("From: a@b.example\r\n\r\n"), io.LimitReader(letterA{}, 50<<20)),
		"a header": io.MultiReader(strings.NewReader("From: a@b.example\r\nX: "), io.LimitReader(letterA{}, 50<<20)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		in, err := mailer.ReadIncoming(mail)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
			t.Errorf("%s: %d MB were asked for", name, used>>20)
		}
		if err != nil || in.From != "a@b.example" {
			t.Errorf("%s: from %q, error %v", name, in.From, err)
		}
		if len(in.Files) > 10 || utf8.RuneCountInString(in.Text) > 100_010 {
			t.Errorf("%s: %d files, %d characters", name, len(in.Files), len(in.Text))
		}
	}
}

type letterA struct{}

func (letterA) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// The law: whatever comes, reading it ends, and what is read can be shown.
func FuzzReadIncoming(f *testing.F) {
	f.Add([]byte("From: a@b.example\r\nSubject: =?utf-8?q?x?=\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--"))
	f.Add([]byte("Content-Type: text/html; charset=utf-7\r\n\r\n<p>+ADw-script"))
	f.Add([]byte("Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\nFrom: <<>>"))
	f.Fuzz(func(t *testing.T, mail []byte) {
		in, err := mailer.ReadIncoming(bytes.NewReader(mail))
		if err != nil {
			return
		}
		for _, text := range []string{in.Subject, in.Text, in.FromName} {
			if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\x1b\r\u202e") {
				t.Fatalf("cannot be shown: %q", text)
			}
		}
		if strings.Contains(in.Subject, "\n") {
			t.Fatalf("a subject of two lines: %q", in.Subject)
		}
	})
}
