package smtpsink_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"holdfast/internal/smtpsink"
)

// Every byte takes its time, each way; what is sent together arrives together, so that pipelining saves round trips here as it does over
// a real line.
func TestDelayIsOfBytesNotOfCommands(t *testing.T) {
	t.Parallel()
	const each = 30 * time.Millisecond
	sink, err := smtpsink.Start(smtpsink.Options{Delay: each})
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	began := time.Now() // the greeting may leave before Dial returns
	conn, err := net.Dial("tcp", sink.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	say(t, conn, in, "", "220")
	if took := time.Since(began); took < each {
		t.Errorf("the greeting took %v, at least %v for its one way", took, each)
	}
	began = time.Now()
	io.WriteString(conn, "HELO client.example\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n")
	for _, code := range []string{"250", "250", "250", "354"} {
		say(t, conn, in, "", code)
	}
	if took := time.Since(began); took < 2*each {
		t.Errorf("a group of four took %v, at least %v for there and back", took, 2*each)
	}
	say(t, conn, in, "Subject: far\r\n\r\nText\r\n.\r\n", "250")
	say(t, conn, in, "QUIT\r\n", "221")
	if _, err := in.ReadByte(); err != io.EOF {
		t.Errorf("after the goodbye: %v", err)
	}
	if got := sink.Messages(); len(got) != 1 || int64(len(got[0].Data)) != sink.Bytes() {
		t.Errorf("messages %v, bytes %d", got, sink.Bytes())
	}
}

// say writes text and reads one reply, which must begin with code.
func say(t *testing.T, out io.Writer, in *bufio.Reader, text, code string) {
	t.Helper()
	if _, err := fmt.Fprint(out, text); err != nil {
		t.Fatal(err)
	}
	line, err := in.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, code) {
		t.Fatalf("got %q (%v), want %s", line, err, code)
	}
}
