package mailer

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// stutter gives its pieces one by one with a time-out after each.
type stutter struct {
	pieces []string
	late   bool
}

func (s *stutter) Read(p []byte) (int, error) {
	if s.late = !s.late; !s.late {
		return 0, os.ErrDeadlineExceeded
	}
	if len(s.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.pieces[0])
	s.pieces = s.pieces[1:]
	return n, nil
}

func TestAReplyIsTakenUpAfterATimeout(t *testing.T) {
	t.Parallel()
	r := replies{in: bufio.NewReader(&stutter{pieces: []string{"25", "0-2.0.0 fi", "rst\r", "\n250 2.0.", "0 second\r\n550 5.1.1 no\r\n"}})}
	type heard struct {
		Code           int
		Enhanced, Text string
	}
	var got []heard
	for len(got) < 2 {
		answer, err := r.next(func() {})
		if isTimeout(err) {
			if !r.pending() {
				t.Error("half a reply is not pending")
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, heard{answer.code, answer.enhanced(), answer.text()})
	}
	want := []heard{{250, "2.0.0", "2.0.0 first 2.0.0 second"}, {550, "5.1.1", "5.1.1 no"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for isTimeout(func() error { _, err := r.next(func() {}); return err }()) {
	}
	if _, err := r.next(func() {}); !errors.Is(err, io.EOF) && !isTimeout(err) {
		t.Errorf("at the end: %v", err)
	}
}

func TestReplyLines(t *testing.T) {
	t.Parallel()
	type heard struct {
		code           int
		enhanced, text string
	}
	for line, want := range map[string]heard{
		"250 2.0.0 ok":                     {250, "2.0.0", "2.0.0 ok"},
		"250":                              {250, "", ""},
		"550-5.1.1 a\r\n550 5.1.1 b":       {550, "5.1.1", "5.1.1 a 5.1.1 b"},
		"250 5.1.1 class of another code":  {250, "", "5.1.1 class of another code"},
		"550 5.1":                          {550, "", "5.1"},
		"550 5.1.1111 x":                   {550, "", "5.1.1111 x"},
		"550 5.a.1 x":                      {550, "", "5.a.1 x"},
		"550 a\x00b\x1b[0m\\ \u202e\xff é": {550, "", `a\x00b\x1B[0m\\ \xE2\x80\xAE\xFF é`},
		"099 x":                            {0, "", "099 x"},
		"199 x":                            {0, "", "199 x"},
		"600 x":                            {0, "", "600 x"},
		"2500 x":                           {0, "", "2500 x"},
		"":                                 {0, "", ""},
	} {
		r := replies{in: bufio.NewReader(strings.NewReader(line + "\r\n"))}
		got, err := r.next(func() {})
		if h := (heard{got.code, got.enhanced(), got.text()}); h != want || err != nil {
			t.Errorf("%q: %+v, %v; want %+v", line, h, err, want)
		}
	}
}

func FuzzM16_Replies(f *testing.F) {
	f.Add("250-a\r\n250 2.0.0 b\r\n")
	f.Add("550 \xff\x00\n999\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := replies{in: bufio.NewReader(strings.NewReader(text))}
		for {
			got, err := r.next(func() {})
			if err != nil {
				return
			}
			if text := got.text(); len(text) > maxReplyText || !utf8.ValidString(text) || strings.ContainsAny(text, "\r\n\x00\x1b\u2028") {
				t.Errorf("text %q", text)
			}
			if got.code != 0 && (got.code < 200 || got.code > 599) {
				t.Errorf("code %d", got.code)
			}
			if outcome := judge(AtDot, got); outcome == Accepted && !strings.Contains(text, "2") {
				t.Errorf("accepted by %q", text)
			}
		}
	})
}
