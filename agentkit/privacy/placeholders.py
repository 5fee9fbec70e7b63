"""Placeholders: how they are written, found again, and told from forgeries.

A placeholder is `<TYPE_n>`. Text that a document's author typed in that shape is not ours: before
anything else it is replaced by a placeholder of its own, of type `LITERAL`, so that a safe text holds
no shape which is not ours and one pass of restoring gives back exactly what was there. No shape
contains "<" after its first character, so neighbours can never join into a new one.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from agentkit.types import Entity

LITERAL = "LITERAL"
"""The type of text that only looks like a placeholder."""

SHAPE = re.compile(
    r"(?:<|&lt;)[ \t]{0,3}([A-Za-z]{2,20}(?:(?:\\?_|[ ])[A-Za-z]{2,20}){0,4})"
    r"(?:\\?_|[ ]){1,2}(\d{1,6})[ \t]{0,3}\\?(?:>|&gt;)"
)
"""A placeholder as a model may write it back: any case, spaces inside the brackets, escaped for Markdown or HTML."""

_DIGITS_ONLY = frozenset(
    "CREDIT_CARD IBAN_CODE PHONE_NUMBER US_SSN US_ITIN US_BANK_NUMBER UK_NINO UK_NHS IN_AADHAAR NATIONAL_ID TAX_ID "
    "BANK_CODE VEHICLE_ID".split()
)
_MARKS = re.compile("[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff]")
_POSSESSIVE = re.compile(r"'s?$")
_AFTER_COMMA = frozenset({"jr", "sr", "ii", "iii", "iv", "esq", "phd"})
_JOINTS = re.compile(r"[-‐‑–.,]+")
_NOT_WORD = re.compile(r"[\W_]+")
_TITLES = re.compile(r"^(?:(?:mr|mrs|ms|miss|mx|dr|prof|sir|dame|shri|smt|justice|judge|hon)\b\.?\s+)+", re.IGNORECASE)


def write(entity_type: str, number: int) -> str:
    """Return the placeholder of an entity type and its number, from 1."""
    return f"<{entity_type}_{number}>"


def shapes(text: str) -> Iterator[tuple[int, int, str, int]]:
    """Yield everything shaped like a placeholder: start, end, type in capitals, number."""
    for match in SHAPE.finditer(text):
        kind = match[1].replace("\\", "").replace(" ", "_").upper()
        yield match.start(), match.end(), kind, int(match[2])


def normal(entity_type: str, original: str) -> str:
    """Return the form under which two spellings of an original count as one.

    White space and case never matter; separators do not matter in numbers; in names neither do accents, hyphens,
    dots, titles, a final 's, nor whether the surname comes first ("SMITH, John").
    """
    if entity_type in _DIGITS_ONLY:
        return _NOT_WORD.sub("", original).casefold()
    folded = " ".join(original.casefold().split())
    return (_person(folded) or folded) if entity_type == "PERSON" else folded


def _person(folded: str) -> str:
    visible = folded if folded.isascii() else _MARKS.sub("", unicodedata.normalize("NFKD", folded))
    name = _POSSESSIVE.sub("", _TITLES.sub("", visible.replace("’", "'")))
    surname, comma, given = name.partition(", ")
    if comma and given.rstrip(".") not in _AFTER_COMMA:
        name = f"{given} {surname}"
    return " ".join(_JOINTS.sub(" ", name).split())


def with_literals(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """Return the entities, in order and none overlapping, joined by what only looks like a placeholder.

    Where the two overlap, the entity grows to cover both: half a forged placeholder must not survive.
    """
    forged = [Entity(LITERAL, start, end, 1.0) for start, end, _, _ in shapes(text)]
    return disjoint([*entities, *forged], limit=len(text))


def disjoint(entities: Sequence[Entity], *, limit: int) -> list[Entity]:
    """Return entities in order of position with overlapping ones united.

    The united entity has the type and score of the longest (of equals, the first) that took part; spans
    are cut at `limit` characters and empty ones are dropped.
    """
    ordered = sorted((e for e in entities if 0 <= e.start < min(e.end, limit)), key=lambda e: (e.start, -e.end))
    result: list[Entity] = []
    longest = 0
    for item in ordered:
        end = min(item.end, limit)
        length = end - item.start
        if result and item.start < result[-1].end:
            last = result[-1]
            lead = item if length > longest else last
            longest = max(longest, length)
            result[-1] = Entity(lead.type, last.start, max(last.end, end), lead.score)
        else:
            longest = length
            result.append(Entity(item.type, item.start, end, item.score))
    return result
