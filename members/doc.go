// Package members promises that nobody is mailed who did not agree to it: who is a member, since when and
// on what evidence, and that a stop holds whatever is imported afterwards.
//
// What it keeps:
//
//   - A member is subscribed while a mailing consent of theirs is open. Leaving ends it, and can be asked
//     for any number of times, by anybody with the link, with one answer; only a new consent, with its own
//     evidence, opens another. Nothing is overwritten: each stretch stays on record (CASL: the sender must
//     be able to prove consent).
//   - A suppressed address is never mailed, whoever asks. It is kept as a keyed hash only and outlives the
//     member, so that neither an import nor a sign-up brings back who complained, bounced or was erased.
//   - Address and name lie in the database sealed, each bound to its row; a member is found by a blind
//     index of the folded address. One person is one member, whatever the case or the Unicode form.
//   - Every change and the record of who made it are one transaction.
//
// An import is many short transactions, so that it never holds up a launch: when it breaks off, what was
// done stays, the report says how far it came, and running it again does nothing twice. Stops are carried
// out before anybody is added. A file that is not what it says is refused before the first change.
//
// The state of a member, worked out and never stored:
//
//	             ┌──────── Rejoin: a new consent ────────┐
//	             ▼                                       │
//	Add ──▶ subscribed ── Leave (and, by import, Suppress) ──▶ left
//	             │                                       │
//	             └──── Suppress ──▶ suppressed ◀─────────┘
//	                                    └─ Unsuppress ──▶ what they were before
//
// A transaction that touches both tables that a launch locks takes them in the launch's order: first
// mailing_consents, then member_moves.
package members
