package accounts

import (
	"slices"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// Permission is one thing that a route lets somebody do. Its text ends the sentence "you may …".
type Permission string

// The permissions. Each route of web names exactly one.
const (
	ReadCampaigns  Permission = "read campaigns"
	EditCampaigns  Permission = "write a campaign"
	EditTexts      Permission = "write the texts of an appeal"
	LaunchAppeals  Permission = "launch an appeal"
	StopAppeals    Permission = "stop an appeal"
	AgreeAsSecond  Permission = "agree as the second person"
	ReadCases      Permission = "read cases"
	EditCases      Permission = "write a case"
	ReadTargets    Permission = "read the offices"
	EditTargets    Permission = "change an office"
	ReadMembers    Permission = "read the members"
	EditMembers    Permission = "change a member"
	ImportMembers  Permission = "import members"
	ExportMembers  Permission = "export members"
	ReadLetters    Permission = "read letters"
	EditLetters    Permission = "record letters"
	ManageAccounts Permission = "manage accounts"
	ReadAudit      Permission = "read the audit trail"
	OwnAccount     Permission = "look after your own account" // sessions, password and tokens of whoever is signed in
)

// Permissions returns all permissions, in the order above.
func Permissions() []Permission {
	return []Permission{
		ReadCampaigns, EditCampaigns, EditTexts, LaunchAppeals, StopAppeals, AgreeAsSecond,
		ReadCases, EditCases, ReadTargets, EditTargets,
		ReadMembers, EditMembers, ImportMembers, ExportMembers, ReadLetters, EditLetters,
		ManageAccounts, ReadAudit, OwnAccount,
	}
}

// Roles returns the roles that have the permission; none for one that is not in the table.
//
// Who keeps the system sees no content and launches nothing. What cannot be taken back (a launch, an export) has
// few roles; stopping has more, because a stop at the wrong time costs hours and a launch at the wrong time lives.
func (p Permission) Roles() []Role {
	switch p {
	case ReadCampaigns, ReadTargets:
		return []Role{Coordinator, Caseworker, Reviewer, Translator, Tracker, Auditor}
	case EditCampaigns, LaunchAppeals:
		return []Role{Coordinator}
	case EditTexts:
		return []Role{Coordinator, Translator}
	case StopAppeals, AgreeAsSecond:
		return []Role{Coordinator, Reviewer}
	case ReadCases:
		return []Role{Coordinator, Caseworker, Reviewer}
	case EditCases:
		return []Role{Coordinator, Caseworker}
	case EditTargets:
		return []Role{Coordinator, Tracker}
	case ReadMembers, EditMembers, ImportMembers, ExportMembers:
		return []Role{Coordinator}
	case ReadLetters:
		return []Role{Coordinator, Caseworker, Reviewer, Tracker}
	case EditLetters:
		return []Role{Coordinator, Tracker}
	case ManageAccounts:
		return []Role{Administrator}
	case ReadAudit:
		return []Role{Auditor, Administrator}
	case OwnAccount:
		return Roles()
	}
	return nil
}

// Principal is who is asking: a signed-in account, or one of its API tokens.
type Principal struct {
	AccountID int64
	Name      string
	Language  string
	Roles     []Role // of the session's account; of a token, those that it and its account both have
	TokenID   int64  // 0 for a session
}

// May reports whether the principal has the permission. A token never looks after its account: it could make itself
// another one with more roles.
func (p Principal) May(permission Permission) bool {
	if permission == OwnAccount && p.TokenID != 0 {
		return false
	}
	return len(both(permission.Roles(), p.Roles)) > 0
}

// Require returns nil when the principal has the permission, else a Forbidden that names the roles that have it.
func (p Principal) Require(permission Permission) error {
	if p.May(permission) {
		return nil
	}
	roles := permission.Roles()
	switch {
	case len(roles) == 0:
		return failure.Refuse("nobody may %s", permission)
	case permission == OwnAccount && p.TokenID != 0:
		return failure.Refuse("an API token may not %s; sign in on the pages", permission)
	}
	article := "a"
	if slices.Contains([]Role{Auditor, Administrator}, roles[0]) {
		article = "an"
	}
	if p.TokenID != 0 {
		return failure.Refuse("only %s %s may %s; API token %d has no such role", article, list(roles, "or"), permission, p.TokenID)
	}
	return failure.Refuse("only %s %s may %s", article, list(roles, "or"), permission)
}

// Actor returns the principal as the audit trail names it.
func (p Principal) Actor() audit.Actor { return audit.Account(p.AccountID) }
