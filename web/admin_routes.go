package web

import (
	"slices"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
)

// look and press are the lines of the table of staff: a page to look at, and a form that is sent.
func look(pattern string, p accounts.Permission, page gin.HandlerFunc) route {
	return route{door: staff, method: "GET", pattern: pattern, permission: p, page: page}
}

func press(pattern string, p accounts.Permission, page gin.HandlerFunc) route {
	return route{door: staff, method: "POST", pattern: pattern, permission: p, page: page}
}

func (s *Server) staffRoutes() []route {
	return slices.Concat(s.doorRoutes(), s.campaignRoutes(), s.appealRoutes(), s.engineRoutes(), s.memberRoutes(), s.keepingRoutes(), s.replyRoutes(), s.queueRoutes())
}

// doorRoutes are coming and going, and one's own account.
func (s *Server) doorRoutes() []route {
	return []route{
		look("/", Anybody, s.frontDoor),
		look("/sign-in", Anybody, s.signInPage),
		press("/sign-in", Anybody, s.signIn),
		press("/sign-in/link", Anybody, s.askForLink),
		look("/sign-in/link/{token}", Anybody, s.linkPage),
		press("/sign-in/link/{token}", Anybody, s.useLink),
		press("/sign-out", accounts.OwnAccount, s.signOut),

		look("/admin", accounts.OwnAccount, s.frontDesk),
		look("/admin/account", accounts.OwnAccount, s.ownAccount),
		press("/admin/account/password", accounts.OwnAccount, s.changePassword),
		press("/admin/account/sessions/{id}/end", accounts.OwnAccount, s.endSession),
		press("/admin/account/sessions/end-others", accounts.OwnAccount, s.endOtherSessions),
	}
}

// campaignRoutes are cases and campaigns.
func (s *Server) campaignRoutes() []route {
	return []route{
		look("/admin/cases", accounts.ReadCases, s.listCasesPage),
		press("/admin/cases", accounts.EditCases, s.addCaseByForm),
		look("/admin/cases/new", accounts.EditCases, s.newCasePage),
		look("/admin/cases/{id}", accounts.ReadCases, s.casePage),
		press("/admin/cases/{id}/removal", accounts.EditCases, s.moveRemovalByForm),
		press("/admin/cases/{id}/origin-state-knows", accounts.EditCases, s.caseOriginState),
		press("/admin/cases/{id}/unspoken", accounts.EditCases, s.addUnspokenByForm),
		press("/admin/cases/{id}/unspoken/{word}/remove", accounts.EditCases, s.removeUnspokenByForm),

		look("/admin/campaigns", accounts.ReadCampaigns, s.listCampaignsPage),
		press("/admin/campaigns", accounts.EditCampaigns, s.addCampaignByForm),
		look("/admin/campaigns/new", accounts.EditCampaigns, s.newCampaignPage),
		look("/admin/campaigns/{id}", accounts.ReadCampaigns, s.campaignPage),
		press("/admin/campaigns/{id}/origin-state-knows", accounts.EditCases, s.campaignOriginState),
		press("/admin/campaigns/{id}/close", accounts.EditCampaigns, s.closeCampaignByForm),
		press("/admin/campaigns/{id}/stop", accounts.StopAppeals, s.stopCampaignByForm),
		press("/admin/campaigns/{id}/resume", accounts.LaunchAppeals, s.resumeCampaignByForm),
		press("/admin/campaigns/{id}/appeals", accounts.EditCampaigns, s.newAppealDraft),
		press("/admin/campaigns/{id}/casefile", accounts.EditCampaigns, s.makeCaseFile),
		look("/admin/campaigns/{id}/change", accounts.EditCampaigns, s.campaignChangePage),
		press("/admin/campaigns/{id}/deadline", accounts.EditCampaigns, s.moveDeadlineByForm),
		press("/admin/campaigns/{id}/counter", accounts.EditCampaigns, s.setCounterByForm),
		press("/admin/campaigns/{id}/asks", accounts.EditCampaigns, s.addAskByForm),
		press("/admin/campaigns/{id}/asks/{code}", accounts.EditCampaigns, s.changeAskByForm),
		press("/admin/campaigns/{id}/samples", accounts.EditCampaigns, s.setSamplesByForm),
		press("/admin/campaigns/{id}/targets", accounts.EditCampaigns, s.addTargetToCampaign),
		press("/admin/campaigns/{id}/targets/{target}/remove", accounts.EditCampaigns, s.takeTargetOff),
		press("/admin/campaigns/{id}/targets/{target}/agree", accounts.AgreeAsSecond, s.agreeTarget),
	}
}

func (s *Server) appealRoutes() []route {
	return []route{
		look("/admin/appeals/{id}", accounts.ReadCampaigns, s.appealPage),
		look("/admin/appeals/{id}/events", accounts.ReadCampaigns, s.appealEvents).streams(),
		look("/admin/appeals/{id}/compose", accounts.EditTexts, s.composePage),
		press("/admin/appeals/{id}/compose", accounts.EditTexts, s.compose),
		press("/admin/appeals/{id}/test", accounts.EditTexts, s.sendTestMail),
		look("/admin/appeals/{id}/preview/{language}", accounts.ReadCampaigns, s.previewPage),
		look("/admin/appeals/{id}/preview/{language}/html", accounts.ReadCampaigns, s.previewFrame),
		look("/admin/appeals/{id}/launch", accounts.LaunchAppeals, s.launchPage),
		press("/admin/appeals/{id}/launch", accounts.LaunchAppeals, s.launchAppeal),
		press("/admin/appeals/{id}/stop", accounts.StopAppeals, s.stopAppeal),
		press("/admin/appeals/{id}/resume", accounts.LaunchAppeals, s.resumeAppeal),
		press("/admin/appeals/{id}/retry", accounts.LaunchAppeals, s.retryAppeal),
		press("/admin/campaigns/{id}/late-joiners", accounts.LaunchAppeals, s.letInLateJoiners),
	}
}

// memberRoutes are members and their groups.
func (s *Server) memberRoutes() []route {
	return []route{
		look("/admin/members", accounts.ReadMembers, s.listMembersPage),
		press("/admin/members", accounts.EditMembers, s.addMemberByForm),
		look("/admin/members/new", accounts.EditMembers, s.newMemberPage),
		look("/admin/members/import", accounts.ImportMembers, s.importPage),
		press("/admin/members/import", accounts.ImportMembers, s.importByForm).streams(),
		press("/admin/members/export", accounts.ExportMembers, s.exportByForm).streams(),
		look("/admin/members/{id}", accounts.ReadMembers, s.memberPage),
		press("/admin/members/{id}", accounts.EditMembers, s.changeMemberByForm),
		look("/admin/members/{id}/change", accounts.EditMembers, s.changeMemberPage),
		press("/admin/members/{id}/unsubscribe", accounts.EditMembers, s.unsubscribeMember),
		press("/admin/members/{id}/rejoin", accounts.EditMembers, s.rejoinMember),
		press("/admin/members/{id}/suppress", accounts.EditMembers, s.suppressMember),
		press("/admin/members/{id}/lift", accounts.EditMembers, s.liftSuppression),

		look("/admin/groups", accounts.ReadMembers, s.listGroupsPage),
		press("/admin/groups", accounts.EditMembers, s.addGroupByForm),
		look("/admin/groups/{id}", accounts.EditMembers, s.groupPage),
		press("/admin/groups/{id}", accounts.EditMembers, s.renameGroup),
	}
}

// keepingRoutes are letters, offices and accounts.
func (s *Server) keepingRoutes() []route {
	return []route{
		look("/admin/letters", accounts.ReadLetters, s.listLettersPage),
		look("/admin/letters/aside", accounts.EditLetters, s.asidePage),
		press("/admin/letters/aside/{id}", accounts.EditLetters, s.reviewAside),
		look("/admin/campaigns/{id}/evenings", accounts.EditLetters, s.eveningsPage),
		press("/admin/campaigns/{id}/evenings", accounts.EditLetters, s.recordEvening),
		press("/admin/campaigns/{id}/evenings/{letter}/withdraw", accounts.EditLetters, s.takeEveningBack),
		look("/admin/reports", accounts.ReadLetters, s.reportsPage),
		look("/admin/reports.csv", accounts.ReadLetters, s.reportCSV).streams(),
		look("/admin/reports.xlsx", accounts.ReadLetters, s.reportXLSX).streams(),
		press("/admin/reports/members", accounts.ExportMembers, s.namedReport).streams(),
		look("/admin/campaigns/{id}/plots/days.svg", accounts.ReadLetters, s.daysFile),
		look("/admin/targets/{id}/record", accounts.ReadLetters, s.recordPage),
		press("/admin/targets/{id}/positions", accounts.EditLetters, s.recordPosition),
		press("/admin/campaigns/{id}/targets/{target}/follow-up", accounts.EditCampaigns, s.followUp),
		press("/admin/campaigns/{id}/targets/{target}/chase", accounts.EditCampaigns, s.chase),

		look("/admin/targets", accounts.ReadTargets, s.listTargetsPage),
		press("/admin/targets", accounts.EditTargets, s.addTargetByForm),
		look("/admin/targets/new", accounts.EditTargets, s.newTargetPage),
		look("/admin/targets/{id}", accounts.ReadTargets, s.targetPage),
		press("/admin/targets/{id}", accounts.EditTargets, s.changeTargetByForm),

		look("/admin/postal-routes", accounts.EditTargets, s.postalRoutesPage),
		press("/admin/postal-routes", accounts.EditTargets, s.putPostalRoute),

		look("/admin/accounts", accounts.ManageAccounts, s.listAccounts),
		press("/admin/accounts", accounts.ManageAccounts, s.addAccount),
		look("/admin/accounts/new", accounts.ManageAccounts, s.newAccountPage),
		look("/admin/accounts/{id}", accounts.ManageAccounts, s.accountPage),
		press("/admin/accounts/{id}/roles", accounts.ManageAccounts, s.setRoles),
		press("/admin/accounts/{id}/disable", accounts.ManageAccounts, s.disableAccount),
		press("/admin/accounts/{id}/enable", accounts.ManageAccounts, s.enableAccount),
	}
}

// replyRoutes are the answers of offices. What shows who wrote is a form, because it is written down.
func (s *Server) replyRoutes() []route {
	return []route{
		look("/admin/replies", accounts.ReadLetters, s.listRepliesPage),
		press("/admin/replies", accounts.EditLetters, s.addReplyByForm).streams(),
		look("/admin/replies/new", accounts.EditLetters, s.newReplyPage),
		look("/admin/replies/{id}", accounts.ReadLetters, s.replyPage),
		press("/admin/replies/{id}/open", accounts.EditLetters, s.openReplyPage),
		press("/admin/replies/{id}/files/{n}", accounts.EditLetters, s.replyFile),
		press("/admin/replies/{id}/settle", accounts.EditLetters, s.settleReply),
		press("/admin/replies/{id}/state", accounts.EditLetters, s.setReplyState),
		press("/admin/replies/{id}/shown", accounts.EditLetters, s.editShown),
		press("/admin/replies/{id}/notes", accounts.EditLetters, s.addNote),
		press("/admin/replies/{id}/link-all", accounts.EditLetters, s.linkAllReply),
		press("/admin/replies/{id}/letters/{letter}/link", accounts.EditLetters, s.linkReply),
		press("/admin/replies/{id}/letters/{letter}/unlink", accounts.EditLetters, s.unlinkReply),
	}
}
