package templates

// SignInMail is the mail that carries a one-time link to sign in.
type SignInMail struct {
	Organisation Organisation
	Language     string // the account's
	URL          string // the link; may be a hole
	Minutes      int    // for how long it works
}

// signInView is what the templates of a SignInMail are executed with.
type signInView struct {
	SignInMail
	Lang, Dir string
}

// RenderSignIn composes the mail with a one-time link.
func RenderSignIn(m SignInMail) (subject, text, html string, err error) {
	w := press().words[StaffLanguage(m.Language)]
	if subject, err = w.text("mail.sign_in_subject", "Organisation", m.Organisation.Name); err != nil {
		return "", "", "", err
	}
	text, html, err = press().mails.render("sign_in", w.lang, signInView{SignInMail: m, Lang: w.lang, Dir: Direction(w.lang)})
	return oneLine(subject), text, html, err
}
