package letters

// What somebody may say without a person looking at it. Nothing is refused by these: what is above them is set aside, and is in no total
// until somebody has looked.
const (
	mostOfMember  = 40  // letters of one member in one campaign
	mostOfVisitor = 10  // letters of one visitor
	mostAtOnce    = 20  // visitors of one source within an hour
	mostOfEvening = 200 // letters to one office on one evening
)

// Why a report is set aside.
const (
	many  = "many"  // more letters than one writer, or one evening, is likely to have sent
	burst = "burst" // one of many visitors who came from one place within an hour
)

// claim is what is known beside a report when it comes in.
type claim struct {
	Visitor bool
	Evening bool
	Copies  int // letters of this writer that rest on a word alone, in this campaign, this report with them
	Beside  int // other visitors from the same place who reported within the hour
}

// outlier says why a report waits for a person's look; "" where it counts at once.
func (c claim) outlier() string {
	most := mostOfMember
	switch {
	case c.Evening:
		most = mostOfEvening
	case c.Visitor:
		most = mostOfVisitor
	}
	switch {
	case c.Copies > most:
		return many
	case c.Visitor && c.Beside >= mostAtOnce:
		return burst
	}
	return ""
}

// reported is the letter after its writer has reported it, for the first time or again; why is what claim.outlier says.
//
// What better evidence shows is changed by no word: a letter that we sent, or whose copy came, keeps its number and day. What came back stays
// returned, and what a person has refused stays aside, whatever is said of it.
func (l Letter) reported(r Report, why string) Letter {
	before := l.Copies
	if l.onWord() {
		l.Copies, l.WrittenOn = r.Copies, r.WrittenOn
	}
	accepted := l.SetAside == nil && l.ReviewedAt != nil && l.Copies <= before
	waits := l.SetAside != nil && *l.SetAside == burst
	switch {
	case l.ReturnedAt != nil:
		l.State = Returned
	case !l.onWord(), why == "" && !waits && !l.refused(), accepted:
		l.State, l.SetAside = Counted, nil
	case l.refused():
		l.State = SetAside
	default:
		l.State = SetAside
		if why != "" {
			l.SetAside = &why
		}
		l.ReviewedBy, l.ReviewedAt = nil, nil
	}
	l.WithdrawnAt = nil
	return l
}

// onWord reports whether a letter is known by what somebody says, and by nothing else.
func (l Letter) onWord() bool { return l.Grade == Reported || l.Grade == Batch }

// refused reports whether a person has looked at a letter that was set aside, and left it there.
func (l Letter) refused() bool { return l.SetAside != nil && l.ReviewedAt != nil }
