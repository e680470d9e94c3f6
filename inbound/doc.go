// Package inbound promises that whoever writes to the address in a List-Unsubscribe header is off the list when
// the mail has been taken, that what comes back to a letter or an alert is written down when it has been taken, and that no mail is
// taken which nobody would read.
//
// Each address is a door and a token: u+ takes a member off the list, l+ is where answers to one letter and the letter itself come
// back, c+ takes the blind copy of a letter that somebody sent with their own mail program, r+ takes what a member answers to an alert.
//
// How it fails, before how it works:
//
//   - Mail with a good token takes off the member that the token names, and nobody else, whoever sent it and whatever
//     it says (U10). Asked again, or for somebody who left, was erased or never was, the answer is the same (U8).
//   - A token that was altered, or made for another purpose, does nothing for nobody: 550 5.1.1, equal for all of them.
//   - Naming the address is not yet a mail: a server that only asks whether the mailbox exists changes nothing (U2).
//     What a mail asks for is done after the final dot, and 250 is said once that holds.
//   - When it cannot be written down (the database is away), the answer is 451: the sending server keeps the mail and
//     comes back. A connection that is cut leaves the same behind, because asking twice is asking once: the same answer is one row,
//     the same copy proves one letter, the same report of a member corrects the one before.
//   - A report returns the letter whose address it came to, and no other (B5); a delay or a success changes nothing (B3). A null path alone
//     is no report: automatic answers have one too. Nothing that a machine sent is thanked or counted (B9).
//   - What a member answers is counted only where it can mean but one thing; everything else waits for a person.
//   - Returned mail of appeals (b+) is not read yet, so it is refused for good with a word why, rather than
//     taken and lost. So is everything else; nothing is ever sent on.
//
// It stands behind the organisation's own mail server, which does TLS, blocklists and the rest: LMTP (RFC 2033) or
// SMTP (RFC 5321), in clear, on loopback unless told otherwise. Memory is bounded: 25 MB of one mail, 100 MB of all at once, nothing of those
// that nobody reads; above that the answer is 452. Logs hold codes and ids, never an address or what a mail says.
package inbound
