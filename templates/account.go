package templates

import "time"

// Accounts is the list at /admin/accounts.
type Accounts struct {
	Rows []AccountRow
}

// AccountRow is one account of the staff.
type AccountRow struct {
	ID            string
	Name, Address string
	Roles         []string // role
	CreatedAt     time.Time
	Disabled      bool
}

func (Accounts) spec() spec {
	return spec{file: "accounts", layout: staffLayout, partials: []string{"state"}}
}

// AccountForm is the page at /admin/accounts/new. Its form: POST /admin/accounts with address, name, language and roles
// (several). All values are as they were typed.
type AccountForm struct {
	Address, Name, Language string
	Languages               []string
	Roles                   []Choice // role
}

func (AccountForm) spec() spec {
	return spec{file: "account_form", layout: staffLayout, partials: []string{"form"}}
}

// Account is the page at /admin/accounts/{id}. Its forms: POST …/roles with roles (several); POST …/disable and …/enable.
type Account struct {
	AccountRow
	Language string
	IsOwn    bool     // somebody else changes it
	Choices  []Choice // role, as they were ticked
}

func (Account) spec() spec {
	return spec{file: "account", layout: staffLayout, partials: []string{"form"}}
}
