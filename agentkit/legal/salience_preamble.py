"""The opening of a contract: what it is called, who makes it, and when."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.legal.salience_units import Unit
from agentkit.legal.tidy import plain, without_addresses

_KIND = (
    r"(?:AGREEMENT|LEASE|CONTRACT|DEED|AMENDMENT|ADDENDUM|LICEN[SC]E|GUARANT(?:Y|EE)|NOTE|INDENTURE|MEMORANDUM|PLAN|"
    r"ARRANGEMENT|UNDERTAKING|CHARTER|BOND|MORTGAGE|SETTLEMENT)S?"
)
_STOP = (
    r"(?!(?:THIS|BY|BETWEEN|DATED|MADE|IS|WHEREAS|WITNESSETH|RECITALS|PAGE|EXECUTION|ENTERED|AMONG|WOULD|IF|HAS|"
    r"BEEN)\b)"
)
_TITLE = re.compile(
    rf"(?:{_STOP}(?:[A-Z][A-Z0-9&’'/-]*,?|[A-Z]{{1,4}}\.|and|of|for|the|to|on)\s+){{0,10}}{_KIND}\b"
    rf"(?:\s+{_STOP}(?:AND|OF|FOR|ON|TO|NO\.?)(?:\s+{_STOP}[A-Z0-9&-]{{2,}}){{1,4}})?"
)
_TITLE_MIXED = re.compile(
    r"(?:[A-Z][\w&,’'/-]*\s+(?:and\s+|of\s+|for\s+|to\s+)?){0,8}"
    r"(?:Agreement|Lease|Contract|Deed|Amendment|Licen[sc]e|Guaranty|Guarantee|Policy|Terms)\b"
    r"(?:\s+(?:and|of|for)\s+[A-Z][\w-]*)*"
)
_MAKING = re.compile(
    r"\b(?i:this)\s+(?:[\w’'&/,-]+\s+){0,10}?"
    r"(?i:agreement|lease|contract|deed|amendment|licen[sc]e|guaranty|note|indenture|addendum)\b"
)
_TITLED = re.compile(
    rf"{_TITLE.pattern}\s+(?i:(?:is\s+|was\s+)?(?:made|entered|dated|by|between|effective|executed|among))\b"
)
_BETWEEN = re.compile(r"\b(?:between|among|amongst)\b", re.IGNORECASE)
_AGREES = re.compile(r"\b(?:agrees?|enters? into|entered into|enter into|contract)\b", re.IGNORECASE)
_RECITAL = re.compile(r"\s*(?:\bRECITALS?|\bWITNESSETH|\bW I T N E S S E T H|\bWHEREAS|\bBACKGROUND|\bRecitals)\b")
_EXHIBIT = re.compile(r"^\W*(?:EXHIBIT|Exhibit|EX-)\s*[\dA-Z.()-]+\s*")
_DEFINED = re.compile(r"\([^()]{0,40}[“\"‘'][^()]{1,60}\)|\([A-Z][A-Z&]{2,12}\)")
_OTHER_PARTY = re.compile(
    r"^\W{0,3}(?:and|AND|\(?2\)|[A-Z][\w.,&’' ]{2,80}\b(?:Inc|LLC|L\.?L\.?C|Ltd|Limited|Corp|Company|GmbH|plc|PLC|LTD|"
    r"LIMITED|INC|CORP))"
)
_NAMES_ITSELF = re.compile(
    r"(?i:this|the)\s+(?:[\w’'&/,-]+\s+){1,10}?(?i:agreement|lease|contract|deed|amendment|licen[sc]e)\b"
)
_FOLLOWS = re.compile(r"[,;]?\s*(?:(?:hereby|do hereby|and)\s+)*agrees?\s+as\s+follows\W*$")
_MAX_OPENING_WORDS = 900
_MAX_TITLE_WORDS = 16


@dataclass(frozen=True, slots=True)
class Opening:
    """The claim that opens a summary, and the spans `(passage, start, end)` it rests on.

    `slim` is the same claim without the parties' addresses; `used` are the units it speaks for.
    """

    text: str
    slim: str
    quotes: tuple[tuple[int, int, int], ...]
    used: tuple[Unit, ...]


def title_of(text: str) -> tuple[int, int] | None:
    """Return where a document's first words give its name, or None."""
    skipped = _EXHIBIT.match(text)
    begin = skipped.end() if skipped else 0
    match = _TITLE.search(text, begin, begin + 500) or _TITLE_MIXED.match(text, begin, begin + 160)
    if match is None or len(match.group().split()) > _MAX_TITLE_WORDS:
        return None
    return match.start(), match.end()


def opening_of(units: Sequence[Unit], texts: Sequence[str]) -> Opening | None:
    """Return the claim that names the document, its date and its parties, or None where no sentence does.

    Args:
        units: the document's sentences, in order; the first 900 words are read.
        texts: the passages' texts, headings among them.
    """
    words = 0
    loose: tuple[int, str] | None = None
    for place, unit in enumerate(units):
        if words > _MAX_OPENING_WORDS:
            break
        words += unit.words
        found = (*_MAKING.finditer(unit.text), *_TITLED.finditer(unit.text))
        match = next((m for m in found if _BETWEEN.search(unit.text, m.start())), None)
        if match is not None and (_DEFINED.search(unit.text, match.start()) or unit.words < 80):
            return _opening(unit.text[match.start() :], units[place : place + 4], texts)
        if loose is None and len(_DEFINED.findall(unit.text)) >= 2 and _AGREES.search(unit.text):
            loose = place, _after_title(unit.text)
    return _opening(loose[1], units[loose[0] : loose[0] + 1], texts) if loose else None


def _after_title(text: str) -> str:
    span = title_of(text)
    return text[span[1] :].strip(" :.-") if span and span[0] < 60 else text


def _opening(sentence: str, units: Sequence[Unit], texts: Sequence[str]) -> Opening:
    parts = [_RECITAL.split(sentence)[0].rstrip(" ,;")]
    used = [units[0]]
    for unit in units[1:]:
        if len(_DEFINED.findall(" ".join(parts))) >= 2 or not _OTHER_PARTY.search(unit.text[:120]):
            break
        parts.append(_RECITAL.split(unit.text)[0].rstrip(" ,;"))
        used.append(unit)
    quotes = [_exact(texts[unit.passage], unit, part) for unit, part in zip(used, parts, strict=True)]
    text = _sentence(" ".join(parts))
    title = None if _NAMES_ITSELF.match(text) else _named(texts)
    if title is not None and title[1].lower() not in text.lower():
        text = f"{title[1]}: {text}"
        quotes.insert(0, title[0])
    return Opening(text, without_addresses(text), tuple(quotes), tuple(used))


def _sentence(text: str) -> str:
    text = text[0].upper() + text[1:] if text else text
    text = _FOLLOWS.sub("", text) if _BETWEEN.search(text) else text.rstrip(" :")
    return text if text.endswith((".", "…")) else text + "."


def _exact(source: str, unit: Unit, words: str) -> tuple[int, int, int]:
    """Return where words with single spaces stand inside a unit of the passage."""
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    match = re.compile(pattern).search(source, unit.start, unit.end)
    return (unit.passage, match.start(), match.end()) if match else (unit.passage, unit.start, unit.end)


def _named(texts: Sequence[str]) -> tuple[tuple[int, int, int], str] | None:
    for number, text in enumerate(texts[:6]):
        if span := title_of(text):
            return (number, *span), plain(text[span[0] : span[1]])
    return None
