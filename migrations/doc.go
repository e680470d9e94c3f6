// Package migrations promises that a database has exactly the tables, functions and rules that this
// program was written for, or that the program says so and stops.
//
// The schema is a row of numbered files, NNNN_word.sql, without gaps. Each only goes forward, runs in a
// transaction of its own, is never changed once it has been released (hashes.txt holds the proof), and
// opens with a sentence that says what it is for. River's own tables are brought up by River's own
// steps, before ours, so that a file of ours may say something about them. All of it happens under one
// lock: however many processes start at once, each step runs once.
//
// A step that fails leaves nothing behind; the steps before it stay. Running Up again goes on there.
//
// A database that knows steps that this program does not know is newer than the program. It is refused,
// never changed.
//
// schema.sql is a picture of the result, for reading; a test holds it against a real database.
// "go test ./migrations -update" draws it anew and adds new files to hashes.txt.
package migrations
