package mailer

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"holdfast/internal/failure"
)

// signed returns the appeal with an RSA and an Ed25519 signer, and the DNS records that verify them.
func signed(t testing.TB) (Draft, map[string]string) {
	t.Helper()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(rsaKey.Public())
	if err != nil {
		t.Fatal(err)
	}
	d := appeal()
	d.Signers = []Signer{
		{Domain: "refnet.example", Selector: "r1", Key: rsaKey},
		{Domain: "refnet.example", Selector: "e1", Key: edKey},
	}
	return d, map[string]string{
		"r1._domainkey.refnet.example": "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der),
		"e1._domainkey.refnet.example": "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public),
	}
}

func verify(t testing.TB, raw []byte, records map[string]string) []*dkim.Verification {
	t.Helper()
	all, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) { return []string{records[name]}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestW9_SignaturesCoverTheUnsubscribeFields(t *testing.T) {
	t.Parallel()
	d, records := signed(t)
	c := compose(t, d)
	for _, name := range hostile {
		raw := fill(t, c, memberCopy(name))
		for _, line := range strings.Split(string(raw), "\r\n") {
			if len(line) > 998 {
				t.Errorf("a line of %d octets", len(line))
			}
		}
		verified := verify(t, raw, records)
		if len(verified) != 2 {
			t.Fatalf("%d signatures, want 2", len(verified))
		}
		for _, v := range verified {
			if v.Err != nil {
				t.Errorf("name %q: signature of %s: %v", name, v.Domain, v.Err)
			}
			for _, field := range []string{"From", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "To", "Subject", "Date", "Message-ID", "Reply-To"} {
				if !slices.Contains(v.HeaderKeys, field) {
					t.Errorf("%s is not signed", field)
				}
			}
			if n := strings.Count(strings.Join(v.HeaderKeys, ":")+":", "From:"); n != 2 {
				t.Errorf("From is named %d times, want 2", n)
			}
			if !v.Time.Equal(d.Date) {
				t.Errorf("signed at %v, want the draft's %v", v.Time, d.Date)
			}
		}
	}
}

func TestASecondFromBreaksTheSignature(t *testing.T) {
	t.Parallel()
	d, records := signed(t)
	raw := fill(t, compose(t, d), memberCopy("Ana"))
	raw = append([]byte("From: minister@evil.example\r\n"), raw...)
	for _, v := range verify(t, raw, records) {
		if v.Err == nil {
			t.Error("a message with a second From verifies")
		}
	}
}

func TestSignedCopiesAreTheSameBytesFromAllGoroutines(t *testing.T) {
	t.Parallel()
	d, _ := signed(t)
	c := compose(t, d)
	want := fill(t, c, memberCopy("Ana"))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 5 {
				m, _, err := c.Fill([]byte("before"), memberCopy("Ana"))
				if err != nil || string(m) != "before"+string(want) {
					t.Errorf("another message, or %v", err)
				}
			}
		})
	}
	all.Wait()
	if !bytes.Equal(fill(t, compose(t, d), memberCopy("Ana")), want) {
		t.Error("composed anew it is another message")
	}
}

func TestWeakKeysAreRefused(t *testing.T) {
	t.Parallel()
	d := appeal()
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	_, good, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	d.Signers = []Signer{{"refnet.example", "a", weak}, {"refnet.example", "a", nil}, {"", "a", good}, {"refnet.example", "a; x=1", good}}
	_, err = Compose(d)
	if !failure.Is(err, failure.Invalid) || strings.Count(err.Error(), "signers[") != 4 {
		t.Errorf("Compose = %v, want four invalid signers", err)
	}
}
