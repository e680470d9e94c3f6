// Package campaigns promises that every member who should get an appeal gets it once, that the ledger says what
// became of each, and that nothing leaves against a safety rule.
//
// It holds the case, the offices written to, the campaign with its asks, the appeals and the ledger of deliveries.
// It sends nothing: it says who is next (Claim), takes down what became of it (Settle), and puts right what a dead
// process left behind (Sweep). The worker does the rest.
//
// An appeal:
//
//	          launch             all settled, the receipt closes
//	draft ─────────────▶ issuing ───────────────────────────────▶ complete
//	                     │     ▲
//	                stop │     │ resume
//	                     ▼     │
//	                  stopping ─────────────────────────────────▶ stopped ──resume──▶ issuing
//	                            every window given back
//
// and from complete to issuing again by a round: a retry of what failed, or late joiners let in.
//
// A delivery, one row for each appeal and member:
//
//	queued ──claim──▶ sending ──250 after the dot──▶ accepted
//	  │  ▲               │ ──5yz──────────────────▶ refused(address | content | us), (gave_up) after the last try
//	  │  └──never sent───┤ ──4yz──▶ deferred ──due, claim──▶ sending
//	  │                  └ ──silence after the dot, or the process died──▶ deferred once, then unknown
//	  └──claim: left, suppressed, erased, too_late, unwritable──▶ skipped
//
// Pace comes before the claim where a provider has a limit or is paused: it puts rows off (deferred, with limit or slowed as the
// reason) without counting an attempt. Hold is a stop by the system itself, with its reason.
// A retry puts what was refused (not for the address) or is unknown back to queued, and keeps what it was in retried.
//
// Four rules hold through every fault:
//
//   - A claim is one transaction: it reads the appeal, the campaign, the deadline, the member and the suppressions, and
//     marks the rows. What it did not mark is not sent.
//   - An accepted answer always settles its row, whoever owns it by then; an accepted row is never claimed again.
//   - A stop writes one row. Claims read it; so nothing is claimed after it, and the appeal is stopped when the last
//     window open at that moment is given back. Rows then still queued are the stopped ones.
//   - An appeal is complete only when its receipt closes: eligible, counted from the members' own history without
//     reading the ledger, equals what the ledger says.
//
// Eligible is counted as of the launch. For that to be exact, Launch waits for those who are writing in the members'
// history (LOCK TABLE … IN SHARE MODE) before it reads the clock: what was written before the launch is dated before it,
// what is written after is dated after. Who joins later and is let in is eligible by a row in admissions, and who is left out of a first
// appeal for having had another is written down at its launch, because what became of the other can still change.
package campaigns
