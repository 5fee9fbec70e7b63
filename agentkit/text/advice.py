# ruff: noqa: E501 - a table of patterns
"""Legal advice to the reader: "you should sue", "in our opinion you will win". What a contract says to its parties is none.

Advice has a reader ("you"), a step that only a party to a quarrel takes, and somebody who urges it, or a forecast of
how the quarrel ends. Contracts and policies that say "you" use the same verbs with "may", "must" and "shall", and
counsel third persons; none of that is advice here.
"""

import re
from dataclasses import dataclass
from functools import cache

from agentkit.text.folded import Folded, fold

_STEP = (
    r"(?:counter-?)?su(?:e|ing)\b|(?:re-?)?(?:litigat|arbitrat|negotiat)(?:e|ing)\b|settl(?:e|ing)\b|appeal(?:ing)?\b|plead(?:ing)?\b|"
    r"(?:terminat|rescind|repudiat|breach)(?:e|ing)? (?:the|this|that|your)\b|(?:refus|declin)(?:e|ing) to (?:pay|sign|perform|settle|answer|testify|vacate)|"
    r"(?:reject|accept)(?:ing)? (?:the|this|that|their|his|her|its|any|an) (?:settlement|offer|deal|terms|proposal)|"
    r"(?:fil|bring|lodg|pursu|commenc)(?:e|ing)? (?:a |an |the |your )?(?:law ?suit|suit|legal action|claim against|complaint against|action against|motion|appeal|charges|case|petition|counterclaim)|"
    r"tak(?:e|ing) (?:them|him|her|it|your \w+|the \w+) to court|go(?:ing)? to (?:court|trial)|press(?:ing)? charges|seek(?:ing)? (?:an injunction|damages|compensation|summary judgment)|"
    r"(?:withhold|stop pay)(?:ing)? (?:the |your |any )?(?:rent|payment|fees?|instal\w+)|stop paying|walk(?:ing)? away|"
    r"(?:not |never )sign\b|sign(?:ing)? (?:the|this) (?:agreement|contract|lease|release|waiver|settlement|deed)|(?:contest|challeng|disput)(?:e|ing)? (?:the|this|that|your) (?:will|termination|dismissal|eviction|claim|clause|validity|fine|ticket)|"
    r"(?:demand|claim)(?:ing)? (?:damages|compensation|rescission|specific performance)|evict(?:ing)?\b|ignor(?:e|ing) (?:the|this|their) (?:summons|notice|subpoena|clause|deadline)|"
    r"invok(?:e|ing) (?:the|your|section|clause|article)|not (?:pay|settle|appeal|testify|respond|answer|sue)|remain silent|file for (?:bankruptcy|divorce)"
)
_URGE = r"(?:(?:strongly|highly|would|also|therefore|really|do|'d|d)\s){0,3}(?:advise|recommend|suggest|urge|counsel|encourage|think|believe)"
_SELF = r"(?:i|we|our (?:firm|office)|this (?:firm|office|assistant))"
_SHOULD = r"you(?:r best (?:option|course|move|strategy|bet) (?:is|would be) to| should(?: definitely| probably| certainly| always)?| ought to|'d better| had better| would be (?:wise|smart|well advised|better off|foolish)(?: to)?| are (?:well |best )?advised to| need to consider| have to)"
_FORECAST = (
    r"you(?: will|'ll| would| should| are (?:very |highly |quite )?likely to| will (?:most |very )?(?:likely|probably|certainly|almost certainly)| would (?:likely|probably)| can expect to) (?:\w+ly )?(?:win|lose|prevail|succeed)\b(?! (?:access|all|any|your))|"
    r"you(?:'ve| have) (?:got )?(?:a |an |no )?(?:\w+ )?(?:strong|solid|good|weak|excellent|winnable|valid|viable|real|slim|great) (?:legal )?(?:case|claim|defen[cs]e|chance|argument|grounds)\b|"
    r"your (?:chances|odds|prospects) of (?:winning|success|prevailing)|your (?:case|claim|lawsuit|appeal|defen[cs]e) (?:is|looks|seems|would be|will be|will|would) (?:\w+ly )?(?:strong|weak|solid|hopeless|likely to|winnable|successful|succeed|fail|prevail)|"
    r"a (?:court|judge|jury) (?:will|would) (?:\w+ly )?(?:side with|rule for|find for|rule in favou?r of) you"
)
_RULES: dict[str, str] = {
    "urges": rf"\b{_SELF} {_URGE} (?:that )?(?:to )?you(?: to| should)? (?:{_STEP})|\b(?:my|our) (?:legal )?(?:advice|recommendation)(?: to you)? (?:is|would be) (?:that you (?:should )?|to |for you to )?(?:{_STEP})",
    "you should": rf"\b{_SHOULD} (?:{_STEP})|\bif i were you\b|\bi(?:'d| would) (?:sue|settle|appeal|not sign|never sign|go to court)\b",
    "advisable": rf"\b(?:it (?:is|would be) (?:\w+ )?(?:advisable|wise|prudent|best|better|smart) )(?:for you to|that you(?: should)?|if you) (?:{_STEP})",
    "opinion": r"\bin (?:my|our) (?:professional |legal |humble |considered |honest )?(?:opinion|view|judge?ment|assessment)\b,? (?:that )?(?:\w+ ){0,4}?(?:you|your)\b|\b(?:as|speaking as) your (?:lawyer|attorney|counsel|solicitor)\b",
    "forecast": rf"\b(?:{_FORECAST})",
    "de": r"\b(?:ich rate|wir raten|ich empfehle|wir empfehlen) (?:ihnen|dir|euch)\b[^.]{0,80}\b(?:klag|kündig|verklag|anfecht|widerruf|zurücktreten|vergleich|berufung|einspruch|mahn|unterschreib)|\b(?:sie sollten|du solltest)\b[^.]{0,80}\b(?:klagen|verklagen|kündigen|anfechten|berufung einlegen|widersprechen|vor gericht|nicht unterschreiben|nicht zahlen)\b|\b(?:meiner|unserer) (?:meinung|ansicht) nach (?:werden|sollten|haben|können) sie\b|\b(?:sie werden|ihre klage wird)\b[^.]{0,60}\b(?:gewinnen|erfolg haben|verlieren)\b",
    "fr": r"\b(?:je|nous) (?:vous|te) (?:conseill|recommand|sugg[èe]r)\w* (?:de |d'|fortement |vivement )+(?:ne pas )?(?:poursuivre|r[ée]silier|porter plainte|assigner|attaquer|transiger|contester|faire appel|saisir|signer|payer)|\b(?:vous devriez|tu devrais) (?:ne pas )?(?:poursuivre|r[ée]silier|porter plainte|assigner|attaquer|transiger|contester|faire appel|saisir|refuser|signer)|\b(?:à|a) (?:mon|notre) avis,? vous\b|\bvous (?:allez|devriez) (?:gagner|perdre)\b",
    "es": r"\b(?:le|te|les|os) (?:aconsej|recomend|recomiend|sugier|suger)\w*(?: que)? (?:no )?(?:demand|rescind|apel|denunci|recurr|impugn|firm|pag|transij|neg)\w*|\b(?:usted debería|deberías?|debería usted) (?:no )?(?:demandar|rescindir|apelar|denunciar|recurrir|impugnar|negociar|firmar)\b|\ben (?:mi|nuestra) opinión,? (?:usted|tú)\b|\b(?:usted )?(?:ganará|perderá) (?:el|su) (?:juicio|caso|pleito)",
    "it": r"\b(?:le|ti|vi) (?:consigli|raccomand|sugger)\w* (?:vivamente )?di (?:non )?(?:fare causa|citare|recedere|risolvere|impugnare|denunciare|firmare|pagare|transigere)|\b(?:dovrebbe|dovresti) (?:fare causa|citare in giudizio|recedere|impugnare|denunciare)|\ba (?:mio|nostro) (?:avviso|parere),? (?:lei|tu|vincer)",
    "pt": r"\b(?:aconselh|recomend|suger)\w+(?:-lhe)? (?:que )?(?:você|o senhor|a senhora)?\s?(?:a )?(?:processe|processar|rescinda|rescindir|recorra|recorrer|denuncie|não assine)|\b(?:você|o senhor|a senhora) (?:deve|deveria) (?:processar|rescindir|recorrer|denunciar)",
    "nl": r"\b(?:ik|wij) (?:raad|raden|adviseer|adviseren) (?:u|je)(?: aan)?(?: om)?\b[^.]{0,60}\b(?:procederen|dagvaarden|ontbinden|opzeggen|in beroep|aanklagen|schikken|niet te tekenen)|\b(?:u zou|je zou|u moet) (?:moeten )?(?:procederen|dagvaarden|aanklagen|in beroep gaan)",
}  # fmt: skip
_SIGNALS: dict[str, frozenset[str]] = {
    "urges": frozenset("advise recommend suggest urge counsel encourage think believe advice recommendation".split()),
    "you should": frozenset("should ought d better best wise smart advised foolish need have were sue settle appeal sign court".split()),
    "advisable": frozenset("advisable wise prudent best better smart".split()),
    "opinion": frozenset("opinion view judgment judgement assessment lawyer attorney counsel solicitor".split()),
    "forecast": frozenset("win lose prevail succeed case claim defense defence chance argument grounds chances odds prospects lawsuit appeal court judge jury".split()),
    "de": frozenset("rate raten empfehle empfehlen sollten solltest meinung ansicht gewinnen verlieren haben".split()),
    "fr": frozenset("vous te avis devriez devrais".split()),
    "es": frozenset("le te les os usted debería deberías opinión ganará perderá".split()),
    "it": frozenset("le ti vi dovrebbe dovresti mio nostro".split()),
    "pt": frozenset("aconselho aconselhamos recomendo recomendamos sugiro sugerimos aconselharia recomendaria você senhor senhora".split()),
    "nl": frozenset("raad raden adviseer adviseren zou moet".split()),
}  # fmt: skip
"""Words of which a match of each rule holds one: a text without any is not searched for it."""
_TONGUE = 2  # letters of a rule that stands for another language
_READER = frozenset("you your i my our".split())
_OF_THE_WRITER: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "urges": (frozenset({"my", "our"}), frozenset({"advice", "recommendation"})),
    "you should": (frozenset({"i"}), frozenset("sue settle appeal sign court".split())),
}
_NOBODY = (frozenset[str](), frozenset[str]())
"""Words of a match of an English rule that has no "you": one of each; any other rule's match has it."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Words that advise the reader: which rule found them, and their place in the text as folded."""

    rule: str
    words: str


@cache
def _compiled(rule: str) -> re.Pattern[str]:
    """Compile a rule at first use: most answers give no occasion to most of them."""
    return re.compile(_RULES[rule])


def find_advice(text: str, /, *, cited: str = "") -> list[Advice]:
    """Return what advises the reader on a legal step or on how a quarrel will end; a rule is reported once.

    English first; German, French, Spanish, Italian, Portuguese and Dutch by their most usual turns. Advice without
    a reader ("it may be prudent to settle") and advice in other words than these is not found.

    Args:
        text: any text.
        cited: the source that the text cites; words that stand there are its quotation and are passed over.
    """
    folded = fold(text)
    spoken = (rule for rule, words in _SIGNALS.items() if not words.isdisjoint(folded.known))
    searched = (rule for rule in spoken if len(rule) == _TONGUE or _is_spoken_to_a_reader(rule, folded))
    found = ((rule, _compiled(rule).search(folded.line)) for rule in searched)
    advice = [Advice(rule, match[0]) for rule, match in found if match]
    source = fold(cited).line if advice and cited else ""
    return [item for item in advice if item.words not in source]


def _is_spoken_to_a_reader(rule: str, folded: Folded) -> bool:
    """Whether a text has the words of which every match of an English rule has one."""
    if _READER.isdisjoint(folded.known):
        return False
    writer, step = _OF_THE_WRITER.get(rule, _NOBODY)
    return "you" in folded.line or not (writer.isdisjoint(folded.known) or step.isdisjoint(folded.known))
