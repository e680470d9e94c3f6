// Package worker promises that what a room has promised is kept: an appeal that was launched is filled, sent and
// settled, by any number of processes, through the death of any of them.
//
// It sends at most once what it cannot know to have failed, and once more, the same bytes under the same Message-ID, what it
// cannot know at all. Per process there are:
//
//	jobs        FanOut fills the ledger; DeliverBatch sends one stretch of it for a turn
//	sweep       every few seconds: puts right what dead processes left, from the ledger alone
//	recorder    one, for all connections: takes verdicts down as soon as its last write has ended, at most 64 at once
//	leases      renews the windows that are open; what it could not renew in time is not sent any further
//	halts       reads, several times a second, which appeals may go on; what it could not read does not go on
//
// A window: claim (one transaction) → send on one connection → verdicts to the recorder → given back when all are written, with whatever of it
// was not sent. A stream is one window after another on one connection; the next is claimed while one is being sent.
// Before each envelope and again before each body the gate asks halts, leases, and whether the process is ending.
//
// What a kill can double: on each connection the one mail between its dot and its reply, and what the recorder has not
// written, that is at most two of its writes. Everything else claimed by the dead process had not been sent.
package worker
