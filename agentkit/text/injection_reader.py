# ruff: noqa: E501 - a table of patterns
"""Orders to whoever reads, reviews or summarizes a document, which need none of the usual words of orders.

A sentence is one where three things meet: someone who handles this text, or its summary; a direction to say, call or
leave out; and a judgement that is wanted (fair, low, free of risks). Contracts, reports and policies have one or two of
them: "readers should note", "the auditor shall state that", "this summary is for convenience only". A few forms of
words that are said to no one else need only two.
"""

import re
from collections.abc import Iterator

from agentkit.text.injection_known import Column
from agentkit.text.injection_needs import Searched
from agentkit.text.injection_reading import Reading
from agentkit.text.injection_rules import Evidence, Rule, compile_pattern, rule
from agentkit.text.normalize import Normalized

_WEIGHT = 0.6
_BEFORE, _AFTER = 120, 180
"""How far from the reader the direction and the judgement may stand, in characters, within the sentence."""

_WORDS = {
    "AUDIENCE": r"(?:<DIGESTER>|<DIGESTING>(?: of)? (?:this|it|these|the above)\b|<HANDLING> this\b|(?:readers?|reviewers?|analysts?|graders?|evaluators?|screeners?|annotators?|summari[sz]ers?)\b|(?:the|any|your|every|each|all|a|an|its) (?:\w+ ){0,2}<DIGEST>\b|<DIGEST> of th(?:is|ese)\b)",
    "DIGESTER": r"(?:<AI>|(?:reading|reviewing|review|processing|analysis|analy[sz]ing|parsing|screening|summari[sz]ation|summari[sz]ing|document|text)(?: \w+)? (?:software|tools?|systems?|models?|engines?|programs?|bots?|assistants?|algorithms?|agents?|pipelines?)|assistants? (?:that|which|who))\b",
    "DIRECTION": r"(?:(?:must|should|ought to|need(?:s|ed)? to|ha(?:s|ve) to|(?:will|may) want to|(?:is|are)(?: \w+ly)? (?:asked|requested|required|instructed|expected|told|urged|advised|invited|supposed|directed|encouraged|best advised) to|(?:is|are) to|can only|may only|can safely|you may|would (?:be )?best|ask(?:ed|s)? (?:\w+ )?(?:reviewers?|readers?|analysts?|graders?|evaluators?) to|would)(?: \w+ly)? (?:be (?:said|reported|described|presented|portrayed|summari[sz]ed|rated|treated|called)|<SPEAK>)|(?:^|[,:;\-] ?|\b(?:and|please|kindly|simply|just|always|it) )<SPEAK>|\blet the (?:\w+ )?<DIGEST> (?:show|say|state|read)|that (?:\w+ ){0,3}<DIGEST> of this <DOC> <SPEAK>|\bto be (?:said|repeated|reported|stated) in\b)\b",
    "DOC": r"(?:documents?|agreements?|contracts?|leases?|texts?|files?|pages?|passages?|e-?mails?|letters?|clauses?|deeds?|licen[sc]es?|filings?|judge?ments?|nda|papers?|paragraphs?|materials?)",
    "DIGEST": r"(?:summar(?:y|ies)|digests?|abstracts?|synops[ei]s|overviews?|recaps?|pr[eé]cis|short(?:ened)? versions?|condensed versions?)",
    "DIGESTING": r"(?:(?:summari[sz]|condens|abridg|paraphras|digest|abstract|recapp|shorten|outlin)ing|(?:summari[sz]e|condense|abridge|abstract|paraphrase|recap|shorten|outline)s?|sum(?:s|ming)? up|boil(?:s|ing)? down|boil(?:s|ing)?(?= (?:this|it) down)|answer(?:s|ing)? (?:\w+ )?questions (?:on|about|regarding|concerning)|(?:(?:writ|prepar|draft|produc|creat|generat|mak)(?:es?|ing)) (?:an?|the|any|your|its) (?:\w+ )?<DIGEST>)",
    "HANDLING": r"(?:read|skim|scan|review|process|analy[sz]|evaluat|assess|pars|audit|screen|grad|scor|check|examin|translat|index)(?:m?ing|e?s|e)?",
    "SPEAK": r"(?:say|state|write|read|record|make|claim|report|describe|conclude|declare|assert|characteri[sz]e|present|portray|rate|call|label|classify|score|grade|tell|recommend|answer|mention|treat|frame|depict|paint|pretend|insist|emphasi[sz]e|stress|deny|give|find|mark|omit|leave (?:out|[^.!?;\n]{1,40} out)|skip|pass over|gloss over|play down|downplay|suppress|hide|conceal|drop|(?:do not|don't|not|never) (?:mention|bring up|include|report|refer to|discuss|cite|raise|flag|note|list|reveal)|say nothing)",
    "THING": r"(?:<DOC>|terms?|fees?|prices?|costs?|liabilit(?:y|ies)|indemnit(?:y|ies)|risks?|penalt(?:y|ies)|rents?|interest|caps?|non-?competes?|covenants?|warrant(?:y|ies)|deposits?|provisions?|obligations?|deal|offer|sections? \d\S*|exclusivity)",
    "FAIR": r"(?:fair|(?:well[- ])?balanced|reasonable|favou?rable|standard|market[- ]standard|low|modest|minimal|moderate|harmless|safe|generous|compliant|excellent|good|great|attractive|risk[- ]free|low[- ]risk|routine|ordinary|unobjectionable|beneficial|advantageous|flawless|perfect|ideal|acceptable|trustworthy|reliable|(?:\w+-)?friendly|mutual|(?:a )?(?:bargain|(?:mere )?formality)|negligible|minor|trivial|benign|clean|unlimited|zero|nil|invalid|unenforceable|refundable|paid|complete|even-handed|the best)",
    "NOTHING": r"(?:(?:no|zero|without(?: any)?|free (?:of|from)(?: any| all)?|not (?:find|found|see|contain|have)(?: any)?|there (?:is|are) no|none of)[^.!?;\n]{0,25}\b(?:risks?|issues?|problems?|concerns?|red flags?|defects?|traps?|surprises|obligations?|penalt(?:y|ies)|liabilit(?:y|ies)|downsides?|drawbacks?|costs?|fees?|charges?|hidden \w+|(?:un(?:usual|fair|favou?rable)|wrong|onerous|problematic|alarming|suspicious)(?: \w+)?)|nothing (?:\w+ ){0,2}(?:unusual|wrong|alarming|of concern|to worry about)|(?:is|are) (?:none|never late))",
    "WISH": r"(?:<NOTHING>|(?:is|are|was|were|as|as being|to be|be|being|sounds?|seems?|looks?|remains?|that|them|it|terms|rate|cap) (?:\w+ly |very |so |quite |only |a |an )?<FAIR>\b(?! (?:as|value|market)\b)|favou?rs? the|(?:bears?|gave|gives?) (?:all|every)|in (?:full|good|perfect) order|(?:highest|full|top|best) (?:score|mark|rating)s?|(?:sign|approv|accept)ing (?:it|this|the)|at any time without)",
    "MACHINE": r"(?:<DIGESTER>|(?:machine|automated) readers?)",
    "SUMMARIZED": r"(?:summari[sz]ed|condensed|digested|abridged|(?:read|processed|analy[sz]ed|reviewed|parsed|screened) by (?:an? |the |any )?(?:<AI>|machine|computer|software|model|tool|bot))",
    "POLITE": r"(?:(?:please|kindly|always|simply|only|just|you (?:must|should|will)|must|should|ought to|is to|are to|(?:will|may) want to|(?:is|are) (?:\w+ly )?(?:asked|requested|required|instructed|expected|told|urged|advised|invited) to) )*",
}
"""Word groups of these rules alone; a group may name others, and those of `injection_rules`."""

_TABLE: list[tuple[str, float, str, str, str]] = [
    # id, weight, hints, pattern, reason
    ("reader.digesting", 0.66, "summ cond abri para dige abst reca shor outl", r"\b(?:any(?:one|body)|whoever|every(?:one|body)|those|you|people|persons?|one|(?:\w+ )?(?:readers?|reviewers?|assistants?|tools?|systems?|models?|bots?|agents?|software|programs?))(?: (?:who|that|which))?(?: (?:is|are|may be|will be|asked to|told to|now))* <DIGESTING>(?: of)? (?:this|it|these)\b[^.!?;\n]{0,40}?[ ,:\-]+<POLITE>(?!read\b|give\b|find\b|mark\b|make\b)<SPEAK>\b", "speaks to whoever summarizes the document"),
    ("reader.preparing", 0.62, "summ cond abri para dige abst reca syno over", r"\b(?:any(?:one|body)|whoever|every(?:one|body)|those|people|if you)(?: (?:who|that))?(?: (?:is|are))? <DIGESTING>[^.!?;\n]{0,20}?(?:, ?(?:please |kindly )?(?:say|state|write|claim|report|call|describe)\b| (?:must|should|are to|is to) (?:leave out|omit|skip|suppress|hide|conceal|not mention|never mention))", "speaks to whoever writes the summary"),
    ("reader.machine", 0.64, "note mess memo tip hint guid remi requ info inst atte attn noti for dear mach auto", r"(?:^|[.!?;:\n\"(\[*#-] ?)(?:(?:(?:note|message|memo|tip|hint|guidance|reminder|request|info(?:rmation)?|instructions?|attention|attn|notice|dear|for the benefit|ps|p\.s\.)[ ,:]+)?(?:(?:to|for|of) )?(?:(?:the|any|our|all|every|this|your|(?:the )?(?:reader|user|client)'?s) )*(?:<MACHINE>|summari[sz]ers?)|(?:note|message|memo|tip|hint|guidance|reminder|instructions?)[ ,:]+(?:to|for) (?:the|any|your|every) (?:\w+ )?<DIGEST>)(?: (?:that|which|who|reading|of)\b[^.!?;:\n]{0,30})?[:,\-]+ ?<POLITE>(?:<SPEAK>\b|[^.!?;\n]{0,60}\b(?:<WISH>|(?:the|your) answers?|(?:to be|should be|must be) (?:reported|described|presented|summari[sz]ed|rated|treated)))", "speaks to the machine that reads"),
    ("reader.model", 0.62, "mode mach syst tool soft prog bot assi algo read proc revi", r"\b(?:to|for) (?:any|every|all|the|whichever|whatever) (?:models?|machines?|systems?|tools?|software|programs?|bots?|assistants?|algorithms?)(?: (?:that|which|who))?(?: is| are)? (?:<HANDLING>|summari[sz](?:es?|ing)) (?:this|it)(?: <DOC>)? ?[:,\-]|\b(?:reading|processing|summari[sz]ing|reviewing) this as an? <AI>\b", "speaks to the machine that reads"),
    ("reader.summary_of_this", 0.64, "summ dige abst syno over reca prec", r"\b<DIGEST> of th(?:is|ese) <DOC>(?: (?:must|should|shall|ought to|has to|needs to|is to|can only|would))?(?: not| only| always)? (?!shall\b|give\b|find\b|mark\b|make\b)<SPEAK>\b|\b(?:only|correct|accurate|proper|right|best|true|ideal|honest) <DIGEST> of this <DOC> (?:is|reads|would be|says)\b|\b(?:an?|any|every|the) (?:faithful|good|honest|correct|accurate|proper|true|complete|reliable) <DIGEST>(?: of [^.,;!?\n]{1,40}?)? (?:would|should|must|will)(?: not| only| always)? (?:say|state|claim|report|describe|conclude|mention|call|stress|omit|leave out)\b", "dictates what a summary says"),
    ("reader.in_summary", 0.6, "summ dige abst syno over reca prec", r"\bin (?:the|any|your|every|each) (?:\w+ )?<DIGEST>(?: of [^.,\n]{0,40})?,? ?<POLITE>(?:say|state|write|claim|report|conclude|declare|assert) that\b|\bin an? (?:\w+ )?<DIGEST> of this(?: <DOC>)?,? ?<POLITE><SPEAK>\b|(?:^|[.!?:\n\"(\[-] ?|\b(?:please|kindly|always|simply|just) )(?:say|state|write|mention|report|claim) in (?:the|any|your|every|each) (?:\w+ )?<DIGEST>,? that\b|\b(?:said|repeated|reported|stated) in (?:any|every|each|your) (?:\w+ )?<DIGEST>:", "dictates what a summary says"),
    ("reader.if_summarized", 0.66, "summ cond dige abri read proc anal revi pars abst syno over", r"\b(?:if|when(?:ever)?|once|while|should) (?:(?:this|it|the above|these)(?: <DOC>)? (?:(?:is|are|gets?|be) )?(?:ever |being |to be )*<SUMMARIZED>|an? <DIGEST>(?: of this(?: <DOC>)?)? (?:is|gets) (?:requested|asked for|made|written|prepared|wanted|needed))\b[^.!?\n]{0,30}, ?<POLITE><SPEAK>\b", "dictates what a summary says"),
    ("reader.as_fair", 0.6, "desc pres port char depi fram summ rate call repo clas", r"(?:^|[.!?:\n\"(\[-] ?|\b(?:please|kindly|always|simply|just) )(?:describe|present|portray|characteri[sz]e|depict|frame|summari[sz]e|rate|call|report|classify)\b (?:(?:this|the|these|its|all|every|our)\b[^.!?;:\n]{0,25}?\b<THING>|(?:clause|section|paragraph|article) \S+)(?: \S+){0,3}? (?:as |to be )?(?:being |(?:an? )?(?:\w+ly )?)?<FAIR>\b(?! (?:as|value|market|use|faith|standing|condition|and marketable|season|in|by|on|under)\b)(?!,? or\b| and (?:reasonable|correct|marketable)\b|, \w+(?:,| or)| \w+ (?:fees?|prices?|rent))", "dictates how the document is described"),
    ("reader.should_be", 0.6, "desc pres port char summ", r"\b(?:must|should|ought to|needs? to|has to|have to|(?:is|are) to) (?:only |always )?be (?:summari[sz]ed|described|presented|portrayed|characteri[sz]ed) (?:only |simply )?as (?:an? |being )?(?:\w+ly )?<FAIR>\b(?!,? (?:or|and)\b)", "dictates how the document is described"),
    ("reader.assure", 0.56, "tell assu reas", r"(?:^|[.!?:\n\"(\[-] ?)(?:(?:please|kindly|do|always|be sure to|remember to|make sure to|you (?:should|can|may|must)(?: safely)?) )*(?:tell|assure|reassure) (?:whoever|any(?:one|body)|every(?:one|body)|them|your (?:client|user|principal|reader)s?|the (?:client|user|reader|tenant|buyer|customer)s?)\b(?: who)?(?: asks?)?(?: that)?[^.!?;\n]{0,20}\b<THING>[^.!?;\n]{0,30}\b(?:<WISH>|can be (?:cancelled|terminated) at any)", "dictates what others are told"),
    ("reader.if_asked", 0.6, "aske", r"\b(?:if|when(?:ever)?) (?:you are |you're |anyone |someone |ever )*asked(?: \w+){0,6}, ?<POLITE>(?:answer|say|reply|respond|state|claim)(?: that)? (?:they|it|the|this|no|yes|none|nothing)\b", "dictates answers to later questions"),
    ("reader.when_telling", 0.62, "when whil if", r"\b(?:when(?:ever)?|while|if) (?:you are |you're )?(?:describing|discussing|presenting|explaining|citing|quoting|mentioning|referring to) th(?:is|ese)(?: <DOC>)?\b[^.!?;\n]{0,40}, ?<POLITE>(?:say|state|claim|write|call|describe|answer|omit|leave out|(?:do not|don't|never) (?:mention|bring up|refer to))\b", "dictates how the document is described"),
    ("reader.meant_for", 0.6, "only sole mean inte just for", r"\b(?:part|section|paragraph|text|note|message|line|passage|sentence) is (?:(?:only|solely|just|meant|intended) )*for (?:the |any |all )?(?:<MACHINE>|summari[sz]ers?)\b", "speaks to the machine that reads"),
    ("reader.sound", 0.6, "make", r"(?:^|[.!?:\n\"(\[-] ?|\b(?:please|kindly|always|simply|just|to) )make (?:this|the|these|it|its|every|all)\b[^.!?;:\n]{0,25}?\b<THING>(?: \S+){0,2}? (?:sound|look|seem|appear) (?:\w+ly |as |like )?<FAIR>\b", "dictates how the document is described"),
    ("reader.marks", 0.6, "give awar gran assi", r"\b(?:give|award|grant|assign) this (?:<DOC>|essay|work|response|submission|application|candidate|proposal|thesis|manuscript)[^.!?;\n]{0,30}\b(?:highest|maximum|full|top|best|perfect|passing) (?:possible )?(?:scores?|marks?|grades?|ratings?|points)\b", "dictates the result of a review"),
]  # fmt: skip


def _expanded(pattern: str) -> str:
    while True:  # groups name groups
        before = pattern
        for name, words in _WORDS.items():
            pattern = pattern.replace(f"<{name}>", words)
        if pattern == before:
            return pattern


READER: tuple[Rule, ...] = tuple(
    rule(name=f"{ident}/address", weight=weight, hints=hints, pattern=_expanded(pattern), reason=reason, duty=True)
    for ident, weight, hints, pattern, reason in _TABLE
)
"""The forms of words that are said to no one else."""

_AUDIENCE = _expanded(r"\b<AUDIENCE>")
_DIRECTION = _expanded(r"(?:^|\b|(?<=[,:;\-] ))<DIRECTION>")
_WISH = _expanded(r"\b<WISH>\b")
PARTS = (_AUDIENCE, _DIRECTION, _WISH)
"""The three things that must meet in a sentence."""
_NAMES, _POINTS, _DIGESTS, _BETWEEN = 1, 2, 4, 2
_DIGEST_STEMS = ("summar", "digest", "abstract", "synops", "overview", "recap", "prec", "préc", "short", "condensed")
_STEMS = (
    *_DIGEST_STEMS,
    *("ai", "assistant", "chat", "bot", "gpt", "llm", "large", "language", "openai", "claude", "gemini", "bard"),
    *(
        "copilot",
        "bing",
        "siri",
        "virtual",
        "auto",
        "machine",
        "reading",
        "review",
        "process",
        "analy",
        "pars",
        "screen",
    ),
    *(
        "document",
        "text",
        "sum",
        "condens",
        "abridg",
        "paraphras",
        "outlin",
        "boil",
        "answer",
        "writ",
        "prepar",
        "draft",
    ),
    *(
        "produc",
        "creat",
        "generat",
        "mak",
        "read",
        "skim",
        "scan",
        "evaluat",
        "assess",
        "audit",
        "grad",
        "scor",
        "check",
    ),
    *("examin", "translat", "index", "annotat"),
)
"""What a word begins with that speaks of a reader or a summary; those of a summary may follow a pointer."""
_POINTERS = frozenset(("the", "any", "your", "every", "each", "all", "a", "an", "its"))
_END = re.compile(r"[.!?](?=\s|$)|\n(?=\W*\d)")
_PARTY = re.compile(
    r"\b(?:the|each|either|neither|such|both) (?:\w+ )?(?:part(?:y|ies)|suppliers?|customers?|tenants?|landlords?|buyers?|"
    r"sellers?|less(?:or|ee)s?|licens(?:or|ee)s?|(?:sub)?contractors?|vendors?|purchasers?|employ(?:ee|er)s?|company|bank|"
    r"borrowers?|lenders?|trustees?|agents?|insurers?|consultants?|providers?|brokers?|auditors?|experts?|court|judge|"
    r"arbitrators?|directors?|boards?|issuers?|authors?|applicants?|candidates?)\b"
)
_UNDECIDED = re.compile(r"\b(?:whether|if|or|unless|where|how|which|what)\b")


def reader_evidence(folded: Normalized, searched: Searched, /) -> Iterator[Evidence]:
    """Yield the sentences that tell a reader, or a summary, what to say; linear in the length of the text."""
    text, done = folded.text, -1
    for match in searched.matches(*PARTS, at=_addresses(searched.read)):
        if match.start() < done:
            continue
        start, end = _around(text, match.start(), match.end())
        found = _directed(text[start:end], match.start() - start)
        if found:
            done = end
            span = folded.span(start + found[0], start + found[1])
            yield Evidence("reader.wish", "address", _WEIGHT, *span, "dictates what a reader or a summary says")


def _addresses(read: Reading) -> list[int]:
    """Return the places at which words begin that may speak of a reader or a summary."""
    kinds = read.of(_ADDRESSING)
    begins = kinds & _NAMES != 0
    for ahead in range(1, _BETWEEN + 2):  # "the short, plain summary"
        begins[:-ahead] |= (kinds[:-ahead] & _POINTS != 0) & (kinds[ahead:] & _DIGESTS != 0)
    return read.starts[begins].tolist()


def _addressing(word: str) -> int:
    points = _POINTS if word in _POINTERS else 0
    points |= _DIGESTS if word == "i" else 0  # of "a.i."
    return points | sum(kind for kind, stems in ((_NAMES, _STEMS), (_DIGESTS, _DIGEST_STEMS)) if word.startswith(stems))


_ADDRESSING = Column(_addressing, "u1")


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the stretch of a sentence around a place in it."""
    first = max(start - _BEFORE, 0)
    for mark in _END.finditer(text, first, start):
        first = mark.end()
    close = _END.search(text, end, min(end + _AFTER, len(text)))
    return first + (text[first : first + 1] in " \n"), close.start() if close else min(end + _AFTER, len(text))


def _directed(sentence: str, reader: int) -> tuple[int, int] | None:
    """Return where a sentence directs its reader to a judgement, if it does, and no party's duty is meant."""
    for order in compile_pattern(_DIRECTION).finditer(sentence):
        said = _PARTY.search(sentence, reader if reader < order.start() else 0, order.start())
        wish = compile_pattern(_WISH).search(sentence, order.start() + 1)
        undecided = _UNDECIDED.search(sentence, order.end())
        if wish and not said and not undecided:
            return min(reader, order.start()), wish.end()
    return None
