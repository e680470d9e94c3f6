// Package postgres promises the rooms above a PostgreSQL: pools whose statements and transactions cannot
// hang for ever, errors that tell what to do, and, where nobody has set a server up, a server of our own.
//
// What the server of our own promises:
//
//   - It never deletes a data directory and never uses one that initdb did not finish.
//   - It never changes the rights or the owner of a folder that it did not make.
//   - It listens on no network: only on a socket in a folder of its own, with a random password.
//   - It writes through to the disk (fsync): what was committed is there after a crash.
//   - Two servers never run on one folder: the second start gets an [InUseError].
//   - It ends with the process that started it, also when that process is killed (SIGKILL); the next
//     start on the same folder waits for it to end, and then goes on with the same data.
//   - Data made by one major version is only ever opened by that version; else Start refuses and says
//     what to do.
//
// What lies in the folder Dir of a server:
//
//	Dir/                  may be anybody's; only has to be one that the server's user can enter
//	Dir/postgres/         made by us, belongs to the server's user, nobody else can enter
//	    holdfast.txt      the mark that the folder is ours
//	    data/             the data directory; data.part while initdb runs
//	    password          of the server's only role, mode 0600
//	    server.log        what the server says
//	    run/              the socket; in a short folder of its own where this path would be too long
//	    lock              held (flock) by the process that looks after the server
//	    server.lock       held (flock) by the server and every process of it, until the last has ended
//
// PostgreSQL refuses to run as root. Started by root, the server runs as the user "postgres", else
// "nobody"; once the folder exists, as the user it belongs to.
package postgres
