package templates

import (
	"bufio"
	"bytes"
	"html"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	renderer "github.com/yuin/goldmark/renderer/html"
)

// textColumns is where lines of the text part are broken: at spaces only, so that no link and no hole is cut.
const textColumns = 72

// plain writes source as plain text: paragraphs and lists broken at textColumns, links written out.
func (m *markdown) plain(source string) string {
	src := []byte(cleanText(source))
	return strings.Join(plainBlocks(m.tree(src), src, textColumns), "\n\n")
}

// plainBlocks writes the blocks in parent, each without a last line end.
func plainBlocks(parent ast.Node, src []byte, columns int) []string {
	var blocks []string
	for node := parent.FirstChild(); node != nil; node = node.NextSibling() {
		switch node := node.(type) {
		case *ast.List:
			blocks = append(blocks, plainList(node, src, columns))
		case *ast.Blockquote:
			quoted := strings.Join(plainBlocks(node, src, columns-2), "\n\n")
			blocks = append(blocks, indent(quoted, "> ", "> "))
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			blocks = append(blocks, indent(strings.TrimRight(string(node.Lines().Value(src)), "\n"), "    ", "    "))
		case *ast.ThematicBreak:
			blocks = append(blocks, "* * *")
		default:
			if written := wrap(plainInline(node, src), columns); written != "" {
				blocks = append(blocks, written)
			}
		}
	}
	return blocks
}

func plainList(list *ast.List, src []byte, columns int) string {
	var items []string
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if list.IsOrdered() {
			mark = itoa(number) + ". "
			number++
		}
		between := "\n\n"
		if list.IsTight {
			between = "\n"
		}
		text := strings.Join(plainBlocks(item, src, columns-len(mark)), between)
		items = append(items, indent(text, mark, strings.Repeat(" ", len(mark))))
	}
	if list.IsTight {
		return strings.Join(items, "\n")
	}
	return strings.Join(items, "\n\n")
}

// plainInline writes what stands in one block as a line; a line end in it is one that the coordinator asked for.
func plainInline(parent ast.Node, src []byte) string {
	var out strings.Builder
	for node := parent.FirstChild(); node != nil; node = node.NextSibling() {
		switch node := node.(type) {
		case *ast.Text:
			if node.IsRaw() {
				out.Write(node.Value(src))
			} else {
				out.WriteString(unescape(node.Value(src)))
			}
			switch {
			case node.HardLineBreak():
				out.WriteByte('\n')
			case node.SoftLineBreak():
				out.WriteByte(' ')
			}
		case *ast.String:
			out.Write(node.Value)
		case *ast.Link:
			out.WriteString(writtenOut(plainInline(node, src), html.UnescapeString(string(node.Destination))))
		case *ast.AutoLink:
			out.Write(node.Label(src))
		default:
			out.WriteString(plainInline(node, src))
		}
	}
	return out.String()
}

// writtenOut writes a link as text: what it is called and where it leads, or only that where both are the same.
func writtenOut(label, address string) string {
	if label == address || "mailto:"+label == address {
		return label
	}
	return label + " <" + address + ">"
}

// unescape resolves backslashes and character references just as the HTML writer does.
func unescape(segment []byte) string {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	renderer.DefaultWriter.Write(w, segment)
	w.Flush()
	return html.UnescapeString(out.String())
}

// wrap breaks each line of s at spaces so that it fits columns where it can; a longer word keeps a line to itself.
// Spaces that must not be broken (U+00A0, U+202F) are none to it.
func wrap(s string, columns int) string {
	var lines []string
	for _, line := range strings.Split(s, "\n") {
		current, width := "", 0
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' }) {
			size := columnsOf(word)
			switch {
			case current == "":
				current, width = word, size
			case width+1+size > columns:
				lines = append(lines, current)
				current, width = word, size
			default:
				current += " " + word
				width += 1 + size
			}
		}
		lines = append(lines, current)
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// columnsOf counts the characters of s that take up room.
func columnsOf(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if r >= 0x2066 && r <= 0x2069 || r >= 0x200B && r <= 0x200F || r >= 0x064B && r <= 0x0652 {
			n--
		}
	}
	return n
}

// indent puts first before the first line of s and rest before each other one.
func indent(s, first, rest string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		before := rest
		if i == 0 {
			before = first
		}
		lines[i] = strings.TrimRight(before+line, " ")
	}
	return strings.Join(lines, "\n")
}
