package templates

// Sorry is the page of everything that did not work: an honest sentence, and what to do.
type Sorry struct {
	Word string // one of the Sorry words
	Text string // what the house said of it, in English, as failure.Error.Text; may be empty
	Rule string // the safety rule that refused, as "R3"; may be empty
	ID   string // of a fault of ours, by which it is found in the log; may be empty
}

func (Sorry) spec() spec { return spec{file: "sorry", layout: publicLayout} }
