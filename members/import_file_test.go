package members

import (
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"holdfast/internal/failure"
)

func encodeUTF16(text string, bigEndian bool) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		if bigEndian {
			b.WriteByte(byte(unit >> 8))
			b.WriteByte(byte(unit))
		} else {
			b.WriteByte(byte(unit))
			b.WriteByte(byte(unit >> 8))
		}
	}
	return b.String()
}

func TestWhatIsNoCSVIsRefusedByName(t *testing.T) {
	t.Parallel()
	const csv = "email,name\namina@writers.example,Amina\n"
	deep := csv + strings.Repeat("b@writers.example,B\n", 100_000)
	for name, test := range map[string]struct{ text, seems string }{
		"empty":             {"", "an empty file"},
		"byte order mark":   {byteOrderMark, "an empty file"},
		"blank":             {"\n \r\n", "an empty file"},
		"UTF-16, LE mark":   {"\xff\xfe" + encodeUTF16(csv, false), "UTF-16"},
		"UTF-16, BE mark":   {"\xfe\xff" + encodeUTF16(csv, true), "UTF-16"},
		"UTF-16LE":          {encodeUTF16(csv, false), "UTF-16"},
		"UTF-16BE":          {encodeUTF16(csv, true), "UTF-16"},
		"Excel":             {"PK\x03\x04\x14\x00[Content_Types].xml", "Excel workbook"},
		"OpenDocument":      {"PK\x03\x04\x14\x00mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "OpenDocument"},
		"ZIP":               {"PK\x03\x04\x14\x00members.csv", "ZIP"},
		"old Excel":         {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"},
		"gzip":              {"\x1f\x8b\x08", "gzip"},
		"PDF":               {"%PDF-1.7", "PDF"},
		"HTML":              {byteOrderMark + " \n<!DOCTYPE html><title>Sign in</title>", "HTML"},
		"XML":               {"<?xml version='1.0'?>", "XML"},
		"JSON":              {`[{"email": "a@writers.example"}]`, "JSON"},
		"vCard":             {"BEGIN:VCARD\n", "vCard"},
		"old Macintosh":     {"email,name\ra@writers.example,A\r", "Macintosh"},
		"Latin-1":           {"email,name\na@writers.example,Chlo\xe9\n", "line 2"},
		"Latin-1, far down": {deep + "c@writers.example,Chlo\xe9\n", "line 100003"},
		"Latin-1, the end":  {deep + "c@writers.example,Chlo\xc3", "line 100003"},
		"NUL":               {"email,name\na@writers.example,A\n\nb@writers\x00.example,B\n", "not text"},
		"NUL, far down":     {deep + "c@writers.example,\x00\n", "line 100003"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := keepFile(strings.NewReader(test.text))
			if err == nil {
				file.close()
			}
			wantKind(t, err, failure.Invalid, "file")
			if !strings.Contains(err.Error(), test.seems) {
				t.Errorf("%v does not say %q", err, test.seems)
			}
		})
	}
}

func TestTheFileIsReadTwiceAsItCame(t *testing.T) {
	t.Parallel()
	body := "email,name\n" + strings.Repeat("zoë@writers.example,ééé\n", 10_000)
	for _, r := range []io.Reader{strings.NewReader(byteOrderMark + body), iotest.HalfReader(strings.NewReader(body))} {
		file, err := keepFile(r)
		if err != nil {
			t.Fatal(err)
		}
		defer file.close()
		for range 2 {
			text, err := file.text()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(text); err != nil || string(got) != body {
				t.Errorf("read %d bytes, %v; want the %d that came", len(got), err, len(body))
			}
		}
	}
}

// An import must not leave the list of members on a disk (members are sealed at rest).
func TestTheFileLiesOnDiskEncryptedAndNameless(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	file, err := keepFile(strings.NewReader(strings.Repeat("email\namina@writers.example\n", 5000)))
	if err != nil {
		t.Fatal(err)
	}
	defer file.close()
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("the folder holds %v, %v; want nothing", left, err)
	}
	raw := make([]byte, file.size)
	if _, err := file.disk.ReadAt(raw, 0); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), "example") {
		t.Error("the text lies on the disk in clear")
	}
}

func TestABrokenUploadIsAnErrorAndNoEnd(t *testing.T) {
	t.Parallel()
	_, err := keepFile(io.MultiReader(strings.NewReader("email\na@writers.example\n"), iotest.ErrReader(io.ErrClosedPipe)))
	if err == nil || failure.KindOf(err) != "" {
		t.Errorf("keepFile = %v, want a fault", err)
	}
}
