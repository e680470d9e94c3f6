package members

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// ErrKeys says that the ring is not the one that the members were sealed with.
var ErrKeys = errors.New("the key file is not the one that this database was filled with")

// CheckKeys holds the ring against the members: the first and the last of them must open, and be found by their blind
// index. With other keys nobody could be mailed, and an import would take in everybody a second time, those who left
// among them. Where there is no member, nothing is sealed yet, and any keys will do. Errors: ErrKeys.
func (s *Store) CheckKeys(ctx context.Context) error {
	rows, err := canaries(ctx, s.DB)
	if err != nil {
		return err
	}
	for _, row := range rows {
		contact, err := s.Open(row.ID, row.AddressSealed, nil)
		switch {
		case err != nil:
			return fmt.Errorf("%w: the address of member %d does not open", ErrKeys, row.ID)
		case !bytes.Equal(s.index(contact.Address), row.AddressIndex):
			return fmt.Errorf("%w: its index key does not find member %d", ErrKeys, row.ID)
		}
	}
	return nil
}
