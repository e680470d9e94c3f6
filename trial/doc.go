// Package trial promises figures and verdicts that anybody can have again on their own machine: bench measures the fan-out
// against the limit of the same machine, drill kills it and counts who was lost.
//
// Everything runs for real: a PostgreSQL of our own with fsync on, the program itself as worker processes (holdfast work),
// a mail sink in a process of its own that is never killed. There is no switch in the rooms below that they could be measured or
// judged by: what is measured is what is run.
//
// The sink and the bare loop are this program, too, under hidden commands; they speak with their parent in lines of JSON.
package trial
