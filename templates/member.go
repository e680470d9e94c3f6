package templates

import "time"

// Members is the list at /admin/members. Its filter: GET q (an address, compared whole), group, language, country, state.
type Members struct {
	Query                    string
	Groups                   []Choice
	Languages                []Choice // an empty Label is filled in
	Group, Language, Country string   // as chosen
	State                    string   // member_state
	Rows                     []MemberRow
	Total                    int64
	Next                     string // URL of the next page; empty on the last
}

// MemberRow is one member in the list.
type MemberRow struct {
	ID       string
	Masked   string // the address with all but a few letters hidden
	Language string
	Country  string
	Group    string
	State    string // member_state
	Since    time.Time
}

func (Members) spec() spec {
	return spec{file: "members", layout: staffLayout, partials: []string{"form", "state"}}
}

// Member is the page at /admin/members/{id}. Its forms: POST /admin/members/ID/unsubscribe, /suppress, /lift, and /rejoin
// with consent.source, consent.given_on, consent.words.
type Member struct {
	MemberRow
	Name       string // masked, unless this account may see it
	Consents   []Consent
	Suppressed string // suppression; empty where the address is not
	Deliveries []MemberDelivery

	Source, GivenOn, Words string // of a new consent, as they were typed
}

// Consent is one stretch of being subscribed, with why.
type Consent struct {
	Source   string
	GivenOn  time.Time
	Words    string
	JoinedAt time.Time
	LeftAt   time.Time // zero while subscribed
	LeftHow  string    // left_how
}

// MemberDelivery is one appeal that was to reach the member.
type MemberDelivery struct {
	AppealID string
	Number   Number
	Kind     string
	State    string // delivery_state
	Reason   string
	At       time.Time
}

func (Member) spec() spec {
	return spec{file: "member", layout: staffLayout, partials: []string{"state", "form", "consent"}}
}

// MemberForm is the page at /admin/members/new and /admin/members/{id}/change. Its form: POST /admin/members, or
// /admin/members/ID, with address, name, language, country, group; for a new one also consent.source, consent.given_on,
// consent.words. All values are as they were typed.
type MemberForm struct {
	ID                               string // empty for a new one
	Address, Name, Language, Country string
	Groups                           []Choice // with the one chosen
	Source, GivenOn, Words           string
}

func (MemberForm) spec() spec {
	return spec{file: "member_form", layout: staffLayout, partials: []string{"form", "consent"}}
}

// MemberImport is the page at /admin/members/import. Its form: POST /admin/members/import (multipart/form-data) with
// consent.source, consent.given_on, consent.words, language, country, group, and last file, which is read as it comes.
type MemberImport struct {
	Source, GivenOn, Words string
	Language, Country      string // of rows that say nothing
	Groups                 []Choice
	Report                 *ImportReport // of the file that has just been read
}

// ImportReport is what became of each row of a file.
type ImportReport struct {
	File                                          string
	Rows, Added, Known, KeptOut, Departed, Faulty int64 // KeptOut: suppressed or left before; Departed: marked so in the file
	Faults                                        []ImportFault
}

// ImportFault is a row that was not taken in.
type ImportFault struct {
	Line   int64
	Column string // may be empty
	Reason string // in English
}

func (MemberImport) spec() spec {
	return spec{file: "member_import", layout: staffLayout, partials: []string{"form", "consent"}}
}
