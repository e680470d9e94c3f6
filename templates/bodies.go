package templates

// bodies returns an empty one of every page there is.
func bodies() []Body {
	return []Body{
		TakeAction{}, Report{}, Unsubscribe{}, Sorry{},
		SignIn{}, SignInLink{},
		Campaigns{}, Campaign{}, CampaignForm{}, CampaignChange{}, Cases{}, Case{}, CaseForm{},
		Compose{}, Launch{}, Appeal{}, AppealProgress{}, Engine{}, EngineState{},
		Members{}, Member{}, MemberForm{}, MemberImport{},
		Letters{}, Groups{}, GroupForm{}, Targets{}, TargetForm{},
		Accounts{}, Account{}, AccountForm{}, OwnAccount{},
		Mailbox{}, MailView{},
		Reports{}, DaysFile{}, TargetRecord{},
	}
}
