package letters_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"strconv"
	"strings"
	"testing"

	"holdfast/letters"
)

// turned is a picture of 40 by 30, red on its left, that says which side of it is up.
func turned(t testing.TB, orientation byte) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for x := range 40 {
		for y := range 30 {
			c := color.RGBA{0, 0, 200, 255}
			if x < 20 {
				c = color.RGBA{200, 0, 0, 255}
			}
			picture.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, nil); err != nil {
		t.Fatal(err)
	}
	exif := append([]byte{0xff, 0xe1, 0, 34}, "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"...)
	exif = append(exif, orientation, 0, 0, 0, 0, 0, 0)
	return append(append(bytes.Clone(b.Bytes()[:2]), exif...), b.Bytes()[2:]...)
}

func TestP3_APhotographStandsUprightAlthoughItsExifIsGone(t *testing.T) {
	t.Parallel()
	for orientation, want := range map[byte]struct {
		width int
		red   image.Point // where the left side of the picture is now
	}{0: {40, image.Pt(5, 15)}, 1: {40, image.Pt(5, 15)}, 2: {40, image.Pt(35, 15)}, 3: {40, image.Pt(35, 15)}, 4: {40, image.Pt(5, 15)}, 5: {30, image.Pt(15, 5)},
		6: {30, image.Pt(15, 5)}, 7: {30, image.Pt(15, 35)}, 8: {30, image.Pt(15, 35)}, 9: {40, image.Pt(5, 15)}} {
		file, err := letters.CleanFile(turned(t, orientation))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := jpeg.Decode(bytes.NewReader(file.Content))
		if err != nil || bytes.Contains(file.Content, []byte("Exif")) {
			t.Fatalf("%d: %v", orientation, err)
		}
		if r, _, b, _ := picture.At(want.red.X, want.red.Y).RGBA(); picture.Bounds().Dx() != want.width || r < b {
			t.Errorf("%d: %v wide, red %d and blue %d at %v", orientation, picture.Bounds().Dx(), r>>8, b>>8, want.red)
		}
	}
}

// progressive is a grey JPEG of one pass for the brightness of its blocks, and of passes more that say nothing; before is what stands between its segments.
func progressive(side, passes int, before string) []byte {
	segment := func(marker byte, content ...byte) []byte {
		return append([]byte(before+"\xff"+string([]byte{marker, byte((len(content) + 2) >> 8), byte(len(content) + 2)})), content...)
	}
	blocks := (side / 8) * (side / 8)
	ones := append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)
	oneCode := append([]byte{1}, make([]byte, 15)...) // a single code, of one bit
	out := append([]byte("\xff\xd8"), segment(0xdb, ones...)...)
	out = append(out, segment(0xc2, 8, byte(side>>8), byte(side), byte(side>>8), byte(side), 1, 1, 0x11, 0)...)
	out = append(out, segment(0xc4, append(append([]byte{0x00}, oneCode...), 0)...)...)
	out = append(out, segment(0xc4, append(append([]byte{0x10}, oneCode...), 0xe0)...)...) // a run of 16,384 blocks and more of nothing
	out = append(append(out, segment(0xda, 1, 1, 0, 0, 0, 0)...), make([]byte, (blocks+7)/8)...)
	bits := strings.Repeat("0"+strings.Repeat("1", 14), (blocks+32766)/32767) // the run, and all of its more
	bits += strings.Repeat("1", 8-len(bits)%8)
	var runs []byte
	for ; bits != ""; bits = bits[8:] {
		one, _ := strconv.ParseUint(bits[:8], 2, 8)
		if runs = append(runs, byte(one)); one == 0xff {
			runs = append(runs, 0)
		}
	}
	for range passes {
		out = append(append(out, segment(0xda, 1, 1, 0, 1, 63, 0)...), runs...)
	}
	return append(out, 0xff, 0xd9)
}

// A picture of ninety kilobytes can ask for a thousand walks over twenty-four million points: twelve seconds of a processor, and each costs forty octets more.
func TestP3_APictureOfManyPassesIsRefusedBeforeItIsDrawn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what    string
		content []byte
		taken   bool
	}{
		{"of ten passes", progressive(512, 10, ""), true},
		{"of a thousand", progressive(512, 1000, ""), false},
		{"of a page at 300 dots an inch", progressive(2992, 10, ""), true},
		{"larger than that", progressive(4000, 10, ""), false},
		{"larger, with what is no segment between them", progressive(4000, 10, "\x00\x13\xff\x00\xff\xd0\xff"), false},
	} {
		if _, err := letters.CleanFile(c.content); (err == nil) != c.taken {
			t.Errorf("a picture %s: %v", c.what, err)
		}
	}
}

// The law: whatever comes, cleaning it ends, and what is kept has no Exif.
func FuzzCleanFile(f *testing.F) {
	f.Add(turned(f, 6))
	f.Add(progressive(16, 2, ""))
	f.Add([]byte("From: a@b.example\n\nx"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if file, err := letters.CleanFile(content); err == nil && file.Type == "image/jpeg" && bytes.HasPrefix(file.Content[2:], []byte("\xff\xe1")) {
			t.Fatal("an Exif part is left")
		}
	})
}
