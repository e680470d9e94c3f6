package letters

import "holdfast/internal/seal"

// Links makes and reads the tokens that leave with letters. Each is good for one purpose alone (U7), and never expires: what it allows is
// decided when it is used.
type Links struct {
	Letter  *seal.Links // says a letter and its target: l+TOKEN, where answers to it and the letter itself come back, and its Message-ID
	Confirm *seal.Links // says a letter and its target: /c/TOKEN, its writer's yes, and their way to take it back
	Copy    *seal.Links // says an appeal and target, as Pair, and a member: c+TOKEN, the blind copy that proves a letter left
	Visitor *seal.Links // says a visitor and a campaign: /w/TOKEN, a visitor's own page
}

// NewLinks makes the links of a ring.
func NewLinks(ring *seal.Ring) (Links, error) {
	var links Links
	for purpose, field := range map[seal.Purpose]**seal.Links{"letter": &links.Letter, "confirm letter": &links.Confirm, "copy": &links.Copy, "visitor": &links.Visitor} {
		made, err := ring.Links(purpose)
		if err != nil {
			return Links{}, err
		}
		*field = made
	}
	return links, nil
}

// Pair is two ids in the place of one, for a token that has to say three. Both must be below 2³¹, which a house with a new target every second
// reaches after 68 years.
func Pair(a, b int64) int64 { return a<<31 | b }

// Unpair is what Pair was made of.
func Unpair(pair int64) (a, b int64) { return pair >> 31, pair & (1<<31 - 1) }
