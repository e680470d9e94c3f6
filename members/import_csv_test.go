package members

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"holdfast/internal/failure"
)

// readRecords reads a whole text, one string for each record: its line, and its cells in [ ] or its fault.
func readRecords(t testing.TB, text io.Reader, separator byte) []record {
	t.Helper()
	var all []record
	for records := newRecords(text, separator); ; {
		rec, err := records.read(nil)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rec)
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	const broken = "a quotation mark is not closed, or stands in the middle of a cell"
	for name, test := range map[string]struct {
		text string
		want []record
	}{
		"plain":              {"a,b\n1,2", []record{{1, []string{"a", "b"}, ""}, {2, []string{"1", "2"}, ""}}},
		"line ends":          {"a,b\r\n1,2\r\n", []record{{1, []string{"a", "b"}, ""}, {2, []string{"1", "2"}, ""}}},
		"blank lines":        {"\n\r\na\n \n\nb\n", []record{{3, []string{"a"}, ""}, {6, []string{"b"}, ""}}},
		"empty cells":        {",\n,,", []record{{1, []string{"", ""}, ""}, {2, []string{"", "", ""}, ""}}},
		"quoted":             {`"a,b","c""d",""`, []record{{1, []string{"a,b", `c"d`, ""}, ""}}},
		"quoted newline":     {"\"a\r\nb\nc\",d\nx,y", []record{{1, []string{"a\r\nb\nc", "d"}, ""}, {4, []string{"x", "y"}, ""}}},
		"quote inside":       {`a "b" c,d`, []record{{1, []string{`a "b" c`, "d"}, ""}}},
		"quote then more":    {"\"a\"b,c\nx,y\n", []record{{1, nil, broken}, {2, []string{"x", "y"}, ""}}},
		"never closed":       {"x,\"a\ny,b\nz,c\n", []record{{1, nil, broken}, {2, []string{"y", "b"}, ""}, {3, []string{"z", "c"}, ""}}},
		"never closed, last": {"x,y\n\"a", []record{{1, []string{"x", "y"}, ""}, {2, nil, broken}}},
		"closed at the end":  {"x,\"a\"", []record{{1, []string{"x", "a"}, ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for how, text := range map[string]io.Reader{"whole": strings.NewReader(test.text), "byte by byte": iotest.OneByteReader(strings.NewReader(test.text))} {
				if diff := cmp.Diff(test.want, readRecords(t, text, ','), cmp.AllowUnexported(record{})); diff != "" {
					t.Errorf("%s (-want +got):\n%s", how, diff)
				}
			}
		})
	}
}

func TestRecordsTooLongCostOneRecord(t *testing.T) {
	t.Parallel()
	const fault = "the line is longer than 1 MiB"
	long := strings.Repeat("x", maxRecord+1)
	for name, text := range map[string]string{
		"one line":            "a,b\n" + long + ",y\nc,d\n",
		"many times too long": "a,b\n" + strings.Repeat(long, 5) + ",y\nc,d\n",
	} {
		got := readRecords(t, strings.NewReader(text), ',')
		want := []record{{1, []string{"a", "b"}, ""}, {2, nil, fault}, {3, []string{"c", "d"}, ""}}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(record{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := readRecords(t, strings.NewReader("a,"+strings.Repeat("x", maxRecord-3)+"\n"), ','); len(got) != 1 || got[0].fault != "" {
		t.Errorf("a record just within the limit: %d records", len(got))
	}
}

// Whoever can write a very long note in the other tool must not thereby write rows of his own.
func TestWhatIsInsideAnEndlessCellIsNeverRead(t *testing.T) {
	t.Parallel()
	text := "email,notes\na@writers.example,\"" + strings.Repeat("evil@writers.example,x\n", maxRecord/10) + "\"\n"
	for records := newRecords(strings.NewReader(text), ','); ; {
		rec, err := records.read(nil)
		if err != nil {
			wantKind(t, err, failure.Invalid, "file")
			if !strings.Contains(err.Error(), "line 2") {
				t.Errorf("%v does not name the line", err)
			}
			return
		}
		if rec.line > 1 {
			t.Fatalf("read %q at line %d", rec.cells, rec.line)
		}
	}
}

func FuzzRecordsReadWhatWasWritten(f *testing.F) {
	f.Add("a", "b", "c", byte(0))
	f.Add("a,b", "c\"d", "e\r\nf", byte(1))
	f.Add("\"", "\n", "\r", byte(2))
	f.Add(" ", "", "=x\t", byte(2))
	f.Fuzz(func(t *testing.T, a, b, c string, which byte) {
		separator := []byte{',', ';', '\t'}[int(which)%3]
		var text strings.Builder
		w := csv.NewWriter(&text)
		w.Comma = rune(separator)
		want := [][]string{{a, b, c}, {c, a, "x"}}
		for _, cells := range want {
			if err := w.Write(cells); err != nil {
				t.Skip() // not what can be written
			}
		}
		w.Flush()
		var got [][]string
		for _, rec := range readRecords(t, iotest.HalfReader(strings.NewReader(text.String())), separator) {
			got = append(got, rec.cells)
		}
		if strings.TrimSpace(a+b+c) == "" && separator == '\t' {
			return // a line of white space alone is a blank one
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text.String(), diff)
		}
	})
}

func FuzzRecordsOfAnything(f *testing.F) {
	f.Add("a,\"b\nc\"\"\r\n\"d\"e,f\n")
	f.Fuzz(func(t *testing.T, text string) {
		line, lines := 0, strings.Count(text, "\n")+1
		for _, rec := range readRecords(t, strings.NewReader(text), ',') {
			if rec.line <= line || rec.line > lines {
				t.Fatalf("record at line %d after line %d of %d", rec.line, line, lines)
			}
			line = rec.line
			if (rec.fault == "") != (len(rec.cells) > 0) {
				t.Fatalf("record %+v has neither cells nor a fault, or both", rec)
			}
		}
	})
}
