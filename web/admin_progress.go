package web

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/templates"
)

// How an appeal is watched: the ledger is counted at most once a lookEvery, for however many who watch, and each of
// them is told as often. One who watches for limits.watch is cut off; the browser then asks again by itself, and is asked
// again who it is.
const (
	lookEvery = time.Second
	quietFor  = 2 * time.Minute // after which a page says that nothing moves
)

// sight is an appeal as it was seen at one moment.
type sight struct {
	appeal  campaigns.Appeal
	receipt campaigns.Receipt
	now     time.Time
}

// board keeps the last sight of each appeal that is watched. The zero value is ready; it is safe for concurrent use.
type board struct {
	mu   sync.Mutex
	seen map[int64]*watched
}

// watched is the last sight of one appeal.
type watched struct {
	mu    sync.Mutex
	at    time.Time
	sight sight
}

// mostWatched bounds the memory.
const mostWatched = 1000

func (b *board) of(id int64) *watched {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen == nil || len(b.seen) >= mostWatched {
		b.seen = map[int64]*watched{}
	}
	k := b.seen[id]
	if k == nil {
		k = &watched{}
		b.seen[id] = k
	}
	return k
}

// lookAt reads how an appeal stands now.
func (s *Server) lookAt(ctx context.Context, id int64) (sight, error) {
	var seen sight
	var err error
	if seen.appeal, seen.receipt, err = s.Campaigns.Receipt(ctx, id); err != nil {
		return seen, err
	}
	seen.now, err = s.Campaigns.Now(ctx)
	return seen, err
}

// glance is lookAt, or what somebody else has seen within the last second.
func (s *Server) glance(ctx context.Context, id int64) (sight, error) {
	k := s.board.of(id)
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Since(k.at) < lookEvery*9/10 {
		return k.sight, nil
	}
	seen, err := s.lookAt(ctx, id)
	if err == nil {
		k.sight, k.at = seen, time.Now()
	}
	return seen, err
}

// progress is what the page says of it.
func (v sight) progress(c campaigns.Campaign) templates.AppealProgress {
	p := templates.AppealProgress{State: v.appeal.State, Receipt: receiptOf(c, v.appeal, v.receipt), LaunchedAt: orZero(v.appeal.LaunchedAt),
		InFlight: v.receipt.Sending, StoppedAt: orZero(v.appeal.StoppedAt), StopReason: orZero(v.appeal.StopReason)}
	going, live := v.receipt.Progress(v.appeal, c, v.now)
	if !live {
		return p
	}
	p.Rate, p.EndsAt, p.Zone, p.TooLate = going.PerMinute, going.EndsAt, c.DeadlineZone, going.TooLate
	if going.LastAt != nil {
		p.Forecast, p.LastAt = going.LastAt.Sub(v.now), *going.LastAt
	}
	last := cmp.Or(orZero(v.receipt.LastAcceptedAt), p.LaunchedAt)
	if quiet := v.now.Sub(last); v.receipt.Queued > 0 && quiet >= quietFor {
		p.Warning = fmt.Sprintf("No mail has been accepted for %d minutes, and %d are waiting, %d of them because the relay said not now. "+
			"They are not lost. See that the worker runs and that the relay answers.", int(quiet.Minutes()), v.receipt.Queued, v.receipt.Deferred)
	}
	return p
}

func receiptOf(c campaigns.Campaign, a campaigns.Appeal, r campaigns.Receipt) templates.Receipt {
	out := templates.Receipt{Number: numberOf(c), Kind: a.Kind, Counted: r.Eligible != nil, Eligible: orZero(r.Eligible), Accepted: r.Accepted,
		MaybeTwice: r.Twice, Refused: countsOf(r.Refusals), Skipped: countsOf(r.Skipped), Stopped: r.Stopped, Unknown: r.Unknown, Waiting: r.Queued,
		LetIn: r.Late}
	if a.LaunchedAt != nil && r.FirstAcceptedAt != nil {
		out.FirstAfter, out.LastAfter = r.FirstAcceptedAt.Sub(*a.LaunchedAt), r.LastAcceptedAt.Sub(*a.LaunchedAt)
	}
	return out
}

// countsOf sets reasons in the order of their number.
func countsOf(reasons map[string]int64) []templates.Count {
	var list []templates.Count
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		list = append(list, templates.Count{Reason: reason, N: reasons[reason]})
	}
	slices.SortStableFunc(list, func(a, b templates.Count) int { return cmp.Compare(b.N, a.N) })
	return list
}

// appealEvents tells a page how its appeal leaves, as server-sent events (HTML, "server-sent events"): one named progress,
// with a part of the page, whenever something has changed, and one named end when nothing can change any more.
func (s *Server) appealEvents(c *gin.Context) {
	d, ok := s.appealDesk(c)
	if !ok {
		return
	}
	head := s.deskHead(c, who(c).Language)
	head.Zone = d.campaign.DeadlineZone
	s.keepTelling(c, lookEvery, func(ctx context.Context) ([]byte, bool, error) { return s.progressPart(ctx, d, head) })
}

// keepTelling tells a page what look sees, each time that it is another, until look says that it is over or limits.watch has passed.
func (s *Server) keepTelling(c *gin.Context, every time.Duration, look func(context.Context) (part []byte, over bool, err error)) {
	conn := http.NewResponseController(c.Writer)
	if err := conn.SetReadDeadline(time.Time{}); err != nil { // when it passed, net/http would end the context
		s.fail(c, err)
		return
	}
	c.Header("Content-Type", "text/event-stream")
	tick := time.NewTicker(every)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(c.Request.Context(), s.limits.watch)
	defer cancel()
	var last []byte
	for {
		part, over, err := look(ctx)
		if err != nil {
			s.watchFailed(c, err)
			return
		}
		if !bytes.Equal(part, last) || over {
			if err := s.tell(c, conn, part, over); err != nil {
				return // whoever hung up needs no answer
			}
			last = part
		}
		if over {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ending(c.Request.Context()):
			return
		case <-tick.C:
		}
	}
}

// progressPart is the part of the page that changes, and whether it will change no more.
func (s *Server) progressPart(ctx context.Context, d appealDesk, head templates.Head) (part []byte, over bool, err error) {
	seen, err := s.glance(ctx, d.appeal.ID)
	if err != nil {
		return nil, false, err
	}
	progress := seen.progress(d.campaign)
	part, err = templates.Render(head, progress)
	return part, !progress.Live(), err
}

// watchFailed ends a stream of events with an answer where none has begun, and by hanging up where one has.
func (s *Server) watchFailed(c *gin.Context, err error) {
	switch {
	case c.Request.Context().Err() != nil:
	case c.Writer.Written():
		s.problem(c, err) // logs it
	default:
		c.Writer.Header().Del("Content-Type")
		s.fail(c, err)
	}
}

// tell writes one event, and the one that ends the stream where it is over.
func (s *Server) tell(c *gin.Context, conn *http.ResponseController, part []byte, over bool) error {
	var event bytes.Buffer
	event.WriteString("event: progress\n")
	for line := range bytes.SplitSeq(bytes.TrimSpace(part), []byte("\n")) {
		event.WriteString("data: ")
		event.Write(line)
		event.WriteByte('\n')
	}
	event.WriteByte('\n')
	if over {
		event.WriteString("event: end\ndata:\n\n")
	}
	if err := conn.SetWriteDeadline(time.Now().Add(s.limits.stream)); err != nil {
		return err
	}
	if _, err := c.Writer.Write(event.Bytes()); err != nil {
		return err
	}
	return conn.Flush()
}
