package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// What a page or a document tells people to set is a setting.
func TestEverySettingThatIsNamedIsOne(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(envPrefix + `[A-Z_]*[A-Z]`)
	for _, pattern := range []string{"../../templates/words/*.json", "../../docs/*.md", "../../README.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", pattern, files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range named.FindAllString(string(text), -1) {
				if !slices.ContainsFunc(allSettings(), func(s setting) bool { return envPrefix+s.name == name }) {
					t.Errorf("%s names %s, which is no setting", file, name)
				}
			}
		}
	}
}
