package mailer

import (
	"bufio"
	"bytes"
	"io"
)

// mended is a mail whose header can be read. A program that passes mail on may set a line of its own before it ("From …", as mailboxes have it), a field
// may be broken, and a header may be longer than is kept: none of that is a reason to lose an answer. ok is false where nothing that comes first is a
// field, nor an empty line.
func mended(r io.Reader) (mail io.Reader, ok bool) {
	in := bufio.NewReader(r)
	var head bytes.Buffer
	fields, kept := 0, false
	for {
		line := headLine(in)
		text := bytes.TrimRight(line, "\r\n")
		switch {
		case len(text) == 0:
			return io.MultiReader(&head, bytes.NewReader([]byte("\r\n")), in), fields > 0 || len(line) > 0
		case isField(text):
			fields++
			kept = head.Len()+len(text) < mostHeader
		case text[0] == ' ' || text[0] == '\t':
			kept = kept && head.Len()+len(text) < mostHeader
		case fields == 0 && !bytes.HasPrefix(text, []byte("From ")) && !bytes.HasPrefix(text, []byte(">From ")):
			return nil, false
		default:
			if next, _ := in.Peek(100); fields > 0 && !isField(next) && !bytes.HasPrefix(next, []byte(" ")) && !bytes.HasPrefix(next, []byte("\t")) {
				return io.MultiReader(&head, bytes.NewReader([]byte("\r\n")), bytes.NewReader(line), in), true // the empty line was forgotten
			}
			kept = false
		}
		if kept {
			head.Write(text)
			head.WriteString("\r\n")
		}
	}
}

// headLine reads a line with its end, empty where there is none; of one that is too long for a header the rest is left out.
func headLine(in *bufio.Reader) (line []byte) {
	for {
		part, err := in.ReadSlice('\n')
		if len(line) <= mostHeader {
			line = append(line, part...)
		}
		if err != bufio.ErrBufferFull {
			return line
		}
	}
}

// isField reports whether a line begins with the name of a header field.
func isField(line []byte) bool {
	name, _, found := bytes.Cut(line, []byte(":"))
	name = bytes.TrimRight(name, " \t")
	for _, c := range name {
		if !isAlphanumeric(c) && bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), c) < 0 {
			return false
		}
	}
	return found && len(name) > 0
}
