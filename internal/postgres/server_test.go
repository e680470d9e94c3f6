package postgres

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

func TestServerKeepsItsDataAndListensOnNoNetwork(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	server := start(t, ServerConfig{Dir: dir})
	for setting, want := range map[string]string{
		"fsync": "on", "listen_addresses": "", "data_checksums": "on", "server_encoding": "UTF8", "password_encryption": "scram-sha-256",
	} {
		if got := ask(t, server.URL(), "SHOW "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	if got := ask(t, server.URL(), "SELECT upper('é') || upper('ß')"); got != "Éß" {
		t.Errorf("upper case of letters outside ASCII: got %q", got)
	}
	ask(t, server.URL(), "CREATE TABLE kept AS SELECT 'still here' AS word")
	if err := server.Stop(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if used, err := InUse(dir); used || err != nil {
		t.Errorf("after the stop the folder is in use: %v, %v", used, err)
	}
	again := start(t, ServerConfig{Dir: dir})
	if got := ask(t, again.URL(), "SELECT word FROM kept"); got != "still here" {
		t.Errorf("after a restart the row says %q", got)
	}
	if again.URL() != server.URL() {
		t.Errorf("the address has changed with the restart")
	}
}

func TestPasswordIsNeededAndPrivate(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	server := start(t, ServerConfig{Dir: dir})
	config, err := pgx.ParseConfig(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	secret := config.Password
	config.Password = "not-it"
	if conn, err := pgx.ConnectConfig(testContext(t), config); err == nil {
		conn.Close(testContext(t))
		t.Error("a wrong password is let in")
	}
	for _, name := range []string{passwordFile, "."} {
		info, err := os.Stat(filepath.Join(dir, innerFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", name, info.Mode())
		}
	}
	log, err := os.ReadFile(filepath.Join(dir, innerFolder, logFile))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(log), secret) {
		t.Error("the password is in the server's log")
	}
}

// Two starts on one folder: the second is told which process has it, and may go elsewhere.
func TestSecondServerOnOneFolder(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	server := start(t, ServerConfig{Dir: dir})
	_, err := Start(testContext(t), ServerConfig{Dir: dir})
	var used *InUseError
	if !errors.As(err, &used) || used.Dir != dir || used.PID != os.Getpid() {
		t.Fatalf("the second start says %v", err)
	}
	if used, err := InUse(dir); !used || err != nil {
		t.Errorf("InUse says %v, %v", used, err)
	}
	if got := ask(t, server.URL(), "SELECT 'well'"); got != "well" {
		t.Errorf("the first server says %q", got)
	}
	start(t, ServerConfig{Dir: openFolder(t)})
}

// F2: program and database server die together; the next start goes on with the same data.
func TestF2_KilledProgramTakesItsServerAlongAndTheNextGoesOn(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	for round := range 3 {
		program, url := supervisor(t, dir)
		if round == 0 {
			ask(t, url, "CREATE TABLE rounds (round text)")
		}
		ask(t, url, "INSERT INTO rounds VALUES ('"+strconv.Itoa(round)+"')")
		if err := program.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		program.Wait()
	}
	server := start(t, ServerConfig{Dir: dir})
	if got := ask(t, server.URL(), "SELECT string_agg(round, ' ' ORDER BY round) FROM rounds"); got != "0 1 2" {
		t.Errorf("rounds that were committed: %q", got)
	}
}

// F6: the server dies without a word and comes back at the same address; what was committed is there, what was not is not.
func TestF6_CrashedServerComesBackWithWhatWasCommitted(t *testing.T) {
	t.Parallel()
	server := start(t, ServerConfig{Dir: openFolder(t)})
	ask(t, server.URL(), "CREATE TABLE kept (word text)")
	ask(t, server.URL(), "INSERT INTO kept VALUES ('committed')")
	open, err := pgx.Connect(testContext(t), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close(testContext(t))
	if _, err := open.Exec(testContext(t), "BEGIN"); err != nil {
		t.Fatal(err)
	}
	if _, err := open.Exec(testContext(t), "INSERT INTO kept VALUES ('not committed')"); err != nil {
		t.Fatal(err)
	}
	url := server.URL()
	for range 2 {
		if err := server.Crash(testContext(t), 0); err != nil {
			t.Fatal(err)
		}
		if server.URL() != url {
			t.Errorf("the address has changed")
		}
		if got := ask(t, url, "SELECT string_agg(word, ', ') FROM kept"); got != "committed" {
			t.Errorf("after the crash there is: %s", got)
		}
	}
	if _, err := open.Exec(testContext(t), "COMMIT"); err == nil {
		t.Error("the transaction outlived the server")
	}
}

// A killed test or demo leaves no server behind.
func TestKilledProgramLeavesNoServer(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	program, _ := supervisor(t, dir)
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	program.Wait()
	deadline := time.Now().Add(30 * time.Second)
	for {
		used, err := InUse(dir)
		if err != nil {
			t.Fatal(err)
		}
		if !used {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("30 s after the program was killed its server still runs")
		}
		time.Sleep(connectInterval)
	}
}

// The server itself is killed (SIGKILL), and its number has gone to another program by the next start.
func TestF6_KilledServerAndItsNumberTakenByAnother(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	server := start(t, ServerConfig{Dir: dir})
	ask(t, server.URL(), "CREATE TABLE kept AS SELECT 'still here' AS word")
	if err := server.process.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-server.process.exited
	if err := server.Stop(testContext(t)); err != nil {
		t.Fatal(err)
	}
	pidFile := filepath.Join(dir, innerFolder, postmasterPID)
	content, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), "\n")
	other := server.home.user.command("/", "/bin/sleep", "60")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		other.Process.Kill()
		other.Wait()
	}()
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(other.Process.Pid)+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	again := start(t, ServerConfig{Dir: dir})
	if got := ask(t, again.URL(), "SELECT word FROM kept"); got != "still here" {
		t.Errorf("after the crash the row says %q", got)
	}
}

// A server of ours that lost its program and did not notice, as may be where the system has no
// parent-death signal: the next start never runs beside it, and tells it to end.
func TestServerThatOutlivedItsProgramIsTakenOver(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	server := start(t, ServerConfig{Dir: dir})
	ask(t, server.URL(), "CREATE TABLE kept AS SELECT 'still here' AS word")
	if err := server.Stop(testContext(t)); err != nil {
		t.Fatal(err)
	}
	h, err := openHome(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	lock, err := h.waitForOrphan(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	orphan := h.user.command("/", filepath.Join(server.Programs().BinDir, "postgres"),
		serverArguments(h.dataPath(), filepath.Join(h.path, socketFolder), nil)...)
	orphan.ExtraFiles = []*os.File{lock}
	if err := orphan.Start(); err != nil {
		t.Fatal(err)
	}
	defer orphan.Wait()
	lock.Close()
	for h.readNumber(postmasterPID) == 0 {
		time.Sleep(connectInterval)
	}
	short, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	var used *InUseError
	if _, err := Start(short, ServerConfig{Dir: dir}); !errors.As(err, &used) || used.PID != orphan.Process.Pid {
		t.Errorf("while it runs: got %v, want an InUseError with process %d", err, orphan.Process.Pid)
	}
	again := start(t, ServerConfig{Dir: dir})
	if got := ask(t, again.URL(), "SELECT word FROM kept"); got != "still here" {
		t.Errorf("the row says %q", got)
	}
}

func TestFolderOutOfReachIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(openFolder(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(closed, "inside")
	if err := os.Mkdir(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		// For an ordinary user nothing of its own is out of reach but what it closed itself.
		if err := os.Chmod(closed, 0); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(closed, 0o700)
	}
	before, err := os.Stat(closed)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{closed, inside, filepath.Join(inside, "new", "data")} {
		_, err := Start(testContext(t), ServerConfig{Dir: dir})
		var reach *UnreachableError
		if !errors.As(err, &reach) {
			t.Fatalf("%s: got %v, want an UnreachableError", dir, err)
		}
		if reach.Blocked != closed || reach.Dir != dir || reach.Instead == "" {
			t.Errorf("%s: got %+v", dir, reach)
		}
	}
	after, err := os.Stat(closed)
	if err != nil {
		t.Fatal(err)
	}
	if before.Mode() != after.Mode() || !before.ModTime().Equal(after.ModTime()) {
		t.Errorf("the folder was changed: %v %v, before %v %v", after.Mode(), after.ModTime(), before.Mode(), before.ModTime())
	}
	if os.Geteuid() == 0 {
		if entries, err := os.ReadDir(inside); err != nil || len(entries) != 0 {
			t.Errorf("something was made in it: %v, %v", entries, err)
		}
	}
}

// A folder that somebody else made is used for what we put into it, and otherwise left as it is.
func TestForeignFolderKeepsItsRights(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	if err := os.WriteFile(filepath.Join(dir, "theirs"), []byte("theirs"), 0o640); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	server := start(t, ServerConfig{Dir: dir})
	if err := server.Stop(testContext(t)); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	was, is := before.Sys().(*syscall.Stat_t), after.Sys().(*syscall.Stat_t)
	if was.Mode != is.Mode || was.Uid != is.Uid || was.Gid != is.Gid {
		t.Errorf("the folder's rights were changed: %+v, before %+v", is, was)
	}
}

func TestFolderThatIsNotOursIsRefused(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	theirs := filepath.Join(dir, innerFolder)
	if err := os.MkdirAll(filepath.Join(theirs, dataFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		u, err := chooseUser()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(theirs, u.uid, u.gid); err != nil {
			t.Fatal(err)
		}
	}
	before := listing(t, dir)
	_, err := Start(testContext(t), ServerConfig{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "not made by holdfast") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, listing(t, dir)); diff != "" {
		t.Errorf("the folder was changed:\n%s", diff)
	}
}

func TestDataOfAnotherVersionIsRefusedAndKept(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	server := start(t, ServerConfig{Dir: dir})
	if err := server.Stop(testContext(t)); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, innerFolder, dataFolder)
	for _, version := range []string{"11\n", "99\n"} {
		if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte(version), 0o600); err != nil {
			t.Fatal(err)
		}
		before := listing(t, data)
		for _, binDir := range []string{"", server.Programs().BinDir} {
			_, err := Start(testContext(t), ServerConfig{Dir: dir, BinDir: binDir})
			var other *VersionError
			if !errors.As(err, &other) || strconv.Itoa(other.Data)+"\n" != version || other.DataDir != data {
				t.Errorf("version %q, programs %q: got %v", version, binDir, err)
			}
		}
		if diff := cmp.Diff(before, listing(t, data)); diff != "" {
			t.Errorf("the data was touched:\n%s", diff)
		}
	}
	if err := os.Remove(filepath.Join(data, "PG_VERSION")); err != nil {
		t.Fatal(err)
	}
	before := listing(t, data)
	if _, err := Start(testContext(t), ServerConfig{Dir: dir}); err == nil || !strings.Contains(err.Error(), "PG_VERSION") {
		t.Errorf("without PG_VERSION: got %v", err)
	}
	if diff := cmp.Diff(before, listing(t, data)); diff != "" {
		t.Errorf("the data was touched:\n%s", diff)
	}
}

// What initdb left half made, because everything was killed in the middle, is never taken for data.
func TestHalfMadeDataIsNotUsed(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	h, err := openHome(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	if err := h.root.Mkdir(unfinished, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := h.root.WriteFile(unfinished+"/PG_VERSION", []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := start(t, ServerConfig{Dir: dir})
	if got := ask(t, server.URL(), "SELECT 'well'"); got != "well" {
		t.Errorf("the server says %q", got)
	}
	if _, err := h.root.Stat(unfinished); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the half-made data is still there: %v", err)
	}
}

// A path that is too long for a socket, and one with characters that mean something in an address.
func TestLongAndOddPath(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"long": strings.Repeat("a-long-way-", 9), "odd": "a, b'c %20?"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, ServerConfig{Dir: filepath.Join(openFolder(t), path)})
			config, err := pgx.ParseConfig(server.URL())
			if err != nil {
				t.Fatal(err)
			}
			if got := len(config.Host + "/.s.PGSQL.5432"); got >= 100 || !plainPath(config.Host) {
				t.Errorf("the path of the socket has %d bytes: %s", got, config.Host)
			}
			if err := server.Stop(testContext(t)); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(config.Host); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the folder of the socket is left behind: %v", err)
			}
		})
	}
}

// A session that does not end holds up an orderly stop; when the time for that is over, the server ends
// all the same, and nothing that was committed is lost.
func TestStopAtOnceWhenThereIsNoTimeLeft(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	server := start(t, ServerConfig{Dir: dir})
	ask(t, server.URL(), "CREATE TABLE kept AS SELECT 'still here' AS word")
	conn, err := pgx.Connect(testContext(t), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(testContext(t))
	if err := syscall.Kill(int(conn.PgConn().PID()), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if err := server.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	again := start(t, ServerConfig{Dir: dir})
	if got := ask(t, again.URL(), "SELECT word FROM kept"); got != "still here" {
		t.Errorf("after the stop the row says %q", got)
	}
}

func TestServerThatCannotStartSaysWhatItsLogSays(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	_, err := Start(testContext(t), ServerConfig{Dir: dir, Settings: map[string]string{"shared_buffers": "a heap"}})
	if err == nil || !strings.Contains(err.Error(), `invalid value for parameter "shared_buffers"`) {
		t.Errorf("got %v", err)
	}
	if used, err := InUse(dir); used || err != nil {
		t.Errorf("after a start that failed the folder is in use: %v, %v", used, err)
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Start(ctx, ServerConfig{Dir: dir, Progress: func(string) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if used, err := InUse(dir); used || err != nil {
		t.Errorf("after a start that was called off the folder is in use: %v, %v", used, err)
	}
	start(t, ServerConfig{Dir: dir})
}

// The program may stand where the server's user cannot go, such as a clone in root's home.
func TestStartFromAFolderThatTheServerCannotEnter(t *testing.T) {
	dir := openFolder(t)
	closed := filepath.Join(openFolder(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(closed)
	start(t, ServerConfig{Dir: dir})
}

// As an ordinary user: the same tests once more, run by root as the user nobody.
func TestAsOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		return // this is an ordinary user, and the tests above are the same ones
	}
	nobody, err := ordinaryUser()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(openFolder(t), "postgres.test")
	copyFile(t, self, program)
	cmd := nobody.command("/", program, "-test.run=^Test(ServerKeeps|SecondServer|F2_|FolderOutOfReach|DefaultDir|LongAndOdd)", "-test.v")
	cmd.Env = append(cmd.Env, "HOME=/nonexistent")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("as user %s: %v\n%s", nobody.name, err, out)
	}
	if passed := strings.Count(string(out), "--- PASS"); passed < 6 {
		t.Errorf("as user %s only %d tests passed:\n%s", nobody.name, passed, out)
	}
}

// ordinaryUser returns the user nobody, also where there is a user postgres.
func ordinaryUser() (serverUser, error) {
	out, err := exec.Command("id", "-u", "nobody").Output()
	if err != nil {
		return serverUser{}, err
	}
	uid, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		return serverUser{}, err
	}
	return userByID(uid)
}

// The folder that is used when none is named works, for root and for a user without a home.
func TestDefaultDirCanBeEntered(t *testing.T) {
	t.Parallel()
	dir, err := DefaultDir("a-test-of-holdfast", "")
	if err != nil {
		t.Fatal(err)
	}
	parent := filepath.Dir(dir)
	if _, err := os.Stat(parent); errors.Is(err, os.ErrNotExist) {
		t.Cleanup(func() { os.Remove(parent) })
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	start(t, ServerConfig{Dir: dir})
	given, err := DefaultDir("demo", "/srv/data")
	if err != nil {
		t.Fatal(err)
	}
	if want := "/srv/data/holdfast/demo"; os.Geteuid() != 0 && given != want {
		t.Errorf("with XDG_DATA_HOME: got %s, want %s", given, want)
	}
}
