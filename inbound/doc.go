// Package inbound promises that whoever writes to the address in a List-Unsubscribe header is off the list when
// the mail has been taken, and that no mail is taken which nobody would read.
//
// How it fails, before how it works:
//
//   - Mail with a good token takes off the member that the token names, and nobody else, whoever sent it and whatever
//     it says (U10). Asked again, or for somebody who left, was erased or never was, the answer is the same (U8).
//   - A token that was altered, or made for another purpose, takes off nobody: 550 5.1.1, equal for all of them.
//   - Naming the address is not yet a mail: a server that only asks whether the mailbox exists changes nothing (U2).
//     The member leaves after the final dot, and 250 is said once that holds.
//   - When it cannot be written down (the database is away), the answer is 451: the sending server keeps the mail and
//     comes back. A connection that is cut leaves the same behind, because asking twice is asking once.
//   - Returned mail (b+) and answers (r+) are not read yet, so they are refused for good with a word why, rather than
//     taken and lost. So is everything else; nothing is ever sent on.
//
// It stands behind the organisation's own mail server, which does TLS, blocklists and the rest: LMTP (RFC 2033) or
// SMTP (RFC 5321), in clear, on loopback unless told otherwise. Memory is bounded: nothing of a mail is kept.
package inbound
