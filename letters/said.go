package letters

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Said is what somebody who answered an alert said of their letters, where it could be understood.
type Said struct {
	Letters int    // 0 where they gave no number
	Channel string // Unsaid where they did not say how
	All     bool   // one to each office
}

// The longest answer that is understood without a person. Who writes more has something to say.
const (
	mostSaid      = 400
	mostSaidLines = 8
)

// Understand reads an answer to an alert such as "sent, 2 letters", in the five languages of the house. ok is false where it may say something
// else, which a person must read: the rule would sooner ask than count what was not said.
func Understand(text string) (said Said, ok bool) {
	text = OwnWords(text)
	if text == "" || len([]rune(text)) > mostSaid || strings.Count(text, "\n") >= mostSaidLines || strings.ContainsAny(text, "?؟") {
		return said, false
	}
	words := saidWords(text)
	sent, channels, counts, bare := false, map[string]bool{}, []int{}, []int{}
	for i, word := range words {
		if doubtWords[word] {
			return said, false
		}
		sent = sent || sentWords[word]
		said.All = said.All || allWords[word]
		if channel := channelWords[word]; channel != "" {
			channels[channel] = true
		}
		if n := duals[word]; n > 0 {
			counts, sent = append(counts, n), true
		}
		n := numberOf(word)
		if n == 0 {
			continue
		}
		if isDigits(word) {
			bare = append(bare, n)
		}
		for _, next := range words[i+1 : min(i+3, len(words))] {
			if letterWords[next] {
				counts = append(counts, n)
				break
			}
		}
	}
	switch {
	case len(counts) == 0 && len(bare) == 1:
		counts = bare
	case len(counts) == 0 && len(bare) > 1:
		return said, false // one of them is a number of letters, and nobody knows which
	}
	if len(counts) > 1 || len(channels) > 1 || !sent && (len(counts) == 0 || len(words) > 4) {
		return said, false
	}
	if len(counts) == 1 {
		said.Letters = counts[0]
	}
	if said.Letters > MostCopies || said.All && said.Letters > 1 {
		return said, false
	}
	said.Channel = Unsaid
	for channel := range channels {
		said.Channel = channel
	}
	return said, true
}

// numberOf is the number that a word says; 0 where it says none. One beyond what a report may claim stays one: it is for a person to see.
func numberOf(word string) int {
	if n := numberWords[word]; n > 0 {
		return n
	}
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 || n > 99_999 {
		return 0
	}
	return n
}

func isDigits(word string) bool { _, err := strconv.Atoi(word); return err == nil }

// saidWords are the words of a text in lower case, with digits of every script as ASCII, and Arabic letters in one spelling.
func saidWords(text string) []string {
	text = strings.NewReplacer("e-mail", "email", "é-mail", "email", "web form", "webform", "formulaire web", "webform", "correo electrónico", "email", "correo postal", "posted",
		"to each", "all", "à chacun", "tous", "a cada", "todos", "par la poste", "posted", "by post", "posted", "by mail", "", "par courrier", "posted").Replace(strings.ToLower(text))
	return strings.FieldsFunc(foldScript(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// foldScript writes digits as ASCII and the letters that Arabic and Persian keyboards have twice in one way, without their vowel signs.
func foldScript(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		case r >= '\u064b' && r <= '\u0652', r == '\u0640':
			return -1
		case r == 'أ', r == 'إ', r == 'آ':
			return 'ا'
		case r == 'ي', r == 'ى':
			return 'ی'
		case r == 'ك':
			return 'ک'
		case r == '\u200c':
			return ' '
		}
		return r
	}, text)
}

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for word := range strings.FieldsSeq(foldScript(words)) {
		m[word] = true
	}
	return m
}

func wordNumbers(list ...string) map[string]int {
	m := map[string]int{}
	for i, words := range list {
		for word := range strings.FieldsSeq(foldScript(words)) {
			m[word] = i + 1
		}
	}
	return m
}

// The words of the rule, in English, French, Spanish, Arabic and Persian. They are tables that nothing changes.
var (
	sentWords = wordSet(`sent wrote written mailed emailed faxed posted done called phoned
		envoyé envoyée envoyées envoyés écrit écrite écrites posté postée postées expédié faxé fait téléphoné appelé
		enviado enviada enviadas enviados envié enviamos escrito escribí mandé mandado hecho llamé
		ارسلت ارسلنا بعثت کتبت کتبنا تم فرستادم فرستادیم نوشتم نوشتیم ارسال فرستاده`)
	letterWords = wordSet(`letter letters email emails mail mails fax faxes message messages call calls copies postcard postcards card cards
		lettre lettres courriel courriels fax message messages carte cartes appel appels
		carta cartas correo correos mensaje mensajes llamada llamadas
		رسالة رسائل خطاب خطابات ایمیل ایمیلات نامه ایمیلها پیام`)
	allWords    = wordSet(`all everyone each everybody tous toutes chacun chacune todos todas الجمیع جمیع همه`)
	numberWords = wordNumbers("one un une uno una واحد واحدة یک", "two deux dos اثنان اثنین دو", "three trois tres ثلاث ثلاثة سه", "four quatre cuatro اربع اربعة چهار",
		"five cinq cinco خمس خمسة پنج", "six seis ست ستة شش", "seven sept siete سبع سبعة هفت", "eight huit ocho ثمانی ثمان ثمانیة هشت", "nine neuf nueve تسع تسعة نه",
		"ten dix diez عشر عشرة ده")
	duals        = map[string]int{foldScript("رسالتين"): 2, foldScript("رسالتان"): 2, foldScript("خطابين"): 2}
	channelWords = wordChannels(map[string]string{
		"email":    "email emails emailed courriel courriels ایمیل ایمیلات بریدالکترونی",
		"post":     "post posted stamp postcard postcards carte cartes poste posté postée postées timbre بالبرید پست",
		"fax":      "fax faxes faxed faxé فاکس بالفاکس",
		"phone":    "phone phoned called call calls telephone téléphone téléphoné appelé appel appels llamé llamada llamadas teléfono هاتف بالهاتف تلفن",
		"social":   "twitter tweet tweeted facebook instagram mastodon",
		"web_form": "webform formulaire formulario",
	})
	// What turns a sentence round, or makes it about something else.
	doubtWords = wordSet(`not didn don never cannot can couldn won wouldn unsubscribe remove stop leave why if when will going tomorrow wrong error returned bounced answer answered reply replied
		you your me received spam automatic automatically automated auto vacation holiday absent absence
		pas jamais demain vais désabonner désinscrire pourquoi si erreur réponse répondu revenue
		vous votre vos reçu automatique automatiquement absente congé congés vacances
		no nunca mañana voy baja cancelar porqué error respuesta respondió
		usted ustedes su recibido automático automática automáticamente ausente vacaciones
		لم لن لا غدا لماذا خطا رد الغاء نفرستادم نکردم نمی فردا چرا اگر پاسخ جواب لغو
		تلقائی تلقائیا اجازة غائب خودکار شما مرخصی`)
)

func wordChannels(list map[string]string) map[string]string {
	m := map[string]string{}
	for channel, words := range list {
		for word := range strings.FieldsSeq(foldScript(words)) {
			m[word] = channel
		}
	}
	return m
}

var (
	// Above this line stands what somebody wrote, below it what they answered to.
	quoteBegins = regexp.MustCompile(`(?i)^\s*(-{2,}\s*(original message|message d'origine|message original|mensaje original|forwarded message|message transféré)|_{8,}\s*$` +
		`|(on|le|el|em|am)\s.{4,200}(wrote|a écrit|escribió|schrieb)\s*:?\s*$|.{0,200}(كتب|کتب|نوشت)[^\n]{0,80}:\s*$|(from|de|von|من|از)\s*:\s.{0,200}@)`)
	signatureBegins = regexp.MustCompile(`(?i)^(--\s?$|sent from my |get outlook|envoyé de mon |envoyé depuis |enviado desde mi |أرسلت من |ارسال شده از )`)
)

// OwnWords is what somebody who answered a mail wrote themselves: without what they quote, and without their signature.
func OwnWords(text string) string {
	var own []string
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		wrapped := line
		if i+1 < len(lines) {
			wrapped = line + " " + lines[i+1] // "On Tuesday … <a@b>\nwrote:"
		}
		if quoteBegins.MatchString(line) || signatureBegins.MatchString(line) || strings.HasSuffix(strings.TrimSpace(line), ">") && quoteBegins.MatchString(wrapped) {
			break
		}
		if !strings.HasPrefix(strings.TrimSpace(line), ">") {
			own = append(own, line)
		}
	}
	return strings.TrimSpace(strings.Join(own, "\n"))
}

var forwardBegins = regexp.MustCompile(`(?im)^\s*>?\s*(-{2,}\s*(forwarded message|original message|message transféré|message d'origine|mensaje reenviado)|(begin forwarded message|début du message réexpédié)\s*:)`)

// IsForward reports whether a mail passes another on, by its subject or by what stands in its text.
func IsForward(subject, text string) bool {
	low := strings.ToLower(strings.TrimSpace(subject))
	for _, begins := range []string{"fwd:", "fw:", "tr:", "tr :", "fwd :", "rv:", "i:", "wg:"} {
		if strings.HasPrefix(low, begins) {
			return true
		}
	}
	return forwardBegins.MatchString(text)
}
