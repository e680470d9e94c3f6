package templates

// Unsubscribe is the page at /u/{token}: one button, and after it the same words for everybody, whether the token was
// unknown, used, erased or good (U8). Its form: POST Action with how=page.
type Unsubscribe struct {
	Action string // this page's own path, with the token
	Masked string // the address with all but a few letters hidden; may be empty
	Done   bool
}

func (Unsubscribe) spec() spec { return spec{file: "unsubscribe", layout: publicLayout} }
