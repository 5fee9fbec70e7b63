"""The opening of a contract: what it is called, who makes it, and when."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentkit.legal.salience_units import Unit
from agentkit.legal.tidy import closed, plain, strip_opening

_KIND = (
    r"(?:AGREEMENT|LEASE|CONTRACT|DEED|AMENDMENT|ADDENDUM|LICEN[SC]E|GUARANT(?:Y|EE)|NOTE|INDENTURE|MEMORANDUM|PLAN|"
    r"ARRANGEMENT|UNDERTAKING|CHARTER|BOND|MORTGAGE|SETTLEMENT)S?"
)
_STOP = (
    r"(?!(?:THIS|BY|BETWEEN|DATED|MADE|IS|WHEREAS|WITNESSETH|RECITALS|PAGE|EXECUTION|ENTERED|AMONG|WOULD|IF|HAS|"
    r"BEEN)\b)"
)
_TITLE = re.compile(
    rf"(?<!\w)(?:{_STOP}(?:[A-Z][A-Z0-9&’'/-]*,?|[A-Z]{{1,4}}\.|and|of|for|the|to|on)\s+){{0,10}}{_KIND}\b"
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
_PARTY = re.compile(
    r"\([^()]{0,40}[“\"‘'][^()]{1,40}\)\W*(?:and\W*)?$|"
    r"\b(?:registered office|incorporated|organi[sz]ed|a company|of full age)\b",
    re.IGNORECASE,
)
_DUTY = re.compile(r"\b(?:shall|will|may|must|agrees?|means)\b", re.IGNORECASE)
_LISTED_END = re.compile(r"[;,.]?\s*(?:and)?\s*$")
_DATED = re.compile(r"\bdated?\b.{0,30}\b(?:19|20)\d\d", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_SIGNED = re.compile(
    r"\b(?:(?:THUS\s+)?DONE\s+AND\s+SIGNED|SIGNED|IN\s+WITNESS\s+WHEREOF\b[^.]{0,200}?\b(?:executed|signed)|"
    r"EXECUTED)\b[^.;]{0,80}?\b(?:on|as\s+of|this|the|of)\b[^.;]{0,40}?\b(?:19|20)\d\d\b",
    re.IGNORECASE,
)
_PARAGRAPH_END = re.compile(r"\n\s*\n|\b(?:This|THIS)\s")
_DATED_WORDS = 14
_MOST_PARTIES = 4
_LONG = 80
_MAX_OPENING_WORDS = 900
_MAX_TITLE_WORDS = 16


@dataclass(frozen=True, slots=True)
class Opening:
    """A claim that opens a summary, the spans `(passage, start, end)` it rests on, and the units it speaks for."""

    text: str
    quotes: tuple[tuple[int, int, int], ...]
    used: tuple[Unit, ...]


def title_of(text: str) -> tuple[int, int] | None:
    """Return where a document's first words give its name, or None."""
    skipped = _EXHIBIT.match(text)
    begin = skipped.end() if skipped else 0
    paragraph = _PARAGRAPH_END.search(text, begin, begin + 160)
    mixed_end = paragraph.start() if paragraph and paragraph.start() > begin else begin + 160
    match = _TITLE.search(text, begin, begin + 500) or _TITLE_MIXED.match(text, begin, mixed_end)
    if match is None or len(match.group().split()) > _MAX_TITLE_WORDS:
        return None
    return match.start(), match.end()


def openings_of(units: Sequence[Unit], texts: Sequence[str]) -> list[Opening]:
    """Return the claims that name the document, its date and its parties; none where no words do.

    Three ways of opening are known: "This Lease is made between …", "Acme ("A") and Bolt ("B") agree …", and
    the parties as a list under their own heading.

    Args:
        units: the document's sentences, in order; the first 900 words are read.
        texts: the passages' texts, headings among them.
    """
    early = list(_early(units))
    for place, unit in enumerate(early):
        found = (*_MAKING.finditer(unit.text), *_TITLED.finditer(unit.text))
        match = next((m for m in found if _BETWEEN.search(unit.text, m.start())), None)
        if match is not None and (_DEFINED.search(unit.text, match.start()) or unit.words < _LONG):
            return [_opening(unit.text[match.start() :], early[place : place + 4], texts)]
    for unit in early:
        if len(_DEFINED.findall(unit.text)) >= 2 and _AGREES.search(unit.text):
            return [_opening(_after_title(unit.text), [unit], texts)]
    return _listed(early, texts)


def signing_of(texts: Sequence[str]) -> Opening | None:
    """Return the words at the end that say when a contract was signed, or None."""
    for number in range(len(texts) - 1, -1, -1):
        if match := _SIGNED.search(texts[number]):
            return Opening(_sentence(plain(match.group())), ((number, match.start(), match.end()),), ())
    return None


def says_when(openings: Sequence[Opening]) -> bool:
    """Tell whether the claims that open a summary give a date."""
    return any(_YEAR.search(opening.text) for opening in openings)


def _early(units: Sequence[Unit]) -> Iterator[Unit]:
    words = 0
    for unit in units:
        words += unit.words
        yield unit
        if words > _MAX_OPENING_WORDS:
            return


def _listed(units: Sequence[Unit], texts: Sequence[str]) -> list[Opening]:
    """Read the parties from a list: "(1) ACME LIMITED, whose registered office is at … (the "Buyer"); and"."""
    parties = [
        unit for unit in units if unit.words < _LONG and _PARTY.search(unit.text) and not _DUTY.search(unit.text)
    ]
    if len(parties) < 2:
        return []
    dated = next((unit for unit in units if unit.words < _DATED_WORDS and _DATED.search(unit.text)), None)
    title = _named(texts)
    openings: list[Opening] = []
    if dated is not None and title is not None:
        text = f"{title[1]}: {_sentence(strip_opening(dated.text))}"
        openings.append(Opening(text, (title[0], (dated.passage, dated.start, dated.end)), (dated,)))
    for unit in parties[:_MOST_PARTIES]:
        text = _sentence(_LISTED_END.sub("", strip_opening(unit.text)))
        openings.append(Opening(text, ((unit.passage, unit.start, unit.end),), (unit,)))
    return openings


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
    title = _named(texts)
    if title is not None and not _TITLED.match(text) and _TITLE.search(title[1]):
        before = texts[title[0][0]][title[0][2] : quotes[0][1]]
        follows = title[0][0] == quotes[0][0] and title[0][2] <= quotes[0][1] and not before.strip(" \n\t:-")
        if follows or not (_NAMES_ITSELF.match(text) or title[1].lower() in text.lower()):
            text = f"{title[1]}: {text}"
            quotes.insert(0, title[0])
    return Opening(text, tuple(quotes), tuple(used))


def _sentence(text: str) -> str:
    text = text[0].upper() + text[1:] if text else text
    text = _FOLLOWS.sub("", text) if _BETWEEN.search(text) else text.rstrip(" :")
    return closed(text)


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
