package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// versionCommand says which program this is.
type versionCommand struct{}

// Run prints one line.
func (versionCommand) Run(c *console) error {
	_, err := fmt.Fprintf(c.out, "holdfast %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// version is what the build knows of itself: a release, else the commit, else "unreleased".
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unreleased"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	if revision == "" {
		return "unreleased"
	}
	return "unreleased-" + revision + dirty
}
