// Package dbtest promises each test a real PostgreSQL with the real schema, and no trace of one test in
// another. It is imported by tests only.
//
// Without further ado each test process starts a server of its own (see package postgres), which ends
// with the process, also when that is killed. With HOLDFAST_TEST_DATABASE_URL set, the tests use that
// server instead, many processes at once; its role must be allowed to make databases (MoveClock on a
// whole database needs a superuser). A test that finds no database fails: it is never skipped.
//
// The schema is made once per process, as a template that every database is copied from.
//
//   - [Tx] is for most tests: a transaction that is rolled back at the end. Any number may run in
//     parallel. Two of them that insert the same unique value wait for each other, so make values up.
//   - [Pool] and [URL] are for what needs several connections: locks, races, LISTEN, other processes. The
//     database is the test's own and is dropped at the end.
//
// With HOLDFAST_TEST_QUERY_MODE=exec, every statement is run as a pooler in transaction mode wants it: nothing is prepared.
// [Bouncer] is such a pooler.
//
// A package that uses dbtest cleans up with
//
//	func TestMain(m *testing.M) { dbtest.Main(m) }
//
// What a killed process left behind is removed by the next one.
package dbtest
