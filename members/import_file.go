package members

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"holdfast/internal/failure"
)

// headSize is how much of a file is looked at to tell what it is; its first line must fit in.
const headSize = 64 << 10

// importFile is an uploaded file, whole and known to be UTF-8 text, kept on disk so that it can be read
// twice in bounded memory. On disk it is encrypted with a key that only this process has and only while
// the file is open: a list of members never lies there in clear.
type importFile struct {
	disk  *os.File
	block cipher.Block
	iv    []byte
	size  int64
	head  []byte // the beginning, without byte order mark
}

const byteOrderMark = "\uFEFF"

// keepFile reads r to its end. The error is failure.Invalid for the field "file" when it is no CSV text.
// Whatever the outcome, the file is gone from its folder when keepFile returns (on Windows after close).
func keepFile(r io.Reader) (*importFile, error) {
	secret := make([]byte, 32+aes.BlockSize)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(secret[:32])
	if err != nil {
		return nil, err
	}
	disk, err := os.CreateTemp("", "holdfast-import-*")
	if err != nil {
		return nil, err
	}
	os.Remove(disk.Name()) //nolint:errcheck // where an open file cannot be removed, close does it
	f := &importFile{disk: disk, block: block, iv: secret[32:]}
	if err := f.fill(r); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// fill copies r to the disk, looking at all of it on the way.
func (f *importFile) fill(r io.Reader) error {
	out := cipher.StreamWriter{S: cipher.NewCTR(f.block, f.iv), W: f.disk}
	text := textCheck{line: 1}
	buffer := make([]byte, headSize)
	for {
		n, last, err := readPiece(r, buffer)
		if err != nil {
			return fmt.Errorf("reading the file: %w", err)
		}
		if f.size == 0 {
			if seems := looksLike(buffer[:n]); seems != "" {
				return failure.Wrong("file", "this seems to be %s; save it as CSV in UTF-8", seems)
			}
			f.head = bytes.TrimPrefix(bytes.Clone(buffer[:n]), []byte(byteOrderMark))
		}
		if !text.take(buffer[:n]) || last && !text.end() {
			return failure.Wrong("file",
				"line %d is not UTF-8: the file seems to be in Latin-1 or Windows-1252; save it as CSV in UTF-8", text.line)
		}
		if _, err := out.Write(buffer[:n]); err != nil { // Write encrypts into memory of its own
			return fmt.Errorf("keeping the file: %w", err)
		}
		f.size += int64(n)
		if last {
			return nil
		}
	}
}

// readPiece fills buffer, but for the last piece. io.ReadFull would not do: an upload that breaks off is
// io.ErrUnexpectedEOF too.
func readPiece(r io.Reader, buffer []byte) (n int, last bool, err error) {
	for n < len(buffer) {
		more, err := r.Read(buffer[n:])
		n += more
		if err == io.EOF {
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
	}
	return n, false, nil
}

// text returns the file from its beginning, without byte order mark.
func (f *importFile) text() (io.Reader, error) {
	if _, err := f.disk.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	clear := cipher.StreamReader{S: cipher.NewCTR(f.block, f.iv), R: f.disk}
	text := bufio.NewReaderSize(clear, headSize)
	if mark, err := text.Peek(len(byteOrderMark)); err == nil && string(mark) == byteOrderMark {
		text.Discard(len(mark)) //nolint:errcheck // just peeked
	}
	return text, nil
}

func (f *importFile) close() {
	f.disk.Close()
	os.Remove(f.disk.Name()) //nolint:errcheck // as a rule it is gone already
}

// textCheck tells whether bytes that come in pieces are UTF-8 without NUL, and in which line they are not.
type textCheck struct {
	line int
	rest []byte // of a character that the last piece cut in two
}

func (c *textCheck) take(piece []byte) bool {
	if len(c.rest) > 0 {
		piece = append(c.rest, piece...)
		c.rest = nil
	}
	for i := len(piece) - 1; i >= 0 && i >= len(piece)-utf8.UTFMax; i-- {
		if utf8.RuneStart(piece[i]) {
			if !utf8.FullRune(piece[i:]) {
				c.rest = bytes.Clone(piece[i:])
				piece = piece[:i]
			}
			break
		}
	}
	if utf8.Valid(piece) && bytes.IndexByte(piece, 0) < 0 {
		c.line += bytes.Count(piece, []byte{'\n'})
		return true
	}
	for len(piece) > 0 {
		r, size := utf8.DecodeRune(piece)
		if r == utf8.RuneError && size == 1 || r == 0 {
			return false
		}
		if r == '\n' {
			c.line++
		}
		piece = piece[size:]
	}
	return false
}

// end reports whether the text may end here.
func (c *textCheck) end() bool { return len(c.rest) == 0 }

// looksLike names what a file that begins with head seems to be, or returns nothing when it may be CSV.
func looksLike(head []byte) string {
	begins := func(signature string) bool { return bytes.HasPrefix(head, []byte(signature)) }
	trimmed := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(head, []byte(byteOrderMark))))
	switch {
	case len(trimmed) == 0:
		return "an empty file"
	case begins("PK\x03\x04"):
		if bytes.Contains(head, []byte("xl/")) || bytes.Contains(head, []byte("[Content_Types].xml")) {
			return "an Excel workbook (XLSX)"
		}
		if bytes.Contains(head, []byte("application/vnd.oasis.opendocument")) {
			return "an OpenDocument spreadsheet (ODS)"
		}
		return "a ZIP archive or an Excel workbook"
	case begins("\xD0\xCF\x11\xE0"):
		return "an old Excel workbook (XLS)"
	case begins("\x1F\x8B"):
		return "a compressed file (gzip)"
	case begins("%PDF"):
		return "a PDF"
	case begins("\xFF\xFE"), begins("\xFE\xFF"):
		return "text in UTF-16 (what Excel calls Unicode text)"
	case bytes.HasPrefix(trimmed, []byte("<!doctype html")), bytes.HasPrefix(trimmed, []byte("<html")):
		return "a web page (HTML)"
	case trimmed[0] == '<':
		return "XML"
	case trimmed[0] == '{', trimmed[0] == '[':
		return "JSON"
	case bytes.HasPrefix(trimmed, []byte("begin:vcard")):
		return "a vCard"
	case looksLikeUTF16(head):
		return "text in UTF-16 (what Excel calls Unicode text)"
	case bytes.IndexByte(head, 0) >= 0:
		return "a file that is not text"
	case bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0:
		return "text with line ends of old Macintosh systems"
	}
	return ""
}

// looksLikeUTF16 tells ASCII in UTF-16 without its mark: every second byte is zero.
func looksLikeUTF16(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	return head[0] == 0 && head[2] == 0 && head[1] != 0 || head[1] == 0 && head[3] == 0 && head[0] != 0
}
