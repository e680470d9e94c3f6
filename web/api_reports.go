package web

import (
	"time"

	"holdfast/letters"
)

// reportBody is a report: each line split by how its letters are known. The total is counted over the letters, not over the lines.
type reportBody struct {
	By     string              `json:"by"`
	MadeAt time.Time           `json:"made_at"`
	Lines  []letters.TallyLine `json:"lines"`
	Total  letters.Figures     `json:"total"`
	Apart  []letters.Apart     `json:"not_counted"`
}

func (s *Server) letterReport(r *call) (answer, error) {
	cut, err := cutIn(r.values)
	if err != nil {
		return answer{}, err
	}
	made, err := s.Letters.Tally(r.ctx(), cut)
	return ok(reportBody{By: cut.By, MadeAt: made.MadeAt, Lines: made.Lines, Total: made.Total, Apart: made.Apart}), err
}
