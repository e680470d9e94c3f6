package templates

// box is a rectangle on a page, in millimetres from its left and its top.
type printBox struct{ x0, y0, x1, y1 float64 }

func (b printBox) width() float64  { return b.x1 - b.x0 }
func (b printBox) height() float64 { return b.y1 - b.y0 }

// envelope is one with a window, as a country's offices and shops have it. All is in millimetres.
type envelope struct {
	w, h                float64
	window              float64 // how wide the window is
	high                float64 // and how high
	fromLeft, fromRight float64 // its distance from one side; the other is zero
	fromFoot            float64 // and from the foot
}

// letterLayout is how a letter stands on its page so that the address is seen through the window, wherever the folded page slides to, and
// nothing else is.
type letterLayout struct {
	size     paperSize
	envelope envelope
	fold     float64 // where the page is folded first, from its top; the second fold is as far below
}

// The envelopes. Countries' standards (DIN 678 and 5008, BS 4264, NF Z 11-001, SN 010130) and what the shops sell differ by some millimetres;
// the box that is used lies inside whatever part of the window shows in every position of the page.
var (
	german   = letterLayout{sizeA4, envelope{w: 220, h: 110, window: 90, high: 45, fromLeft: 20, fromFoot: 15}, 105} // DIN 5008 form B
	british  = letterLayout{sizeA4, envelope{w: 220, h: 110, window: 90, high: 35, fromLeft: 20, fromFoot: 18}, 104}
	french   = letterLayout{sizeA4, envelope{w: 220, h: 110, window: 100, high: 35, fromRight: 20, fromFoot: 20}, 104}
	swedish  = letterLayout{sizeA4, envelope{w: 220, h: 110, window: 90, high: 35, fromRight: 15, fromFoot: 20}, 104}
	swiss    = letterLayout{sizeA4, envelope{w: 229, h: 114, window: 100, high: 45, fromRight: 12, fromFoot: 15}, 105}
	american = letterLayout{sizeLetter, envelope{w: 241.3, h: 104.8, window: 114.3, high: 28.6, fromLeft: 22.2, fromFoot: 12.7}, 99}
)

// layoutFor returns the layout for a letter to a country, by its ISO code.
func layoutFor(country string) letterLayout {
	switch country {
	case "DE", "AT":
		return german
	case "CH", "LI":
		return swiss
	case "FR", "MC", "LU", "BE":
		return french
	case "SE", "FI":
		return swedish
	case "US", "CA", "MX", "PH", "CL", "CO", "VE", "GT", "CR", "PA", "DO", "SV", "NI", "HN", "PR":
		return american
	}
	return british
}

// windowLeft is how far the window is from the left side of the envelope.
func (e envelope) windowLeft() float64 {
	if e.fromRight > 0 {
		return e.w - e.fromRight - e.window
	}
	return e.fromLeft
}

// safe is the part of the page that is seen through the window however the folded page lies; seen is all that can ever be seen.
func (l letterLayout) safe() printBox {
	left, top := l.envelope.windowLeft(), l.envelope.h-l.envelope.fromFoot-l.envelope.high
	return printBox{left, top, left + l.envelope.window - (l.envelope.w - l.size.w), top + l.envelope.high - (l.envelope.h - l.fold)}
}

func (l letterLayout) seen() printBox {
	left, top := l.envelope.windowLeft(), l.envelope.h-l.envelope.fromFoot-l.envelope.high
	return printBox{left - (l.envelope.w - l.size.w), top - (l.envelope.h - l.fold), left + l.envelope.window, top + l.envelope.high}
}

// windowAtLeft reports whether the address stands in the left half.
func (l letterLayout) windowAtLeft() bool { return l.envelope.fromRight == 0 }

// addressInset is what an address keeps from the edges of its box.
const addressInset = 2

// addressStyles are how large an address is set, the first that fits.
var addressStyles = []typeStyle{{plain, 11, 5}, {plain, 10, 4.5}, {plain, 9, 4.1}, {plain, 8, 3.6}, {plain, 7, 3.1}}

// fit returns the lines of an address for a box, as large as they go in; ok is false where they do not.
func (p *printout) fit(address []string, b printBox) (lines []lineOf, s typeStyle, ok bool) {
	for _, s = range addressStyles {
		lines = nil
		for _, line := range address {
			lines = append(lines, p.wrap(line, s, b.width()-2*addressInset)...)
		}
		wide := 0.0
		for _, l := range lines {
			wide = max(wide, l.width)
		}
		if float64(len(lines))*s.lead <= b.height()-2*addressInset && wide <= b.width()-2*addressInset {
			return lines, s, true
		}
	}
	return nil, s, false
}

// address draws the lines of fit in the middle of the height of a box.
func (p *printout) address(lines []lineOf, s typeStyle, b printBox) {
	y := b.y0 + (b.height()-float64(len(lines))*s.lead)/2
	for _, l := range lines {
		p.line(l, s, b.x0+addressInset, y, b.width()-2*addressInset, atStart)
		y += s.lead
	}
}
