package main

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/mailer"
)

var errLine = errors.New("holds a line break or a control character; it is one line")

func databaseAddress(v string) (string, error) {
	// The error of ParseConfig is not shown: what it hides of a password depends on where the mistake is.
	if _, err := pgxpool.ParseConfig(v); err != nil || !strings.HasPrefix(v, "postgres") {
		return "", errors.New("cannot be read: write postgres://user:password@host:5432/database, special characters in the password percent-encoded")
	}
	return v, nil
}

// webAddress reads where pages are: a scheme and a host, without a slash at the end.
func webAddress(v string) (string, error) {
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		return "", errors.New("is not an address such as https://act.refnet.example")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("has something after the host; the pages need a host of their own")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return "", errors.New("is http off loopback: links that let somebody in would cross the network in clear; it must be https")
	case u.Scheme != "https" && u.Scheme != "http":
		return "", errors.New("must begin with https://")
	}
	return u.Scheme + "://" + u.Host, nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}

// hostPort checks where to listen.
func hostPort(v string) (string, error) {
	host, port, err := net.SplitHostPort(v)
	if err != nil {
		return "", errors.New("must be a host and a port such as 127.0.0.1:8080")
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fmt.Errorf("its port must be a number up to 65535, and is %q", port)
	} else if _, err := netip.ParseAddr(host); err != nil && host != "" && !strings.EqualFold(host, "localhost") {
		return "", errors.New("must be an address of this machine, as a number: 127.0.0.1, 0.0.0.0 or [::]")
	} else {
		return net.JoinHostPort(host, strconv.FormatUint(n, 10)), nil
	}
}

func readInbound(s *settings, v string) error {
	scheme, address, found := strings.Cut(v, "://")
	protocol, open := strings.CutSuffix(scheme, "+insecure")
	if !found || protocol != "lmtp" && protocol != "smtp" {
		return errors.New("must begin with lmtp:// or smtp://, or off loopback with lmtp+insecure:// or smtp+insecure://")
	}
	address, err := hostPort(strings.TrimSuffix(address, "/"))
	if err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(address) // which hostPort has put together
	if !open && !isLoopback(host) {
		return fmt.Errorf("listens off loopback in plain text; where that network is yours alone, say so: %s+insecure://%s", protocol, address)
	}
	s.inbound = inboundAddress{address: address, lmtp: protocol == "lmtp"}
	return nil
}

func readProxies(s *settings, v string) error {
	for _, text := range listOf(v) {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			ip, err := netip.ParseAddr(text)
			if err != nil {
				return fmt.Errorf("%q is neither an address nor a network such as 10.2.0.0/16", text)
			}
			prefix = netip.PrefixFrom(ip, ip.BitLen())
		}
		s.trustedProxies = append(s.trustedProxies, prefix.Masked())
	}
	return nil
}

func readRelays(s *settings, v string) error {
	relays, err := mailer.ParseRelays(v)
	var told *failure.Error
	if errors.As(err, &told) {
		parts := make([]string, len(told.Fields))
		for i, f := range told.Fields {
			parts[i] = f.Name + ": " + f.Reason
		}
		return errors.New(strings.Join(parts, "; "))
	}
	s.relays = relays
	return err
}

func readDomainLimits(s *settings, v string) error {
	s.limits = map[string]campaigns.Limit{}
	for _, entry := range listOf(v) {
		domains, value, _ := strings.Cut(entry, "=")
		rate, ok := mailer.ParseRate(value)
		if !ok {
			return fmt.Errorf("%q is not of the form domain=20/s; the number is above 0, with /s, /m or /h behind it", entry)
		}
		limit := campaigns.Limit{Rate: rate}
		for domain := range strings.SplitSeq(domains, "+") {
			wire, err := domainName(strings.ToLower(domain))
			if err != nil {
				return fmt.Errorf("%q: %q %w", entry, domain, err)
			}
			if limit.Provider == "" {
				limit.Provider = wire
			}
			if _, twice := s.limits[wire]; twice {
				return fmt.Errorf("names %s twice", wire)
			}
			s.limits[wire] = limit
		}
	}
	return nil
}

func readLettersPace(s *settings, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < time.Second || d > time.Hour {
		return errors.New("must be a time from 1s to 1h, such as 1m")
	}
	s.lettersPace = d
	return nil
}

func readFrom(s *settings, v string) error {
	parsed, err := mail.ParseAddress(v)
	if err != nil {
		return errors.New("must be a name and an address: Name <address@domain>")
	}
	wire, needsUTF8, err := mailer.WireAddress(parsed.Address)
	switch {
	case err != nil:
		return err
	case needsUTF8:
		return errors.New("its address has letters that not every mail system takes; use one that is ASCII before the @")
	case strings.TrimSpace(parsed.Name) == "":
		return errors.New("has no name before the address; members should see who writes")
	}
	s.from = mailer.Address{Name: parsed.Name, Addr: parsed.Address}
	_, s.fromDomain, _ = strings.Cut(wire, "@")
	return nil
}

func readContact(s *settings, v string) error {
	if _, _, err := mailer.WireAddress(v); err != nil {
		return errors.New("is not an address such as office@refnet.example")
	}
	s.contact = v
	return nil
}

// domainName returns a domain in A-labels.
func domainName(v string) (string, error) {
	wire, _, err := mailer.WireAddress("x@" + v)
	if err != nil || !strings.Contains(v, ".") {
		return "", errors.New("is not a domain name such as returns.refnet.example")
	}
	return strings.TrimPrefix(wire, "x@"), nil
}

func readSigners(s *settings, v string) error {
	for _, entry := range listOf(v) {
		domain, rest, _ := strings.Cut(entry, ":")
		selector, file, found := strings.Cut(rest, ":")
		if !found || file == "" {
			return fmt.Errorf("%q is not of the form domain:selector:file", entry)
		}
		domain, err := domainName(domain)
		if err != nil {
			return fmt.Errorf("%q: the part before the first colon %w", entry, err)
		}
		key, err := readSignerKey(file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		s.signers = append(s.signers, mailer.Signer{Domain: domain, Selector: selector, Key: key})
	}
	return nil
}

// readSignerKey reads an RSA key of 2048 bits or more, or an Ed25519 key, in PEM. Others than the owner must not be able
// to read it.
func readSignerKey(file string) (crypto.Signer, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, errors.Unwrap(err) // "no such file or directory", without the path again
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others can read this key (%v); run: chmod 600 %s", info.Mode().Perm(), file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("holds no key in PEM; make one with: openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048")
	}
	var key any
	if block.Type == "RSA PRIVATE KEY" {
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	} else {
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, errors.New("the key in it cannot be read; it must be PKCS #8 or PKCS #1, and have no passphrase")
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if key.N.BitLen() < 2048 {
			return nil, fmt.Errorf("is an RSA key of %d bits, which many receivers do not accept; it must have 2048", key.N.BitLen())
		}
		return key, nil
	case ed25519.PrivateKey:
		return key, nil
	}
	return nil, errors.New("is neither an RSA nor an Ed25519 key")
}

func readLogFormat(s *settings, v string) error {
	for _, word := range listOf(strings.ToLower(v)) {
		switch word {
		case "json":
			s.log.format = asJSON
		case "text":
			s.log.format = asText
		case "debug", "info", "warn", "error":
			if err := s.log.level.UnmarshalText([]byte(word)); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%q is not one of json, text, debug, info, warn and error", word)
		}
	}
	return nil
}

// listOf splits a list at commas and white space.
func listOf(v string) []string {
	return strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r' })
}
