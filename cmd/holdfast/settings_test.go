package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"holdfast/campaigns"
	"holdfast/mailer"
)

// What people are shown can be copied: every example and every default is read without an error.
func TestExamplesAndDefaultsAreGood(t *testing.T) {
	t.Parallel()
	for _, s := range allSettings() {
		for _, value := range []string{s.example, s.fallback} {
			if value == "" || s.name == "DKIM_KEYS" { // which names a file
				continue
			}
			if err := s.read(&settings{}, value); err != nil {
				t.Errorf("%s: %q: %v", s.name, value, err)
			}
		}
		if s.meaning == "" || s.example == "" || strings.HasSuffix(s.meaning, ".") || s.optional && s.fallback != "" {
			t.Errorf("%s: want a meaning without a full stop, an example, and not both optional and a default: %+v", s.name, s)
		}
	}
}

// Every setting is asked for by serve, so that check and serve see all of them.
func TestServeKnowsEverySetting(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{"LOG": true}
	for _, name := range serveSettings() {
		asked[name] = true
	}
	for _, s := range allSettings() {
		if !asked[s.name] {
			t.Errorf("nobody asks for %s", s.name)
		}
		delete(asked, s.name)
	}
	for name := range asked {
		t.Errorf("%s is asked for and is not in the table", name)
	}
}

func TestReadSettings(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"HOLDFAST_DATABASE_URL": "postgresql://db.refnet.example/holdfast", "HOLDFAST_KEY_FILE": "/keys",
		"HOLDFAST_PUBLIC_URL": "https://act.refnet.example/", "HOLDFAST_LISTEN": ":80", "HOLDFAST_ADMIN_LISTEN": "[::1]:81",
		"HOLDFAST_ADMIN_URL":       "http://localhost:81",
		"HOLDFAST_TRUSTED_PROXIES": "10.2.3.4/16, ::1", "HOLDFAST_SMTP_URL": "smtps://relay.refnet.example",
		"HOLDFAST_DOMAIN_LIMITS": "mail.example+Poste.example=90/m, réseau.example=5",
		"HOLDFAST_FROM":          `"Réseau, urgent" <appels@réseau.example>`,
		"HOLDFAST_ORGANISATION":  " Réseau ", "HOLDFAST_POSTAL_ADDRESS": "7 rue de l’Exemple", "HOLDFAST_CONTACT": "bureau@refnet.example",
		"HOLDFAST_RETURN_DOMAIN": "retours.réseau.example", "HOLDFAST_INBOUND_LISTEN": "smtp+insecure://0.0.0.0:25", "HOLDFAST_LOG": "debug text",
	}
	got, err := readSettings(func(name string) string { return env[name] }, serveSettings())
	if err != nil {
		t.Fatal(err)
	}
	want := settings{
		databaseURL: "postgresql://db.refnet.example/holdfast", keyFile: "/keys", publicURL: "https://act.refnet.example",
		adminURL: "http://localhost:81", listen: ":80", adminListen: "[::1]:81", opsListen: "127.0.0.1:8081", inbound: inboundAddress{address: "0.0.0.0:25"},
		trustedProxies: []netip.Prefix{netip.MustParsePrefix("10.2.0.0/16"), netip.MustParsePrefix("::1/128")},
		relays:         []mailer.Relay{{Name: "relay.refnet.example:465", Host: "relay.refnet.example", Port: 465, Security: mailer.TLS, Weight: 1, Conns: 8}},
		limits: map[string]campaigns.Limit{"mail.example": {Provider: "mail.example", Rate: 1.5}, "poste.example": {Provider: "mail.example", Rate: 1.5},
			"xn--rseau-bsa.example": {Provider: "xn--rseau-bsa.example", Rate: 5}},
		lettersPace: time.Minute,
		from:        mailer.Address{Name: "Réseau, urgent", Addr: "appels@réseau.example"}, fromDomain: "xn--rseau-bsa.example",
		listID: "appeals.xn--rseau-bsa.example", returnDomain: "retours.xn--rseau-bsa.example", organisation: "Réseau",
		postalAddress: "7 rue de l’Exemple", contact: "bureau@refnet.example", log: logFormat{format: asText, level: -4},
	}
	options := cmp.Options{cmp.AllowUnexported(settings{}, inboundAddress{}, logFormat{}), cmpopts.EquateComparable(netip.Prefix{})}
	if diff := cmp.Diff(want, got, options); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCapacityIsWhatAllRelaysTakeTogether(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		relays []mailer.Relay
		want   campaigns.Capacity
	}{
		"none":                  {nil, campaigns.Capacity{}},
		"two with limits":       {[]mailer.Relay{{Conns: 4, Rate: 10}, {Conns: 2, Rate: 0.5}}, campaigns.Capacity{PerSecond: 10.5, Connections: 6}},
		"one of them unlimited": {[]mailer.Relay{{Conns: 4, Rate: 10}, {Conns: 2}}, campaigns.Capacity{Connections: 6}},
	} {
		if got := (settings{relays: test.relays}).capacity(); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	for value, ok := range map[string]bool{
		"https://act.refnet.example": true, "https://act.refnet.example:8443": true, "http://127.0.0.1:8080": true, "http://localhost": true,
		"http://[::1]:80": true, "http://act.refnet.example": false, "http://127.0.0.1.refnet.example": false, "http://10.0.0.1": false,
		"https://act.refnet.example/path": false, "https://act.refnet.example?x": false, "https://a:b@act.refnet.example": false,
		"act.refnet.example": false, "ftp://127.0.0.1": false, "https://": false,
	} {
		if _, err := webAddress(value); (err == nil) != ok {
			t.Errorf("%s: %v, want it accepted: %t", value, err, ok)
		}
	}
}

func TestSigningKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	good := write("pkcs1.pem", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(long))
	broken := write("broken.pem", "PRIVATE KEY", []byte("nothing"))
	public := write("public.pem", "PUBLIC KEY", x509.MarshalPKCS1PublicKey(&long.PublicKey))
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	var s settings
	if err := readSigners(&s, "refnet.example:a:"+good+",refnet.example:b:"+good); err != nil || len(s.signers) != 2 {
		t.Fatalf("two good keys: %v, %d signers", err, len(s.signers))
	}
	if record := keyRecord(s.signers[0]); !strings.HasPrefix(record, "v=DKIM1; k=rsa; p=MIIBIjANBg") {
		t.Errorf("the DNS record of an RSA key is %q", record)
	}
	for _, file := range []string{broken, public, text, filepath.Join(dir, "none")} {
		if err := readSigners(&settings{}, "refnet.example:a:"+file); err == nil {
			t.Errorf("%s is accepted", file)
		}
	}
}

func TestMisspeltSettingsAreFound(t *testing.T) {
	t.Parallel()
	got := unknownSettings([]string{"HOME=/", "HOLDFAST_LISTEN=x", "HOLDFAST_LISTNE=x", "HOLDFAST_CI=1", "HOLDFAST_TEST_DATABASE_URL=x",
		"HOLDFAST_SOMETHING_ELSE=x", "HOLDFAST_EMPTY="})
	want := []finding{
		{look, "HOLDFAST_LISTNE", "there is no such setting", "did you mean HOLDFAST_LISTEN"},
		{look, "HOLDFAST_SOMETHING_ELSE", "there is no such setting", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestG3_FromIsInADomainOfOnesOwn(t *testing.T) {
	t.Parallel()
	for domain, want := range map[string]int{"gmail.com": 1, "refnet.example": 0} {
		up := &checkup{s: settings{fromDomain: domain}}
		up.sender()
		if len(up.findings) != want {
			t.Errorf("FROM in %s: %d findings, want %d: %v", domain, len(up.findings), want, up.findings)
		}
	}
}
