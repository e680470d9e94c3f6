package worker

import (
	"strings"

	"holdfast/campaigns"
	"holdfast/mailer"
)

// settled translates what the connection learnt into what the ledger keeps. The member's address is taken out of the relay's
// words: a dump of the ledger is not a list of members.
func settledAs(v mailer.Verdict, w campaigns.Window, memberID int64, address string) campaigns.Verdict {
	out := campaigns.Verdict{Window: w, MemberID: memberID, Outcome: campaigns.Outcome(v.Outcome), Code: v.Code}
	out.Reply = withoutAddress(wordsOf(v), address)
	if v.Outcome != mailer.Refused {
		return out
	}
	// That we are blocked says nothing about the member: it is tried again later, until the deadline.
	if out.Reason = reasonOf(v); out.Reason == "us" {
		out.Outcome, out.Reason = campaigns.Later, ""
	}
	return out
}

// wordsOf are the relay's words with its status code, or why it said none.
func wordsOf(v mailer.Verdict) string {
	words := v.Text
	if v.Enhanced != "" {
		words = v.Enhanced + " " + words
	}
	if words == "" && v.Err != nil {
		words = v.Err.Error()
	}
	return words
}

// reasonOf says whose fault a refusal is (RFC 3463, 3): the address's, this content's, or ours.
func reasonOf(v mailer.Verdict) string {
	class, detail, _ := strings.Cut(strings.TrimPrefix(v.Enhanced, "5."), ".")
	switch {
	case class == "7":
		return "us" // policy: we are blocked, not signed, not trusted
	case class == "1", class == "2" && (detail == "1" || detail == "0"):
		return "address"
	case class == "6", class == "3":
		return "content"
	}
	switch v.Step {
	case mailer.AtCompose, mailer.AtRcpt:
		if v.Err == mailer.ErrTooLarge {
			return "content"
		}
		return "address"
	case mailer.AtMail:
		return "us"
	default:
		return "content"
	}
}

// withoutAddress replaces the address, and its part before the @, whatever the case of their ASCII letters, and leaves nothing
// that a text in the database cannot hold.
func withoutAddress(text, address string) string {
	text = replaceFold(text, address, "‹member›")
	if local, _, ok := strings.Cut(address, "@"); ok && len(local) > 2 {
		text = replaceFold(text, local, "‹member›")
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "")
}

func replaceFold(text, old, with string) string {
	if old == "" {
		return text
	}
	lower, target := lowerASCII(text), lowerASCII(old) // byte for byte as long as what they were made of
	var b strings.Builder
	for {
		i := strings.Index(lower, target)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i])
		b.WriteString(with)
		text, lower = text[i+len(target):], lower[i+len(target):]
	}
}

func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
