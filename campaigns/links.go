package campaigns

import "holdfast/internal/seal"

// Links makes and reads the tokens that leave with a delivery. Each says an appeal and a member, and is good for one
// purpose alone (U7). They never expire: what they allow is decided when they are used.
type Links struct {
	Unsubscribe *seal.Links // /u/{token} and the List-Unsubscribe headers
	Report      *seal.Links // /r/{token}
	Return      *seal.Links // the envelope sender, where returned mail goes
	Reply       *seal.Links // the Reply-To, where answers go
	Message     *seal.Links // the Message-ID
}

// NewLinks makes the links of a ring.
func NewLinks(ring *seal.Ring) (Links, error) {
	var links Links
	for purpose, field := range map[seal.Purpose]**seal.Links{"unsubscribe": &links.Unsubscribe, "report": &links.Report,
		"return": &links.Return, "reply": &links.Reply, "message": &links.Message} {
		made, err := ring.Links(purpose)
		if err != nil {
			return Links{}, err
		}
		*field = made
	}
	return links, nil
}
