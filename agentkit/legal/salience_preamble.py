"""The opening of a contract: what it is called, who makes it, and when."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.legal.salience_units import Unit
from agentkit.legal.tidy import plain, readable, shorten

_KIND = (
    r"(?:AGREEMENT|LEASE|CONTRACT|DEED|AMENDMENT|ADDENDUM|LICEN[SC]E|GUARANT(?:Y|EE)|NOTE|INDENTURE|MEMORANDUM|PLAN|"
    r"ARRANGEMENT|UNDERTAKING|CHARTER|POLICY|TERMS|LETTER|ORDER|BOND|MORTGAGE|SETTLEMENT|CONDITIONS|COVENANT|SCHEDULE)S?"
)
_TITLE = re.compile(
    rf"(?:(?:AMENDED AND RESTATED|[A-Z0-9][A-Z0-9&,’'./()-]*|and|of|for|the|to|on)\s+){{0,12}}{_KIND}"
    rf"(?:\s+(?:AND|OF|FOR|ON|TO|NO\.?|[A-Z0-9&-]{{2,}}))*"
)
_TITLE_MIXED = re.compile(
    r"(?:[A-Z][\w&,’'/-]*\s+(?:and\s+|of\s+|for\s+|to\s+)?){0,8}"
    r"(?:Agreement|Lease|Contract|Deed|Amendment|Licen[sc]e|Guaranty|Guarantee|Policy|Terms)\b(?:\s+(?:and|of|for)\s+[A-Z][\w-]*)*"
)
_MAKING = re.compile(
    r"\b(?:(?i:this|the))\s+(?:[\w’'&/,-]+\s+){0,10}?(?i:agreement|lease|contract|deed|amendment|licen[sc]e|guaranty|note|indenture)\b"
)
_BETWEEN = re.compile(r"\b(?:between|among|amongst)\b", re.IGNORECASE)
_RECITAL = re.compile(r"\s+(?:RECITALS?|WITNESSETH|W I T N E S S E T H|WHEREAS|BACKGROUND|Recitals)\b")
_EXHIBIT = re.compile(r"^(?:EXHIBIT|Exhibit|EX-)\s*[\dA-Z.()-]+\s*")
_MAX_OPENING_WORDS = 600


@dataclass(frozen=True, slots=True)
class Opening:
    """The words that open a contract: the claim's text and the units it rests on, the title's span among them."""

    text: str
    units: list[Unit]


def title_of(lines: Sequence[str]) -> str:
    """Return the contract's name as its first lines print it, or nothing."""
    for line in lines:
        shown = _EXHIBIT.sub("", plain(line))
        match = _TITLE.search(shown[:300]) or _TITLE_MIXED.match(shown[:160])
        if match and len(match.group().split()) <= 16:
            return match.group().strip(" ,")
    return ""


def making_sentence(units: Sequence[Unit]) -> tuple[Unit, str] | None:
    """Return the sentence that names the parties, and its words from "This Agreement" on.

    It is sought among the first 600 words.
    """
    words = 0
    for unit in units:
        if words > _MAX_OPENING_WORDS:
            return None
        words += unit.words
        match = _MAKING.search(unit.text)
        if match and _BETWEEN.search(unit.text, match.start()):
            text = _RECITAL.split(unit.text[match.start() :])[0]
            return unit, text
    return None


def opening_text(sentence: str, title: str, max_words: int) -> str:
    """Return the claim that names the document, its date and its parties.

    The title stands before the sentence where the sentence does not repeat it.
    """
    text = shorten(readable(sentence), max_words)
    if title and plain(title).lower() not in text.lower():
        return f"{title}: {text}"
    return text
