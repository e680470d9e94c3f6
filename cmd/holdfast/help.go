package main

import (
	"fmt"
	"strings"
)

// helpCommands explain.
type helpCommands struct {
	Settings helpSettingsCommand `cmd:"" help:"Every setting: its name, what it is, its default, an example."`
}

type helpSettingsCommand struct {
	JSON bool `help:"Print the table as JSON."`
}

// settingJSON is one setting for machines.
type settingJSON struct {
	Name     string `json:"name"`
	Meaning  string `json:"meaning"`
	Default  string `json:"default,omitempty"`
	Required bool   `json:"required"`
	Example  string `json:"example"`
}

// helpWidth is how wide the text is set.
const helpWidth = 96

// Run prints the table.
func (h *helpSettingsCommand) Run(c *console) error {
	list := make([]settingJSON, 0, len(allSettings()))
	for _, s := range allSettings() {
		list = append(list, settingJSON{envPrefix + s.name, s.meaning, s.fallback, s.required(), s.example})
	}
	if h.JSON {
		return c.json(list)
	}
	var text strings.Builder
	text.WriteString("Every setting is a variable of the environment. No file is read that none of them names.\n")
	for i, s := range allSettings() {
		need := "needed"
		switch {
		case s.fallback != "":
			need = "default " + s.fallback
		case s.optional:
			need = "may be left out"
		}
		fmt.Fprintf(&text, "\n%s  (%s)\n", list[i].Name, need)
		for _, line := range wrap(s.meaning, helpWidth-4) {
			text.WriteString("    " + line + "\n")
		}
		text.WriteString("    example: " + s.assignment() + "\n")
	}
	_, err := c.out.WriteString(text.String())
	return err
}

// required reports whether nothing works without it.
func (s setting) required() bool { return s.fallback == "" && !s.optional }

// wrap breaks text into lines of at most width characters where it can.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}
