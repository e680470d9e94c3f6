// Command holdfast promises that what it was told to do is done when it exits with 0, and that it says what is wrong, all of
// it at once and with what to do about it, when it does not.
//
//   - It alone reads the environment, files of keys, and the terminal. Secrets come from the environment, a file or a
//     prompt, never from an argument, which other users of the machine can see; none is printed, but for the API token that
//     was asked for.
//   - A wrong setting is found before anything is begun: every wrong one is named (exit 2), and nothing has happened.
//   - SIGTERM or SIGINT ends what runs in good order: no new page, no new mail, half a minute at most for those on their way.
//     A second one ends it at once; what was on its way is then unknown, and the next start says so.
//   - What a machine reads goes to standard output, all else to standard error. Exit codes are a promise, too; see exitHelp.
package main

import (
	"os"
	_ "time/tzdata" // deadlines have zones; the machine may have none
)

func main() { os.Exit(run(os.Args[1:])) }
