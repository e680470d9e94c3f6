package templates

// ThanksMail is the one automatic mail to a member who answered an alert with what they sent.
type ThanksMail struct {
	Organisation Organisation
	Language     string // the member's
	Number       Number // of the campaign
	URL          string // the member's own page, where the report can be put right
}

// thanksView is what the templates of a ThanksMail are executed with.
type thanksView struct {
	ThanksMail
	Lang, Dir string
}

// RenderThanks composes the mail that thanks a member.
func RenderThanks(m ThanksMail) (subject, text, html string, err error) {
	w := press().words[PublicLanguage(m.Language)]
	if subject, err = w.text("thanks.subject", "Organisation", m.Organisation.Name); err != nil {
		return "", "", "", err
	}
	text, html, err = press().mails.render("thanks", w.lang, thanksView{ThanksMail: m, Lang: w.lang, Dir: Direction(w.lang)})
	return oneLine(subject), text, html, err
}
