package demo

import (
	"holdfast/accounts"
	"holdfast/templates"
)

// staff are the accounts of the demo. There are two coordinators so that the second yes of R2 can be given by somebody
// else. None has a password: who tries the demo comes in by a sign-in link.
func staff() []accounts.NewAccount {
	return []accounts.NewAccount{
		{Address: "coordinator@refnet.example", Name: "Noor A.", Language: "en",
			Roles: []accounts.Role{accounts.Coordinator, accounts.Caseworker, accounts.Tracker}},
		{Address: "coordination@refnet.example", Name: "Étienne L.", Language: "fr",
			Roles: []accounts.Role{accounts.Coordinator}},
		{Address: "reviewer@refnet.example", Name: "Ada T.", Language: "en", Roles: []accounts.Role{accounts.Reviewer}},
		{Address: "tracker@refnet.example", Name: "Ravi P.", Language: "en", Roles: []accounts.Role{accounts.Tracker}},
	}
}

// Organisation is who speaks in the demo. None of it is anybody's.
func Organisation() templates.Organisation {
	return templates.Organisation{
		Name:          "RefNet demonstration",
		PostalAddress: "7 Example Street\nOttawa ON\nCanada",
		Contact:       "office@refnet.example",
	}
}
