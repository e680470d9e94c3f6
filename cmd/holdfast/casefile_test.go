package main

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"holdfast/letters"
	"holdfast/templates"
)

// makeCaseFile writes a case file that no house made; of an altered one, the attached list says another number of letters.
func makeCaseFile(ts *testscript.TestScript, _ bool, args []string) {
	file := letters.CaseFile{Entries: []letters.Entry{
		{Kind: letters.OfFile, Key: "file 5", At: "2026-11-25T03:40:00Z", Facts: map[string]string{"made_by": "Noor Example"}},
		{Kind: letters.OfCampaign, Key: "campaign 5", Facts: map[string]string{"number": "UA 12/2026", "title": "Stop the removal"}},
		{Kind: letters.OfLetters, Key: "letters CA-PS post reported counted", Facts: map[string]string{"letters": "230", "grade": "reported"}},
	}}
	pdf, err := templates.PrintCaseFile(file, "en")
	ts.Check(err)
	if len(args) == 2 && args[1] == "altered" {
		pdf, err = withOtherLetters(pdf)
		ts.Check(err)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), pdf, 0o600))
}

func withOtherLetters(pdf []byte) ([]byte, error) {
	at := regexp.MustCompile(`/Type /EmbeddedFile /Length (\d+)`).FindSubmatchIndex(pdf)
	n, err := strconv.Atoi(string(pdf[at[2]:at[3]]))
	if err != nil {
		return nil, err
	}
	begin := at[3] + bytes.Index(pdf[at[3]:], []byte("stream\n")) + len("stream\n")
	reader, err := zlib.NewReader(bytes.NewReader(pdf[begin : begin+n]))
	if err != nil {
		return nil, err
	}
	list, err := io.ReadAll(reader)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	if _, err := w.Write(bytes.Replace(list, []byte(`"230"`), []byte(`"930"`), 1)); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	out := fmt.Appendf(bytes.Clone(pdf[:at[2]]), "%d%s", packed.Len(), pdf[at[3]:begin])
	return append(append(out, packed.Bytes()...), pdf[begin+n:]...), nil
}
