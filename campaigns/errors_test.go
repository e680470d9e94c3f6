package campaigns_test

import (
	"errors"

	"holdfast/internal/failure"
)

func errorAs(err error, target **failure.Error) bool { return errors.As(err, target) }
