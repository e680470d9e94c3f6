package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
	"holdfast/internal/failure"
	"holdfast/templates"
)

// The pages of staff. Each form leads on to a page once it is carried out (303), so that loading anew repeats nothing; a
// form that is refused is shown again with what was typed, and what is wrong beside it.

// staffHead is the head of a page for whoever is signed in. section is the entry of the navigation that the page belongs to.
func (s *Server) staffHead(c *gin.Context, section string) templates.Head {
	p := who(c)
	head := s.deskHead(c, p.Language)
	head.SignedInAs, head.Section, head.Notice = p.Name, section, templates.Notice{Word: s.takeNotice(c)}
	head.May, head.Sections, head.Alarm = powersOf(p), sectionsOf(p), s.alarm(c.Request.Context())
	return head
}

// deskHead is staffHead for somebody who is not signed in yet.
func (s *Server) deskHead(c *gin.Context, language string) templates.Head {
	return templates.Head{Lang: s.staffLanguage(c, language), Organisation: s.Organisation, Languages: templates.StaffLanguages(),
		Demo: s.Demo, Zone: "UTC"}
}

func powersOf(p accounts.Principal) templates.Powers {
	return templates.Powers{EditCampaigns: p.May(accounts.EditCampaigns), EditTexts: p.May(accounts.EditTexts), Launch: p.May(accounts.LaunchAppeals),
		Stop: p.May(accounts.StopAppeals), ReadCases: p.May(accounts.ReadCases), EditCases: p.May(accounts.EditCases),
		EditTargets: p.May(accounts.EditTargets), EditLetters: p.May(accounts.EditLetters), ReadMembers: p.May(accounts.ReadMembers), EditMembers: p.May(accounts.EditMembers),
		ImportMembers: p.May(accounts.ImportMembers), ExportMembers: p.May(accounts.ExportMembers),
		SeeEngine: p.May(accounts.ReadCampaigns)}
}

// sectionsOf are the entries of the navigation that lead somebody somewhere.
func sectionsOf(p accounts.Principal) []string {
	var list []string
	for _, entry := range []struct {
		section string
		needs   accounts.Permission
	}{
		{"campaigns", accounts.ReadCampaigns}, {"members", accounts.ReadMembers}, {"groups", accounts.ReadMembers},
		{"letters", accounts.ReadLetters}, {"replies", accounts.ReadLetters}, {"reports", accounts.ReadLetters}, {"targets", accounts.ReadTargets}, {"engine", accounts.ReadCampaigns}, {"accounts", accounts.ManageAccounts},
	} {
		if p.May(entry.needs) {
			list = append(list, entry.section)
		}
	}
	return list
}

// frontDoor leads those who know no address to the door of the staff, where it is on this listener.
func (s *Server) frontDoor(c *gin.Context) { c.Redirect(http.StatusSeeOther, "/sign-in") }

// frontDesk leads to the first room that somebody may enter.
func (s *Server) frontDesk(c *gin.Context) {
	c.Redirect(http.StatusSeeOther, "/admin/"+sectionsOf(who(c))[0])
}

// The browser keeps two small things for staff beside the session, which say nothing about anybody: the language of the
// pages where it is another than the account's, and what has just happened, until the next page has said so.
const (
	languageCookie = "-language"
	noticeCookie   = "-notice"
)

func (s *Server) keep(c *gin.Context, what, value string, maxAge int) {
	http.SetCookie(c.Writer, &http.Cookie{Name: s.cookieName() + what, Value: value, Path: "/", MaxAge: maxAge, Secure: s.secure,
		HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (s *Server) kept(c *gin.Context, what string) string {
	cookie, err := c.Request.Cookie(s.cookieName() + what)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// staffLanguage is the language of a page for staff: the one asked for by ?lang=, which is kept, else the one kept, else
// the account's, else one that the browser takes.
func (s *Server) staffLanguage(c *gin.Context, account string) string {
	if asked := c.Query("lang"); slices.Contains(templates.StaffLanguages(), asked) {
		s.keep(c, languageCookie, asked, 365*24*60*60)
		return asked
	}
	var wanted []string
	for _, wish := range []string{s.kept(c, languageCookie), account, c.GetHeader("Accept-Language")} {
		if wish != "" {
			wanted = append(wanted, wish)
		}
	}
	return templates.StaffLanguage(wanted...)
}

// notices are what a page can be told to say. A cookie that says something else says nothing.
func notices() []string {
	return []string{templates.NoticeSaved, templates.NoticeCreated, templates.NoticeLaunched, templates.NoticeStopping, templates.NoticeResumed,
		templates.NoticeStopped, templates.NoticeClosed, templates.NoticeAgreed, templates.NoticeTestSent, templates.NoticeUnsubscribed,
		templates.NoticeCampaignStopped, templates.NoticeCampaignResumed, templates.NoticeSignedOut}
}

func (s *Server) takeNotice(c *gin.Context) string {
	word := s.kept(c, noticeCookie)
	if word == "" {
		return ""
	}
	s.keep(c, noticeCookie, "", -1)
	if !slices.Contains(notices(), word) {
		return ""
	}
	return word
}

// leadTo ends a form that was carried out: the next page says so.
func (s *Server) leadTo(c *gin.Context, to, notice string) {
	s.keep(c, noticeCookie, notice, 60)
	c.Redirect(http.StatusSeeOther, to)
}

func idText(id int64) string { return strconv.FormatInt(id, 10) }

// after reads where the page of a list begins; what is none is the beginning.
func after(c *gin.Context) int64 {
	id, err := strconv.ParseInt(c.Query("after"), 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

// nextPage is the address of the page that follows: this one's, with another beginning.
func nextPage(c *gin.Context, last int64) string {
	query := c.Request.URL.Query()
	query.Del("lang")
	query.Set("after", idText(last))
	return c.Request.URL.Path + "?" + query.Encode()
}

// filterOf reads a filter; what is none of the values is no filter.
func filterOf(c *gin.Context, name string, values ...string) string {
	if value := strings.TrimSpace(c.Query(name)); slices.Contains(values, value) {
		return value
	}
	return ""
}

// isMissing reports whether there is nothing of that id.
func isMissing(err error) bool { return failure.Is(err, failure.NotFound) }

// trimmedQuery is a parameter of a filter.
func trimmedQuery(c *gin.Context, name string) string { return strings.TrimSpace(c.Query(name)) }
