package templates

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	"holdfast/internal/failure"
)

// What this house printed it can read again: the signs on each page in the order of drawing, and the files that are attached. A PDF that
// another program has written anew keeps its pages, but not this form.

// most that is unpacked of one stream: a file of a few bytes must not fill the memory.
const mostUnpacked = 64 << 20

// errNotOurs is what every reader below says of a file of another make.
var errNotOurs = failure.Wrong("file", "is not a PDF as this house writes it; where another program has opened and saved it, look for the file as it came")

// TextOfPDF returns what stands on the pages of a PDF of ours, one line for each that was drawn.
func TextOfPDF(pdf []byte) (string, error) {
	pages, err := pagesOfPDF(pdf)
	var all []string
	for _, page := range pages {
		all = append(all, page...)
	}
	return strings.Join(all, "\n"), err
}

var (
	objectHead = regexp.MustCompile(`(?m)^(\d+) 0 obj$`)
	lengthOf   = regexp.MustCompile(`/Length (\d+)`)
	contentsOf = regexp.MustCompile(`/Contents (\d+) 0 R`)
)

// object is one of a PDF: its dictionary, and what it holds, unpacked.
type object struct {
	dictionary string
	stream     []byte
}

// objectsOfPDF reads the objects that stand in a PDF, by their numbers, and the numbers in order.
func objectsOfPDF(pdf []byte) (map[int]object, []int, error) {
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		return nil, nil, errNotOurs
	}
	objects := map[int]object{}
	var order []int
	for rest := pdf; ; {
		at := objectHead.FindSubmatchIndex(rest)
		if at == nil {
			return objects, order, nil
		}
		number, err := strconv.Atoi(string(rest[at[2]:at[3]]))
		if err != nil {
			return nil, nil, errNotOurs
		}
		rest = rest[at[1]:]
		end := bytes.Index(rest, []byte("endobj"))
		stream := bytes.Index(rest, []byte("stream\n"))
		if end < 0 {
			return nil, nil, errNotOurs
		}
		if stream < 0 || stream > end {
			objects[number] = object{dictionary: string(rest[:end])}
			order, rest = append(order, number), rest[end:]
			continue
		}
		o := object{dictionary: string(rest[:stream])}
		length := lengthOf.FindStringSubmatch(o.dictionary)
		rest = rest[stream+len("stream\n"):]
		if length == nil {
			return nil, nil, errNotOurs
		}
		n, err := strconv.Atoi(length[1])
		if err != nil || n > len(rest) {
			return nil, nil, errNotOurs
		}
		o.stream = rest[:n]
		if strings.Contains(o.dictionary, "/FlateDecode") {
			if o.stream, err = unpacked(o.stream); err != nil {
				return nil, nil, err
			}
		}
		objects[number] = o
		order, rest = append(order, number), rest[n:]
	}
}

func unpacked(packed []byte) ([]byte, error) {
	reader, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, errNotOurs
	}
	defer reader.Close()
	out, err := io.ReadAll(io.LimitReader(reader, mostUnpacked))
	if err != nil {
		return nil, fmt.Errorf("a part of the PDF is damaged: %w", errNotOurs)
	}
	return out, nil
}

// pagesOfPDF returns what was drawn on each page, line by line.
func pagesOfPDF(pdf []byte) ([][]string, error) {
	objects, order, err := objectsOfPDF(pdf)
	if err != nil {
		return nil, err
	}
	var pages [][]string
	for _, number := range order {
		if !strings.Contains(objects[number].dictionary, "/Type /Page\n") {
			continue
		}
		contents := contentsOf.FindStringSubmatch(objects[number].dictionary)
		if contents == nil {
			return nil, errNotOurs
		}
		at, err := strconv.Atoi(contents[1])
		if err != nil {
			return nil, errNotOurs
		}
		pages = append(pages, shownIn(objects[at].stream))
	}
	if len(pages) == 0 {
		return nil, errNotOurs
	}
	return pages, nil
}

// shownIn returns the strings that a page's content shows.
func shownIn(content []byte) []string {
	var list []string
	for i := 0; i < len(content); i++ {
		if content[i] != '(' {
			continue
		}
		var text []byte
		for i++; i < len(content) && content[i] != ')'; i++ {
			if content[i] == '\\' && i+1 < len(content) {
				i++
				if content[i] == 'r' {
					text = append(text, '\r')
					continue
				}
			}
			text = append(text, content[i])
		}
		units := make([]uint16, len(text)/2)
		for k := range units {
			units[k] = uint16(text[2*k])<<8 | uint16(text[2*k+1])
		}
		list = append(list, string(utf16.Decode(units)))
	}
	return list
}

var errNoAttachment = errors.New("no file is attached to this PDF")

// attachedTo returns the one file that is attached to a PDF of ours.
func attachedTo(pdf []byte) ([]byte, error) {
	objects, order, err := objectsOfPDF(pdf)
	if err != nil {
		return nil, err
	}
	for _, number := range order {
		if strings.Contains(objects[number].dictionary, "/Type /EmbeddedFile") {
			return objects[number].stream, nil
		}
	}
	return nil, errNoAttachment
}
