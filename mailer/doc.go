// Package mailer promises that a message leaves as it was composed, to one person, at most once for each
// time it is asked, and that what is said about it afterwards is true.
//
// # What is said: five outcomes
//
//	accepted  the relay answered 2xx after the final dot. It stays accepted whatever fails afterwards.
//	refused   the relay answered 5xx to this message; or we refuse it here, and Err says why.
//	later     the relay answered 4xx to this message, or broke off in the middle of it, before the final
//	          dot: nobody has it.
//	unknown   the final dot was written and no intelligible answer came. The relay may have it.
//	unsent    nothing about this message was settled, by no doing of its own; nobody has it.
//
// A lost connection is never a refusal. A reply that cannot be understood means later before the dot
// and unknown after it. Replies that are out of step end the connection: a 250 is only believed where a
// 250 is due. Each message handed to Send gets exactly one verdict, also when the context ends, the
// pool is closed or a callback panics.
//
// # What leaves: composed once, filled for each member
//
// Compose makes an appeal once for each language; go-mail makes the header fields and the MIME
// structure. Fill then joins the ready pieces with one member's values, each encoded for its place:
// plain text, HTML text, a link, a header word, an address. Texts are cut at their holes before
// quoted-printable encoding, so no line break of the encoding can fall into a hole, and no value can
// end a line, a header or a MIME part. A member's data is never parsed, neither as a template nor as MIME.
// The same draft and copy give the same bytes in every process.
//
// # How it leaves: a pool of connections, pipelined
//
// go-mail dials, does TLS and AUTH; the transactions are ours. One connection has one user at a time.
// MAIL, RCPT and DATA leave in one write, and those of the next message behind the body of this one
// (RFC 2920), so that a message costs one round trip. A relay that cannot be reached is left alone for a
// while that grows to half a minute, and says so by one error, ErrRelayDown.
//
// Time limits are those of RFC 5321, 4.5.3.2. They and the back-off use the machine's clock: they are no
// decisions about who gets mail.
package mailer
