// Package accounts promises that only staff come in, that each of them may do no more than their roles say,
// and that who was shut out is out at once.
//
// How it fails, before how it works:
//
//   - A guess at a password costs the guesser, not the house: failures are counted by account and by source,
//     each wait is longer than the last and never longer than 15 minutes, nobody else waits with them, and the
//     owner of the account still gets in by a link in their mail. A wait is told ([TryLater]), never slept.
//   - An address without an account, a disabled account, an account without a password and a wrong password
//     cannot be told apart: the same error after the same statements and one run of argon2id. Asking for a
//     sign-in link makes the same statements and gets the same answer whoever asks for whom.
//   - argon2id needs 19 MiB a run. A few run at once, the others wait in line, and who waits too long is told
//     to come back, so that a flood of sign-ins costs time and not memory.
//   - A change of password or roles, and disabling, end every session and every link of the account in the same
//     transaction. A session is never given more or less: it ends, and signing in makes a new one.
//   - Secrets (sessions, links, API tokens) are 256 random bits, given out once and kept as SHA-256. Who reads
//     the database cannot sign in with it.
//   - An API token has some of its account's roles, and loses what the account loses.
//   - A request that is sent twice with one Idempotency-Key runs once; see [Store.BeginReplay] for what a crash
//     in the middle leaves.
//
// Every change is in the audit trail, in the transaction that made it. What a stranger can cause without being
// anybody (a wrong password, asking for a link) is counted but not in the trail, which is kept for ever: nobody
// outside shall be able to fill it.
package accounts
