package accounts

import (
	"slices"
	"strings"

	"holdfast/internal/failure"
)

// Role is what somebody does in the house. An account has one or several.
type Role string

// The roles.
const (
	Coordinator   Role = "coordinator"   // issues, stops and closes campaigns
	Caseworker    Role = "caseworker"    // keeps the facts of cases
	Reviewer      Role = "reviewer"      // the second person
	Translator    Role = "translator"    // writes the texts in another language
	Tracker       Role = "tracker"       // records letters and replies
	Auditor       Role = "auditor"       // reads the audit trail
	Administrator Role = "administrator" // keeps the system and its accounts; no case content
)

// Roles returns all roles.
func Roles() []Role {
	return []Role{Coordinator, Caseworker, Reviewer, Translator, Tracker, Auditor, Administrator}
}

// sorted returns roles in the order of Roles, each once.
func sorted(roles []Role) []Role {
	out := []Role{}
	for _, r := range Roles() {
		if slices.Contains(roles, r) {
			out = append(out, r)
		}
	}
	return out
}

// both returns the roles that stand in a and in b.
func both(a, b []Role) []Role {
	return slices.DeleteFunc(sorted(a), func(r Role) bool { return !slices.Contains(b, r) })
}

// list returns roles as words of a sentence: "coordinator, tracker or reviewer".
func list(roles []Role, last string) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

// checkRoles notes in c what is wrong with roles: there must be one at least, and each must exist.
func checkRoles(c *failure.Check, roles []Role) {
	c.Need(len(roles) > 0, "roles", "an account needs at least one role: %s", list(Roles(), "or"))
	for _, r := range roles {
		c.Need(slices.Contains(Roles(), r), "roles", "there is no role %q; there are %s", string(r), list(Roles(), "and"))
	}
}

// roleNames returns roles as the database takes them, also where nobody has asked it for the type of its column, as behind a
// pooler.
func roleNames(roles []Role) []string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return names
}
