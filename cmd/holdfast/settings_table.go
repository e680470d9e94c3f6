package main

import "strings"

// allSettings is the table of every setting, in the order in which somebody sets them up. Each has argued for its place:
// what can be found out, or has one good value, is none.
func allSettings() []setting {
	return []setting{
		{name: "DATABASE_URL", example: "postgres://holdfast:secret@db.refnet.example/holdfast?sslmode=verify-full",
			meaning: "the PostgreSQL (15 or newer) that holds everything",
			read:    func(s *settings, v string) (err error) { s.databaseURL, err = databaseAddress(v); return err }},
		{name: "DATABASE_DIRECT_URL", optional: true, example: "postgres://holdfast:secret@db.refnet.example/holdfast?sslmode=verify-full",
			meaning: "that PostgreSQL itself, where DATABASE_URL leads through PgBouncer in transaction mode; migrations and the queue go there. Not set: DATABASE_URL leads through no pooler",
			read:    func(s *settings, v string) (err error) { s.directURL, err = databaseAddress(v); return err }},
		{name: "KEY_FILE", example: "/etc/holdfast/keys",
			meaning: `the keys that members' addresses are sealed with; "holdfast key new FILE" makes them, and without them nothing can be read again`,
			read:    func(s *settings, v string) error { s.keyFile = v; return nil }},
		{name: "PUBLIC_URL", example: "https://act.refnet.example",
			meaning: "where members reach the pages; every link in a mail begins with it. https, or http on loopback",
			read:    func(s *settings, v string) (err error) { s.publicURL, err = webAddress(v); return err }},
		{name: "LISTEN", fallback: "127.0.0.1:8080", example: "0.0.0.0:8080",
			meaning: "where the pages are served, in plain HTTP, behind the proxy that does https",
			read:    func(s *settings, v string) (err error) { s.listen, err = hostPort(v); return err }},
		{name: "ADMIN_LISTEN", optional: true, example: "127.0.0.1:8082",
			meaning: "where staff come in; then they come in nowhere else. Not set: at LISTEN as well",
			read:    func(s *settings, v string) (err error) { s.adminListen, err = hostPort(v); return err }},
		{name: "ADMIN_URL", optional: true, example: "https://desk.refnet.example",
			meaning: "where staff reach that door; sign-in links in their mail begin with it. Only with ADMIN_LISTEN",
			read:    func(s *settings, v string) (err error) { s.adminURL, err = webAddress(v); return err }},
		{name: "OPS_LISTEN", fallback: "127.0.0.1:8081", example: "127.0.0.1:8081",
			meaning: "where health and metrics are, apart from all else; anybody who reaches it may read them",
			read:    func(s *settings, v string) (err error) { s.opsListen, err = hostPort(v); return err }},
		{name: "TRUSTED_PROXIES", optional: true, example: "127.0.0.1,10.2.0.0/16",
			meaning: "the proxies whose X-Forwarded-For is believed, for the limits on guessing", read: readProxies},
		{name: "SMTP_URL", example: "smtp://user:password@relay.refnet.example:587?conns=8&rate=50/s",
			meaning: "the relays that take the mail, one or several: smtp:// (STARTTLS is required), smtps://, or on loopback smtp+insecure://; weight, conns and rate apart for each",
			read:    readRelays},
		{name: "DOMAIN_LIMITS", optional: true, example: "gmail.com=20/s,outlook.com+hotmail.com+live.com=600/m",
			meaning: "how much a provider takes from us, from all processes together: its domains, joined by +, share what stands behind the =. Not set: as much as the relays take",
			read:    readDomainLimits},
		{name: "LETTERS_PACE", fallback: "1m", example: "2m",
			meaning: "the time between two letters that are mailed for their writers to one office, more or less; shorter only where the deadline is near",
			read:    readLettersPace},
		{name: "FROM", example: "Winterhaven Appeals <appeals@refnet.example>",
			meaning: "who the appeals come from, in a domain of your own", read: readFrom},
		{name: "ORGANISATION", example: "Winterhaven Appeals Network",
			meaning: "the organisation's name, as it stands in every mail", read: lineInto(func(s *settings) *string { return &s.organisation })},
		{name: "POSTAL_ADDRESS", example: "12 Ferry Street, Winterhaven ON  K0A 1B0, Canada",
			meaning: "the organisation's postal address, as it stands in every mail (CASL asks for it)",
			read:    lineInto(func(s *settings) *string { return &s.postalAddress })},
		{name: "CONTACT", example: "office@refnet.example",
			meaning: "an address where a person answers, as it stands in every mail (CASL asks for it)", read: readContact},
		{name: "LIST_ID", optional: true, example: "appeals.refnet.example",
			meaning: "the name of the list in List-Id, which members' filters go by. Not set: appeals. and the domain of FROM",
			read:    func(s *settings, v string) (err error) { s.listID, err = domainName(v); return err }},
		{name: "RETURN_DOMAIN", example: "returns.refnet.example",
			meaning: "the domain that returned mail and unsubscribe mails go to, u+ and b+ before a token; its mail server passes them to INBOUND_LISTEN",
			read:    func(s *settings, v string) (err error) { s.returnDomain, err = domainName(v); return err }},
		{name: "REPLY_DOMAIN", optional: true, example: "answers.refnet.example",
			meaning: "the domain that members' answers go to. Not set: there is no Reply-To, and answers go to FROM",
			read:    func(s *settings, v string) (err error) { s.replyDomain, err = domainName(v); return err }},
		{name: "INBOUND_LISTEN", optional: true, example: "lmtp://127.0.0.1:2424",
			meaning: "where unsubscribe mails come in from your mail server: lmtp:// or smtp:// on loopback, lmtp+insecure:// or smtp+insecure:// off it, because it is plain text. Not set: nowhere",
			read:    readInbound},
		{name: "DKIM_KEYS", optional: true, example: "refnet.example:hf2026:/etc/holdfast/dkim.pem",
			meaning: "keys to sign with here, as domain:selector:file, several with commas. Not set: the relay signs, which costs it less",
			read:    readSigners},
		{name: "LOG", optional: true, example: "json,debug",
			meaning: "json or text, and debug, info, warn or error. Not set: info, as text on a terminal and as json elsewhere", read: readLogFormat},
	}
}

// lineInto reads one line of text.
func lineInto(field func(*settings) *string) func(*settings, string) error {
	return func(s *settings, v string) error {
		if strings.ContainsFunc(v, func(r rune) bool {
			return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u2028' || r == '\u2029'
		}) {
			return errLine
		}
		*field(s) = v
		return nil
	}
}
