package templates

// EnterCode is the page at /code, where somebody who has posted a printed letter says so by its code. Its form: POST /code?lang=XX with code, so that who looks at the page in another language than the browser asks for stays in it.
type EnterCode struct {
	Code       string // as it was typed
	Unknown    bool   // no letter has it
	Withdrawn  bool   // its writer took it back
	Office     string // of the letter that counts now; empty before
	OfficeLang string
	ActionURL  string // the page of the campaign that it counts in
}

func (EnterCode) spec() spec {
	return spec{file: "enter_code", layout: publicLayout, partials: []string{"form"}}
}
