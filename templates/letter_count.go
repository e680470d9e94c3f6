package templates

// LetterCount is how many letters there are, by how they are known. Nothing shows the sum without the parts (R14).
type LetterCount struct {
	Sent, Confirmed, Paper, Reported, Batch int64
	Visitors                                int64 // as visitors said, of whom nothing is known
}

// Sum is all of them.
func (c LetterCount) Sum() int64 {
	return c.Sent + c.Confirmed + c.Paper + c.Reported + c.Batch + c.Visitors
}
