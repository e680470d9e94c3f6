package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// initArguments are those of initdb. Sorting is by code point and the same everywhere; the rules for
// letters are PostgreSQL's own where it has them (17), else the system's for UTF-8.
func initArguments(major int, system, data, passwordFile string) []string {
	args := []string{"--pgdata=" + data, "--username=" + serverRole, "--auth=scram-sha-256", "--pwfile=" + passwordFile,
		"--encoding=UTF8", "--data-checksums", "--no-instructions"}
	switch {
	case major >= 17:
		return append(args, "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
	case system == "darwin":
		return append(args, "--locale=C", "--lc-ctype=en_US.UTF-8")
	default:
		return append(args, "--locale=C.UTF-8")
	}
}

// initialise has initdb make a data directory under another name, and gives it its name once it is
// whole. What an earlier initdb left behind half made was never anybody's data, and goes first.
func (h *home) initialise(ctx context.Context, programs Programs, lock *os.File) error {
	if err := h.root.RemoveAll(unfinished); err != nil {
		return fmt.Errorf("cannot remove what an earlier start left unfinished: %w", err)
	}
	log, err := h.openLog()
	if err != nil {
		return err
	}
	defer log.file.Close()
	cmd := h.user.command(h.path, filepath.Join(programs.BinDir, "initdb"), initArguments(
		programs.Major, runtime.GOOS, filepath.Join(h.path, unfinished), filepath.Join(h.path, passwordFile))...)
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = log.file, log.file, []*os.File{lock}
	p, err := startProcess(h.user, cmd)
	if err != nil {
		return fmt.Errorf("cannot run %s: %w", cmd.Path, err)
	}
	select {
	case <-p.exited:
	case <-ctx.Done():
		// What it has made so far is nobody's data.
		return errors.Join(fmt.Errorf("setting up the database: %w", context.Cause(ctx)), p.killAll())
	}
	if p.err != nil {
		return log.explain(fmt.Errorf("initdb could not set up the database: %w", p.err))
	}
	if err := h.root.Rename(unfinished, dataFolder); err != nil {
		return fmt.Errorf("setting up the database: %w", err)
	}
	folder, err := h.root.Open(".")
	if err != nil {
		return fmt.Errorf("setting up the database: %w", err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}
