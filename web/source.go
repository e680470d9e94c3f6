package web

import (
	"net/http"
	"net/netip"
	"strings"
)

// sourceOf names where a request comes from, for counting: the address of the connection, or, where that is a
// configured proxy, the last address that such a proxy vouches for in X-Forwarded-For; of IPv6 the first 64 bits, which
// is what one household has. A header that anybody can send changes nothing (A14). It goes into no log.
//
// gin's own ClientIP reads the first of several X-Forwarded-For lines alone; a proxy that adds a line of its own is
// then not heard, and the sender's line is believed.
func (s *Server) sourceOf(r *http.Request) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return "unknown" // a socket of the file system
	}
	source := at.Addr().Unmap()
	steps := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(steps) - 1; i >= 0 && s.trusts(source); i-- {
		step, err := netip.ParseAddr(strings.TrimSpace(steps[i]))
		if err != nil {
			break
		}
		source = step.Unmap().WithZone("")
	}
	if source.Is6() {
		household, _ := source.Prefix(64) // 64 is never too long for IPv6
		return household.String()
	}
	return source.String()
}

func (s *Server) trusts(a netip.Addr) bool {
	for _, p := range s.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
