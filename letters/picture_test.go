package letters_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
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

// The law: whatever comes, cleaning it ends, and what is kept has no Exif.
func FuzzCleanFile(f *testing.F) {
	f.Add(turned(f, 6))
	f.Add([]byte("From: a@b.example\n\nx"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if file, err := letters.CleanFile(content); err == nil && file.Type == "image/jpeg" && bytes.HasPrefix(file.Content[2:], []byte("\xff\xe1")) {
			t.Fatal("an Exif part is left")
		}
	})
}
