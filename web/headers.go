package web

import "net/http"

// What a browser may do with an answer (Content Security Policy Level 3). Every page keeps to pagePolicy; an answer of
// the API is no page at all.
const (
	pagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
		"frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	apiPolicy = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
)

// setHeaders sets what every answer has, errors and files too (P2). A route may set a header anew where it has a reason.
//
// no-referrer suits the pages behind a token (U11). Forms of staff pages do not depend on it: browsers that send no
// Origin for it send Sec-Fetch-Site, which is what sameOrigin looks at first.
func (s *Server) setHeaders(h http.Header, isAPI bool) {
	h.Set("Content-Security-Policy", pagePolicy)
	if isAPI {
		h.Set("Content-Security-Policy", apiPolicy)
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY") // for browsers older than frame-ancestors
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex")
	if s.secure {
		// RFC 6797 7.2: never over plain http, which is loopback here.
		h.Set("Strict-Transport-Security", "max-age=63072000")
	}
}
