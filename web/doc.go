// Package web promises that what comes in by HTTP is known, allowed, whole and within limits before a room sees it,
// and that what goes out says what happened without saying more.
//
// How it fails, before how it works:
//
//   - A request that is refused did nothing. Under /api the answer is a problem (RFC 9457), elsewhere a page; both
//     carry the id under which the request was logged, and never a stack, a statement or somebody's data (P11).
//   - An error of no kind (package failure) is a fault of ours: it is logged, and the reader is shown the id alone.
//   - Wrong input is refused as a whole, with every field that is wrong; fields that are not known are wrong (A9).
//   - A POST that is repeated with the same Idempotency-Key runs once. Without a key the rooms' own rules hold: a
//     second launch finds the first.
//   - A client that is slow, large or many is cut off by time, size and number, each its own, not the others'.
//   - A stream that breaks off ends the connection: half an export never looks like a whole one.
//
// Who may: every route stands in routes.go with exactly one permission, or is open to anybody. The API takes bearer
// tokens and no cookie; staff pages take a cookie and no token, and change nothing for a request that comes from
// another site, or will not say where it comes from (A11).
//
// Three handlers, so that each can have a listener of its own: Public, Admin, and Ops (health and metrics), which is
// never on the others (S5).
//
// The request log has the route's pattern, never the path, and no address of anybody.
package web
