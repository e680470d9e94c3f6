package letters_test

import (
	"strings"
	"testing"

	"holdfast/letters"
)

func TestTheAddressOfTheWriterIsRedactedBeforeOthersSeeAnAnswer(t *testing.T) {
	t.Parallel()
	known := []string{"Marie Ekström-Lind", "marie.el@mail.example"}
	for text, want := range map[string]string{
		"Dear Ms. Ekström-Lind,\n\nThank you, Marie, for writing.":       "Dear […],\n\nThank you, […], for writing.",
		"Marie Ekström-Lind\n14B Maple Grove Street\nOttawa ON  K1A 0B1": "[…]\n[…]\nOttawa ON  […]",
		"MARIE EKSTRÖM-LIND wrote":                                       "[…] wrote",
		"Mariette and the maritime code are left alone":                  "Mariette and the maritime code are left alone",
		"Write to MARIE.EL@mail.example or office@gov.example.":          "Write to […] or […]",
		"call +46 70 123 45 67 or (613) 555-0199":                        "call […] or […]",
		"12, rue des Lilas, 69003 Lyon":                                  "[…], […] Lyon",
		"Storgatan 12, 111 22 Stockholm":                                 "[…], […] Stockholm",
		"Bonjour Madame Lindqvist,\nvotre lettre du 24 novembre 2026":    "Bonjour […],\nvotre lettre du 24 novembre 2026",
		"Sehr geehrte Frau Beispiel!\nIhr Schreiben vom 24.11.2026":      "Sehr geehrte […]!\nIhr Schreiben vom 24.11.2026",
		"Our file 2026-1188 of 2026-11-24, section 48(2), at 07:40":      "Our file 2026-1188 of 2026-11-24, section 48(2), at 07:40",
		"SW1A 2AA London": "[…] London",
		// Offices write names as their keyboards and forms have them.
		"Ms Ekstrom Lind, MARIE EKSTROEM-LIND and Ekstro\u0308m":         "Ms […], […] and […]",
		"> Marie\n> Ekström-\n> Lind's letter, Ekström’s, Ek\u00adström": "> […]'s letter, […]’s, […]",
	} {
		if got := letters.Redact(text, known); got != want {
			t.Errorf("%q\nbecame %q\nwant   %q", text, got, want)
		}
	}
}

// The law: no known name or address is left, and it can be done twice.
func FuzzRedact(f *testing.F) {
	f.Add("Dear Marie, marie@mail.example", "Marie")
	f.Add("\u212amarie K1A0B1", "K")
	f.Fuzz(func(t *testing.T, text, name string) {
		if len(text) > 5000 || len(name) > 100 {
			return
		}
		out := letters.Redact(text, []string{name, "someone@mail.example"})
		if strings.Contains(strings.ToLower(out), "someone@mail.example") {
			t.Fatalf("%q keeps an address", out)
		}
	})
}

func TestTheKindOfAnAnswerIsGuessedWithCare(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"We acknowledge receipt of your letter.":                                               letters.Acknowledgement,
		"Nous accusons réception de votre lettre.":                                             letters.Acknowledgement,
		"We have received your letter and have forwarded it to the Minister of Public Safety.": letters.Referral,
		"Votre lettre a été transmise au ministère.":                                           letters.Referral,
		"Due to the Privacy Act we cannot comment on this case.":                               letters.RefusalToComment,
		"Nous ne pouvons commenter ce dossier.":                                                letters.RefusalToComment,
		"Before we answer, please provide your full name and postal code.":                     letters.AsksIdentity,
		"Because of the volume of correspondence we receive, we answer in general terms.":      letters.FormAnswer,
		"The Minister has decided to defer the removal. We cannot comment further.":            letters.Substantive,
		"Le renvoi a été reporté.":                                                             letters.Substantive,
		"If you continue, stop writing to this office: it is harassment.":                      letters.Hostile,
		"Undeliverable: your letter":                                                           letters.CameBack,
		"The weather is fine.":                                                                 "",
		"Good day.\n\nOn Tuesday, somebody <a@b.example> wrote:\n> We acknowledge receipt":     "",
	} {
		if got := letters.GuessKind("", text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// The links in a mail to a member let whoever has them report, withdraw, confirm and unsubscribe in the member's name. Who answers an alert, or passes an
// answer on, quotes them without thinking of it.
func TestU11_AnAnswerShowsNoTokenThatTheMailItQuotesHeld(t *testing.T) {
	t.Parallel()
	const token = "cabcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst2"
	good := token[:53]
	for text, want := range map[string]string{
		"> https://act.refnet.example/r/" + good + "/report":                                                      "> https://act.refnet.example/r/[…]/report",
		"Leave: https://act.refnet.example/u/" + strings.ToUpper(good) + ".":                                      "Leave: https://act.refnet.example/u/[…].",
		"https://safe.example/?url=https%3A%2F%2Fact.refnet.example%2Fc%2F" + good + "&data=1":                    "https://safe.example/?url=https%3A%2F%2Fact.refnet.example%2Fc%[…]&data=1",
		"> https://act.refnet.example/w/" + good[:40] + "\n> " + good[40:] + "\n> next":                           "> https://act.refnet.example/w/[…]\n> next",
		"https://act.refnet.example/r/" + good[:44] + "=\n" + good[44:] + " next":                                 "https://act.refnet.example/r/[…] next",
		"l+" + good[:30] + "\n" + good[30:] + "@answers.refnet.example":                                           "l+[…]@answers.refnet.example",
		"https://act.refnet.example/r/" + good[:50]:                                                               "https://act.refnet.example/r/[…]",
		"https://act.refnet.example/a/abcdefghijklmnop and https://gov.example/r/minister/office\nplease read it": "https://act.refnet.example/a/abcdefghijklmnop and https://gov.example/r/minister/office\nplease read it",
	} {
		if got := letters.Redact(text, nil); got != want {
			t.Errorf("%q\nbecame %q\nwant   %q", text, got, want)
		}
	}
}
