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

func (s *Server) listChannelMarks(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	if _, err := s.Campaigns.Target(r.ctx(), id); err != nil {
		return answer{}, err
	}
	marks, err := s.Letters.Marks(r.ctx(), id)
	return ok(whole(marks)), err
}

func (s *Server) putChannelMark(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	mark, err := s.Letters.MarkTold(r.ctx(), r.by(), id, r.gin.Param("channel"))
	return ok(mark), err
}

func (s *Server) clearChannelMark(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	return none(), s.Letters.ClearMark(r.ctx(), r.by(), id)
}
