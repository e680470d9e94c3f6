package templates

// SignIn is the page at /sign-in. Its forms: POST /sign-in with address, password, next; POST /sign-in/link with
// address, next, which asks for a one-time link. What is wrong is said alike whatever it was (A2).
type SignIn struct {
	Address   string // as it was typed
	Next      string // the path to go to afterwards
	LinkAsked bool   // a link was asked for: says the same whether or not there is such an account
	LinkDead  bool   // the link that was opened does not work, or no longer
}

func (SignIn) spec() spec {
	return spec{file: "sign_in", layout: staffLayout, partials: []string{"form"}}
}

// SignInLink is the page that a one-time link opens: GET changes nothing, so it has one button. Its form: POST Action, with
// new_password where one is to be set as well.
type SignInLink struct {
	Action string // this page's own path, with the token
}

func (SignInLink) spec() spec {
	return spec{file: "sign_in_link", layout: staffLayout, partials: []string{"form"}}
}
