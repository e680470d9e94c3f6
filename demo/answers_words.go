package demo

import (
	"strings"
)

// What an office may answer.
const (
	officeThanks    = "acknowledgement"
	officeAgrees    = "agreed"
	officeRefuses   = "refused"
	officeWrites    = "own"       // in words of its own
	officeAutomatic = "automatic" // its mail program answers
	officeUnknown   = "bounced"   // its mail server says that there is no such mailbox
)

// What a member may answer.
const (
	memberTells    = "told"      // that they wrote, or whatever they say
	memberPassesOn = "passed_on" // what an office answered to them
)

// officeWords are what an office says, in the languages that the offices of the demo write in.
func officeWords() map[string]map[string]string {
	return map[string]map[string]string{
		officeThanks: {
			"en": "Thank you for your letter. We acknowledge receipt of it. It will be reviewed by the officials concerned.\n\nMinisterial correspondence unit",
			"fr": "Nous accusons réception de votre lettre et vous en remercions. Elle sera examinée par les services concernés.\n\nUnité de la correspondance ministérielle",
		},
		officeAgrees: {
			"en": "Thank you for writing. The Minister has decided that the removal will be deferred until the United Nations Committee against Torture has looked at the complaint.\n\nOffice of the Minister",
			"fr": "Merci de votre lettre. La ministre a décidé que le renvoi sera reporté jusqu’à ce que le Comité contre la torture des Nations Unies ait examiné la plainte.\n\nCabinet de la ministre",
		},
		officeRefuses: {
			"en": "The Privacy Act does not allow us to speak of a person without their written consent, so we cannot comment on the case that you raise. The removal will be carried out as planned.\n\nMinisterial correspondence unit",
			"fr": "La protection des renseignements personnels ne nous permet pas de parler d’une personne sans son consentement écrit, et nous ne pouvons commenter ce dossier. Le renvoi sera exécuté comme prévu.\n\nUnité de la correspondance ministérielle",
		},
		officeAutomatic: {
			"en": "This is an automatic reply. Because of the volume of correspondence we receive, an answer may take up to six weeks. Please do not answer this message.",
			"fr": "Ceci est une réponse automatique. Vu le volume élevé de courriels, une réponse peut prendre jusqu’à six semaines. Merci de ne pas répondre à ce message.",
		},
	}
}

// memberWords are what a member who has written answers to an alert, in the languages of the demo.
func memberWords() map[string]string {
	return map[string]string{
		"en": "sent, 2 letters",
		"fr": "envoyé, 2 lettres",
		"es": "enviado, 2 cartas",
		"ar": "أرسلت رسالتين",
		"fa": "فرستادم، ۲ نامه",
	}
}

// inLanguage chooses among texts by language, whatever the region; English where there is none.
func inLanguage(texts map[string]string, lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	if text := texts[base]; text != "" {
		return text
	}
	return texts["en"]
}

// asOffice is the answer of an office. Words that somebody gives stand for the ready ones.
func (o outgoing) asOffice(c *caught, kind, text string) (outgoing, bool) {
	base, _, _ := strings.Cut(c.head().language, "-")
	switch kind {
	case officeUnknown:
		return o.asReport(c), true
	case officeWrites:
		if text == "" {
			return o, false
		}
	case officeThanks, officeAgrees, officeRefuses, officeAutomatic:
		if text == "" {
			text = inLanguage(officeWords()[kind], base)
		}
	default:
		return o, false
	}
	o.text = text + quoted(c, base)
	if kind == officeAutomatic {
		o.sender, o.text = "", text+"\n"
		o.fields = append(o.fields, [2]string{"Auto-Submitted", "auto-replied"})
	}
	return o, true
}

// asReport is what a mail server says that has no such mailbox (RFC 3464).
func (o outgoing) asReport(c *caught) outgoing {
	address := c.head().address
	o.sender, o.from.Name, o.from.Address = "", "Mail Delivery System", "mailer-daemon"+address[strings.LastIndexByte(address, '@'):]
	o.subject = "Undelivered Mail Returned to Sender"
	o.kind = `multipart/report; report-type=delivery-status; boundary="report"`
	o.fields = append(o.fields, [2]string{"Auto-Submitted", "auto-replied"})
	o.text = "--report\nContent-Type: text/plain; charset=us-ascii\n\nYour mail could not be delivered: there is no such mailbox here.\n" +
		"--report\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n" +
		"Final-Recipient: rfc822; " + oneLine(address) + "\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such mailbox\n--report--\n"
	return o
}

// asMember is the answer of a member to an alert.
func (o outgoing) asMember(c *caught, kind, text string) (outgoing, bool) {
	base, _, _ := strings.Cut(c.head().language, "-")
	switch {
	case kind == memberPassesOn:
		office := Offices()[1] // one of those that the launched campaign writes to
		own := text
		if text == inLanguage(memberWords(), base) {
			own = "" // what stood there for the other kind
		}
		o.subject = "Fwd: " + office.Office["en"]
		o.text = strings.TrimSpace(own+"\n\n---------- Forwarded message ---------\nFrom: "+office.Institution["en"]+" <"+office.Address+">\nSubject: "+office.Office["en"]+"\n\n"+
			officeWords()[officeThanks]["en"]) + "\n"
		return o, true
	case kind == memberTells && text != "":
		o.text = text + quoted(c, base)
		return o, true
	}
	return o, false
}
