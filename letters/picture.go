package letters

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"

	"holdfast/internal/failure"
)

// mostPixels is the largest picture that is taken: an A4 page at 500 dots an inch. A decoded one takes four octets each, eight where its colours are finer.
// A progressive JPEG takes sixteen, so the largest is an A4 page at 300. mostScans is of how many passes one may be put together: programs make ten,
// and each costs a walk over the whole picture, in a file of forty octets more.
const (
	mostPixels      = 24_000_000
	mostProgressive = 9_000_000
	mostScans       = 64
)

// drawnAnew is the picture and nothing else: what a camera wrote beside it goes, but for which side is up.
func drawnAnew(content []byte) (File, error) {
	about, kind, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || about.Width < 1 || about.Height < 1 {
		return File{}, failure.Wrong("file", "is a picture that cannot be read")
	}
	if about.Width > mostPixels/about.Height {
		return File{}, failure.Wrong("file", "is a picture of more than %d million points; scan it coarser", mostPixels/1_000_000)
	}
	if kind == "jpeg" {
		if isProgressive(content) && about.Width > mostProgressive/about.Height {
			return File{}, failure.Wrong("file", "is a progressive picture of more than %d million points; save it as a plain JPEG", mostProgressive/1_000_000)
		}
		// Within a pass 0xff is followed by 0x00, so that this counts no fewer than there are.
		if bytes.Count(content, []byte("\xff\xda")) > mostScans {
			return File{}, failure.Wrong("file", "is a picture put together of too many passes; save it as a plain JPEG")
		}
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return File{}, failure.Wrong("file", "is a picture that cannot be read to its end")
	}
	if kind == "jpeg" {
		picture = upright(picture, orientationOf(content))
	}
	var b bytes.Buffer
	if kind == "png" {
		err = png.Encode(&b, picture)
	} else {
		err = jpeg.Encode(&b, picture, &jpeg.Options{Quality: 88})
	}
	if err != nil {
		return File{}, err
	}
	return File{"image/" + kind, b.Bytes()}, nil
}

// isProgressive reports whether a JPEG is put together of several passes over the whole. It finds the segments as image/jpeg does, which takes a good deal
// of what is none between them.
func isProgressive(content []byte) bool {
	for at := 2; at+4 <= len(content); {
		switch marker := content[at+1]; {
		case content[at] != 0xff, marker == 0xff:
			at++
		case marker == 0xc2:
			return true
		case marker == 0xda, marker == 0xd9:
			return false
		case marker == 0, marker >= 0xd0 && marker <= 0xd7:
			at += 2
		default:
			at += 2 + int(binary.BigEndian.Uint16(content[at+2:]))
		}
	}
	return false
}

// orientationOf is which side of a JPEG is up, as Exif has it (tag 0x0112): 1 to 8, and 1 where it does not say.
func orientationOf(content []byte) int {
	for at := 2; at+4 <= len(content) && content[at] == 0xff && content[at+1] != 0xda; {
		size := int(binary.BigEndian.Uint16(content[at+2:]))
		if size < 2 || at+2+size > len(content) {
			return 1
		}
		segment := content[at+4 : at+2+size]
		if content[at+1] == 0xe1 && bytes.HasPrefix(segment, []byte("Exif\x00\x00")) {
			return orientationIn(segment[6:])
		}
		at += 2 + size
	}
	return 1
}

// orientationIn reads the first directory of a TIFF.
func orientationIn(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > len(tiff) {
		return 1
	}
	entries := int(order.Uint16(tiff[at:]))
	for at += 2; entries > 0 && at+12 <= len(tiff); at, entries = at+12, entries-1 {
		if order.Uint16(tiff[at:]) == 0x0112 {
			if o := int(order.Uint16(tiff[at+8:])); o >= 1 && o <= 8 {
				return o
			}
		}
	}
	return 1
}

// upright turns and mirrors a picture as its orientation says.
func upright(from image.Image, orientation int) image.Image {
	if orientation == 1 {
		return from
	}
	area := from.Bounds()
	w, h := area.Dx(), area.Dy()
	width, height := w, h
	if orientation >= 5 {
		width, height = h, w
	}
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			sx, sy := x, y
			if orientation >= 5 {
				sx, sy = y, x
			}
			switch orientation {
			case 2, 3, 7, 8:
				sx = w - 1 - sx
			}
			switch orientation {
			case 3, 4, 6, 7:
				sy = h - 1 - sy
			}
			to.Set(x, y, from.At(area.Min.X+sx, area.Min.Y+sy))
		}
	}
	return to
}
