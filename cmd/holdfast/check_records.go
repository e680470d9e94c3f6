package main

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"

	"golang.org/x/net/publicsuffix"

	"holdfast/mailer"
)

// records says what the name servers of the domains should say. Nobody is asked: what one name server answers here is not
// what every receiver gets to hear.
func (k *checkup) records() {
	if k.s.fromDomain == "" || k.s.returnDomain == "" {
		return
	}
	own := organisational(k.s.fromDomain)
	k.add(look, "SPF", "receivers look it up at "+k.s.returnDomain, "a TXT record that names your relays: %s  TXT  \"v=spf1 … -all\"", k.s.returnDomain)
	if len(k.s.signers) == 0 {
		k.add(look, "DKIM", "is left to the relay", "a mail that it has passed on must have a DKIM-Signature with d=%s, whose h= has List-Unsubscribe and List-Unsubscribe-Post (RFC 8058)", own)
	}
	for _, s := range k.s.signers {
		k.add(look, "DKIM", "is done here for "+s.Domain+"; receivers look up the key", "%s._domainkey.%s  TXT  \"%s\"", s.Selector, s.Domain, keyRecord(s))
	}
	k.add(look, "DMARC", "receivers look it up at "+own, "a TXT record: _dmarc.%s  TXT  \"v=DMARC1; p=…\"", own)
}

// keyRecord is the DNS record of a key (RFC 6376, 3.6.1; RFC 8463, 4.2).
func keyRecord(s mailer.Signer) string {
	switch public := s.Key.Public().(type) {
	case ed25519.PublicKey:
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	case *rsa.PublicKey:
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			return fmt.Sprintf("v=DKIM1; k=rsa; p= (%v)", err)
		}
		return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
	}
	return ""
}

// organisational is the part of a domain that somebody registered: refnet.example of returns.refnet.example.
func organisational(domain string) string {
	if own, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return own
	}
	return domain
}

// mailboxProviders are domains that belong to providers of mailboxes and forbid others to write from them (G3).
func mailboxProviders() []string {
	return []string{"gmail.com", "googlemail.com", "yahoo.com", "yahoo.ca", "yahoo.fr", "outlook.com", "hotmail.com", "live.com",
		"msn.com", "aol.com", "icloud.com", "me.com", "proton.me", "protonmail.com", "gmx.com", "gmx.net", "gmx.de", "mail.com", "mail.ru", "yandex.ru"}
}
