package templates

// bodies returns an empty one of every page there is.
func bodies() []Body {
	return []Body{
		TakeAction{}, Report{}, Desk{}, OwnMail{}, Unsubscribe{}, Sorry{},
		EnterCode{}, PostalRoutes{},
		SignIn{}, SignInLink{},
		Campaigns{}, Campaign{}, CampaignForm{}, CampaignChange{}, Cases{}, Case{}, CaseForm{},
		Compose{}, Launch{}, Appeal{}, AppealProgress{}, Engine{}, EngineState{},
		Members{}, Member{}, MemberForm{}, MemberImport{},
		Letters{}, Replies{}, Reply{}, ReplyForm{}, Groups{}, GroupForm{}, Targets{}, TargetForm{},
		Accounts{}, Account{}, AccountForm{}, OwnAccount{},
		Mailbox{}, MailView{}, OwnProgram{},
		LetterAsked{}, LetterMail{}, LetterQueue{},
		Evening{}, Evenings{}, AsideLetters{},
		Reports{}, DaysFile{}, TargetRecord{},
	}
}
