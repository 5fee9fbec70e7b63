# ruff: noqa: E501 - a table of patterns
"""Slurs, threats and insults to a person: deterministic, by words and turns of phrase in a dozen languages.

It finds what is said outright. Irony, euphemism, stereotypes without a slur, hatred in polite words and languages
beyond its list are for a model (NeMo's content-safety rails can be listed beside it). Words that a contract or a
judgment uses honestly ("execute", "kill switch", "bastard", "terminate") count only where they are aimed at a person.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import itemgetter

from agentkit.text.folded import fold, words_of
from agentkit.text.normalize import unaccented, unleet
from agentkit.text.remembered import Remembered


@dataclass(frozen=True, slots=True)
class Toxic:
    """One finding: its kind ("slur", "threat", "insult"), its language, and the words as folded."""

    kind: str
    language: str
    words: str


TOXIC_KINDS = ("slur", "threat", "insult")
_LEET = re.compile(r"[0134578@$|!+](?<=[a-z].)[a-z](?!\d)")
_SPACED_OUT = re.compile(r"\b[a-z][ .\-_*][a-z][ .\-_*][a-z][ .\-_*][a-z]\b")
_SHAPE = bytes(
    ord("a" if 97 <= code <= 122 else " " if chr(code) in " .-_*" else "1" if chr(code) in "0134578@$|!+" else "x")
    for code in range(256)
)
_ALONE, _SPELT = b"a a a a", b"a1a"
_AIMED = {
    "en": r"(?:you(?:'re| are|r)?|u r|ur|he is|she is|they are|he's|she's|they're|(?:those|these|them|all|that|such) (?:\w+ )?(?:people )?(?:are)?)",
    "de": r"(?:du|sie sind|ihr seid|du bist|er ist|sie ist)",
    "fr": r"(?:vous etes|tu es|t'es|espece de|bande de|sale|gros(?:se)?|il est|elle est)",
    "es": r"(?:eres|es usted|usted es|sois|son|pedazo de|maldit[oa]s?|pinche)",
    "it": r"(?:sei|siete|lei e|pezzo di|brutt[oaie])",
    "pt": r"(?:voce e|voces sao|seu|sua|seus|tu es)",
    "nl": r"(?:je bent|jij bent|u bent|jullie zijn|jij|vuile|stomme)",
    "pl": r"(?:jestes|ty|jestescie|pan jest|wy)",
    "ru": r"(?:ты|вы|он|она|они)",
}
"""What aims an insult at somebody; at most three words may stand between."""
_BETWEEN = r"(?: (?:a|an|the|such|so|all|just|nothing but|fucking|bloody|damn|total|complete|absolute|utter|filthy|dirty|ein|eine|so|dumme[rs]?|un|une|gros|sale|una|uno|um|uma|een|bent|sind|seid)){0,3}"
_WHOM = r"(?:you|your (?:family|wife|husband|children|kids|mother|father)|him|her|them|those people|every (?:last )?one of (?:you|them)|yourself)"
_WILL = r"(?:i|we|i'm|we're|they|somebody|someone)(?: will|'ll| am going to| are going to| shall| gonna| going to| want to| would love to| should)"
_THREATS: dict[str, str] = {
    "en": rf"\b{_WILL} (?:\w+ )?(?:kill|murder|slaughter|strangle|stab|shoot|behead|rape|hang|gut|torture|skin|drown|lynch|beat|hurt|destroy|hunt|find and kill|cut|burn|bury|break) {_WHOM}\b|"
    r"\b(?:go )?(?:kill|hang|shoot) yourself\b|\bkys\b|\byou(?:'re| are) (?:going to|gonna) (?:die|bleed|burn|suffer for)\b|\byou (?:all )?(?:deserve|ought|should) (?:to )?(?:die|be (?:shot|hanged|killed|raped|lynched|beaten|gassed))\b|"
    r"\b(?:i |we )?hope (?:that )?(?:you|they|he|she)(?: all)? (?:die|dies|rot|burn|get (?:cancer|raped|killed|shot))|\bi know where you live\b|\bwatch your back\b|\byou(?:'re| are) (?:a )?dead (?:man|woman|meat)\b|"
    r"\b(?:gas|exterminate|eradicate|lynch|kill) (?:all )?(?:the |those |these )?(?:jews|muslims|blacks|gays|immigrants|foreigners|arabs|christians|hindus|women|whites|gypsies|refugees)\b|"
    r"\b(?:jews|muslims|blacks|gays|immigrants|foreigners|arabs|women|gypsies|refugees) (?:should|must|deserve to|ought to) (?:all )?(?:die|burn|be (?:killed|exterminated|gassed|shot|hanged|eradicated|raped|beaten))\b|"
    r"\b(?:fuck|screw|damn) (?:you|off and die)\b|\bgo (?:fuck yourself|to hell and)\b|\bburn in hell\b",
    "de": r"\b(?:ich|wir) (?:bring\w*|mach\w*|stech\w*|schlag\w*|knall\w*) (?:dich|euch|sie|ihn) (?:um|kalt|ab|tot|nieder)\b|\b(?:ich|wir) werde\w* (?:dich|euch|sie|ihn) (?:umbringen|toten|abstechen|erschiessen|fertigmachen|vernichten)\b|\bbring dich (?:doch )?um\b|\bstirb\b(?!t)|\bfick dich\b|\bverpiss dich\b|\b(?:auslander|juden|moslems|muslime) (?:raus|vergasen)\b|\bich weiss,? wo du wohnst\b",
    "fr": r"\b(?:je|on|nous) (?:vais|va|allons) (?:te|vous|le|la|les) (?:tuer|buter|crever|egorger|violer|defoncer|massacrer)\b|\bva (?:te pendre|crever|mourir)\b|\bva te faire (?:foutre|enculer)\b|\bnique ta mere\b|\bmort aux (?:juifs|arabes|noirs|musulmans)\b|\bje sais ou tu habites\b|\bferme ta gueule\b",
    "es": r"\b(?:te|os|lo|la|los|le) (?:voy|vamos) a (?:matar|violar|degollar|reventar|destrozar|partir)\b|\bte (?:matare|matamos)\b|\bvete a la mierda\b|\bmatate\b|\bojala te mueras\b|\bse donde vives\b|\bmuerte a los (?:judios|moros|negros|gays|inmigrantes)\b|\bchinga tu madre\b",
    "it": r"\b(?:ti|vi|lo|la|li) (?:ammazzo|uccido|uccidero|ammazzero|ammazziamo|spacco|sgozzo)\b|\bvai a morire\b|\bammazzati\b|\bvaffanculo\b|\bso dove abiti\b|\bmorte agli? (?:ebrei|arabi|neri|immigrati)\b",
    "pt": r"\b(?:vou|vamos) (?:te |vos |lo )?(?:matar|estuprar|esfaquear|degolar|arrebentar)(?:-te| voce|-lo)?\b(?= voce| ele| ela|[.!]|$)|\bvai se foder\b|\bse mata\b|\bsei onde voce mora\b|\bmorte aos (?:judeus|negros|gays)\b",
    "nl": r"\b(?:ik|wij|we) (?:maak|maken|steek|schiet|sla|ga|zal) (?:je|jou|jullie|hem|haar) (?:af|dood|kapot|neer|vermoorden|doden)\b|\bpleeg zelfmoord\b|\brot op\b|\bik weet waar je woont\b|\bkrijg (?:de )?(?:kanker|tering)\b",
    "pl": r"\b(?:zabije|zabijemy|zajebie|zamorduje) (?:cie|was|go|ja)\b|\bzabij sie\b|\bspierdalaj\b|\bwiem gdzie mieszkasz\b|\b(?:zydzi|arabowie) do gazu\b",
    "ru": r"\b(?:я|мы) (?:тебя|вас|его|ее) (?:убью|убьем|зарежу|прикончу|найду и убью)\b|\bубью тебя\b|\bубей себя\b|\bсдохни\b|\bиди на ?хуй\b|\bпошел на ?хуй\b|\bсмерть (?:евреям|жидам|мусульманам)\b|\bя знаю,? где ты живешь\b",
    "tr": r"\b(?:seni|sizi) (?:oldurecegim|oldururum|gebertirim|gebertecegim)\b|\bgeber\b|\bnerede oturdugunu biliyorum\b",
}  # fmt: skip


_SPEAKERS = "i we they somebody someone"
_PEOPLES = "jews muslims blacks gays immigrants foreigners arabs christians hindus women whites gypsies refugees"
_ANCHORS: dict[str, list[tuple[str, str]]] = {
    "en": [
        ("murder slaughter strangle stab behead rape gut torture skin drown beat hurt destroy hunt cut bury break", _SPEAKERS),
        ("kill hang shoot lynch", f"{_SPEAKERS} yourself {_PEOPLES}"),
        ("killed shot raped hanged lynched beaten gassed exterminated eradicated die dies bleed suffer rot cancer", f"you hope {_PEOPLES}"),
        ("burn", f"{_SPEAKERS} you hope hell {_PEOPLES}"),
        ("gas exterminate eradicate", _PEOPLES),
        ("fuck screw damn", "you off yourself"),
        ("dead", "you"), ("live", "know"), ("watch", "back"), ("kys", ""),
    ],
    "de": [("um kalt ab tot nieder umbr* abst* ersc* fert* vern* toten stirb fick verp* raus verg* wohnst", "")],
    "fr": [("tuer buter crev* egor* violer defo* massacrer pendre mourir foutre encu* nique mort habites gueule", "")],
    "es": [("matar violar degollar reventar destrozar partir matare matamos mierda matate mueras vives muerte chinga", "")],
    "it": [("amma* ucci* spacco sgozzo morire vaff* abiti morte", "")],
    "pt": [("matar estuprar esfaquear degolar arrebentar foder mata mora morte", "")],
    "nl": [("maak maken steek schiet sla vermoorden doden", "ik wij we"), ("zelf* rot woont krijg", "")],
    "pl": [("zabi* zaje* zamo* spie* mieszkasz gazu", "")],
    "ru": [("убью убьем зарежу прикончу убей сдохни хуй нахуй смерть живешь", "")],
    "tr": [("oldu* gebe* otur*", "")],
}  # fmt: skip
"""Words of which a threat of the language holds one, each with words of which it then holds one, too, if any are
given: a text without is not searched for threats. "*" stands for any ending."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A pattern, and words of which a match holds one: each with those of which it then holds another, if any."""

    kind: str
    language: str
    source: str
    anchors: Sequence[tuple[str, frozenset[str]]]


def find_toxic(text: str, /, *, cited: str = "") -> list[Toxic]:
    """Return the slurs, threats and insults of a text, each kind and language once.

    Args:
        text: any text; disguises (case, accents, look-alike letters, leetspeak, letters spaced out) are undone.
        cited: the source that the text cites; words that stand there are its quotation and are passed over.
    """
    folded = fold(text)
    line, known = folded.line, folded.known
    if not line.isascii():
        line = unaccented(line)
        known = frozenset(words_of(line))
    found = _in(line, known)
    if not found and _may_spell(line) and (spelled := unleet(line)) is not None:
        plain = " ".join(spelled.split())
        found = _in(plain, frozenset(words_of(plain)))
    if not found or not cited:
        return found
    source = unaccented(fold(cited).line)
    source = f"{source}\n{unleet(source) or ''}"
    return [item for item in found if item.words not in source]


def _in(line: str, known: frozenset[str]) -> list[Toxic]:
    told = {
        number: _rules()[number]
        for words in map(_TOLD.__getitem__, known)
        for number, needed in words
        if not (needed and needed.isdisjoint(known))
    }
    matches = ((rule, _compiled(rule.source).search(line)) for _, rule in sorted(told.items(), key=itemgetter(0)))
    return [Toxic(rule.kind, rule.language, match[0]) for rule, match in matches if match]


def _may_spell(line: str) -> bool:
    """Whether letters stand alone one after another, or a sign that may stand for a letter stands between two."""
    shape = line.encode("ascii", "replace").translate(_SHAPE)  # cheap, and true of few
    leet = _SPELT in shape and _LEET.search(line) is not None
    return leet or (_ALONE in shape and _SPACED_OUT.search(line) is not None)


def _anchored(word: str) -> tuple[tuple[int, frozenset[str]], ...]:
    """The rules, by number, that a word is an anchor of, with the words one of which must stand in the text as well."""
    index = _index()
    return tuple(
        item for form in (word, *(f"{word[:end]}*" for end in _stem_lengths())) for item in index.get(form, ())
    )


@cache
def _index() -> dict[str, list[tuple[int, frozenset[str]]]]:
    index: dict[str, list[tuple[int, frozenset[str]]]] = {}
    for number, rule in enumerate(_rules()):
        for anchor, needed in rule.anchors:
            index.setdefault(anchor, []).append((number, needed))
    return index


@cache
def _stem_lengths() -> frozenset[int]:
    return frozenset(len(anchor) - 1 for anchor in _index() if anchor.endswith("*"))


_TOLD = Remembered(_anchored, most=16_384)


@cache
def _compiled(source: str) -> re.Pattern[str]:
    """Compile at first use: most answers give no occasion to most of the patterns."""
    return re.compile(source)


@cache
def _rules() -> list[_Rule]:
    rules = [_threats(tongue, source) for tongue, source in _THREATS.items()]
    lines = files("agentkit.text").joinpath("toxicity.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith("#") or not line.strip():
            continue
        kind, tongue, *words = line.split()
        listed = "|".join(re.escape(word).replace(r"\*", r"\w*").replace(r"\-", "[ -]") for word in words)
        aimed = rf"(?:{_AIMED[tongue]}{_BETWEEN}[ ,]{{1,2}})" if kind == "insult" else ""
        last = [(unaccented(word.split("-")[-1]), frozenset[str]()) for word in words]
        rules.append(_Rule(kind, tongue, unaccented(rf"(?<!\w){aimed}(?:{listed})(?!\w)"), last))
    return rules


def _threats(language: str, source: str) -> _Rule:
    anchors = [
        (unaccented(anchor), frozenset(needed.split()))
        for words, needed in _ANCHORS[language]
        for anchor in words.split()
    ]
    return _Rule("threat", language, unaccented(source), anchors)
