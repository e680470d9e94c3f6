package mailer

import (
	"regexp"
	"strings"
)

// DeliveryReport is what a multipart/report says became of a mail (RFC 3464).
type DeliveryReport struct{ Recipients []ReportedRecipient }

// ReportedRecipient is what became of it for one recipient.
type ReportedRecipient struct {
	Address string // of Original-Recipient where there is one, else of Final-Recipient; in lower case
	Action  string // failed, delayed, delivered, relayed, expanded; in lower case
	Status  string // of RFC 3463, as "5.1.1"; "" where it is none
}

// Failed reports whether the mail will never reach this recipient: what is delayed, delivered or of a code that is no failure is not (B3, B4).
func (r ReportedRecipient) Failed() bool {
	return r.Action == "failed" && strings.HasPrefix(r.Status, "5.")
}

// GaveUp reports whether the last server stopped trying, with a code that says that it might have gone on: the mail will not reach this recipient either,
// which says nothing of the address.
func (r ReportedRecipient) GaveUp() bool {
	return r.Action == "failed" && strings.HasPrefix(r.Status, "4.")
}

var statusCode = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)

// read reads the fields of a message/delivery-status part: a group for the message, then one for each recipient.
func (d *DeliveryReport) read(text []byte) {
	fields := strings.ReplaceAll(strings.ReplaceAll(toUTF8(text), "\r\n", "\n"), "\r", "\n")
	for group := range strings.SplitSeq(fields, "\n\n") {
		var one ReportedRecipient
		var final string
		group = strings.ReplaceAll(strings.ReplaceAll(group, "\n ", " "), "\n\t", " ")
		for line := range strings.SplitSeq(group, "\n") {
			name, value, _ := strings.Cut(line, ":")
			switch value = strings.TrimSpace(value); strings.ToLower(strings.TrimSpace(name)) {
			case "original-recipient":
				one.Address = reportedAddress(value)
			case "final-recipient":
				final = reportedAddress(value)
			case "action":
				one.Action = strings.ToLower(value)
			case "status":
				one.Status = statusCode.FindString(value)
			}
		}
		if one.Address == "" {
			one.Address = final
		}
		if one.Action != "" && len(d.Recipients) < mostReceivers {
			one.Action, _, _ = strings.Cut(one.Action, " ")
			d.Recipients = append(d.Recipients, one)
		}
	}
}

// reportedAddress is the address of "rfc822; someone@example".
func reportedAddress(value string) string {
	_, address, found := strings.Cut(value, ";")
	if !found {
		address = value
	}
	return strings.ToLower(strings.Trim(strings.TrimSpace(address), "<>"))
}

// RefusalIn finds the code of a refusal for good in a text that reports one without being a report: "" where there is none.
func RefusalIn(text string) string {
	for _, code := range statusCode.FindAllString(text, 20) {
		if strings.HasPrefix(code, "5.") {
			return code
		}
	}
	return ""
}
