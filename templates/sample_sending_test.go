package templates

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sampleLetter(lang, state string) LetterMail {
	t := sampleTargets(lang)[0]
	return LetterMail{Action: "/c/abcdefghijklmnop", Number: sampleNumber(), Office: t.Office, OfficeLang: t.Lang, From: "Ada B. via Maple Refuge Network",
		Subject: "Please stop this removal", Text: "Dear Minister,\n\nPlease stop the removal of M.R. to Iran.\n\nYours sincerely,\n\nAda B.\nKingston\n\n-- \nThis letter was written by the person who signs it, and sent by way of Maple Refuge Network.\n", TextLang: "en",
		State: state, Version: "0123456789abcdef", When: sampleNow, Zone: "America/Toronto", Others: []string{"post", "fax", "phone", "web_form"},
		ActionURL: "/a/k7q2mzv4xw3bnd5t"}
}

func sendingSamples(lang string) []sample {
	head := publicHead(lang)
	list := []sample{
		of("letter-asked", head, LetterAsked{Address: "a•••@mail.example", BackURL: "/a/k7q2mzv4xw3bnd5t"}),
		of("letter-not-asked", head, LetterAsked{Why: "sent_before", BackURL: "/a/k7q2mzv4xw3bnd5t"}),
	}
	for _, state := range strings.Fields(families()["sending.became"]) {
		list = append(list, of("letter-"+state, head, sampleLetter(lang, state)))
	}
	held := sampleLetter(lang, "queued")
	held.Held = true
	heldUnasked := sampleLetter(lang, "unconfirmed")
	heldUnasked.Held, heldUnasked.Why = true, "changed"
	lapsed := sampleLetter(lang, "lapsed")
	lapsed.Reason, lapsed.Text = "no_address", ""
	answered := sampleLetter(lang, "sent")
	answered.Answers = []LetterAnswer{{Day: sampleNow, Subject: "Re: Please stop this removal", Text: "Dear […],\n\nThe Minister has read your letter.\n"}}
	return append(list, of("letter-with-answer", head, answered), of("letter-held", head, held), of("letter-changed", head, heldUnasked), of("letter-lapsed-erased", head, lapsed))
}

func sendingStaffSamples(lang string) []sample {
	head := staffHead(lang, "letters")
	t := sampleTargets(lang)
	lines := []MailLine{
		{ID: "1", Office: t[0].Office, Lang: t[0].Lang, Queued: 212, Unconfirmed: 31, Sent: 840, Last: sampleNow},
		{ID: "2", Office: t[1].Office, Lang: t[1].Lang, Queued: 4, Unknown: 1, Returned: 2, Last: sampleNow, Stopped: sampleNow},
	}
	marks := []ChannelMark{{ID: "7", Office: t[1].Office, Lang: t[1].Lang, Channel: "email", Why: "returned", Marked: sampleNow}}
	wrong := head
	wrong.Problems = []Problem{{Field: "channel", Word: ProblemMissing}}
	return []sample{of("letter-queue-wrong", wrong, LetterQueue{May: true, Targets: []Choice{{Value: "1", Label: t[0].Office, Lang: t[0].Lang}}}), of("letter-queue", head, LetterQueue{Lines: lines, Marks: marks, May: true, Targets: []Choice{{Value: "1", Label: t[0].Office, Lang: t[0].Lang, Chosen: true}}, Channel: "fax"}), of("letter-queue-read", head, LetterQueue{Lines: lines, Marks: marks}),
		of("letter-queue-none", head, LetterQueue{})}
}

func TestEachNoteToAWriterSaysTheSameInBothParts(t *testing.T) {
	t.Parallel()
	for _, lang := range PublicLanguages() {
		for _, state := range []string{"unconfirmed", "refused", "unknown", "returned", "lapsed", "answered"} {
			m := LetterNote{Organisation: sampleOrganisation(), Language: lang, Number: sampleNumber(), Office: sampleTargets(lang)[0].Office,
				URL: "https://act.refuge.example/c/abcdefghijklmnop", State: state, Others: []string{"post", "fax"}, ActionURL: "https://act.refuge.example/a/k7q2mzv4xw3bnd5t"}
			if state == "lapsed" {
				m.Reason, m.Others = "closed", nil
			}
			m.Organisation.Name += "\r\nBcc: x@y.example"
			subject, text, page, err := RenderLetterNote(m)
			if err != nil {
				t.Fatal(err)
			}
			if strings.ContainsAny(subject, "\r\n") {
				t.Errorf("the subject is %q", subject)
			}
			doc := parsed(t, []byte(page))
			checkNothingRemote(t, doc)
			if diff := cmp.Diff(linksOfText(text), linksOfHTML(doc)); diff != "" {
				t.Errorf("%s in %s: the parts have other links (-text +html):\n%s", state, lang, diff)
			}
			if !strings.Contains(text, m.URL) {
				t.Errorf("%s in %s lacks its link:\n%s", state, lang, text)
			}
		}
	}
}
