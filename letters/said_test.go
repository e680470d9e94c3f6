package letters_test

import (
	"strings"
	"testing"

	"holdfast/letters"
)

func TestWhatAMemberAnswersToAnAlertIsUnderstoodOrGoesToAPerson(t *testing.T) {
	t.Parallel()
	none := letters.Said{Letters: -1}
	say := func(n int, channel string) letters.Said { return letters.Said{Letters: n, Channel: channel} }
	for text, want := range map[string]letters.Said{
		"sent, 2 letters":    say(2, "unsaid"),
		"Sent.":              say(0, "unsaid"),
		"2 letters":          say(2, "unsaid"),
		"Done! Three emails": say(3, "email"),
		"I posted one letter yesterday, 24 Nov 2026": say(1, "post"),
		"We faxed 4": say(4, "fax"),
		"Hello,\nI have sent two letters by e-mail.\nBest,\nMarie": say(2, "email"),
		"sent to all":                 {Channel: "unsaid", All: true},
		"Envoyé, 2 lettres":           say(2, "unsaid"),
		"J’ai envoyé trois courriels": say(3, "email"),
		"J'ai posté une lettre":       say(1, "post"),
		"Envié dos cartas":            say(2, "unsaid"),
		"enviadas 5 cartas":           say(5, "unsaid"),
		"أرسلت رسالتين":               say(2, "unsaid"),
		"أرسلت ٣ رسائل":               say(3, "unsaid"),
		"دو نامه فرستادم":             say(2, "unsaid"),
		"۴ نامه با پست فرستادم":       say(4, "post"),
		"sent 2 letters\n\nOn Tue, 24 Nov 2026 at 09:00, Refuge Network <a@b.example>\nwrote:\n> 7 letters are needed. Why?": say(2, "unsaid"),
		"sent 1 letter\n-- \nMarie, 12 Main Street, 555 1234":                                                                say(1, "unsaid"),
		"1 letter\nSent from my iPhone": say(1, "unsaid"),

		"":                               none,
		"thanks":                         none,
		"How many letters were sent?":    none,
		"I have not sent my letter":      none,
		"I will send 2 letters tomorrow": none,
		"Please unsubscribe me, I sent 2 letters":      none,
		"sent 1 letter and 2 emails":                   none,
		"sent 60 letters":                              none,
		"sent 2 of 3":                                  none,
		"I got an answer from the minister: 2 letters": none,
		"Je n'ai pas envoyé de lettre":                 none,
		"لم أرسل رسالة":                                none,
		"I wrote 2 letters. " + strings.Repeat("And there is a long story to tell of that. ", 12): none,
		"2026": none,
		// What a machine answers that does not say it is one, and what is said of somebody else's sending.
		"This message was sent automatically.":                none,
		"Your mail has been received and sent to a colleague": none,
		"You have sent me this three times":                   none,
		"Ce message a été envoyé automatiquement":             none,
		"Su mensaje ha sido enviado":                          none,
		"تم ارسال الرد تلقائيا":                               none,
	} {
		got, ok := letters.Understand(text)
		switch {
		case ok != (want.Letters >= 0):
			t.Errorf("%q: understood %v as %+v, want %v", text, ok, got, want.Letters >= 0)
		case ok && got != want:
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestForwardedMailIsToldFromAnAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		subject, text string
		want          bool
	}{
		{"Fwd: Your letter", "see below", true}, {"TR : votre lettre", "", true}, {"Re: UA 12/26", "sent", false},
		{"answer", "Look:\n\n---------- Forwarded message ---------\nFrom: x <x@gov.example>", true},
		{"réponse", "Début du message réexpédié :\n", true}, {"Re: forward", "I look forward", false},
	} {
		if got := letters.IsForward(c.subject, c.text); got != c.want {
			t.Errorf("%q %q: %v", c.subject, c.text, got)
		}
	}
}

// The law: whatever is written, no more letters are understood than one report may claim.
func FuzzUnderstand(f *testing.F) {
	f.Add("sent 2 letters")
	f.Add("أرسلت ٣ رسائل")
	f.Fuzz(func(t *testing.T, text string) {
		if said, ok := letters.Understand(text); ok && (said.Letters < 0 || said.Letters > letters.MostCopies || said.Channel == "") {
			t.Fatalf("%q: %+v", text, said)
		}
	})
}
