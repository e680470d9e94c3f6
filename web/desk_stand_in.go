package web

import (
	"github.com/gin-gonic/gin"

	"holdfast/letters"
	"holdfast/templates"
)

// showDesk tells what is wrong with a letter.
func (s *Server) showDesk(c *gin.Context, _ writing, _ letters.Draft, err error) {
	p := problemOf(err)
	show(s, c, p.Status, s.publicHead(c), templates.Sorry{Word: sorryWord(p.Status), Text: err.Error()})
}
