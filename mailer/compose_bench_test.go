package mailer

import (
	"strings"
	"testing"
)

// letter is the appeal made as long as a real one: 11 kB on the wire.
func letter() Draft {
	d := appeal()
	paragraph := strings.Repeat("Les autorités doivent suspendre le renvoi tant que la demande n'a pas été examinée. ", 5) + "\n\n"
	d.Text = strings.Repeat(paragraph, 8) + d.Text
	d.HTML = strings.Replace(d.HTML, "<body>", "<body>"+strings.Repeat("<p>"+paragraph+"</p>", 8), 1)
	return d
}

func BenchmarkCompose(b *testing.B) {
	d := letter()
	for b.Loop() {
		compose(b, d)
	}
}

func BenchmarkFill(b *testing.B) {
	c, member := compose(b, letter()), memberCopy("Ana Maria Höfer")
	var dst []byte
	for b.Loop() {
		dst, _, _ = c.Fill(dst[:0], member)
	}
	b.SetBytes(int64(len(dst)))
}

func BenchmarkFillSigned(b *testing.B) {
	d, _ := signed(b)
	d.Text, d.HTML = letter().Text, letter().HTML
	for _, s := range d.Signers {
		b.Run(s.Selector, func(b *testing.B) {
			one := d
			one.Signers = []Signer{s}
			c, member := compose(b, one), memberCopy("Ana Maria Höfer")
			var dst []byte
			for b.Loop() {
				dst, _, _ = c.Fill(dst[:0], member)
			}
		})
	}
}

// BenchmarkBuiltAnew is what Fill saves: the same message by go-mail for each member.
func BenchmarkBuiltAnew(b *testing.B) {
	d, member := letter(), memberCopy("Ana Maria Höfer")
	for b.Loop() {
		builtAnew(b, d, member)
	}
}
