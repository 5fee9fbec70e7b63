# ruff: noqa: E501 - word lists
"""Word lists for the register of a document: what tasks begin with, what contracts and judgments sound like."""

TASKS = frozenset(
    "write compose translate summarize summarise rewrite paraphrase rephrase explain describe generate tell say print output respond answer repeat imagine pretend suggest recommend encode encrypt decrypt scramble jumble shuffle misspell misquote reverse swap capitalize capitalise obfuscate brainstorm craft narrate recite sing draw solve calculate compute debug refactor formulate elaborate mimic emulate impersonate simulate roleplay predict invent concoct outline critique storyboard spell rhyme compile plan discuss compare contrast define proofread blame praise insult roast convince persuade criticize criticise admit forget ignore disregard teach guess analyze analyse evaluate break urge encourage advise remind warn speak talk rate rank reply brag compliment joke hum whisper shout scream".split()
)
"""Verbs that ask for a text: hardly ever the first word of a sentence in a contract, a judgment, a letter or a table."""

EDITS = frozenset(
    "ask provide give show create develop design make list name identify find convert replace substitute insert add append include mention promote advertise enhance augment modify change alter adjust incorporate integrate embed execute run install download send share highlight emphasize emphasise present use begin end start finish conclude ensure merge blend harmonize harmonise inject help guide introduce state format transform randomize randomise obscure mask mix alternate omit remove delete drop prepend supplement complement enrich improve strengthen boost optimize optimise deliver offer direct invite refer express phrase structure limit restrict be play stop keep set turn extend combine weave infuse fuse link attach utilize utilise implement apply draft advocate inform notify instruct prompt pose switch reorder rearrange arrange sort flip mirror hide reveal display render draw conceal email forward transmit conduct determine classify detect correct perform announce alert fetch retrieve search track count label extract score assess estimate spread share recast reorganize reorganise twist shorten lengthen expand condense simplify".split()
)
"""Verbs that ask for something but also open a line in a list of duties."""

ACTS = frozenset(
    "do don't never always press click tap hold push pull turn plug unplug open close lock unlock wash rinse clean dry heat cool boil bake stir cut peel fill pour drain lift lower tighten loosen screw fold place put lay leave keep take bring carry wear eat drink swallow avoid wait rest call phone ring contact consult visit meet speak see look check inspect test measure weigh count record note sign date print scan post send return pay deposit withdraw transfer buy order book file store save delete copy paste log enter select choose scroll drag type restart reboot reset install uninstall update upgrade connect disconnect configure read learn follow confirm verify complete submit attach enclose apply register enrol enroll report try ensure make be consider think work start stop continue repeat move go come stay hang replace refer allow let get give tell ask use add remove include provide review mark draw assume treat refuse accept accompany administer monitor assess document obtain raise rotate secure arrange assign set".split()
)
"""Verbs that manuals, recipes, notices and letters ask people with, beside those that ask for a text."""

ANSWERING = frozenset(
    "answer answers response responses reply replies output summary explanation translation letters letter words word vowels vowel consonants sentence sentences paragraph paragraphs text message messages character characters language spanish french german english italian chinese japanese poem story essay joke haiku song lyrics recipe code snippet algorithm function python javascript php sql mysql java html css regex equation equations recursion theorem program speech riddle blog article script scene emoji emojis acronym acronyms punctuation symbols symbol caps uppercase lowercase syllable syllables alphabet cipher binary hex base64 morse anagram anagrams palindrome synonyms synonym antonyms rhyme".split()
)
"""Things a task is about, and contracts seldom are."""

HONEST_OPENINGS = (
    "reply to",
    "replying to",
    "click here",
    "click on",
    "see ",
    "refer to",
    "contact ",
    "call ",
    "visit us",
    "log in",
    "sign in",
    "unsubscribe",
    "feel free",
    "let us",
    "tell us by",
    "tell us if",
    "tell us when",
    "tell us whether",
    "let me",
    "please find",
    "please note",
    "please contact",
    "please see",
    "please sign",
    "please refer",
    "please do not reply",
    "please call",
    "sent ",
    "view ",
    "manage ",
    "insert name",
    "insert date",
    "insert address",
    "provided",
    "including",
    "describe services",
    "describe the services",
    "state of",
    "state where",
    "name:",
    "title:",
    "set forth",
    "set out",
    "end of",
    "start date",
    "end date",
    "use of",
    "play-",
    "present ",
    "state law",
    "code of",
    "code section",
    "list of",
    "plan of",
    "plan year",
    "offer to",
    "offer letter",
    "display of",
    "link to",
    "format of",
    "change of",
    "change in",
    "change order",
    "changes",
    "draft of",
    "limit of",
    "share purchase",
    "share capital",
    "send to",
    "send notices",
    "program ",
    "find out more",
    "learn more",
    "download the app",
    "download our",
    "help ",
    "add:",
    "set-off",
    "turn-",
    "stop-",
    "keep in touch",
    "end user",
    "end-user",
    "text ",
    "answer:",
    "answers",
    "response ",
    "output ",
    "design ",
    "report ",
    "breaking",
    "break-",
    "remind",
)
"""Sentences of documents that only look like requests (lower case, as they begin)."""

NOUN_FOLLOWERS = frozenset("of shall means mean is are was were may will per and or has have had by under".split())
"""After one of these the first word was a noun: "Use of", "Rate per", "Plan and"."""

TOPICS = frozenset(
    "risk loss insurance notice notices rent lease contract contracts clauses ambiguous duty duties rights right claim claims interest law laws remedy remedies cost costs owner owners director directors shareholder shareholders share shares invoices accounts account signature signatures copies copy audit records business closing purchase price assets stock notes bank account tax taxes policy policies deadline days month months annual quarterly approval written enclosed undersigned counsel attorney solicitor compliance statutory regulatory filing permit license licence deed title mortgage loan credit equipment delivery shipment warranty premises tenant landlord buyer supplier".split()
)
"""What requests inside honest documents are about."""

LEGAL = frozenset(
    "shall hereof herein hereto hereby hereunder hereinafter thereof therein thereto thereunder whereas pursuant agreement agreements party parties section sections exhibit annex annexure schedule clause article lessor lessee landlord tenant licensee licensor licensed franchisee franchisor buyer seller purchaser vendor supplier company contractor employer employee client customer distributor manufacturer borrower lender guarantor covenant covenants indemnify indemnified indemnification warranty warranties liability liabilities damages termination terminate terminated breach confidential confidentiality obligation obligations arising governing jurisdiction arbitration notwithstanding foregoing aforesaid assigns successors affiliate affiliates amendment executed execution effective consent invoice payment payable premises property intellectual territory products services fees royalty royalties court plaintiff defendant appellant appellee respondent petitioner claimant judgment statute regulation motion counsel trial evidence jury appeal affirmed reversed vertrag vertragspartei vertragsparteien gemäß partei parteien mieter vermieter gericht haftung kündigung contrat parties locataire bailleur contrato".split()
)
"""Words of contracts and judgments."""

STOPWORDS: dict[str, frozenset[str]] = {
    "en": frozenset("the of and to in a is that for it as with be by on or this are from at not an any such which will its".split()),
    "de": frozenset("der die das und ist nicht ein eine einen einem ich du sie wir ihr mit von zu den dem des im auf für wie was wer wo warum kann können wird werden sind hat haben auch aber bei nach aus über mir mich dir dich sich als wenn bitte welche wieso gibt".split()),
    "fr": frozenset("le la les des et est une un dans pour que qui pas sur avec vous nous je tu il elle ce cette au aux du plus mon ma mes votre comment pourquoi quel quelle".split()),
    "es": frozenset("el la los las y es una un en para que no con por del se lo como más su al mi tu qué cómo cuál por esta este son".split()),
    "it": frozenset("il lo la gli le e è una un in per che non con del della di si come più mio tuo cosa perché quale sono questo questa".split()),
    "pt": frozenset("o a os as e é uma um em para que não com por do da se como mais seu sua no na você qual porque são este esta".split()),
    "nl": frozenset("de het een en van is niet in op te dat voor met zijn je ik wat hoe waarom deze dit worden kan".split()),
    "sh": frozenset("je i u na se da za sam su što šta kako ne li od po sa iz bi ako sve".split()),
    "pl": frozenset("w i na nie jest się to z do że jak co czy dla po od".split()),
}  # fmt: skip
"""The most frequent words of some languages, to tell a sentence that is foreign to its document."""
