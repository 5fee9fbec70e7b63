"""Personal data in an answer that no source gave it: placeholders nobody gave out, identifiers nobody cited."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from agentkit.privacy.entity_types import KNOWN_TYPES
from agentkit.privacy.patterns import identifiers
from agentkit.privacy.placeholders import LITERAL, normal, shapes
from agentkit.text.spans import replace_spans
from agentkit.types import Entity

ALWAYS: frozenset[str] = frozenset(
    "CREDIT_CARD CRYPTO IBAN_CODE IN_AADHAAR IN_PAN UK_NHS UK_NINO US_BANK_NUMBER US_ITIN US_PASSPORT US_SSN".split()
)
"""Types that no answer needs: they are replaced in every source, so that one in clear comes from somewhere else."""

_KINDS = "|".join(sorted((*KNOWN_TYPES, LITERAL), key=len, reverse=True))
_BARE = re.compile(rf"(?<![A-Za-z0-9_])(?:{_KINDS})\\?_\d{{1,6}}(?![A-Za-z0-9_])", re.IGNORECASE)
_NUMBERED = re.compile(r"_\d")
_UNNUMBERED = re.compile(rf"[<\[{{][ \t]{{0,3}}(?:{_KINDS})[ _]?[ \t]{{0,3}}[>\]}}]")
_CANDIDATE = re.compile(r"\d(?:(?:[ .()/-]{0,3}\d){5}|(?<=[A-Za-z].)\d{3}[A-Za-z])")
"""What every identifier has, unless it has an "@" or a long run of letters and digits."""
_SHAPE = bytes(
    ord("0") if chr(code) in "0123456789?" else ord("a") if 65 <= code <= 90 or 97 <= code <= 122 else code
    for code in range(256)
)
"""Digits (a digit beyond ASCII comes as a question mark) and letters as one of each."""
_RUNS = bytes(ord("a") if chr(code).isascii() and chr(code).isalnum() else ord(".") for code in range(256))
_LONG_RUN = b"a" * 25
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_SEPARATOR = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Forms:
    """The placeholders in an answer: those that stand for nothing, and the text with the others as they are written."""

    invented: list[str]
    text: str


def placeholder_forms(text: str, known: Collection[str], /) -> Forms:
    """Compare the placeholders in a text with those that were given out.

    One in another spelling that can still be read ("< person_1 >", as a vault reads it) is written as it should be;
    one that is unknown, or damaged beyond that ("PERSON_1", "<PERSON>"), is invented.
    """
    invented: list[str] = []
    spans: list[tuple[int, int, str]] = []
    ours: list[tuple[int, int]] = []
    for start, end, kind, number in shapes(text):
        token = f"<{kind}_{number}>"
        ours.append((start, end))
        if token not in known:
            invented.append(token)
        elif text[start:end] != token:
            spans.append((start, end, token))
    rest = _without(text, ours)
    rest = rest if rest.isascii() else _seen(rest)
    patterns = (_BARE, _UNNUMBERED) if _NUMBERED.search(rest) else (_UNNUMBERED,)
    invented += [match[0] for pattern in patterns for match in pattern.finditer(rest)]
    return Forms(invented, replace_spans(text, spans, offset=0)[0] if spans and not invented else text)


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    return replace_spans(text, [(start, end, " ") for start, end in spans], offset=0)[0] if spans else text


def _seen(text: str) -> str:
    return unicodedata.normalize("NFKC", _BEYOND_ASCII.sub(_visible, text))


def _visible(match: re.Match[str]) -> str:
    return "" if unicodedata.category(match[0]) == "Cf" else match[0]


def foreign_identifiers(text: str, cited: str | None, /, *, types: Collection[str]) -> list[Entity]:
    """Return the identifiers in an answer that do not stand in the text it cites, in order.

    Args:
        text: an answer, in redacted text.
        cited: the text it cites, redacted; None where that is not known: then only types that no answer needs
            (`ALWAYS`) count, because the others may well be the document's.
        types: the entity types looked for.
    """
    if not _may_hold_any(text):
        return []
    wanted = set(types) if cited is not None else ALWAYS.intersection(types)
    found = [entity for entity in identifiers(text, types=wanted) if entity.type in wanted]
    if not found:
        return []
    words, digits = " ".join((cited or "").casefold().split()), _SEPARATOR.sub("", cited or "").casefold()
    return sorted(
        (entity for entity in found if not _stands(entity, text, words, digits)), key=lambda entity: entity.start
    )


def _may_hold_any(text: str) -> bool:
    """Whether a text has what every identifier has; most are told by their digits, without a search."""
    raw = text.encode("ascii", "replace")
    if b"@" in raw or _LONG_RUN in raw.translate(_RUNS):
        return True
    digits = b"000000" in raw.translate(_SHAPE, b" .()/-") or b"a0000a" in raw.translate(_SHAPE)
    return digits and _CANDIDATE.search(text) is not None


def _stands(entity: Entity, text: str, words: str, digits: str) -> bool:
    original = text[entity.start : entity.end]
    dense = _SEPARATOR.sub("", original).casefold()
    return normal(entity.type, original) in words or (any(map(str.isdigit, dense)) and dense in digits)
