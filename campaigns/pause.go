package campaigns

import (
	"context"
	"time"
)

// PauseSteps is how long a provider that asks for less is left alone: longer each time, if nothing was accepted between.
var PauseSteps = []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute}

// Pause is a provider that asked for less, and is left alone for a while.
type Pause struct {
	Provider string    `json:"provider"`
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until"`
	Code     int16     `json:"code"`     // of its reply
	Enhanced string    `json:"enhanced"` // of its reply (RFC 3463), "" where it gave none
}

// Slow leaves a provider alone for the next step of steps, because of a reply with this code. While a pause is open it changes nothing:
// many mails hear the same at once. An hour after a pause the steps begin anew.
func (s *Store) Slow(ctx context.Context, provider string, code int, enhanced string, steps []time.Duration) error {
	_, err := s.DB.Exec(ctx, slowSQL, provider, code, enhanced, steps)
	return err
}

// Ease notes that a provider has accepted a mail after its pause: the next pause is a step shorter. Once for each pause.
func (s *Store) Ease(ctx context.Context, provider string) error {
	_, err := s.DB.Exec(ctx, easeSQL, provider)
	return err
}

// ProviderState is how a provider stands with us, for whoever is about to send.
type ProviderState struct {
	Provider string
	Left     time.Duration // of its pause; 0 or less where that is over, and nothing has been accepted since
}

// Paused lists the providers that are paused, and those whose pause is over and was not eased yet.
func (s *Store) Paused(ctx context.Context) ([]ProviderState, error) {
	rows, err := s.DB.Query(ctx, pausedSQL)
	return all[ProviderState](rows, err)
}
