package templates

import "time"

// OwnAccount is the page at /admin/account: what everybody may do with the account they are signed in with.
//
// Its forms: POST /admin/account/password with current_password and new_password; POST /admin/account/sessions/ID/end, and
// /admin/account/sessions/end-others.
type OwnAccount struct {
	Name, Address string
	Roles         []string // role
	HasPassword   bool
	Sessions      []SessionRow
}

// SessionRow is one session of an account.
type SessionRow struct {
	ID        string
	BeganAt   time.Time
	LastSeen  time.Time
	IsCurrent bool // the one that looks
}

func (OwnAccount) spec() spec {
	return spec{file: "own_account", layout: staffLayout, partials: []string{"form"}}
}
