package web

import (
	_ "embed"
	"net/http"

	"github.com/gin-gonic/gin"
)

// description is the API in the words of OpenAPI 3.1, kept by hand. A test holds it against the routes, against what
// they take, and against what they answer.
//
//go:embed openapi.json
var description []byte

// describe answers with the description. It says nothing that the program's source does not.
func (s *Server) describe(c *gin.Context) { c.Data(http.StatusOK, "application/json", description) }
