# ruff: noqa: E501
# A pattern is a table: it reads best on one line.
"""Names that a document's own structure points at: signature blocks, labels, salutations, kinship and roles.

The word that points is found first; the name is read after it, or before it.
"""

import re
from collections.abc import Iterator

from agentkit.privacy.letters import UPPER
from agentkit.privacy.tokens import HONORIFICS, base_kind
from agentkit.types import Entity

_WORD = rf"(?:(?:[{UPPER}]\.){{2,4}}|[{UPPER}][\w'’-]{{0,30}}(?:(?<=\b\w)\.|(?<=\b\w\w)\.)?)"
_NAME_TEXT = (
    rf"{_WORD}(?:[ ](?:(?:de|da|del|di|van|von|der|den|bin|al|la) )?{_WORD}){{0,4}}(?:, (?:Jr|Sr|III|II|Esq)\b\.?)?"
)
_NAME = re.compile(_NAME_TEXT)
_NAME_BEFORE = re.compile(rf"(?<!\w){_NAME_TEXT}(?:,? \([^()\n]{{1,20}}\))?,? $")
_BEFORE = [  # what stands before a name
    (re.compile(r"/ ?s ?/[ \t_]{0,10}"), 0.95),
    (re.compile(r"\b(?i:name|full name|print(?:ed)? name|signed by|contact(?: person)?|signatory|witness|surname)s?[ \t]{0,3}[:?][ \t_]{0,20}\n?"), 0.9),
    (re.compile(r"\b(?:Attention|Attn|ATTENTION|ATTN|Att)\b[ .\n]{0,3}:?[ \t]{0,4}"), 0.85),
    (re.compile(r"\bB[yY][ \t]?:[ \t_]{0,30}"), 0.8),
    (re.compile(r"\b(?:Dear|Hi|Hello|Hey) (?=[^\W\d_a-z])"), 0.75),
    (re.compile(r"\b(?:my name is|My name is|name is|named|called|name to|signed by|executed by|sworn by|calls me|known as|said) (?=[^\W\d_a-z])"), 0.6),
    (re.compile(r"\b(?:[SsDdWw]/[Oo]|[SsDdWw]\.o|(?:son|daughter|wife|widow|husband|father|mother|brother|sister|heirs?) of)\.? (?:(?:[Ll]ate|LATE)\.? )?(?=[^\W\d_a-z])"), 0.85),
    (re.compile(r"\bI, "), 0.85),
    (re.compile(r"(?:\b(?:alias|a/?k/?a)|(?<=\w )@)[ ][\"“]?(?=[^\W\d_a-z])"), 0.75),
    (re.compile(
        r"\b(?:accused|deceased|appellant|petitioner|respondent|complainant|witness|plaintiff|defendant|victim|informant|constable|inspector|counsel|advocate|"
        r"named|namely|late|one|husband|wife|son|daughter|father|mother|brother|sister|nephew|uncle|brother-in-law|sister-in-law|co-accused|minor|driver|"
        r"servant|tenant|landlord)(?:,? (?:[Nn]os?\.? ?)?\d{1,3}[,.]?)?(?: [-–])? (?=[^\W\d_a-z])"), 0.7),
    (re.compile(r"\b[PDC]\.?W\.? ?-?\d{1,3}[,.]? (?=[^\W\d_a-z])"), 0.8),
    (re.compile(r"\b(?:A|Accused No\.? ?|Appellant No\.? ?|Respondent No\.? ?|Petitioner No\.? ?)-?\d{1,2}[,.]? (?=[^\W\d_a-z])"), 0.65),
]  # fmt: skip
_AFTER = re.compile(
    r"(?:[SsDdWw]/[Oo]\b|(?:son|daughter|wife|widow) of\b|aged (?:about )?\d|an individual\b|residing (?:at|in)\b|a resident of\b|"
    r"(?:C\.? ?J|J\.? ?A|JJ|J)\.(?=[\s),;]|$)|[Ll]d\.? [Cc]ounsel|[Ll]earned [Cc]ounsel|[Ss]r\.? ?[Aa]dv|[Aa]dvocates?\b,? for|[Ee]sq\b)"
)
_SHOUTED_FIRST = re.compile(
    rf"(?<![\w.,-])([{UPPER}]{{2,}}(?:[-' ][{UPPER}]{{2,}})?), ([{UPPER}][a-zß-ÿ][\w'’-]+)(?: [{UPPER}]\.)?(?![\w-])"
)
_SURNAME_FIRST = re.compile(
    rf"(?:^|(?<=\n)|(?<=: )|(?<=\t))([{UPPER}][\w'’-]+), ([{UPPER}][\w'’-]+)(?: [{UPPER}]\.)?(?=[ \t]*(?:\n|$|\(|;|\t))"
)
_BRAND = re.compile(r"[A-Z]{2,4}|(?!Mc|Mac|De|Di|La|Le|Van|O['’])[A-Z][a-z]+[A-Z]\w*")  # "SQL", "MarketSet"
_MAYBE = set("gsbmuyqw")
_STOP = frozenset(
    "title by name date its address attention attn tel phone fax email e-mail telephone facsimile for and the of re signature print dated "
    "if with copy cc to its a an no section on in at from per as".split()
)


def structured_names(text: str) -> Iterator[Entity]:
    """Yield persons' names at places where a document says that one is there; companies are left out."""
    for pattern, score in _BEFORE:
        for match in pattern.finditer(text):
            if name := _NAME.match(text, match.end()):
                yield from trimmed(text, name.start(), name.end(), score)
    yield from _surname_first(text)
    for match in _AFTER.finditer(text):
        if name := _NAME_BEFORE.search(text, max(0, match.start() - 60), match.start()):
            yield from trimmed(text, name.start(), name.end(), 0.8)


def _surname_first(text: str) -> Iterator[Entity]:
    """Yield names with their surname first ("SMITH, John A."), so that both parts are one person's."""
    for pattern in (_SHOUTED_FIRST, _SURNAME_FIRST):
        for match in pattern.finditer(text):
            if base_kind(match[2].casefold()) in "gbqw" and _may_be_surname(match[1]):
                yield Entity("PERSON", match.start(), match.end(), 0.8)


def _may_be_surname(words: str) -> bool:
    return all(base_kind(word.casefold()) in "gsbmuywq" for word in words.split())


def trimmed(text: str, start: int, end: int, score: float) -> Iterator[Entity]:
    """Yield the part of a span that reads as a name: without labels that follow it, and no company."""
    kinds = ""
    first = last = start
    for word in re.finditer(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text[start:end]):
        folded = word[0].casefold()
        kind = "i" if len(folded) == 1 else base_kind(folded)
        if kind in "co":
            return
        if folded in _STOP or kind in "xkl":
            break
        if not kinds and (folded in HONORIFICS or kind == "v"):
            continue
        first = first if kinds else start + word.start()
        kinds += kind
        last = start + word.end()
    if _BRAND.fullmatch(text[first:last]):
        return
    if _MAYBE & set(kinds) and sum(kind in "vpn" for kind in kinds) * 2 <= len(kinds):
        yield Entity("PERSON", first, last, score)
