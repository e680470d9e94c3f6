package templates

import (
	"fmt"
	"slices"
	"strings"
)

// What a Notice can say.
const (
	NoticeSaved        = "saved"
	NoticeCreated      = "created"
	NoticeLaunched     = "launched"
	NoticeStopping     = "stopping"
	NoticeResumed      = "resumed"
	NoticeStopped      = "stopped"
	NoticeClosed       = "closed"
	NoticeAgreed       = "agreed"
	NoticeTestSent     = "test_sent"
	NoticeUnsubscribed = "unsubscribed"
	NoticeReported     = "reported"
	NoticeCorrected    = "corrected"
	NoticeWithdrawn    = "withdrawn"
	NoticeSignedOut    = "signed_out"

	NoticeCampaignStopped = "campaign_stopped"
	NoticeCampaignResumed = "campaign_resumed"
)

// What a Problem can say in the reader's own language.
const (
	ProblemMissing      = "missing"
	ProblemNotANumber   = "not_a_number"
	ProblemTooMany      = "too_many"
	ProblemNotADate     = "not_a_date"
	ProblemFuture       = "future"
	ProblemTooEarly     = "too_early"
	ProblemChooseTarget = "choose_target"
	ProblemNotOffered   = "not_offered"
	ProblemAddress      = "address"
	ProblemTaken        = "taken"
	ProblemTooLong      = "too_long"
	ProblemSignIn       = "sign_in"
	ProblemWait         = "wait"
	ProblemAfterEnd     = "after_end"
	ProblemNoName       = "no_name"
	ProblemTooManyBatch = "too_many_batch"
)

// What Sorry can say.
const (
	SorryBadLink   = "bad_link"  // a token that was altered, or never ours: told alike for all
	SorryNotFound  = "not_found" // nothing at this address
	SorryGone      = "gone"      // was here, and is no longer public
	SorryForbidden = "forbidden" // this account may not do this, or a safety rule refuses it
	SorryConflict  = "conflict"  // the thing has changed meanwhile, or its state does not allow this
	SorryTooMany   = "too_many"  // too many requests
	SorryTooLarge  = "too_large" // more than is read
	SorryFault     = "fault"     // a fault of ours, named by its id
	SorryInvalid   = "invalid"   // a request that no form of ours sends
)

const sorryWords = SorryBadLink + " " + SorryNotFound + " " + SorryGone + " " + SorryForbidden + " " + SorryConflict + " " +
	SorryTooMany + " " + SorryTooLarge + " " + SorryFault + " " + SorryInvalid

// families are the words that the house uses for the values of one thing, each with a message FAMILY.VALUE. They are
// the values of the schema's CHECKs; a test holds the two lists together.
func families() map[string]string {
	return map[string]string{
		"casefile_kind":  caseFileKinds,
		"casefile_fact":  caseFileFacts,
		"kind":           "first update stop_action outcome correction",
		"campaign_state": "draft active stopped closed",
		"appeal_state":   "draft issuing complete stopping stopped",
		"delivery_state": "queued sending accepted refused deferred unknown skipped stopped",
		"reason":         "left suppressed too_late duplicate erased unwritable address content us gave_up silence process bytes_changed limit slowed",
		"stop_reason":    "blocked unwritable",
		"relay_state":    "idle open down refuses_us",
		"failure":        "gave_up us content unknown",
		"relay_step":     "connect greeting ehlo starttls auth compose rset mail rcpt data body dot",
		"channel":        "email post fax phone social web_form",
		"label_size":     "a4-24 letter-30 envelope-dl envelope-10 envelope-c6",
		"tally.known":    grades,
		"tally.way":      "unsaid", // beside those of "channel", which are offered
		"tally.state":    "counted returned waiting refused",
		"gender":         "female male",
		"side":           "removing receiving third intergovernmental",
		"power":          "decides can_direct can_influence no_individual_power",
		"target_kind":    "minister agency head_of_government embassy legislator intergovernmental carrier",
		"timing":         "exact window any_time none done",
		"after_deadline": "ask_coordinator forbidden open",
		"outcome": "deferred stay_granted interim_measures released status_granted application_allowed removed " +
			"removal_failed left_under_pressure in_sanctuary detained_on_arrival missing_after_return policy_changed unknown",
		"durability":       "temporary durable unknown",
		"contribution":     "unknown acknowledged_by_counsel acknowledged_by_authority",
		"on_unknown":       "resend hold",
		"role":             "coordinator caseworker reviewer translator tracker auditor administrator",
		"member_state":     "subscribed left suppressed erased",
		"left_how":         "one_click page mail complaint staff import erased",
		"suppression":      "complaint returned staff import erased",
		"mail_view":        "text html source",
		"mail_what":        "letter inward note alert",
		"mail_as":          "office member",
		"answer_as_office": "acknowledgement agreed refused automatic bounced own",
		"answer_as_member": "told passed_on",
		"section":          sections,
		"public_state":     "active stopped closed draft",
		"after":            "ask_coordinator forbidden open",
		"segment":          "accepted skipped refused unknown stopped waiting",
		"advice_do":        "own_words polite facts asks who law reply quick",
		"advice_not":       "more threats others origin",
		"reply_state":      "unread read settled not_an_answer",
		"reply_kind":       replyKinds,
		"reply_advice":     replyKinds,
		"came":             "mail forward scan alert",
		"link_how":         "address code guess person",
		"link_state":       "suggested linked rejected",
		"file_type":        "pdf jpeg png text mail",
		"sorry":            sorryWords,
		"sorry_title":      sorryWords,
		"desk_hint":        "unspoken harsh numbers more like_sample like_others language too_long too_short who reply",
		"desk_flag":        "too_late suspended returned refused told one_by_one held",
		"letter_state":     "made counted set_aside returned withdrawn",
		"tally_by":         "campaign case country removing topic target kind channel grade group member year month day",
		"grade":            grades,
		"grade_means":      tallyColumns,
		"tally_state":      "counted made set_aside returned withdrawn",
		"tally_without":    "case country removing topic kind group member",
		"position":         "agreed refused form_answer silent open",
		"next_step":        "thank leave_out escalate chase write",
		"mark_why":         "returned refused told",
		"notice": strings.Join([]string{NoticeSaved, NoticeCreated, NoticeLaunched, NoticeStopping, NoticeResumed, NoticeStopped,
			NoticeClosed, NoticeAgreed, NoticeTestSent, NoticeUnsubscribed, NoticeReported, NoticeCorrected, NoticeWithdrawn, NoticeSignedOut,
			NoticeCampaignStopped, NoticeCampaignResumed}, " "),
		"sending.became":  "answered unconfirmed queued sending sent refused unknown withdrawn lapsed returned",
		"sending.because": "answered refused unknown returned",
		"sending.why":     "closed too_late unconfirmed target_stopped no_address writer_left content held sent_before reported too_many changed over",
		"problem": strings.Join([]string{ProblemMissing, ProblemNoName, ProblemNotANumber, ProblemTooMany, ProblemNotADate, ProblemFuture,
			ProblemTooEarly, ProblemChooseTarget, ProblemNotOffered, ProblemAddress, ProblemTaken, ProblemTooLong, ProblemSignIn, ProblemWait,
			ProblemAfterEnd, ProblemTooManyBatch}, " "),
	}
}

// sections are the entries of the staff navigation, each at /admin/SECTION.
const sections = "campaigns members groups letters replies reports targets engine accounts"

// replyKinds are the kinds of answer that offices give.
const replyKinds = "acknowledgement form_answer substantive referral refusal_to_comment asks_identity returned hostile"

// options returns the values of a family as choices, named in the page's language.
func (w *words) options(family, chosen string) ([]Choice, error) {
	values, known := families()[family]
	if !known {
		return nil, fmt.Errorf("there is no family of words called %q", family)
	}
	var choices []Choice
	for _, value := range strings.Fields(values) {
		label, err := w.word(family, value)
		if err != nil {
			return nil, err
		}
		choices = append(choices, Choice{Value: value, Label: label, Chosen: value == chosen})
	}
	return choices, nil
}

// languageOptions returns languages as choices, named in the page's language.
func (w *words) languageOptions(chosen string, tags []string) []Choice {
	var choices []Choice
	for _, tag := range tags {
		choices = append(choices, Choice{Value: tag, Label: capital(w.language(tag)), Chosen: tag == chosen})
	}
	return choices
}

// countryOptions returns all countries as choices.
func (w *words) countryOptions(chosen string) []Choice {
	choices := slices.Clone(w.countries)
	for i := range choices {
		choices[i].Chosen = choices[i].Value == chosen
	}
	return choices
}

// LanguageChoices returns languages as choices, named in lang.
func LanguageChoices(lang string, tags []string, chosen ...string) []Choice {
	w := press().words[suiting(PublicLanguages(), []string{lang})]
	choices := w.languageOptions("", tags)
	for i := range choices {
		choices[i].Chosen = slices.Contains(chosen, choices[i].Value)
	}
	return choices
}

// CountryChoices returns countries as choices, named in lang.
func CountryChoices(lang string, codes []string, chosen ...string) []Choice {
	w := press().words[suiting(PublicLanguages(), []string{lang})]
	choices := make([]Choice, len(codes))
	for i, code := range codes {
		choices[i] = Choice{Value: code, Label: w.country(code), Chosen: slices.Contains(chosen, code)}
	}
	return choices
}

// WordChoices returns the values of a family of words as choices, named in lang; none for a family that there is not.
func WordChoices(lang, family string) []Choice {
	choices, err := press().words[suiting(StaffLanguages(), []string{lang})].options(family, "")
	if err != nil {
		return nil
	}
	return choices
}
