# ruff: noqa: E501 - a table of words in many alphabets
"""Rules for attacks in other languages: a verb of dropping near a word for instructions, a new identity, a dictated answer.

Words are in folded form (`agentkit.text.normalize`): lower case; accents are kept. A verb and its object may stand
in either order, because verbs come last in Turkish, Japanese, Korean and Hindi.
"""

from collections.abc import Iterator
from dataclasses import replace

from agentkit.text.injection_rules import Rule, rule

_DROP: dict[str, tuple[str, str]] = {
    # language: (drop, instructions)
    "de": (r"ignorier(?:e|en|t|st)?|vergi(?:ss|ß|sst|ßt)|vergess(?:e|en|t)(?: sie)?|missachte[nt]?|mißachte|verwirf|verwerfen sie|übergehe?n?|überspring(?:e|en)?|lösche?n?(?: sie)?|beachte[nt]?(?: sie)? (?:nicht|keine)|halte dich nicht|befolge[nt]? nicht|umgehe?n?", r"anweisung\w*|anleitung\w*|befehl\w*|instruktion\w*|vorgabe\w*|regeln?\b|auftr[aä]g\w*|aufgaben?\b|gesagte\w*|gelernte\w*|alles (?:davor|zuvor|vorher\w*|was|bisher\w*|andere|vorangeg\w*|gesagte|oben)|prompts?\b|(?:davor|zuvor|vorherig\w*|bisherig\w*|vorangegangen\w*|vorangehend\w*|vorig\w*|obig\w*) \w+|\balles\b|kontext|artikel\w*|dokumente?\b|einschränkung\w*|richtlinien?\b"),
    "fr": (r"ignor(?:e|ez|er|es)\b|oubli(?:e|ez|er|es)\b|ne (?:tiens|tenez|tenir) (?:pas|aucun) compte|(?:fais|faites|faire) abstraction|négligez?|écarte[rz]?|passe[rz]? outre|contourne[rz]?|annule[rz]?|ne (?:suis|suivez) (?:pas|plus)", r"instructions?\b|consignes?\b|directives?\b|ordres?\b|commandes?\b|tout ce (?:que|qui)|règles?\b|(?:qui|ce qui) préc[èé]d\w+|précédent\w*|prompts?\b|restrictions?\b|ci-dessus"),
    "es": (r"ignor(?:a|e|en|ar|ad|es)\b|olvid(?:a|e|en|ar|ad|es|arte)\b|olvídate|descart(?:a|e|ar)\b|haz caso omiso|hagan? caso omiso|no (?:hagas|haga) caso|omit(?:e|a|ir)\b|desobedece\w*|no sigas|sáltate", r"instruccion\w*|instrucción|órden\w*|ordenes|indicacion\w*|todo lo|todo (?:que|lo que)|reglas?\b|comandos?\b|anterior(?:es|mente)?\b|directric\w+|directivas?\b|mensajes? anteriores|prompts?\b|restriccion\w*|contexto"),
    "it": (r"ignor(?:a|i|ate|are|ino)\b|dimentic(?:a|hi|ate|are)\b|tralasci\w*|scart(?:a|i|are)\b|non (?:considerare|seguire|tener\w* conto)|trascur\w+|disobbedisc\w*", r"istruzion\w+|ordini\b|tutto (?:quello|ciò|quanto)|direttiv\w+|regol[ae]\b|comand[io]\b|precedent\w+|indicazion\w+|prompts?\b|restrizion\w+"),
    "pt": (r"ignor(?:e|em|a|ar)\b|esque[çc](?:a|am|er)\b|esquece\b|desconsider\w+|descart(?:e|ar)\b|não (?:siga|obedeça)|despreze", r"instruç\w+|instruc\w+|ordens\b|tudo (?:o que|que|acima)|comandos?\b|regras?\b|anterior(?:es|mente)?\b|diretriz\w*|prompts?\b|restriç\w+"),
    "nl": (r"negeer\b|negeren\b|vergeet\b|vergeten\b|sla .{0,20} over|volg .{0,30} niet|wis\b|verwerp", r"instructies?\b|opdracht\w*|aanwijzing\w*|alles (?:wat|hierboven|hiervoor)|regels?\b|bevel\w*|voorgaande|vorige|bovenstaande|eerdere|prompts?\b|richtlijnen"),
    "pl": (r"(?:z?ignoruj|zignorować|zapomnij|zapomnieć|pomiń|odrzuć|nie (?:stosuj|zwracaj|przestrzegaj))\w*", r"instrukcj\w*|polece\w*|wszystk\w+|wytyczn\w*|zasad\w*|poprzedni\w*|rozkaz\w*|reguł\w*|powyższ\w*"),
    "cs": (r"(?:ignoruj|zapomeň|zapomeňte|nedbej|přeskoč|ignorujte|nesleduj)\w*", r"instrukc\w*|pokyn\w*|příkaz\w*|všechn\w*|vše\b|předchoz\w*|pravid\w*"),
    "ru": (r"(?:про)?игнориру(?:й|йте|ем|я)|забудь(?:те)?|забыть|не обращай\w* внимания|отбрось\w*|пренебреги\w*|не следуй\w*|отмени\w*", r"инструкц\w+|указани\w+|вс[её]\b|команд\w*|правил\w*|предыдущ\w+|приказ\w*|предписани\w+|вышесказанн\w+|выше\b|ограничени\w+|промпт\w*"),
    "uk": (r"(?:про)?ігнору(?:й|йте)|забудь(?:те)?|не звертай\w* уваги|відкинь\w*", r"інструкц\w+|вказів\w+|вс[еі]\b|команд\w*|правил\w*|попередн\w+|наказ\w*"),
    "sh": (r"ignori(?:raj|rajte|ši|šite|rati|sati)|zanemari(?:te)?\b|zanemariti|zaboravi(?:te)?\b|zaboraviti|preskoči(?:te)?|odbaci(?:te)?|игнориши\w*|занемари\w*|заборави\w*", r"instrukcij\w*|uput\w*|naredb\w*|naređenj\w*|sve\b|sva\b|pravil\w*|prethodn\w*|nalog\w*|smjernic\w*|zapovijed\w*|инструкциј\w*|упутств\w*|све\b|наредб\w*|правил\w*"),
    "ro": (r"ignor(?:ă|a|ați)\b|uit(?:ă|ați|a)\b|nu ține cont", r"instrucțiun\w*|instructiun\w*|tot ce|regul\w*|comenz\w*|anterioare|ordine"),
    "hu": (r"hagyd figyelmen|felejts\w*|ne vedd figyelembe|hagyja figyelmen", r"utasítás\w*|mindent?|szabály\w*|korábbi|előző|parancs\w*"),
    "tr": (r"görmezden gel\w*|yok say\w*|hiçe say\w*|aldırma\w*|önemseme\w*|(?:uyma|takip etme)\b|unut\w*|yoksay\w*|dikkate alma\w*|boşver|göz ardı et\w*", r"talimat\w*|komut\w*|önceki|her şeyi?|kurallar\w*|yukarıdaki|emir\w*|yönerge\w*"),
    "sv": (r"ignorera\b|glöm\b|glem\b|ignorer(?:e|er)?\b|strunta i|bortse|se bort fra|unohda\b|ohita\b|jätä huomiotta", r"instruktion\w*|instruks\w*|anvisning\w*|allt? (?:som|det|ovan)|regler\w*|tidligere|tidigare|föregående|foregående|forrige|kommando\w*|ordre\w*|ohje\w*|kaikki\w*|aiemmat"),
    "el": (r"αγν[οό][ηή]σ\w*|ξ[εέ]χ[αά]σ\w*|ξ[εέ]χν(?:α|[αά]τε)\b|παρ[αά](?:βλ[εέ]ψ|κ[αά]μψ)\w*|μη(?:ν)? (?:λ[αά]β|ακολουθ|υπακο)\w*", r"οδηγ[ιί]\w*|εντολ\w*|καν[οό]ν\w*|προηγο[υύ]μεν\w*|[οό](?:λα|λες|,?τι)\b|παραπ[αά]νω|περιορισμ\w*"),
    "zh": (r"忽略|无视|無視|忘记|忘掉|忘記|不要理会|不理会|不要遵守|不要遵循|跳过|忽視|忽视|抛开|放弃|覆盖|取消", r"指令|指示|说明|說明|提示|命令|以上|上述|上面|之前|先前|前面|规则|規則|所有|一切|要求|设定|內容|内容|限制"),
    "ja": (r"無視|忘れ|従わない|破棄|取り消し", r"指示|命令|プロンプト|以前|上記|これまで|すべて|全て|ルール|制約|前の"),
    "ko": (r"무시|잊어|잊으|따르지 ?마", r"지시|명령|이전|프롬프트|규칙|모든|위의|앞의"),
    "ar": (r"تجاهل\w*|انس[َى]?\b|انسى|اترك|لا تتبع", r"التعليمات|تعليمات\w*|الأوامر|السابقة|كل ما|القواعد|أعلاه|السابق"),
    "fa": (r"نادیده بگیر\w*|فراموش کن\w*", r"دستور\w*|قبلی|همه|قوانین|بالا"),
    "he": (r"התעלם|התעלמ\w*|שכח\w*", r"הוראות|ההוראות|הקודמות|הכל|הכללים|הפקודות"),
    "hi": (r"अनदेखा|नज़रअंदाज़|नजरअंदाज|भूल जा\w*|भूल\b|bhool ja\w*|bhul ja\w*|nazar ?andaz|andekha", r"निर्देश\w*|आदेश\w*|पिछले|सभी|सब कुछ|नियम\w*|nirdesh\w*|aadesh\w*|pichh?le|sab ?kuch|sabhi"),
    "id": (r"abaikan\b|lupakan\b|hiraukan\b", r"instruksi\w*|perintah\w*|semua\b|sebelumnya|aturan\w*|arahan\w*"),
    "vi": (r"bỏ qua\b|quên\b|phớt lờ", r"hướng dẫn|chỉ dẫn|chỉ thị|mệnh lệnh|tất cả|trước đó|quy tắc|ở trên"),
    "th": (r"ละเว้น|เพิกเฉย|ลืม", r"คำสั่ง|ก่อนหน้า|ทั้งหมด|กฎ"),
}  # fmt: skip

_ROLE: dict[str, str] = {
    "de": r"\b(?:du bist (?:jetzt|nun|ab (?:jetzt|sofort)|von (?:jetzt|nun) an|ein[e]?\b|keine?\b|der\b|die\b|das\b|böse)|sie sind (?:jetzt|nun|ab (?:jetzt|sofort))|(?:jetzt|nun|ab (?:jetzt|sofort)|von (?:jetzt|nun) an) (?:bist du|sind sie|antwortest du|wirst du|heißt du)|stell(?:e|en)?(?: sie)? (?:dir|sich) vor,? (?:du|sie|dass du)|(?:tu|tue|tun sie) so,? als|ich möchte,? da(?:ss|ß) (?:sie|du)(?: \w+){0,6}? (?:fungier|agier|handel|spiel|verhäl|antwort|schreib|bist|sind|auftr|als\b)\w*|(?:fungier|agier|handl)e(?:n sie)? als|spiele?(?: die)? rolle|verhalte?(?:n sie)? (?:dich|sich) (?:wie|als)|versetze? dich in|nimm die rolle|schlüpfe? in die rolle)",
    "fr": r"\b(?:tu es (?:maintenant|désormais|à présent)|vous êtes (?:maintenant|désormais|à présent)|(?:désormais|à partir de maintenant|dorénavant),? (?:tu|vous)|agis(?:sez)? comme|comporte[sz]?[- ](?:toi|vous) comme|fai(?:s|tes) (?:semblant|comme si)|joue[zr]? le rôle|imagine[sz]? que (?:tu|vous)|je veux que (?:tu|vous) (?:agiss|jou|soy|sois|répond)\w*|mets[- ]toi dans la peau)",
    "es": r"\b(?:(?:ahora|desde ahora|a partir de ahora|de ahora en adelante),? (?:eres|serás|tú|usted es|vas a|actúa|responde)|eres ahora|act[uú]a como|comp[oó]rtate como|finge (?:ser|que)|imagina que eres|haz de cuenta|quiero que (?:actúes|seas|te comportes|respondas|hagas)|asume el (?:rol|papel)|interpreta el papel)",
    "it": r"\b(?:(?:ora|adesso|d'ora in poi|da ora in poi|da adesso),? (?:sei|sarai|tu|rispond|agisc)\w*|agisci come|comportati come|fingi (?:di|che)|immagina di essere|fai finta|voglio che tu (?:agisc|si|rispond|ti comport)\w*|assumi il ruolo|interpreta il ruolo)",
    "pt": r"\b(?:(?:agora|a partir de agora|de agora em diante),? (?:você|tu|vc) (?:é|será|vai|deve)|você é agora|aja como|atue como|comporte-se como|finja (?:ser|que)|imagine que (?:você|tu)|quero que (?:você|tu) (?:aja|atue|seja|respond)\w*|assuma o papel)",
    "nl": r"\b(?:(?:je|jij|u) bent (?:nu|vanaf nu|voortaan)|(?:nu|vanaf nu|voortaan) (?:ben|bent|antwoord|zul) (?:je|jij|u)|doe alsof|gedraag je als|stel je voor dat je|ik wil dat (?:je|u)|speel de rol)",
    "pl": r"\b(?:(?:jesteś|będziesz) teraz|(?:teraz|od teraz) (?:jesteś|będziesz|odpowiad\w*)|udawaj|zachowuj się jak|wyobraź sobie, że jesteś|wciel się|chcę, żebyś)",
    "cs": r"\b(?:(?:jsi|budeš) nyní|(?:nyní|odteď|teď) (?:jsi|budeš)|předstírej|chovej se jako|představ si, že jsi)",
    "ru": r"\b(?:(?:теперь|отныне|с этого момента|сейчас),? ты|ты теперь|притворись|представь,? что ты|действуй как|веди себя как|сыграй роль|играй роль|я хочу,? чтобы ты|вообрази)",
    "uk": r"\b(?:(?:тепер|віднині) ти|ти тепер|уяви,? що ти|поводься як|прикинься)",
    "sh": r"\b(?:(?:sada|od sada|odsad(?:a)?) (?:si|ćeš|odgovara\w*)|ti si (?:sada|odsad)|ponašaj se kao|pretvaraj se|zamisli da si|glumi|želim da (?:se ponašaš|budeš|glumiš)|budi ono|сада си|понашај се као|замисли да си)",
    "tr": r"\b(?:(?:artık|şimdi|bundan sonra) sen|gibi davran|rolünü (?:üstlen|oyna)|gibi yap)",
    "zh": r"(?:你现在是|你現在是|从现在开始,?你|从现在起,?你|從現在開始|扮演|假装你|假裝你|假设你是|想象你是|充当|我希望你(?:充当|扮演|作为))",
    "ja": r"(?:あなたは(?:今|これ)から|今からあなたは|になりきって|のふりをして|として振る舞|を演じて)",
    "ko": r"(?:이제부터 (?:너는|당신은)|너는 이제|당신은 이제|인 척|역할을 (?:해|맡아))",
    "ar": r"(?:أنت الآن|من الآن فصاعدا|تظاهر|تصرف كأنك|تخيل أنك)",
    "hi": r"(?:अब तुम|अब आप|ab se tum|ab tum|ab aap)",
    "id": r"\b(?:(?:sekarang|mulai sekarang),? (?:kamu|anda)|(?:kamu|anda) sekarang adalah|berpura-pura|bertindak(?:lah)? sebagai)",
    "vi": r"(?:bây giờ bạn là|từ bây giờ bạn|hãy đóng vai|giả vờ)",
}  # fmt: skip

_OUTPUT: dict[str, str] = {
    "de": r"\b(?:(?:antworte[nt]?|erwidere|schreibe?n?|sage?n?|gib|geben sie|drucke?)(?: sie)?(?: \w+){0,3}? (?:nur|immer|ausschließlich|lediglich|einfach)\b|(?:immer wenn|jedes mal,? wenn|bei jeder frage|auf jede frage)[^.!?\n]{0,60}(?:antwort|sag|schreib)\w*|(?:antworte|sage?|schreibe?)(?: \w+){0,2} [\"']|(?:zeige?|gib|nenne?|verrate?|wiederhole?|schreibe?)(?: \w+){0,4} (?:deine[nrm]?|den|die|alle|ihre[nr]?|das|des) (?:\w+ )?(?:prompts?|system ?prompts?|anweisung\w*|instruktion\w*|vorgaben|prompt-?text\w*|texte?|befehle)\b|(?:neue|weitere|andere|nächste)[nrsm]? (?:\w+ )?(?:aufgaben?|anweisung\w*|auftrag|rolle|instruktion\w*|befehl\w*)|(?:neue|weitere|tolle) (?:neue )?herausforderung|(?:ein )?paar aufgaben|(?:abweichend|entgegen|ungeachtet|trotz)\b[^.!?\n]{0,30}(?:instruktion|anweisung|vorgabe|befehl|regel)\w*|(?:achtung|halt|stopp?) ?[-!,:.]+ ?(?:stopp?|achtung|halt)\b|\bstopp[,!:]|(?:oder|sonst) (?:du )?(?:stirbst|wirst du)|ich befehle|sei (?:ein|eine|mein)e?[rn]? \w+|konzentriere? dich|(?:sehr gut|gut gemacht|sehr schön|vielen dank|danke|super|perfekt|prima|das ist erledigt|das reicht)[.!,][^?\n]{0,60}?\b(?:nun|jetzt|bitte)\b|(?:verfasse?|schreibe?|erstelle?|generiere?|dichte?)(?: \w+)? nun\b)",
    "fr": r"\b(?:réponds|répondez|dis|dites|écris|écrivez|affiche[rz]?|imprime[rz]?)(?: \w+){0,2}? (?:uniquement|seulement|simplement|juste|toujours)\b|\b(?:montre|affiche|révèle|répète|donne)[rz]?(?:[- ]moi)?(?: \w+){0,3} (?:tes|vos|ton|votre|le|les) (?:\w+ )?(?:instructions|prompt|consignes|directives)\b|\bnouvel(?:le|les)? (?:tâche|instruction|consigne|mission)s?\b",
    "es": r"\b(?:responde|contesta|di|escribe|imprime|muestra)(?: \w+){0,2}? (?:solo|sólo|únicamente|solamente|siempre|simplemente)\b|\b(?:solo|sólo|únicamente) (?:responde|di|escribe|contesta)\b|\b(?:muestra|muéstrame|revela|repite|dime|dame)(?: \w+){0,3} (?:tus|su|sus|tu|el|las) (?:\w+ )?(?:instrucciones|prompt|directrices|reglas)\b|\bnuev[ao]s? (?:tarea|instrucci\w+|misi[oó]n|orden)\b",
    "it": r"\b(?:rispondi|di'|scrivi|stampa|mostra)(?: \w+){0,2}? (?:solo|soltanto|unicamente|sempre|semplicemente)\b|\b(?:mostra|mostrami|rivela|ripeti|dimmi)(?: \w+){0,3} (?:tue|tuo|le|il) (?:\w+ )?(?:istruzioni|prompt|direttive)\b|\bnuov[aoe] (?:compito|istruzion\w|missione)\b",
    "pt": r"\b(?:responda|diga|escreva|imprima|mostre)(?: \w+){0,2}? (?:apenas|só|somente|sempre|unicamente)\b|\b(?:mostre|revele|repita|diga)(?:-me)?(?: \w+){0,3} (?:suas|seu|as|o) (?:\w+ )?(?:instruções|prompt|diretrizes)\b|\bnov[ao]s? (?:tarefa|instruç\w+)\b",
    "nl": r"\b(?:antwoord|zeg|schrijf|print)(?: \w+){0,2}? (?:alleen|enkel|altijd|slechts)\b|\b(?:toon|laat)(?: \w+){0,3} (?:je|jouw|uw) (?:\w+ )?(?:instructies|prompt)\b",
    "pl": r"\b(?:odpowiadaj|odpowiedz|napisz|powiedz|wypisz)(?: \w+){0,2}? (?:tylko|zawsze|jedynie)\b|\b(?:pokaż|ujawnij|wypisz)(?: \w+){0,3} (?:instrukcj\w*|prompt\w*)",
    "ru": r"(?:отвечай\w*|ответь\w*|скажи\w*|напиши\w*|выведи\w*)(?: \w+){0,2}? (?:только|всегда|лишь|просто)\b|(?:покажи|выведи|раскрой|повтори)(?: \w+){0,3} (?:инструкц\w+|промпт\w*|указани\w+)",
    "sh": r"\b(?:odgovori|odgovaraj|reci|napiši|ispiši)(?: \w+){0,2}? (?:samo|uvijek|uvek|isključivo)\b|\b(?:pokaži|otkrij|ispiši)(?: \w+){0,3} (?:upute|instrukcije|prompt)",
    "tr": r"\b(?:sistem (?:istem|komut|talimat|mesaj)\w*|(?:gizli|önceki) talimat\w*)(?: \w+){0,3} (?:göster|yazdır|açıkla|ifşa|söyle|paylaş)\w*",
    "el": r"(?:δε[ιί]ξ|αποκ[αά]λυψ|εμφ[αά]νισ|τ[υύ]πωσ|επαν[αά]λαβ|γρ[αά]ψ)\w*(?: \w+){0,4} (?:οδηγ[ιί]\w*|προτροπ\w*|prompt)",
    "zh": r"(?:只(?:需|能|要)?(?:回答|输出|回复|说|写)|仅(?:输出|回答|回复)|(?:显示|输出|重复|告诉我|泄露|打印)[^。.!?\n]{0,12}(?:系统提示|提示词|指令|系统消息|初始设定))",
    "ja": r"(?:とだけ(?:答え|回答|出力|言)|(?:システム)?プロンプトを(?:表示|教え|出力|見せ))",
    "ko": r"(?:라고만 (?:답|말|대답)|시스템 프롬프트를 (?:보여|출력|알려))",
}  # fmt: skip


_HINTS: dict[str, tuple[str, str, str]] = {
    # language: stems of which one must occur before its patterns are tried: drop, role, output
    "de": ("ignorier vergiss vergiß vergess vergeßt missacht mißacht verwirf verwerf übergeh überspring lösch beacht halte befolg umgeh", "bist sind stell tu tue tun möchte fungier agier handl spiel verhalt versetz rolle antwortest heißt wirst", "antwort erwider schreib sag gib geb druck zeig nenn verrat wiederhol neue weitere andere nächste paar abweich entgegen ungeacht trotz achtung stopp halt sonst oder befehle sei konzentr gut gemacht danke super perfekt prima erledigt reicht verfass erstell generier dicht wenn jede"),
    "fr": ("ignor oubli compte abstraction néglige écarte outre contourne annule suis suivez", "es êtes désormais dorénavant agis comporte semblant comme rôle imagine veux mets", "répond dis dites écri affiche imprime montre révèle répète donne nouvel"),
    "es": ("ignor olvid descart caso omit desobedece sigas sáltate", "ahora adelante actúa actua comporta compórta finge imagina haz quiero asume interpreta", "responde contesta di escribe imprime muestra solo sólo muéstra revela repite dime dame nuev"),
    "it": ("ignor dimentic tralasci scart considerare seguire tener trascur disobbed", "ora adesso agisci comportati fingi immagina finta voglio assumi interpreta", "rispondi di' scrivi stampa mostra rivela ripeti dimmi nuov"),
    "pt": ("ignor esque desconsider descart siga obedeça despreze", "agora diante aja atue comporte finja imagine quero assuma", "responda diga escreva imprima mostre revele repita nov"),
    "nl": ("neger vergeet vergeten sla volg wis verwerp negeer", "bent ben doe gedraag stel wil speel nu voortaan", "antwoord zeg schrijf print toon laat"),
    "pl": ("ignor zignor zapomn pomiń odrzuć stosuj zwracaj przestrzegaj", "jesteś będziesz udawaj zachowuj wyobraź wciel chcę odpowiad", "odpowi napisz powiedz wypisz pokaż ujawnij"),
    "cs": ("ignor zapomeň nedbej přeskoč nesleduj", "jsi budeš předstírej chovej představ", ""),
    "ru": ("игнорир забуд забыть обращай отбрось пренебрег следуй отмени", "теперь отныне момента сейчас притвор представь действуй веди роль хочу вообрази", "отвеча ответь скажи напиши выведи покажи раскрой повтори"),
    "uk": ("ігнору забудь звертай відкинь", "тепер віднині уяви поводься прикинься", ""),
    "sh": ("ignori zanemari zaboravi preskoči odbaci игнориши занемари заборави", "sada odsad ponašaj pretvaraj zamisli glumi želim budi сада понашај замисли", "odgov reci napiši ispiši pokaži otkrij"),
    "ro": ("ignor uit nu", "", ""),
    "hu": ("hagyd hagyja felejts vedd", "", ""),
    "tr": ("görmezden unut yoksay yok hiçe aldırma önemse uyma takip dikkate boşver göz", "artık şimdi bundan davran rolünü yap", "göster yazdır açıkla ifşa söyle paylaş"),
    "hi": ("अनदेखा नज़रअंदाज़ नजरअंदाज भूल bhool bhul nazar andekha", "", ""),
    "id": ("abaikan lupakan hiraukan", "sekarang mulai berpura bertindak kamu", ""),
    "vi": ("bỏ quên phớt", "bây từ hãy giả", ""),
    "sv": ("ignorer glöm glem strunta bortse unohda ohita jätä se bort", "", ""),
}  # fmt: skip


_NO_BOUNDARY = frozenset({"zh", "ja", "ko", "th"})
_OTHER_ALPHABET = frozenset({"ru", "uk", "el", "zh", "ja", "ko", "ar", "fa", "he", "th"})


def _rules() -> Iterator[Rule]:
    for language, (drop, objects) in _DROP.items():
        gap, bound = r"[^.!?。\n]{0,60}?", "" if language in _NO_BOUNDARY else r"\b"
        pattern = rf"{bound}(?:(?:{drop}){gap}{bound}(?:{objects})|(?:{objects}){gap}{bound}(?:{drop}))"
        yield _rule(f"override.{language}", 0.82, 0, pattern, "tells the reader to drop its instructions")
    for language, pattern in _ROLE.items():
        yield _rule(f"role.{language}", 0.6, 1, pattern, "gives the reader a new identity")
    for language, pattern in _OUTPUT.items():
        yield _rule(f"output.{language}", 0.56, 2, pattern, "dictates the answer")


def _rule(name: str, weight: float, kind: int, pattern: str, reason: str) -> Rule:
    language = name.partition(".")[2]
    hints = _HINTS.get(language, ("", "", ""))[kind]
    made = rule(name=name, weight=weight, hints=hints, pattern=pattern, reason=reason, duty=kind == 0)
    return replace(made, latin=language not in _OTHER_ALPHABET)


WORLD: tuple[Rule, ...] = tuple(_rules())
"""The rules for other languages."""
