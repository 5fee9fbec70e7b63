"""Names that a document's own structure points at: signature blocks, labels, salutations, kinship and roles."""
# ruff: noqa: E501
# A pattern is a table: it reads best on one line.

import re
from collections.abc import Iterator

from agentkit.privacy.letters import UPPER
from agentkit.privacy.tokens import HONORIFICS, base_kind
from agentkit.types import Entity

_WORD = rf"(?:[{UPPER}][\w'’-]{{0,30}}|[{UPPER}]\.)"
_NAME = (
    rf"((?:(?:Mr|Mrs|Ms|Dr|Prof|Shri|Smt)\.? )?{_WORD}\.?(?:[ ](?:(?:de|da|del|di|van|von|der|den|bin|al|la) )?{_WORD}\.?){{0,4}}"
    rf"(?:, (?:Jr|Sr|III|II|Esq)\b\.?)?)"
)
_RULES = [
    (re.compile(rf"/ ?s ?/[ \t_]{{0,10}}{_NAME}"), 0.95),
    (re.compile(rf"\b(?:Name|Full name|Print(?:ed)? Name|Signed by|Contact(?: Person)?|Signatory|Witness|Given name|First name|Last name|Surname)s?(?: of [A-Z]?\w+)?[ \t]?[:?][ \t_]{{0,20}}\n?{_NAME}", re.IGNORECASE), 0.9),
    (re.compile(rf"\b(?:Attention|Attn|ATTENTION|ATTN|Att)\b[ .\n]{{0,3}}:?[ \t]{{0,4}}{_NAME}"), 0.85),
    (re.compile(rf"\bBy[ \t]?:[ \t_]{{0,30}}{_NAME}"), 0.8),
    (re.compile(rf"(?:^|\n)[ \t]{{0,4}}(?:Dear|Hi|Hello|Hey) {_NAME}"), 0.8),
    (re.compile(rf"\b(?:[Mm]y name is|[Nn]ame is|[Nn]amed|called|[Nn]ame to|[Ss]igned by|[Ee]xecuted by|(?<=said )by|sworn by|[Ii]t['’]s under|everyone calls me|known as) {_NAME}"), 0.7),
    (re.compile(rf"\b(?:[SsDdWw]/[Oo]|son of|daughter of|wife of|widow of|husband of|father of|mother of|brother of|sister of)\.? {_NAME}"), 0.85),
    (re.compile(rf"{_NAME},? (?:[SsDdWw]/[Oo]\b|(?:son|daughter|wife|widow) of\b|aged (?:about )?\d|an individual\b|residing at\b|a resident of\b|residing in\b|[Aa]dvocates?\b for|[Ss]r\.? ?[Aa]dv|[Ll]earned [Cc]ounsel|[Ee]sq\b)"), 0.8),
    (re.compile(rf"\bI, {_NAME}, "), 0.9),
    (re.compile(rf"\b(?:accused|deceased|appellant|petitioner|respondent|complainant|witness|plaintiff|defendant|victim|informant|constable|inspector|counsel|advocate|named|namely|late|one|husband|wife|son|daughter|father|mother|brother|sister|nephew|uncle|brother-in-law|sister-in-law|co-accused|minor|driver|servant|tenant|landlord)(?:,? (?:[Nn]os?\.? ?)?\d{{1,3}},?)? {_NAME}"), 0.7),
    (re.compile(rf"\b[PD]\.?W\.? ?-?\d{{1,3}},? {_NAME}"), 0.8),
    (re.compile(rf"\bA-?\d{{1,2}},? {_NAME}(?= and| was| had|,)"), 0.6),
]  # fmt: skip
_MAYBE = set("gsbmuyqw")
_STOP = frozenset(
    "title by name date its address attention attn tel phone fax email e-mail telephone facsimile for and the of re signature print dated "
    "if with copy cc to its a an no section on in at from per as".split()
)


def structured_names(text: str) -> Iterator[Entity]:
    """Yield persons' names at places where a document says that one follows; companies are left out."""
    for pattern, score in _RULES:
        for match in pattern.finditer(text):
            span = _trim(text, match.start(1), match.end(1))
            if span:
                yield Entity("PERSON", span[0], span[1], score)


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the part of a span that reads as a name: without labels that follow it, and no company."""
    kinds: list[str] = []
    last = start
    first = -1
    for word in re.finditer(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text[start:end]):
        folded = word[0].casefold()
        kind = "i" if len(folded) == 1 else base_kind(folded)
        if kind in "co":
            return None
        if folded in _STOP or kind in "xkl":
            break
        if folded in HONORIFICS and not kinds:
            continue
        first = start + word.start() if first < 0 else first
        kinds.append(kind)
        last = start + word.end()
    if not kinds or not _MAYBE & set(kinds) or sum(kind in "vpn" for kind in kinds) * 2 > len(kinds):
        return None
    return first, last
