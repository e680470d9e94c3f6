package web

import (
	"slices"
	"strings"

	"holdfast/campaigns"
	"holdfast/internal/failure"
)

// yesParity is the second yes of who launches an appeal that has no text in English or none in French (R16).
const yesParity = "parity"

// launching is what a launch may be sent with.
type launching struct {
	Yes []string `json:"yes"` // the second yeses, by their codes
}

// writeGiven is Write for a launch to which these yeses were said. It is asked within the launch, so that what was agreed
// to is what leaves. Launch puts on record what was left out.
func (s *Server) writeGiven(yes []string) func(campaigns.Sheet) ([]campaigns.Edition, error) {
	return func(sheet campaigns.Sheet) ([]campaigns.Edition, error) {
		if lacks := sheet.Lacks(); len(lacks) > 0 && !slices.Contains(yes, yesParity) {
			named := strings.NewReplacer("en", "English", "fr", "French").Replace(strings.Join(lacks, " and none in "))
			return nil, failure.Wrong("yes", "must name %q to launch all the same: there is no text in %s (R16)", yesParity, named)
		}
		return s.Write(sheet)
	}
}
