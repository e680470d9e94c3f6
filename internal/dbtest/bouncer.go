package dbtest

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/postgres"
)

// bouncerLimit bounds the start of PgBouncer.
const bouncerLimit = 30 * time.Second

// bouncerScript runs PgBouncer until standard input closes, which it does also when this process is killed.
const bouncerScript = `exec 3<&0; "$0" -q "$1" 3<&- & p=$!; (read word <&3; kill -TERM $p) >/dev/null 2>&1 & wait $p`

// Bouncer starts a PgBouncer in transaction mode before the database at address, with conns connections to the server, and returns
// the address that leads through it. It ends with the test. Where there is no PgBouncer the test is skipped, but
// never in CI: there it fails.
func Bouncer(t testing.TB, address string, conns int) string {
	t.Helper()
	program := findBouncer(t)
	to, err := pgx.ParseConfig(address)
	if err != nil {
		t.Fatal("PgBouncer: the address of the database cannot be read")
	}
	dir, err := os.MkdirTemp("", "holdfast-bouncer-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	file := filepath.Join(dir, "pgbouncer.ini")
	cmd, err := postgres.Unprivileged(dir, "/bin/sh", "-c", bouncerScript, program, file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, bouncerConfig(dir, to, conns), 0o600); err != nil {
		t.Fatal(err)
	}
	if user := cmd.SysProcAttr.Credential; user != nil {
		for _, path := range []string{dir, file} {
			if err := os.Chown(path, int(user.Uid), int(user.Gid)); err != nil {
				t.Fatal(err)
			}
		}
	}
	alive, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer // to be read when it has ended
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("PgBouncer: %v", err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait() //nolint:errcheck // what it said tells more
		close(ended)
	}()
	t.Cleanup(func() {
		alive.Close()
		<-ended
		if t.Failed() {
			t.Logf("PgBouncer said:\n%s", said.String())
		}
	})
	through := &url.URL{Scheme: "postgres", User: url.User(to.User), Path: "/" + to.Database,
		RawQuery: url.Values{"host": {dir}, "port": {"6432"}}.Encode()}
	awaitBouncer(t, through.String(), ended)
	return through.String()
}

func findBouncer(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" || os.Getenv("HOLDFAST_CI") != "" {
		t.Fatal("there is no PgBouncer, and in CI tests are not skipped; install it: apt-get install pgbouncer")
	}
	t.Skip("there is no PgBouncer; install it to run this test: apt-get install pgbouncer")
	return ""
}

// bouncerConfig is PgBouncer as Debian has it, but for where it listens, the mode, and whom it lets in. Nothing is ignored of what
// a client sets up its session with.
func bouncerConfig(dir string, to *pgx.ConnConfig, conns int) []byte {
	quoted := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	return fmt.Appendf(nil, `[databases]
%s = host=%s port=%d dbname=%s user=%s password=%s
[pgbouncer]
unix_socket_dir = %s
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = %d
max_client_conn = 200
`, to.Database, quoted(to.Host), to.Port, quoted(to.Database), quoted(to.User), quoted(to.Password), dir, conns)
}

// awaitBouncer waits until the database answers through PgBouncer.
func awaitBouncer(t testing.TB, address string, ended <-chan struct{}) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bouncerLimit)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, address)
		if err == nil {
			conn.Close(ctx) //nolint:errcheck // nothing was done on it
			return
		}
		select {
		case <-ended:
			t.Fatal("PgBouncer ended at once")
		case <-ctx.Done():
			t.Fatalf("PgBouncer does not answer: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
