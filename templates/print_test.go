package templates

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"holdfast/internal/failure"
	"holdfast/letters"
)

var printedAt = time.Date(2026, 11, 25, 3, 40, 0, 0, time.UTC)

// keepPDF leaves a copy of what was printed where HOLDFAST_TEST_PDF says, to be looked at.
func keepPDF(t *testing.T, name string, pdf []byte) {
	t.Helper()
	if dir := os.Getenv("HOLDFAST_TEST_PDF"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func testFace(t *testing.T) typeface {
	t.Helper()
	face, err := readTypeface()
	if err != nil {
		t.Fatal(err)
	}
	return face
}

// drawnOf is what is drawn of a text on one line, from left to right.
func drawnOf(face typeface, text string, base byte) string {
	line := face.joining.shape(text)
	runes := make([]rune, len(line))
	for i, g := range line {
		runes[i] = g.r
	}
	for i, level := range levels(runes, base) {
		line[i].level = level
	}
	return string(drawn(line))
}

// What Unicode's charts give for each word, letter by letter: unjoined, none of these would come out.
func TestArabicAndPersianAreJoined(t *testing.T) {
	t.Parallel()
	face := testFace(t)
	for word, want := range map[string]string{ // from left to right
		"سلام":        "\ufee1\ufefc\ufeb3",                   // meem isolated, lam-alef final, seen initial
		"لا":          "\ufefb",                               // lam-alef alone
		"الآن":        "\ufee5\ufef5\ufe8d",                   // noon, lam with madda, alef
		"محمد":        "\ufeaa\ufee4\ufea4\ufee3",             // dal final, two medial, meem initial
		"وزير":        "\ufeae\ufef3\ufeaf\ufeed",             // reh final, yeh initial, zain, waw
		"گچ":          "\ufb7b\ufb94",                         // tcheh final, gaf initial
		"پژوهش":       "\ufeb6\ufeeb\ufeed\ufb8b\ufb58",       // sheen final, heh initial, waw, jeh final, peh initial
		"می\u200cخوا": "\ufe8d\ufeee\ufea7\ufbfd\ufee3",       // the non-joiner parts yeh from khah
		"کتاب":        "\ufe8f\ufe8e\ufe98\ufb90",             // beh isolated, alef final, teh medial, keheh initial
		"ذئب":         "\ufe90\ufe8b\ufeab",                   // beh final, yeh with hamza initial, thal
		"رُفض":        "\ufebe\ufed3\u064f\ufead",             // a mark comes before its letter
		"کمیتهٔ":      "\u0654\ufeea\ufe98\ufbff\ufee4\ufb90", // heh with a hamza
		"ـه":          "\ufeea\u0640",                         // after a stroke that lengthens
		"قطر":         "\ufeae\ufec4\ufed7",                   // reh final, tah medial, qaf initial
		"الله":        "\ufeea\ufee0\ufedf\ufe8d",             // heh final, lam medial, lam initial, alef
		"ۀ":           "\u0654\ufee9",                         // one character where the typeface has two
	} {
		if got := drawnOf(face, word, 1); got != want {
			t.Errorf("%s is drawn %+q, want %+q", word, got, want)
		}
	}
}

// The examples of UAX #9 and of its test file, in what letters hold: numbers, brackets and Latin names in Arabic, and the reverse. Hebrew letters
// stand for all that run from right to left, as they have one form.
func TestTwoDirectionsOnOneLineStandInUnicodesOrder(t *testing.T) {
	t.Parallel()
	face := testFace(t)
	for _, c := range []struct {
		base byte
		text string
		want string
	}{
		{0, "abc אבג def", "abc גבא def"},
		{0, "אבג 123 def", "123 גבא def"},
		{1, "אבג 123", "123 גבא"},
		{1, "אבג UA 12/26 דהו", "והד UA 12/26 גבא"},
		{1, "אבג (K1A 0A6) דהו", "והד (K1A 0A6) גבא"},
		{1, "אבג (דהו) x", "x (והד) גבא"},
		{0, "abc (אבג)", "abc (גבא)"},
		{0, "a (אבג) b", "a (גבא) b"},
		{1, "ב 10-12", "10-12 ב"},
		{1, "م 07:40", "07:40 \ufee1"},
		{1, "م 10%", "%10 \ufee1"},
		{1, "א \u2068abc 12\u2069 ב", "ב abc 12 א"},
		{0, "a \u2067אב 12\u2069 b", "a 12 בא b"},
		{1, "א, abc.", ".abc ,א"},
		{1, "א «ב»", "«ב» א"},
	} {
		if got := drawnOf(face, c.text, c.base); got != c.want {
			t.Errorf("%q from direction %d is drawn %q, want %q", c.text, c.base, got, c.want)
		}
	}
}

// letterIn is a letter in one language to one country.
func letterIn(lang, country string) PaperLetter {
	l := PaperLetter{Language: lang, Country: country, Name: "Noor Example", Town: "Ottawa", Postal: "12 Example Street\nOttawa ON  K1A 0Z9\nCanada",
		Day: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), Address: []string{"Minister of Public Safety", "House of Commons", "Ottawa ON K1A 0A6", "Canada"},
		Code: "K7QM-2XPA", MadeAt: printedAt,
		Advice: Postage{Language: lang, Free: true, From: "CA", To: "CA", LastDay: printedAt.AddDate(0, 0, 9), KnowsSpeed: true, Transit: 5, Assumed: true,
			EnterURL: "https://act.refnet.example/code"}}
	switch lang {
	case "fr":
		l.Subject = "M. R. : demande de sursis à la mesure de renvoi"
		l.Text = "Monsieur le Ministre,\n\nJe m’appelle Noor et j’habite à Ottawa. J’ai appris que M. R., 47 ans, doit être renvoyé vers l’Iran malgré la demande du Comité contre la torture ; où qu’il soit, sa sœur et lui ont vécu dès l’été 2018 à Montréal, « dans la peur ».\n\nJe vous demande de suspendre le renvoi et de statuer sur la demande de dispense.\n\nVeuillez agréer, Monsieur le Ministre, l’expression de ma haute considération."
	case "ru":
		l.Name, l.Town, l.Postal = "Нур Примерова", "Оттава", ""
		l.Subject = "Просьба приостановить высылку М. Р."
		l.Text = "Уважаемый господин Министр!\n\nМеня зовут Нур, я живу в Оттаве. Мне стало известно, что господина М. Р., 47 лет, собираются выслать в Иран. Комитет ООН против пыток попросил Канаду подождать.\n\nПрошу Вас приостановить высылку и принять решение по его ходатайству.\n\nС уважением,"
	case "ar":
		l.Name, l.Town, l.Postal = "نور المثال", "أوتاوا", "12 Example Street\nOttawa ON  K1A 0Z9"
		l.Subject = "السيد م.ر.: طلب وقف الترحيل (UA 12/26)"
		l.Text = "معالي الوزير،\n\nاسمي نور وأعيش في Ottawa منذ عام 2018. علمتُ أن السيد م.ر.، وعمره 47 عامًا، سيُرحَّل إلى إيران في 27 نوفمبر 2026 الساعة 07:40، وقد طلبت لجنة مناهضة التعذيب (CAT) من كندا الانتظار.\n\nأرجو من معاليكم وقف الترحيل والبت في طلبه.\n\nوتفضلوا بقبول فائق الاحترام،"
	case "fa":
		l.Name, l.Town, l.Postal = "نور نمونه\u200cای", "اتاوا", ""
		l.Subject = "آقای م.ر.: درخواست توقف بازگرداندن"
		l.Text = "جناب آقای وزیر،\n\nمن نور هستم و در Ottawa زندگی می\u200cکنم. باخبر شدم که آقای م.ر.، ۴۷ ساله، قرار است در ۲۷ نوامبر ۲۰۲۶ به ایران بازگردانده شود. کمیتهٔ منع شکنجه از کانادا خواسته است صبر کند؛ پژوهشگران گفته\u200cاند خطر جدی است.\n\nخواهش می\u200cکنم این اقدام را متوقف کنید.\n\nبا احترام،"
	default:
		l.Subject = "Mr M.R.: please stop his removal"
		l.Text = "Dear Minister,\n\nMy name is Noor; I live in Ottawa. I have learnt that Mr M.R., aged 47, is to be removed to Iran although the Committee against Torture has asked Canada to wait.\n\nPlease stop the removal and decide his pending request.\n\nYours respectfully,"
	}
	return l
}

var countriesOfEnvelopes = []string{"CA", "US", "GB", "DE", "FR", "SE", "CH", "DK", "TR"}

// Measured, not looked at: of all that is drawn on the first page, the address alone is ever seen through the window, and all of it always.
func TestTheAddressAndNothingElseStandsInTheWindow(t *testing.T) {
	t.Parallel()
	for _, country := range countriesOfEnvelopes {
		for _, lang := range []string{"en", "fr", "ar", "fa", "ru"} {
			l := letterIn(lang, country)
			l.Address = append([]string{"Minister of Public Safety, Democratic Institutions and Intergovernmental Affairs of the whole Country"}, l.Address...)
			p, err := printLetter(l)
			if err != nil {
				t.Fatalf("%s to %s: %v", lang, country, err)
			}
			layout := layoutFor(country)
			safe, seen := layout.safe(), layout.seen()
			if safe.width() < 60 || safe.height() < 20 || safe.y1 > layout.fold || safe.x1 > layout.size.w {
				t.Fatalf("%s: a window of %v is none", country, safe)
			}
			inWindow := ""
			for _, line := range p.put {
				within := line.x0 >= safe.x0 && line.x1 <= safe.x1 && line.y0 >= safe.y0 && line.y <= safe.y1
				touches := line.x0 < seen.x1 && line.x1 > seen.x0 && line.y > seen.y0 && line.y0 < seen.y1
				if line.page == 1 && within {
					inWindow += line.text + " "
				}
				if line.page == 1 && touches && !within {
					t.Errorf("%s to %s: %q can be seen in the window, or is cut by it", lang, country, line.text)
				}
				if line.x0 < 5 || line.x1 > p.size.w-5 || line.y0 < 5 || line.y > p.size.h-5 {
					t.Errorf("%s to %s: %q stands off the paper", lang, country, line.text)
				}
			}
			if want := strings.Join(l.Address, " ") + " "; inWindow != want {
				t.Errorf("%s to %s: the window shows %q, want %q", lang, country, inWindow, want)
			}
		}
	}
}

func TestALetterIsPrintedInFourScripts(t *testing.T) {
	t.Parallel()
	for lang, country := range map[string]string{"en": "CA", "fr": "FR", "ru": "DE", "ar": "SE", "fa": "CH"} {
		l := letterIn(lang, country)
		pdf, err := PrintLetter(l)
		if err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		keepPDF(t, "letter-"+lang, pdf)
		again, err := PrintLetter(l)
		if err != nil || !bytes.Equal(pdf, again) {
			t.Errorf("%s: printed twice it is not the same (%v)", lang, err)
		}
		p, err := printLetter(l)
		if err != nil {
			t.Fatal(err)
		}
		var seen strings.Builder
		codes := 0
		for _, line := range p.put {
			seen.WriteString(line.drawn + "\n")
			if strings.Contains(line.drawn, l.Code) {
				codes++
			}
			if lang == "ar" || lang == "fa" {
				for _, r := range line.drawn {
					if testFace(t).joining.of(r).isolated != 0 && r != tatweel {
						t.Errorf("%s: %q is drawn with %c, which is not the form of any place in a word", lang, line.text, r)
					}
				}
				right := p.left + p.wide
				if line.page == 1 && isRightToLeft(line.text) && line.y < p.foot && line.y0 > layoutFor(country).seen().y1 && (line.x1 < right-0.1 || line.x1 > right+0.1) {
					t.Errorf("%s: %q does not begin at the right", lang, line.text)
				}
			}
		}
		if codes != 2 {
			t.Errorf("%s: the code stands %d times, want at the foot and on the page that stays", lang, codes)
		}
		if !strings.Contains(seen.String(), l.Advice.EnterURL) {
			t.Errorf("%s: nothing says where to enter the code", lang)
		}
		for _, private := range []string{l.Name, l.Town, l.Subject} {
			if strings.Contains(string(infoOf(t, pdf)), utf16Of(private)) || strings.Contains(string(infoOf(t, pdf)), private) {
				t.Errorf("%s: what describes the file holds %q", lang, private)
			}
		}
		if !strings.Contains(string(pdf), "/Lang ("+lang+")") {
			t.Errorf("%s: the file does not say its language", lang)
		}
	}
}

// infoOf is the part of a PDF that describes it.
func infoOf(t *testing.T, pdf []byte) []byte {
	t.Helper()
	at := bytes.Index(pdf, []byte("/Producer"))
	if at < 0 {
		t.Fatal("the PDF does not describe itself")
	}
	return pdf[at:]
}

func utf16Of(text string) string {
	var out strings.Builder
	for _, r := range text {
		out.WriteByte(byte(r >> 8))
		out.WriteByte(byte(r))
	}
	return out.String()
}

func TestALongLetterGoesOnAndAnEndlessOneIsRefused(t *testing.T) {
	t.Parallel()
	l := letterIn("en", "CA")
	l.Text = strings.Repeat("I write to you because I am worried, and I ask you to look at this case again.\n\n", 40)
	p, err := printLetter(l)
	if err != nil {
		t.Fatal(err)
	}
	if n := p.pdf.PageNo(); n < 3 || n > mostPrinted+1 {
		t.Errorf("%d pages", n)
	}
	for _, line := range p.put {
		if line.y > p.size.h-8 {
			t.Errorf("%q stands at %f", line.text, line.y)
		}
	}
	l.Text = strings.Repeat(l.Text, 4)
	if _, err := PrintLetter(l); !wrongField(err, "text") {
		t.Errorf("a letter of a hundred pages = %v, want text refused", err)
	}
}

func wrongField(err error, name string) bool {
	var e *failure.Error
	if !errors.As(err, &e) || e.Kind != failure.Invalid {
		return false
	}
	for _, f := range e.Fields {
		if f.Name == name {
			return true
		}
	}
	return false
}

func TestWhatCannotBePrintedIsNamed(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*PaperLetter){
		"text":    func(l *PaperLetter) { l.Text += " \U0001F600" },
		"name":    func(l *PaperLetter) { l.Name = "ڵ" }, // a letter with no form of its own for each place
		"subject": func(l *PaperLetter) { l.Subject = "हिन्दी" },
		"town":    func(l *PaperLetter) { l.Town = "東京" },
		"postal":  func(l *PaperLetter) { l.Postal = strings.Repeat("line\n", 12) },
		"address": func(l *PaperLetter) { l.Address = strings.Split(strings.Repeat("Ministry of Everything\n", 20), "\n") },
	} {
		l := letterIn("en", "US")
		change(&l)
		if _, err := PrintLetter(l); !wrongField(err, field) {
			t.Errorf("%s = %v, want it named", field, err)
		}
	}
}

func sampleEvening(lang string) EveningSheet {
	text := sampleTextIn(lang)
	return EveningSheet{Language: lang, Number: sampleNumber(), Headline: text.headline, Body: strings.ReplaceAll(text.body, "{removal_at}", "27"), TextLanguage: text.lang,
		Clock: urgentClock(), Asks: sampleAsks(lang), Targets: sampleTargets(lang), Contact: "actions@refuge.example",
		PublicURL: "https://act.refnet.example/a/abcdefgh", MadeAt: printedAt}
}

func TestTheSheetOfAnEveningSaysWhatToDoAndWhereToCount(t *testing.T) {
	t.Parallel()
	for _, lang := range PublicLanguages() {
		e := sampleEvening(lang)
		pdf, err := PrintEvening(e)
		if err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		keepPDF(t, "evening-"+lang, pdf)
		p, err := printEvening(e, &speaker{words: press().words[lang]})
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for _, line := range p.put {
			text.WriteString(line.text + "\n")
			if line.x0 < 5 || line.x1 > p.size.w-5 || line.y > p.size.h-8 {
				t.Errorf("%s: %q stands off the paper", lang, line.text)
			}
		}
		for _, target := range e.Targets {
			first, _, _ := strings.Cut(target.PostalAddress, "\n")
			if !strings.Contains(text.String(), first) {
				t.Errorf("%s: the address of %s is not there", lang, target.Office)
			}
		}
		for _, want := range []string{e.Contact, e.PublicURL} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("%s: lacks %s:\n%s", lang, want, text.String())
			}
		}
	}
}

func TestLabelsHoldTheWholeAddressEachOnItsLabel(t *testing.T) {
	t.Parallel()
	address := []string{"Minister of Public Safety and Emergency Preparedness", "House of Commons", "Ottawa ON K1A 0A6", "Canada"}
	for _, size := range LabelSizes() {
		pdf, err := PrintLabels(size, "en", address, printedAt)
		if err != nil {
			t.Fatalf("%s: %v", size, err)
		}
		keepPDF(t, "label-"+size, pdf)
		sheet := labelSheets()[size]
		p, err := newPrint(sheet.size, "en", "x", printedAt)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.labels(sheet, address, &speaker{words: press().words["en"]}); err != nil {
			t.Fatal(err)
		}
		var on int
		for _, line := range p.put {
			for row := range sheet.rows {
				for column := range sheet.columns {
					x, y := sheet.left+float64(column)*sheet.stepX, sheet.top+float64(row)*sheet.stepY
					if line.x0 >= x && line.x1 <= x+sheet.w && line.y0 >= y && line.y <= y+sheet.h {
						on++
					}
				}
			}
			if line.x1 > sheet.size.w || line.y > sheet.size.h {
				t.Errorf("%s: %q stands off the paper", size, line.text)
			}
		}
		if on != len(p.put) || on < sheet.columns*sheet.rows*len(address) {
			t.Errorf("%s: %d of %d lines stand whole on a label", size, on, len(p.put))
		}
	}
	if _, err := PrintLabels("a5", "en", address, printedAt); !failure.Is(err, failure.NotFound) {
		t.Errorf("a size there is none of: %v", err)
	}
	if _, err := PrintLabels("letter-30", "en", strings.Split(strings.Repeat("Ministry\n", 30), "\n"), printedAt); !wrongField(err, "address") {
		t.Errorf("an endless address: %v", err)
	}
}

func sampleCaseFile() letters.CaseFile {
	make := func(kind, key, at string, facts map[string]string) letters.Entry {
		return letters.Entry{Kind: kind, Key: kind + " " + key, At: at, Facts: facts}
	}
	return letters.CaseFile{Entries: []letters.Entry{
		make(letters.OfFile, "5", "2026-11-25T03:40:00Z", map[string]string{"made_by": "Noor Example"}),
		make(letters.OfCampaign, "5", "2026-11-20T10:00:00Z", map[string]string{"number": "UA 12/2026", "title": "Stop the removal", "state": "active", "removing_country": "CA", "receiving_country": "IR"}),
		make(letters.OfAsk, "a1", "", map[string]string{"en": "ask the Minister to stop the removal", "fr": "demandez au ministre de suspendre le renvoi", "fa": "از وزیر بخواهید"}),
		make(letters.OfEvent, "812", "2026-11-20T11:02:03Z", map[string]string{"action": "appeal.launch", "subject": "appeal 7", "by": "Noor Example"}),
		make(letters.OfText, "7 en", "", map[string]string{"language": "en", "subject": "Urgent action", "text": "Dear [name],\n\nM.R. is to be removed.\n" + strings.Repeat("He is at risk. ", 80)}),
		make(letters.OfText, "7 fa", "", map[string]string{"language": "fa", "subject": "اقدام فوری", "text": "م.ر.، ۴۷ ساله، قرار است بازگردانده شود.\n\nبا سپاس"}),
		make(letters.OfReceipt, "7 accepted", "", map[string]string{"appeal": "7", "state": "accepted", "members": "1021"}),
		make(letters.OfLetters, "CA-PS post paper counted", "", map[string]string{"office": "Minister of Public Safety", "channel": "post", "grade": "paper", "letters": "12"}),
		make(letters.OfLetters, "CA-PS post reported counted", "", map[string]string{"office": "Minister of Public Safety", "channel": "post", "grade": "reported", "letters": "230"}),
		make(letters.OfReply, "3", "2026-11-24T09:00:00Z", map[string]string{"office": "Minister of Public Safety", "kind": "form_answer", "text": "Thank you for writing. 👍"}),
	}}
}

func TestACaseFileIsWholeAndEveryPageNamesItsList(t *testing.T) {
	t.Parallel()
	for _, lang := range StaffLanguages() {
		f := sampleCaseFile()
		pdf, err := PrintCaseFile(f, lang)
		if err != nil {
			t.Fatal(err)
		}
		keepPDF(t, "casefile-"+lang, pdf)
		got, err := CheckCaseFile(pdf)
		if err != nil || !got.Whole() || !got.Compared || got.Pages < 3 || got.Hash != f.Hash() {
			t.Errorf("%s: %+v, %v; want a whole file", lang, got, err)
		}
		text, err := TextOfPDF(pdf)
		if err != nil || strings.Count(text, f.Hash()) != got.Pages+1 {
			t.Errorf("%s: the list's hash stands %d times on %d pages (%v)", lang, strings.Count(text, f.Hash()), got.Pages, err)
		}
		for _, e := range f.Entries {
			if !strings.Contains(text, e.Hash()) {
				t.Errorf("%s: the hash of %s is not printed", lang, e.Key)
			}
		}
	}
}

// repacked is a PDF in which one stream was changed, as a forger who knows the format would.
func repacked(t *testing.T, pdf []byte, change func(stream string) string) []byte {
	t.Helper()
	var out bytes.Buffer
	for rest := pdf; ; {
		at := regexp.MustCompile(`/Length (\d+)`).FindIndex(rest)
		if at == nil {
			out.Write(rest)
			return out.Bytes()
		}
		begin := bytes.Index(rest[at[0]:], []byte("stream\n")) + at[0] + len("stream\n")
		n, _ := strconv.Atoi(string(rest[at[0]+len("/Length ") : at[1]]))
		plain, err := unpacked(rest[begin : begin+n])
		if err != nil || change(string(plain)) == string(plain) {
			out.Write(rest[:begin+n])
			rest = rest[begin+n:]
			continue
		}
		var packed bytes.Buffer
		w := zlib.NewWriter(&packed)
		fmt.Fprint(w, change(string(plain)))
		w.Close()
		out.Write(rest[:at[0]])
		fmt.Fprintf(&out, "/Length %d", packed.Len())
		out.Write(rest[at[1]:begin])
		out.Write(packed.Bytes())
		rest = rest[begin+n:]
	}
}

func TestWhatWasAlteredInACaseFileIsNamed(t *testing.T) {
	t.Parallel()
	f := sampleCaseFile()
	pdf, err := PrintCaseFile(f, "en")
	if err != nil {
		t.Fatal(err)
	}
	inList := repacked(t, pdf, func(s string) string { return strings.Replace(s, `"letters":"230"`, `"letters":"930"`, 1) })
	got, err := CheckCaseFile(inList)
	if err != nil || got.Whole() || !slices.Equal(got.Altered, []string{"letters CA-PS post reported counted"}) {
		t.Errorf("an entry altered: %v, %v", got.Altered, err)
	}
	rehashed := sampleCaseFile()
	rehashed.Entries[8].Facts["letters"] = "930"
	whole := repacked(t, pdf, func(s string) string {
		if strings.HasPrefix(s, `{"sha256"`) {
			return string(rehashed.List())
		}
		return s
	})
	if got, err := CheckCaseFile(whole); err != nil || got.Whole() || len(got.Odd) != got.Pages {
		t.Errorf("a list exchanged as a whole: %+v, %v; want every page's foot against it", got.Odd, err)
	}
	onPage := repacked(t, pdf, func(s string) string {
		return strings.Replace(s, string(utf16Of("letters: 230")), string(utf16Of("letters: 930")), 1)
	})
	if bytes.Equal(onPage, pdf) {
		t.Fatal("the page was not altered; the test is broken")
	}
	if got, err := CheckCaseFile(onPage); err != nil || got.Whole() || len(got.Odd) != 1 || len(got.Altered) != 0 {
		t.Errorf("a page altered: %+v, %v; want that page named", got.Odd, err)
	}
	for n := 100; n < len(pdf); n += len(pdf) / 60 { // and no byte that was flipped ends in a crash
		flipped := bytes.Clone(pdf)
		flipped[n] ^= 0x20
		_, _ = CheckCaseFile(flipped)
		_, _ = CheckCaseFile(pdf[:n])
	}
	for _, bad := range [][]byte{nil, []byte("%PDF-1.3\n"), []byte("hello")} {
		if _, err := CheckCaseFile(bad); !failure.Is(err, failure.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func BenchmarkPrintLetter(b *testing.B) {
	l := letterIn("fr", "CA")
	for b.Loop() {
		pdf, err := PrintLetter(l)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(pdf)), "bytes")
	}
}
