package templates

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var storybook = flag.String("storybook", "", "write every page and mail as a file into this folder, to be looked at in a browser")

// TestStorybook writes every sample as a file, with what it asks for beside it, when asked to:
//
//	go test ./templates -run Storybook -storybook /tmp/pages && cd /tmp/pages && python3 -m http.server
func TestStorybook(t *testing.T) {
	if *storybook == "" {
		t.Log("no folder was given with -storybook")
		return
	}
	write := func(name string, content []byte) {
		t.Helper()
		path := filepath.Join(*storybook, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var index strings.Builder
	index.WriteString("<!doctype html><meta charset=utf-8><title>Pages</title><ul>\n")
	for _, asset := range Assets() {
		write(asset.Path, asset.Content)
	}
	for _, lang := range PublicLanguages() {
		for _, s := range samples(lang) {
			page, err := s.render()
			if err != nil {
				t.Errorf("%s in %s: %v", s.name, lang, err)
				continue
			}
			name := s.name + "." + lang + ".html"
			write(name, page)
			fmt.Fprintf(&index, "<li><a href=%q>%s</a>\n", name, name)
		}
	}
	for name, m := range mailSamples() {
		subject, text, html, err := RenderAppeal(m)
		if err != nil {
			t.Errorf("mail %s: %v", name, err)
			continue
		}
		write("mail-"+name+".html", []byte(html))
		write("mail-"+name+".txt", []byte("Subject: "+subject+"\n\n"+text))
		fmt.Fprintf(&index, "<li><a href=%q>%s</a>\n", "mail-"+name+".html", "mail-"+name)
	}
	write("index.html", []byte(index.String()))
}
