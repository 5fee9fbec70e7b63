"""The title of a document: what stands at its head."""

import re
from collections.abc import Sequence

from agentkit.types import Section

_HEAD = 4000
_KIND = (
    "AGREEMENT|LEASE|CONTRACT|DEED|LICEN[CS]E|AMENDMENT|ADDENDUM|PLAN|POLICY|TERMS|NOTICE|OPINION|JUDGMENT|ORDER|ACT|"
    "STATEMENT|MEMORANDUM|WARRANTY|NOTE|BYLAWS|CHARTER|INDENTURE|GUARANTEE|GUARANTY|UNDERTAKING|CONDITIONS|SETTLEMENT|WILL"
)
_CAPITALS = re.compile(
    rf"\b(?:(?!THIS\b)[A-Z][A-Z&'’\-]*[ ,]{{1,2}}){{0,10}}(?:{_KIND})S?\b(?! N[oO]\b)"
    r"(?: (?:OF|FOR|AND) (?:(?!THIS\b)[A-Z]{2,} ?){1,5})?"
)
_MIXED = re.compile(rf"^[^\n.;:]{{0,90}}\b(?i:{_KIND})s?\b[^\n.;:]{{0,60}}$", re.MULTILINE)
_SUBJECT = re.compile(r"^(?:Re|RE|Subject|SUBJECT)[ \t]*:[ \t]*(\S[^\n]{3,120})$", re.MULTILINE)


def find_title(text: str, sections: Sequence[Section], *, own: str, fallback: str) -> str:
    """Return the title: `own` where the format marks one, a line naming a kind of document, a heading, `fallback`."""
    if own.strip():
        return " ".join(own.split())
    head = text[:_HEAD]
    for pattern in (_CAPITALS, _MIXED):
        for match in pattern.finditer(head):
            words = " ".join(match.group().split()).strip(" ,*#")
            if len(words) >= 4 and not words.upper().startswith(("THIS ", "THE ", "BY ")):
                return words
    subject = _SUBJECT.search(head)
    if subject:
        return subject.group(1).strip()
    first = next(
        (section for section in sections if section.title and section.kind == "heading" and section.start < _HEAD), None
    )
    return first.title if first else fallback
