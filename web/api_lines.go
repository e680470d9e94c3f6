package web

import "holdfast/letters"

// letterLine, stopLetterLine and resumeLetterLine are how letters that the house mails go to one office.
func (s *Server) letterLine(r *call) (answer, error) {
	return onLine(r, func(id int64) (letters.Line, error) { return s.Letters.Line(r.ctx(), id) })
}

func (s *Server) stopLetterLine(r *call) (answer, error) {
	return onLine(r, func(id int64) (letters.Line, error) { return s.Letters.StopLine(r.ctx(), r.by(), id) })
}

func (s *Server) resumeLetterLine(r *call) (answer, error) {
	return onLine(r, func(id int64) (letters.Line, error) { return s.Letters.ResumeLine(r.ctx(), r.by(), id) })
}

func onLine(r *call, do func(id int64) (letters.Line, error)) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	line, err := do(id)
	return ok(line), err
}
