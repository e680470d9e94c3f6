package letters

import "sync"

// vocabulary is what the advice knows of one language. It is small on purpose: a word that it misses costs a hint, one that it takes for another
// costs trust.
type vocabulary struct {
	empty     map[string]bool   // words that say nothing of an ask, and its verbs of asking
	concepts  map[string]string // stems that mean the same, to the name of what they mean
	harsh     []phrase          // threats and insults
	more      map[string][]phrase
	who, back []phrase // saying who one is; asking for an answer
}

// vocabularies are those of the languages of the house, by tag.
var vocabularies = sync.OnceValue(func() map[string]vocabulary {
	return map[string]vocabulary{"en": english(), "fr": french(), "es": spanish(), "ar": arabic(), "fa": persian()}
})

func emptyWords(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range plainWords(text) {
		set[word] = true
	}
	return set
}

// concepts reads groups of words that mean the same; each group is known by its name.
func concepts(groups map[string]string) map[string]string {
	all := map[string]string{}
	for name, words := range groups {
		for _, word := range plainWords(words) {
			all[stem(word)] = name
		}
	}
	return all
}

func english() vocabulary {
	return vocabulary{
		empty: emptyWords(`a an the and or of to in on for from by with without that this these those it its he she they him her them his their is are was were be been as at
			not no any all each every until before after while who which whose what when where if then so than too very can may must should would will shall
			ask asks urge urging call calls calling demand request requests requesting insist insisting minister ministry government authorities office
			please also immediately once see sure make makes his her your you we our us i my me has have had do does into out about against under per case person people man woman family`),
		concepts: concepts(map[string]string{
			"stop":   "stop halt suspend stay defer postpone cancel prevent wait pause delay refrain",
			"remove": "remove removal removing deport deportation return returning returned send sent sending expel expulsion refoulement",
			"decide": "decide decision examine examination assess assessment review consider determine ruling",
			"safe":   "protect protection safe safety asylum refuge refugee shelter", "respect": "respect honour honor comply uphold obey observe",
			"free": "release free liberate", "risk": "risk danger threat peril", "torture": "torture mistreat abuse",
		}),
		harsh: phrases(`idiot*, stupid*, moron*, coward*, disgusting, scum, fascist*, nazi*, murderer*, liar*, racist*, evil, pathetic, corrupt*, shame on you,
			you will pay, you will regret, we will find you, i will find you, we know where you live, watch your back, or else, blood on your hands, burn in hell, rot in hell, go to hell`),
		more: map[string][]phrase{
			"free": phrases("release him, release her, release them, be released, set free"), "status": phrases("permanent resid*, citizenship, amnesty, pardon*"),
			"visa": phrases("visa, visas"), "money": phrases("compensation, compensate"), "resign": phrases("resign, resignation, step down"), "everyone": phrases("open borders, all refugees, all deportations"),
		},
		who:  phrases("i am a, i am an, i am the, i m a, i m an, i work, i live, i teach, as a, as an, as the, my name, i write as, i write to you as, i was born, my family, my own"),
		back: phrases("your reply, your answer, your response, a reply, an answer, a response, reply to, respond to, hear from you, please reply, please answer, let me know, tell me what, inform me, write back"),
	}
}

func french() vocabulary {
	return vocabulary{
		empty: emptyWords(`le la les l un une des de du d et ou à au aux en dans sur pour par avec sans que qu qui dont ce cet cette ces il elle ils elles lui leur son sa ses est sont
			être été soit ne pas n tout tous toute toutes chaque jusque avant après pendant si se s
			demandez demander demande demandant exhortez priez prier appelez exigez ministre ministère gouvernement autorités bureau veiller veillez faire aussi immédiatement
			je j me m mon ma mes nous notre vous votre vos cas personne personnes homme femme famille monsieur madame`),
		concepts: concepts(map[string]string{
			"stop":   "arrêter stopper suspendre suspension surseoir sursis reporter annuler renoncer empêcher attendre cesser",
			"remove": "renvoyer renvoi expulser expulsion refouler refoulement déporter éloignement éloigner retour",
			"decide": "statuer décider décision examiner examen évaluer évaluation trancher réexaminer",
			"safe":   "protéger protection sûreté sécurité asile refuge réfugié", "respect": "respecter respect conformer honorer",
			"free": "libérer libération relâcher", "risk": "risque risquer danger menace", "torture": "torture torturer maltraiter",
		}),
		harsh: phrases(`idiot*, imbécile*, stupide*, lâche, lâches, ordure*, fasciste*, nazi*, assassin*, meurtrier*, menteu*, raciste*, pourri*, corrompu*, honte à vous, vous devriez avoir honte,
			vous allez payer, vous le paierez, vous le regretterez, vous allez le regretter, nous vous trouverons, je vous trouverai, sinon gare, du sang sur les mains, allez au diable`),
		more: map[string][]phrase{
			"free": phrases("sa libération, le libérer, la libérer, les libérer, être libéré*"), "status": phrases("résidence permanente, citoyenneté, amnistie, grâce présidentielle"),
			"visa": phrases("visa, visas"), "money": phrases("indemni*, dédommag*"), "resign": phrases("démission*"), "everyone": phrases("ouverture des frontières, toutes les expulsions, tous les réfugiés"),
		},
		who:  phrases("je suis, je m appelle, je travaille, j habite, je vis, j enseigne, en tant que, je vous écris comme, mon nom est, je suis né*, ma famille"),
		back: phrases(`votre réponse, une réponse, vous répondre, me répondre, me faire savoir, me faire part, me tenir inform*, m informer, de vous lire`),
	}
}

func spanish() vocabulary {
	return vocabulary{
		empty: emptyWords(`el la los las lo un una unos unas de del y o a al en por para con sin que quien cuyo este esta estos estas ese esa su sus es son ser sea ha han no todo todos toda todas cada hasta
			antes después mientras si se le les pida pidan pedir pide solicite solicitar inste instar exija ministro ministra ministerio gobierno autoridades oficina también inmediatamente
			yo me mi mis nos nuestro usted ustedes su caso persona personas hombre mujer familia señor señora`),
		concepts: concepts(map[string]string{
			"stop":   "detener detenga suspender suspenda suspensión parar pare aplazar aplace cancelar cancele impedir impida esperar espere",
			"remove": "expulsar expulsión deportar deportación devolver devolución devuelva retorno retornar",
			"decide": "decidir decisión decida examinar examen examine evaluar evaluación evalúe resolver resuelva",
			"safe":   "proteger protección proteja seguridad asilo refugio refugiado", "respect": "respetar respeto respete cumplir cumpla",
			"free": "liberar liberación libere", "risk": "riesgo peligro amenaza", "torture": "tortura torturar",
		}),
		harsh: phrases(`idiota*, estúpid*, imbécil*, cobarde*, basura, fascista*, nazi*, asesin*, mentiros*, racista*, corrupt*, vergüenza debería, qué vergüenza,
			lo va a pagar, lo van a pagar, pagará por esto, se arrepentirá*, lo encontraremos, los encontraremos, sangre en sus manos, váyase al diablo, váyase al infierno`),
		more: map[string][]phrase{
			"free": phrases("su liberación, liberarlo, liberarla, sea liberad*"), "status": phrases("residencia permanente, ciudadanía, amnistía, indulto"),
			"visa": phrases("visa, visado, visados"), "money": phrases("indemniza*"), "resign": phrases("dimi*, renuncie"), "everyone": phrases("fronteras abiertas, todas las deportaciones, todos los refugiados"),
		},
		who:  phrases("soy, me llamo, mi nombre, trabajo como, trabajo en, vivo en, enseño, como madre, como padre, como maestr*, como ciudadan*, nací, mi familia"),
		back: phrases("su respuesta, una respuesta, responderme, me responda, me informe, informarme, espero noticias, me haga saber"),
	}
}

func arabic() vocabulary {
	return vocabulary{
		empty: emptyWords(`في من الى على عن مع ان أن إن لا لم لن ما هذا هذه ذلك تلك التي الذي الذين هو هي هم كل بعد قبل حتى اي أي او أو ثم قد كان كانت يكون تكون عند بين
			اطلبوا اطلب نطلب أطلب طلب حثوا ناشدوا أناشد الوزير الوزيرة وزير وزارة الحكومة السلطات الفور فورا كما أنا نحن أنتم شخص أشخاص رجل امرأة عائلة`),
		concepts: concepts(map[string]string{
			"stop":   "وقف توقف أوقفوا إيقاف تعليق تأجيل إلغاء منع تعلقوا",
			"remove": "ترحيل الترحيل إعادة الإعادة يعاد تعاد إبعاد طرد ترحيله ترحيلها إعادته",
			"decide": "قرار تقييم تقيم دراسة مراجعة نظر البت", "safe": "حماية حمايته أمان سلامة لجوء لاجئ", "respect": "احترام تحترم التزام",
			"free": "إفراج الإفراج إطلاق", "risk": "خطر الخطر مخاطر", "torture": "تعذيب التعذيب",
		}),
		harsh: phrases("أغبياء, غبي, حقير*, جبان, جبناء, مجرمون, قتلة, كاذب*, كذاب*, عنصري*, فاسد*, فاشي*, نازي*, عار عليكم, العار لكم, ستدفعون الثمن, سوف تدفعون, ستندم*, سنجدكم, دماء على أيديكم"),
		more: map[string][]phrase{
			"free": phrases("الإفراج عنه, الإفراج عنها, إطلاق سراح*"), "status": phrases("الإقامة الدائمة, الجنسية, العفو"), "visa": phrases("تأشيرة, تأشيرات"),
			"money": phrases("تعويض*"), "resign": phrases("استقال*, الاستقالة"), "everyone": phrases("فتح الحدود, جميع اللاجئين, كل اللاجئين"),
		},
		who:  phrases("أنا, اسمي, أعمل, أعيش, أسكن, أقيم, بصفتي, أكتب إليكم بصفتي, عائلتي"),
		back: phrases("ردكم, الرد, جوابكم, إجابتكم, إفادتي, إبلاغي, إعلامي"),
	}
}

// persian is written without its joiners, which reading leaves out too.
func persian() vocabulary {
	return vocabulary{
		empty: emptyWords(`و در از به با برای را که این آن یک هر تا بر هم نیز باید است هست بود شود می نمی ها های او آنها ما شما من پیش پس بعد قبل اگر یا نه
			بخواهید درخواست درخواست میکنم خواهش خواهشمندم وزیر وزارت دولت مقامات فوری فورا شخص فرد افراد مرد زن خانواده`),
		concepts: concepts(map[string]string{
			"stop":   "توقف متوقف جلوگیری تعلیق تعویق لغو",
			"remove": "اخراج بازگرداندن بازگردانده بازگردانی بازگشت دیپورت استرداد",
			"decide": "تصمیم بررسی ارزیابی رسیدگی بازبینی", "safe": "حمایت حفاظت محافظت امنیت پناهندگی پناهنده", "respect": "احترام رعایت پایبند پایبندی",
			"free": "آزادی آزاد رها", "risk": "خطر تهدید", "torture": "شکنجه",
		}),
		harsh: phrases("احمق*, ابله*, بیشعور*, ترسو*, کثیف*, قاتل*, جنایتکار*, دروغگو*, نژادپرست*, فاسد*, فاشیست*, نازی*, شرم بر شما, تاوان, پشیمان خواهید, پشیمان میشوید, پیدایتان میکنیم, دستتان به خون"),
		more: map[string][]phrase{
			"free": phrases("آزادی او, آزاد شود, آزاد کنید, آزادش"), "status": phrases("اقامت دائم, تابعیت, شهروندی, عفو"), "visa": phrases("ویزا, روادید"),
			"money": phrases("غرامت, خسارت"), "resign": phrases("استعفا*"), "everyone": phrases("همه پناهندگان, همهٔ پناهندگان, مرزهای باز"),
		},
		who:  phrases("من هستم, من یک, نام من, اسم من, زندگی میکنم, کار میکنم, به عنوان, ساکن, خانوادهام, معلم هستم, پزشک هستم"),
		back: phrases("پاسخ شما, پاسخ, جواب, آگاه کنید, مطلع, باخبر"),
	}
}
