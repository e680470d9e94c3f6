package letters

import (
	"regexp"
	"strings"
)

// The kinds of answer that offices give.
const (
	Acknowledgement  = "acknowledgement"
	FormAnswer       = "form_answer"
	Substantive      = "substantive"
	Referral         = "referral"
	RefusalToComment = "refusal_to_comment"
	CameBack         = "returned"
	Hostile          = "hostile"
	AsksIdentity     = "asks_identity"
)

// ReplyKinds lists the kinds, in the order in which people are asked.
var ReplyKinds = []string{Acknowledgement, FormAnswer, Substantive, Referral, RefusalToComment, AsksIdentity, CameBack, Hostile}

// kindSigns are what each kind says, in English and French. Earlier ones win: an office that refers a letter acknowledges it as well.
var kindSigns = []struct {
	kind  string
	signs *regexp.Regexp
}{
	{CameBack, regexp.MustCompile(`undeliver(able|ed)|delivery (has )?failed|delivery status notification|return(ed)? to sender|no such (user|mailbox)|non remis|retour à l'expéditeur|adresse introuvable`)},
	{AsksIdentity, regexp.MustCompile(`(provide|send|confirm|include|indicate) (us )?(with )?your (full )?(name|identity|postal address|mailing address|home address|street address|postal code)|proof of (your )?identity|` +
		`(fournir|indiquer|préciser|confirmer|communiquer) votre (nom|identité|adresse)|preuve d'identité`)},
	{Hostile, regexp.MustCompile(`\b(stop (writing|sending|harassing)|cease (writing|sending)|harass(ing|ment)|will be (blocked|reported to)|legal action against you|cessez (d'écrire|de nous)|harcèlement)\b`)},
	{RefusalToComment, regexp.MustCompile(`(cannot|can ?not|can't|unable to|not able to|not in a position to|may not|do(es)? not) (comment|discuss|disclose|provide (any )?information)( on| about| regarding)?|privacy (act|law|legislation)|` +
		`without (the |his |her |their )?(signed |written )?consent|ne (peut|pouvons|peux|sommes) (pas )?(commenter|discuter|divulguer|communiquer)|pas en mesure de (commenter|discuter|divulguer)|protection des renseignements personnels`)},
	{Referral, regexp.MustCompile(`(forwarded|referred|transferred|passed|redirected) (your|this|it)\b.{0,60}\bto\b|(your|this) (letter|message|e-?mail|correspondence) (has been|was|is being) (forwarded|referred|transferred|redirected)|` +
		`(falls|is) (within|under) the (responsibility|jurisdiction|mandate|purview) of|(transmis|transféré|acheminé|fait suivre) (votre|ce|le)\b|a été (transmise?|transférée?|acheminée?) (à|au|aux)|relève (de la|du|des) (compétence|responsabilité|ministère|ressort)`)},
	{FormAnswer, regexp.MustCompile(`(volume|number) of (correspondence|letters|e-?mails|messages|inquiries) (we|received|that)|dear (constituent|sir or madam|correspondent|friend)|` +
		`volume (élevé|important) de (courriels|courrier|lettres|correspondance)|nombre (élevé|important) de (lettres|messages|courriels)`)},
	{Acknowledgement, regexp.MustCompile(`acknowledg(e|es|ing|ement)( the)? receipt|has been received|have received your|(we|i) (have )?received your|will (be )?(review|respon|repl|consider)|this is (an automat|to confirm)|` +
		`accus(er?|ons|é de) réception|avons bien reçu|a bien été reçue?|bien reçu votre`)},
}

// decidedSigns are what only an answer about the person says. One of them, and no kind is guessed: a person must read it at once.
var decidedSigns = regexp.MustCompile(`(minister|department|agency|government|we|i) (has|have) (decided|agreed|granted|deferred|postponed|cancelled|suspended|refused|denied)|(removal|deportation) (has been|was|will be) (deferred|postponed|cancelled|suspended|stayed|carried out)|` +
	`(le|la) ministre a (décidé|accepté|refusé|accordé)|(renvoi|expulsion) (a été|est|sera) (reporté|suspendu|annulé|exécuté)|sursis (a été )?accordé`)

// GuessKind says what kind of answer a text may be: a help to whoever reads it, never a fact. It is "" where the text says too little, and
// Substantive only where it speaks of a decision.
func GuessKind(subject, text string) string {
	low := strings.ToLower(strings.NewReplacer("’", "'", "\n", " ", "\u00a0", " ").Replace(subject + "\n" + OwnWords(text)))
	low = strings.Join(strings.Fields(low), " ")
	if decidedSigns.MatchString(low) {
		return Substantive
	}
	for _, one := range kindSigns {
		if one.signs.MatchString(low) {
			return one.kind
		}
	}
	return ""
}
