package mailer

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"

	"holdfast/internal/failure"
)

// Security says how a connection is protected.
type Security int

// The schemes of a relay's URL.
const (
	StartTLS Security = iota // smtp:// — STARTTLS is required, nothing is sent without it
	TLS                      // smtps:// — TLS from the first byte
	Insecure                 // smtp+insecure:// — plain text, on loopback only
)

// Relay is a server that takes our mail.
type Relay struct {
	Name     string // host:port; safe to print
	Host     string
	Port     int
	User     string // "" where the relay asks for none
	Password Secret
	Security Security
	Weight   int     // its share of the windows, against the other relays'
	Conns    int     // connections at most, from this process
	Rate     float64 // messages a second at most, from all processes together; 0 is no limit. The pool does not enforce it
}

// Secret is a text that no way of printing shows.
type Secret string

// Format writes stars, whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, "***") }

// MarshalText makes stars, for JSON and for slog.
func (Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

const (
	defaultConns = 8
	maxConns     = 1000
	maxWeight    = 1000
)

// ParseRelays reads a list of relays, separated by commas or spaces:
//
//	smtp://user:password@host:587?weight=2&conns=8&rate=50/s
//
// Special characters in a password are percent-encoded. weight is 1 and conns 8 unless given; rate is a number of
// messages a second, or with /m or /h a minute or an hour. The error is of kind failure.Invalid and names every
// mistake of every relay; it never shows a password.
func ParseRelays(text string) ([]Relay, error) {
	var check failure.Check
	var relays []Relay
	names := map[string]bool{}
	entries := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r' })
	for i, entry := range entries {
		r := parseRelay(fmt.Sprintf("relay %d", i+1), entry, &check)
		check.Need(!names[r.Name] || r.Name == "", fmt.Sprintf("relay %d", i+1), "%s is named twice", r.Name)
		names[r.Name] = true
		relays = append(relays, r)
	}
	check.Need(len(entries) > 0, "relay", "none is given; write one as smtp://user:password@host:587")
	if err := check.Err(); err != nil {
		return nil, err
	}
	return relays, nil
}

func parseRelay(field, entry string, check *failure.Check) Relay {
	r := Relay{Weight: 1, Conns: defaultConns}
	u, err := url.Parse(entry)
	if err != nil { // its text shows the whole entry
		check.Add(field, "is not a URL like smtp://user:password@host:587; special characters in a password are percent-encoded")
		return r
	}
	port := 0
	switch u.Scheme {
	case "smtp":
		r.Security, port = StartTLS, 587
	case "smtps":
		r.Security, port = TLS, 465
	case "smtp+insecure":
		r.Security, port = Insecure, 25
	default:
		check.Add(field, "must begin with smtp:// (STARTTLS), smtps:// or, on loopback, smtp+insecure://")
	}
	r.Host, r.User = u.Hostname(), u.User.Username()
	password, hasPassword := u.User.Password()
	r.Password = Secret(password)
	if p := u.Port(); p != "" {
		port, err = strconv.Atoi(p)
		check.Need(err == nil && port > 0 && port < 1<<16, field, "its port is not a number from 1 to 65535")
	}
	r.Port = port
	r.Name = net.JoinHostPort(r.Host, strconv.Itoa(port))
	check.Need(r.Host != "", field, "has no host")
	check.Need(r.Security != Insecure || isLoopback(r.Host), field, "is plain text to another machine; use smtp:// or smtps://")
	check.Need((r.User != "") == hasPassword, field, "has a user without a password, or a password without a user")
	check.Need(u.Path == "" || u.Path == "/", field, "has a path after the host")
	r.parseQuery(field, u.RawQuery, check)
	return r
}

func (r *Relay) parseQuery(field, query string, check *failure.Check) {
	values, err := url.ParseQuery(query)
	check.Need(err == nil, field, "what follows the ? cannot be read")
	for key, v := range values {
		value, ok := v[0], len(v) == 1
		check.Need(ok, field, "%s is given twice", key)
		switch key {
		case "weight":
			r.Weight, err = strconv.Atoi(value)
			check.Need(err == nil && r.Weight > 0 && r.Weight <= maxWeight, field, "weight is a number from 1 to %d", maxWeight)
		case "conns":
			r.Conns, err = strconv.Atoi(value)
			check.Need(err == nil && r.Conns > 0 && r.Conns <= maxConns, field, "conns is a number from 1 to %d", maxConns)
		case "rate":
			r.Rate, ok = ParseRate(value)
			check.Need(ok, field, "rate is a number above 0, with /s, /m or /h behind it if you like")
		default:
			check.Add(field, "there is no setting %q; there are weight, conns and rate", key)
		}
	}
}

// ParseRate reads a number of messages a second, or with /m or /h behind it a minute or an hour.
func ParseRate(s string) (perSecond float64, ok bool) {
	number, unit, _ := strings.Cut(s, "/")
	seconds, ok := map[string]float64{"": 1, "s": 1, "m": 60, "h": 3600}[unit]
	n, err := strconv.ParseFloat(number, 64)
	return n / max(seconds, 1), ok && err == nil && n > 0 && n < 1e9
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
