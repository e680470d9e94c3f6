package web

import (
	"net/http"
	"slices"
	"strings"

	"holdfast/campaigns"
	"holdfast/internal/failure"
)

// launch lets an appeal leave. Asked again it answers how the appeal stands by then. A script has said what it wants by the texts it has put in: that
// English or French is missing is put on record, and not asked about as on the page (R16).
func (s *Server) launch(r *call, l launching) (answer, error) {
	return s.onAppeal(r, func(id int64) error {
		_, err := s.Campaigns.Launch(r.ctx(), r.by(), id, s.Write, l.Yes...)
		return err
	})
}

func (s *Server) resume(r *call) (answer, error) {
	return s.onAppeal(r, func(id int64) error {
		_, err := s.Campaigns.Resume(r.ctx(), r.by(), id)
		return err
	})
}

// onAppeal carries out a change of the appeal in the path that goes on after the answer.
func (s *Server) onAppeal(r *call, change func(id int64) error) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	if err := change(id); err != nil {
		return answer{}, err
	}
	body, err := s.appealBody(r, id)
	return accepted(body), err
}

// stop answers 200 once nothing can leave any more, and 202 while mails are on a connection.
func (s *Server) stop(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	stopping, err := s.Campaigns.Stop(r.ctx(), r.by(), id)
	if err != nil {
		return answer{}, err
	}
	body, err := s.appealBody(r, id)
	body.Appeal, body.InFlight = stopping.Appeal, &stopping.InFlight
	status := http.StatusOK
	if body.State == campaigns.AppealStopping {
		status = http.StatusAccepted
	}
	return answer{status: status, body: body}, err
}

// receiptBody is the receipt of an appeal, and whether it closes: whether everybody who was to get it is accounted for.
type receiptBody struct {
	campaigns.Receipt
	State    string              `json:"state"`
	Closes   bool                `json:"closes"`
	Progress *campaigns.Progress `json:"progress"`
}

func (s *Server) receipt(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	a, receipt, err := s.Campaigns.Receipt(r.ctx(), id)
	if err == nil && a.State == campaigns.AppealDraft {
		return answer{}, failure.Clash("appeal %d was never launched; it has no receipt", id)
	}
	if err != nil {
		return answer{}, err
	}
	progress, err := s.progressOf(r.ctx(), a, receipt)
	return ok(receiptBody{Receipt: receipt, State: a.State, Closes: receipt.Closes(), Progress: progress}), err
}

// deliveryStates are the states by which the ledger can be looked at.
func deliveryStates() []string {
	return []string{"queued", "sending", "accepted", "refused", "deferred", "unknown", "skipped", "stopped"}
}

func (s *Server) listDeliveries(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	p, err := r.paging()
	if err != nil {
		return answer{}, err
	}
	state := r.values.Get("state")
	if state != "" && !slices.Contains(deliveryStates(), state) {
		return answer{}, failure.Wrong("state", "must be one of %s", strings.Join(deliveryStates(), ", "))
	}
	rows, err := s.Campaigns.Deliveries(r.ctx(), id, state, p.rooms())
	return ok(page(p, rows, func(d campaigns.Delivery) int64 { return d.MemberID })), err
}
