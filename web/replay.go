package web

import (
	"crypto/sha256"
	"net/http"

	"holdfast/accounts"
)

// beginReplay looks at the Idempotency-Key of a call. Without one, or where the call is no POST, it returns nil. found
// says that there is an earlier answer to send; else the key is this call's, and FinishReplay has to follow.
func (s *Server) beginReplay(r *call) (replay *accounts.Replay, found bool, err error) {
	key, given := r.gin.Request.Header["Idempotency-Key"]
	if !given || r.gin.Request.Method != http.MethodPost {
		return nil, false, nil
	}
	request := r.body
	if r.route.stream {
		// A stream cannot be hashed before it is read. Its digest says what it will be, and is held against it.
		if request, err = digestOf(r.gin.Request.Header); err != nil {
			return nil, false, err
		}
	}
	begun, err := s.Accounts.BeginReplay(r.ctx(), r.who.AccountID, key[0], hashOf(r.gin.Request, request))
	if err != nil {
		return nil, false, err
	}
	return &begun, begun.Answered, nil
}

// hashOf is what tells two requests apart: all that they ask for, and none of who asks.
func hashOf(r *http.Request, body []byte) [32]byte {
	sum := sha256.New()
	for _, part := range []string{r.Method, r.URL.Path, r.URL.RawQuery, string(body)} {
		hash := sha256.Sum256([]byte(part))
		sum.Write(hash[:])
	}
	return [32]byte(sum.Sum(nil))
}
