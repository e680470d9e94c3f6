package web

import (
	"slices"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
)

// apiRoot begins the path of every route of the API.
const apiRoot = "/api/v1"

// Anybody is the permission of a route that asks for none.
const Anybody accounts.Permission = "anybody"

// door is where somebody comes in. Where staff have a listener of their own, it has the doors api and staff, and the
// public listener the door public alone.
type door string

const (
	api    door = "api"    // with a bearer token
	staff  door = "staff"  // with a session's cookie
	public door = "public" // readers of mails and of the site
)

// route is one line of the table below.
type route struct {
	door       door
	method     string
	pattern    string // {id} is a part that differs
	permission accounts.Permission
	query      []string        // the parameters it takes; any other is refused (api)
	call       apiHandler      // of api
	page       gin.HandlerFunc // of staff and public, and of api for Anybody
	collection string          // where what a POST made stands by its id: the Location of a 201
	unmetered  bool            // of public: whoever sends it may send any number
	stream     bool            // its body, one way or the other, has limits of its own
}

// get, post, put, patch and remove are the lines of the API's table.
func get(path string, p accounts.Permission, call apiHandler, query ...string) route {
	return route{door: api, method: "GET", pattern: apiRoot + path, permission: p, call: call, query: query}
}

func post(path string, p accounts.Permission, call apiHandler, query ...string) route {
	return route{door: api, method: "POST", pattern: apiRoot + path, permission: p, call: call, query: query}
}

func put(path string, p accounts.Permission, call apiHandler) route {
	return route{door: api, method: "PUT", pattern: apiRoot + path, permission: p, call: call}
}

func patch(path string, p accounts.Permission, call apiHandler) route {
	return route{door: api, method: "PATCH", pattern: apiRoot + path, permission: p, call: call}
}

func remove(path string, p accounts.Permission, call apiHandler) route {
	return route{door: api, method: "DELETE", pattern: apiRoot + path, permission: p, call: call}
}

// makes says where what the route makes stands afterwards.
func (r route) makes(collection string) route {
	r.collection = apiRoot + collection + "/"
	return r
}

// streams says that a body of the route is as long as it is.
func (r route) streams() route {
	r.stream = true
	return r
}

// routes is every route there is: of the API below, of staff in admin_routes.go, of everybody in public.go.
func (s *Server) routes() []route {
	return slices.Concat(s.apiRoutes(), s.staffRoutes(), s.publicRoutes(), s.paperRoutes())
}

func (s *Server) apiRoutes() []route {
	return slices.Concat([]route{
		// The description of what follows
		{door: api, method: "GET", pattern: apiRoot + "/openapi.json", permission: Anybody, page: s.describe},

		// Cases
		get("/cases", accounts.ReadCases, bare(s.listCases), "cursor", "limit"),
		post("/cases", accounts.EditCases, with(s.addCase)).makes("/cases"),
		get("/cases/{id}", accounts.ReadCases, bare(s.getCase)),
		put("/cases/{id}/removal", accounts.EditCases, with(s.moveRemoval)),
		put("/cases/{id}/origin-state-knows", accounts.EditCases, with(s.originStateKnows)),

		// Offices
		get("/targets", accounts.ReadTargets, bare(s.listTargets), "cursor", "limit"),
		post("/targets", accounts.EditTargets, with(s.addTarget)).makes("/targets"),
		get("/targets/{id}", accounts.ReadTargets, bare(s.getTarget)),
		put("/targets/{id}", accounts.EditTargets, with(s.changeTarget)),
		get("/postal-routes", accounts.ReadTargets, bare(s.listPostalRoutes)),
		put("/postal-routes/{from}/{to}", accounts.EditTargets, with(s.putRoute)),

		// Campaigns
		get("/campaigns", accounts.ReadCampaigns, bare(s.listCampaigns), "cursor", "limit"),
		post("/campaigns", accounts.EditCampaigns, with(s.addCampaign)).makes("/campaigns"),
		get("/campaigns/{id}", accounts.ReadCampaigns, bare(s.getCampaign)),
		put("/campaigns/{id}/deadline", accounts.EditCampaigns, with(s.moveDeadline)),
		post("/campaigns/{id}/close", accounts.EditCampaigns, with(s.closeCampaign)),
		post("/campaigns/{id}/stop", accounts.StopAppeals, bare(s.stopCampaign)),
		post("/campaigns/{id}/resume", accounts.LaunchAppeals, bare(s.resumeCampaign)),
		put("/campaigns/{id}/counter", accounts.EditCampaigns, with(s.setCounter)),
		post("/campaigns/{id}/asks", accounts.EditCampaigns, with(s.addAsk)),
		put("/campaigns/{id}/asks/{code}", accounts.EditCampaigns, with(s.changeAsk)),
		put("/campaigns/{id}/targets/{target}", accounts.EditCampaigns, bare(s.addCampaignTarget)),
		remove("/campaigns/{id}/targets/{target}", accounts.EditCampaigns, bare(s.removeCampaignTarget)),
		post("/campaigns/{id}/targets/{target}/agree", accounts.AgreeAsSecond, bare(s.agreeCampaignTarget)),

		// Appeals
		get("/campaigns/{id}/appeals", accounts.ReadCampaigns, bare(s.listAppeals)),
		get("/campaigns/{id}/late-joiners", accounts.ReadCampaigns, bare(s.lateJoiners)),
		post("/campaigns/{id}/late-joiners", accounts.LaunchAppeals, bare(s.letIn)),
		post("/campaigns/{id}/appeals", accounts.EditCampaigns, with(s.addAppeal)).makes("/appeals"),
		get("/appeals/{id}", accounts.ReadCampaigns, bare(s.getAppeal)),
		put("/appeals/{id}/audience", accounts.EditCampaigns, with(s.setAudience)),
		get("/appeals/{id}/reach", accounts.ReadCampaigns, bare(s.reach)),
		get("/appeals/{id}/forecast", accounts.ReadCampaigns, bare(s.forecast)),
		get("/appeals/{id}/texts", accounts.ReadCampaigns, bare(s.listTexts)),
		put("/appeals/{id}/texts/{language}", accounts.EditTexts, with(s.putText)),
		remove("/appeals/{id}/texts/{language}", accounts.EditTexts, bare(s.dropText)),
		get("/appeals/{id}/preview/{language}", accounts.ReadCampaigns, bare(s.preview)),
		post("/appeals/{id}/test", accounts.EditTexts, with(s.sendTest)),
		post("/appeals/{id}/launch", accounts.LaunchAppeals, optional(s.launch)),
		post("/appeals/{id}/stop", accounts.StopAppeals, bare(s.stop)),
		post("/appeals/{id}/resume", accounts.LaunchAppeals, bare(s.resume)),
		post("/appeals/{id}/retry", accounts.LaunchAppeals, with(s.retry)),
		get("/appeals/{id}/receipt", accounts.ReadCampaigns, bare(s.receipt)),
		get("/appeals/{id}/deliveries", accounts.ReadMembers, bare(s.listDeliveries), "state", "cursor", "limit"),

		// Members and their groups
		get("/members", accounts.ReadMembers, bare(s.listMembers), "group_id", "language", "country", "state", "cursor", "limit"),
		post("/members", accounts.EditMembers, with(s.addMember)).makes("/members"),
		get("/members/{id}", accounts.ReadMembers, bare(s.getMember)),
		patch("/members/{id}", accounts.EditMembers, with(s.changeMember)),
		post("/members/{id}/leave", accounts.EditMembers, bare(s.memberLeaves)),
		post("/members/{id}/rejoin", accounts.EditMembers, with(s.memberRejoins)),
		post("/members/import", accounts.ImportMembers, apiHandler{handle: s.importMembers}, importQuery()...).streams(),
		get("/members/export", accounts.ExportMembers, apiHandler{handle: s.exportMembers}, "bom").streams(),
		get("/groups", accounts.ReadMembers, bare(s.listGroups)),
		post("/groups", accounts.EditMembers, with(s.addGroup)),
		put("/groups/{id}", accounts.EditMembers, with(s.changeGroup)),
	}, s.letterRoutes())
}

// letterRoutes are the routes of the API about letters, and what offices answer.
func (s *Server) letterRoutes() []route {
	return []route{
		get("/letters", accounts.ReadLetters, bare(s.listLetters), "campaign_id", "cursor", "limit"),
		get("/letters/aside", accounts.ReadLetters, bare(s.listAside), "cursor", "limit"),
		post("/letters/{id}/review", accounts.EditLetters, with(s.reviewLetter)),
		get("/campaigns/{id}/evenings", accounts.ReadLetters, bare(s.listEvenings)),
		post("/campaigns/{id}/evenings", accounts.EditLetters, with(s.addEvening)),
		remove("/campaigns/{id}/evenings/{letter}", accounts.EditLetters, bare(s.dropEvening)),
		get("/replies", accounts.ReadLetters, bare(s.listReplies), "state", "kind", "target_id", "campaign_id", "cursor", "limit"),
		get("/replies/{id}", accounts.ReadLetters, bare(s.getReply)),
		get("/campaigns/{id}/letter-totals", accounts.ReadLetters, bare(s.letterTotals)),
		get("/targets/{id}/letters", accounts.ReadLetters, bare(s.letterLine)),
		post("/targets/{id}/letters/stop", accounts.EditLetters, bare(s.stopLetterLine)),
		post("/targets/{id}/letters/resume", accounts.EditLetters, bare(s.resumeLetterLine)),
		get("/targets/{id}/channel-marks", accounts.ReadLetters, bare(s.listChannelMarks)),
		put("/targets/{id}/channel-marks/{channel}", accounts.EditLetters, bare(s.putChannelMark)),
		remove("/channel-marks/{id}", accounts.EditLetters, bare(s.clearChannelMark)),
		get("/reports/letters", accounts.ReadLetters, bare(s.letterReport), reportQuery()...),
	}
}
