package main

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"holdfast/internal/smtpsink"
)

const relayUser, relayPassword = "holdfast", "between-us-7"

// giveRelay starts a relay for a script and sets HOLDFAST_SMTP_URL to it.
//
//	relay plain      no TLS
//	relay starttls   STARTTLS and AUTH; its certificate is trusted
//	relay untrusted  as starttls, with a certificate that nobody vouches for
//	relay password   as starttls, and the URL has the wrong password
//	relay gone       nobody listens
func giveRelay(t *testing.T, ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: relay KIND")
	}
	options, url := smtpsink.Options{}, "smtp://%s:%s@%s"
	password := relayPassword
	switch args[0] {
	case "plain":
		url = "smtp+insecure://%[3]s"
	case "gone":
		ts.Setenv("HOLDFAST_SMTP_URL", "smtp+insecure://127.0.0.1:1")
		return
	case "password":
		password = "not-the-one"
		fallthrough
	case "starttls", "untrusted":
		certificate, _, err := smtpsink.Certificate("127.0.0.1", time.Now().Add(time.Hour))
		ts.Check(err)
		options.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
		options.User, options.Password = relayUser, relayPassword
		if args[0] != "untrusted" {
			file := ts.MkAbs("trusted.pem")
			ts.Check(os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}), 0o600))
			ts.Setenv("SSL_CERT_FILE", file)
		}
	default:
		ts.Fatalf("no relay is called %s", args[0])
	}
	sink, err := smtpsink.Start(options)
	ts.Check(err)
	t.Cleanup(func() {
		if sink.Count() > 0 {
			t.Errorf("%d mails were sent to the relay, want none", sink.Count())
		}
		sink.Close()
	})
	ts.Setenv("HOLDFAST_SMTP_URL", fmt.Sprintf(url, relayUser, password, sink.Addr()))
}
