package templates

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"holdfast/campaigns"
)

// The size that those who show such pictures ask for.
const (
	cardWidth  = 1200
	cardHeight = 630
	cardMargin = 80
)

// The colours of the pages.
var (
	cardPaper  = color.RGBA{0xFB, 0xFA, 0xF7, 0xFF}
	cardInk    = color.RGBA{0x1B, 0x1F, 0x23, 0xFF}
	cardMuted  = color.RGBA{0x55, 0x60, 0x6B, 0xFF}
	cardUrgent = color.RGBA{0x9A, 0x34, 0x12, 0xFF}
)

// cardFonts are the two faces of the picture. They have Latin, Greek and Cyrillic letters, and no others.
var cardFonts = sync.OnceValues(func() ([2]*opentype.Font, error) {
	regular, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return [2]*opentype.Font{}, err
	}
	bold, err := opentype.Parse(gobold.TTF)
	return [2]*opentype.Font{regular, bold}, err
})

// Card is the picture (PNG, 1200 by 630) that stands for a campaign where its address is passed on: number, kind, until when letters are needed, and the
// organisation; nothing of the case. What the face has no letters for is left out, so that in Arabic and Persian it is the number alone.
func Card(lang, organisation string, sheet campaigns.Sheet) ([]byte, error) {
	fonts, err := cardFonts()
	if err != nil {
		return nil, fmt.Errorf("the face of the picture: %w", err)
	}
	s := &speaker{words: press().words[PublicLanguage(lang)]}
	number, kind, colour := NumberOf(sheet).In(s.words.lang), s.text("action.slow"), cardInk
	if sheet.Urgent {
		kind, colour = s.text("action.urgent"), cardUrgent
	}
	if Direction(s.words.lang) == "rtl" {
		number = NumberOf(sheet).In(english)
	}
	by := ""
	if sheet.CampaignState == campaigns.CampaignActive && sheet.Now.Before(sheet.DeadlineAt) {
		last := sheet.Deadline.DeadlineDay.Time
		if sheet.Deadline.DeadlineTime == "" && !sheet.Deadline.DeadlineInclusive {
			last = last.AddDate(0, 0, -1)
		}
		by = s.text("desk.act_by", "Day", s.day(last))
	}
	if s.err != nil {
		return nil, s.err
	}
	picture := image.NewRGBA(image.Rect(0, 0, cardWidth, cardHeight))
	draw.Draw(picture, picture.Bounds(), image.NewUniform(cardPaper), image.Point{}, draw.Src)
	draw.Draw(picture, image.Rect(0, 0, cardWidth, 24), image.NewUniform(cardInk), image.Point{}, draw.Src)
	draw.Draw(picture, image.Rect(cardMargin, 420, cardMargin+160, 432), image.NewUniform(colour), image.Point{}, draw.Src)
	for _, line := range []struct {
		text   string
		font   *opentype.Font
		size   float64
		base   int
		colour color.Color
	}{
		{organisation, fonts[1], 40, 120, cardInk}, {number, fonts[1], 132, 290, cardInk}, {kind, fonts[1], 60, 385, colour},
		{by, fonts[0], 46, 510, cardMuted},
	} {
		if err := writeCard(picture, line.text, line.font, line.size, line.base, line.colour); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, picture)
	return out.Bytes(), err
}

// writeCard sets one line at the margin, smaller where it would not fit; nothing where the face lacks one of its letters.
func writeCard(picture draw.Image, text string, face *opentype.Font, size float64, base int, colour color.Color) error {
	text = strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(text)
	for {
		f, err := opentype.NewFace(face, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
		if err != nil {
			return fmt.Errorf("the face of the picture: %w", err)
		}
		for _, r := range text {
			if i, err := face.GlyphIndex(nil, r); err != nil || i == 0 {
				return f.Close()
			}
		}
		if font.MeasureString(f, text).Ceil() <= cardWidth-2*cardMargin || size < 16 {
			d := font.Drawer{Dst: picture, Src: image.NewUniform(colour), Face: f, Dot: fixed.P(cardMargin, base)}
			d.DrawString(text)
			return f.Close()
		}
		size *= 0.9
		if err := f.Close(); err != nil {
			return err
		}
	}
}
