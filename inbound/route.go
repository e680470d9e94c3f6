package inbound

import "strings"

// Door is what an address of ours is for. Its text is the letter that the local part begins with.
type Door string

// The doors. The worker writes Unsubscribe, Return and Reply into every appeal that leaves, Letter into every letter; Copy stands in what people send
// with their own mail program.
const (
	Unsubscribe Door = "u" // the mailto of List-Unsubscribe (RFC 2369)
	Return      Door = "b" // the envelope sender: bounces come back here
	Reply       Door = "r" // the Reply-To of one delivery
	Letter      Door = "l" // the Reply-To and envelope sender of a letter that we mail
	Copy        Door = "c" // the blind copy of a letter that somebody else mails
	Nowhere     Door = ""
)

// Route reads the local part of an address: which door it names, and the token behind the "+". Letter case is not
// looked at, because mail systems fold it. Anything of another form leads Nowhere.
func Route(local string) (door Door, token string) {
	letter, token, found := strings.Cut(local, "+")
	if !found || token == "" {
		return Nowhere, ""
	}
	switch door = Door(strings.ToLower(letter)); door {
	case Unsubscribe, Return, Reply, Letter, Copy:
		return door, strings.ToLower(token)
	}
	return Nowhere, ""
}
