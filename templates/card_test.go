package templates

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"holdfast/campaigns"
)

// The card says number, kind and day, in the colours of the pages, and is the same for two cases that differ in all else.
func TestTheCardShowsNothingOfTheCase(t *testing.T) {
	t.Parallel()
	sheet := campaigns.Sheet{Series: "UA", Number: 12, Year: 2026, Urgent: true, CampaignState: campaigns.CampaignActive, Now: sampleNow, DeadlineAt: sampleRemoval,
		Deadline: campaigns.Deadline{DeadlineDay: campaigns.DayOf(sampleRemoval), DeadlineTime: "07:40", DeadlineZone: "America/Toronto"}}
	other := sheet
	other.RemovingCountry, other.ReceivingCountry, other.Texts = "CA", "IR", []campaigns.Text{{Language: "en", Headline: "A man is to be sent back", Body: "M.R."}}
	other.Removal = campaigns.Removal{Timing: campaigns.RemovalExact, At: &sampleRemoval, Zone: "America/Toronto"}
	over := sheet
	over.Now = sampleRemoval.Add(time.Hour)
	for _, lang := range PublicLanguages() {
		one, err := Card(lang, "Maple Refuge Network", sheet)
		if err != nil {
			t.Fatal(err)
		}
		same, err := Card(lang, "Maple Refuge Network", other)
		if err != nil || !bytes.Equal(one, same) {
			t.Errorf("in %s the card of a case differs from that of another: %v", lang, err)
		}
		late, err := Card(lang, "Maple Refuge Network", over)
		if err != nil || (lang == "en" || lang == "fr" || lang == "es") && len(late) >= len(one) {
			t.Errorf("in %s the card tells a day that is over: %v", lang, err)
		}
		if picture, err := png.Decode(bytes.NewReader(one)); err != nil || picture.Bounds().Dx() != cardWidth || picture.Bounds().Dy() != cardHeight {
			t.Errorf("in %s the card is no picture of the right size: %v", lang, err)
		}
		if *storybook != "" {
			if err := os.WriteFile(filepath.Join(*storybook, "card."+lang+".png"), one, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
