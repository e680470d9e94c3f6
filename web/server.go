package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/letters"
	"holdfast/members"
	"holdfast/templates"
)

// Config is what the doors open onto. All of it is needed but for AdminURL, ReplyDomain, TrustedProxies, AdminApart and PageMemory.
type Config struct {
	Campaigns *campaigns.Store
	Letters   *letters.Store
	Members   *members.Store
	Accounts  *accounts.Store
	Links     campaigns.Links

	// Write renders what an appeal says: for its launch, a preview and a test.
	Write func(campaigns.Sheet) ([]campaigns.Edition, error)
	// Post sends one edition to the address of a member of staff. Its error is logged: it has no words of the relay.
	Post func(ctx context.Context, to string, e campaigns.Edition) error
	// Ready says why the process cannot do its work now, nil where it can.
	Ready func(context.Context) error

	Organisation templates.Organisation // named on every page
	Demo         bool                   // says on every page that persons are invented and mail is caught

	PublicURL      string         // https, or http on loopback; without a slash at its end
	AdminURL       string         // where staff come in, in the same form; the public one where it is empty
	ReplyDomain    string         // where blind copies of letters go; "" where the house takes none
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed; none where it is empty
	AdminApart     bool           // staff come in by Admin alone; else by Public too
	PageMemory     time.Duration  // how old a public page may be that is served from memory, such as Freshness; 0: each is made anew
	Version        string
	Metrics        *prometheus.Registry
	Log            *slog.Logger
}

// Server answers HTTP. It is safe for concurrent use.
type Server struct {
	Config
	secure  bool // the public address is https: cookies and HSTS say so
	limits  limits
	gauges  *gauges
	imports chan struct{} // one place for each import that may run at once
	presses chan struct{} // and for each PDF that may be set at once
	origins *http.CrossOriginProtection
	// errorPage shows a problem to somebody with a browser.
	errorPage  func(*gin.Context, problem)
	background background
	board      board
	room       *engineRoom
	pages      *memory
}

// quiet is because gin keeps its mode in a variable of the package.
var quiet sync.Once

// New makes a server. The error names every part of c that is missing or wrong.
func New(c Config) (*Server, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	quiet.Do(func() { gin.SetMode(gin.ReleaseMode) })
	s := &Server{Config: c, limits: defaultLimits(), imports: make(chan struct{}, importsAtOnce), presses: make(chan struct{}, pressesAtOnce),
		origins: http.NewCrossOriginProtection(), room: newEngineRoom(), pages: newMemory(c.PageMemory)}
	s.errorPage = s.sorry
	s.secure = strings.HasPrefix(c.PublicURL, "https:")
	var err error
	if s.gauges, err = newGauges(c.Metrics, c.Version); err != nil {
		return nil, err
	}
	return s, c.Metrics.Register(engineGauges{s})
}

func (c Config) check() error {
	var errs []error
	for name, missing := range map[string]bool{
		"Campaigns": c.Campaigns == nil, "Letters": c.Letters == nil, "Members": c.Members == nil, "Accounts": c.Accounts == nil,
		"Links": c.Links.Report == nil, "Write": c.Write == nil, "Post": c.Post == nil, "Ready": c.Ready == nil,
		"Metrics": c.Metrics == nil, "Log": c.Log == nil,
	} {
		if missing {
			errs = append(errs, fmt.Errorf("web: %s is missing", name))
		}
	}
	u, err := url.Parse(c.PublicURL)
	switch {
	case err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		errs = append(errs, errors.New("web: the public URL must be a scheme and a host, such as https://act.refnet.example"))
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
	default:
		errs = append(errs, errors.New("web: the public URL must be https; http is for loopback alone"))
	}
	return errors.Join(errs...)
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Public serves everybody, and staff too unless AdminApart.
func (s *Server) Public() http.Handler {
	return s.engine(func(r route) bool { return r.door == public || !s.AdminApart })
}

// Admin serves staff alone, and the style sheet of their pages.
func (s *Server) Admin() http.Handler {
	return s.engine(func(r route) bool { return r.door != public || r.pattern == assets })
}

// Route is one line of the table of routes, for tests that hold it against other tables.
type Route struct {
	Method     string
	Pattern    string
	Permission accounts.Permission // Anybody where none is needed
}

// Routes lists every route.
func (s *Server) Routes() []Route {
	var list []Route
	for _, r := range s.routes() {
		list = append(list, Route{Method: r.method, Pattern: r.pattern, Permission: r.permission})
	}
	return list
}

// engine serves the routes that a door has.
func (s *Server) engine(has func(route) bool) http.Handler {
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	e.ForwardedByClientIP = false // sources.go reads the header, and from configured proxies alone
	_ = e.SetTrustedProxies(nil)  // nil cannot be wrong
	e.Use(s.begin, s.observe, s.recover, s.refuseOdd)
	e.NoRoute(func(c *gin.Context) { s.fail(c, errNoRoute) })
	e.NoMethod(func(c *gin.Context) { s.fail(c, errNoMethod) })
	for _, r := range s.routes() {
		if !has(r) {
			continue
		}
		chain := s.chain(r)
		path := strings.NewReplacer("{", ":", "}", "").Replace(r.pattern)
		e.Handle(r.method, path, chain...)
		if r.method == http.MethodGet && !r.stream {
			e.Handle(http.MethodHead, path, chain...)
		}
	}
	return e
}

// chain is what a request to r passes through.
func (s *Server) chain(r route) []gin.HandlerFunc {
	chain := []gin.HandlerFunc{func(c *gin.Context) { c.Set(routeKey, r) }}
	if !r.stream {
		chain = append(chain, s.bounded)
	}
	if r.door == public && r.method == http.MethodPost && !r.unmetered {
		chain = append(chain, s.metered)
	}
	switch {
	case r.door == staff && r.permission == Anybody:
		return append(chain, s.sameOrigin, r.page)
	case r.permission == Anybody:
		return append(chain, r.page)
	case r.door == api:
		return append(chain, s.serveAPI)
	default:
		return append(chain, s.sameOrigin, s.signedIn, r.page)
	}
}
