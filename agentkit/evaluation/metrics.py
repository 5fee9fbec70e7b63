"""How near a text is to what it should say: words, numbers, dates and negation, compared by code."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentkit.text.sentences import split_sentences
from agentkit.text.support_dates import Date, dates, overlaps
from agentkit.text.support_numbers import Quantity, quantities
from agentkit.text.support_tokens import STOPWORDS, clean, tokenize

_NEGATIONS = frozenset({"not", "no", "never", "nor", "neither", "none", "without", "cannot"})
_CLAUSE = re.compile(r"[,;:]\s+|\s+(?:and|but|unless|except|provided)\s+", re.IGNORECASE)
_EDGES = " .,;:!?\"'()[]"


@dataclass(frozen=True, slots=True)
class _Said:
    """What a text says: its words (without small ones), its dates and quantities, and whether it negates."""

    words: frozenset[str]
    dates: list[Date]
    quantities: list[Quantity]
    negated: bool


def plain(text: str) -> str:
    """Return a text with case, typography, white space and punctuation at its ends made plain."""
    return " ".join(clean(unicodedata.normalize("NFKC", text)).casefold().split()).strip(_EDGES)


def exact(text: str, wanted: str) -> bool:
    """Whether two texts are the same, but for case, typography and white space."""
    return plain(text) == plain(wanted)


def contains(text: str, wanted: str) -> bool:
    """Whether a text holds another, whole words only."""
    sought = plain(wanted)
    return bool(sought) and re.search(rf"(?<!\w){re.escape(sought)}(?!\w)", plain(text)) is not None


def says(text: str, wanted: str) -> bool:
    """Whether a text holds what another says: literally, or in one sentence or clause of it.

    There all its words (without small ones, whatever their inflection), numbers with their units and dates must
    stand, in any order and notation ("1 May 2025" is "2025-05-01"), and the sentence must negate as it does.
    """
    if contains(text, wanted):
        return True
    sought = _read(wanted)
    if not (sought.words or sought.dates or sought.quantities):
        return False
    return any(_covers(_read(part), sought) for part in _parts(text))


def recall(text: str, wanted: Sequence[Sequence[str]]) -> float:
    """Return the share of things a text says; of each, any of its wordings will do."""
    if not wanted:
        return 1.0
    return sum(any(says(text, wording) for wording in wordings) for wordings in wanted) / len(wanted)


def _covers(said: _Said, sought: _Said) -> bool:
    return (
        said.negated == sought.negated
        and sought.words <= said.words
        and all(any(date.agrees(other) for other in said.dates) for date in sought.dates)
        and all(any(quantity.agrees(other) for other in said.quantities) for quantity in sought.quantities)
    )


def _parts(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        for start, end in split_sentences(line):
            sentence = line[start:end]
            yield sentence
            clauses = _CLAUSE.split(sentence)
            if len(clauses) > 1:
                yield from clauses


def _read(text: str) -> _Said:
    body = clean(text)
    days = dates(body)
    found = quantities(body, [(day.start, day.end) for day in days])
    taken = sorted((item.start, item.end) for item in (*days, *found))
    tokens = [token for token in tokenize(body) if not overlaps(token.start, token.end, taken)]
    words = {token.lemma for token in tokens if token.norm not in STOPWORDS and token.norm[:1].isalnum()}
    negated = any(token.norm in _NEGATIONS for token in tokens)
    return _Said(frozenset(words - _NEGATIONS), days, found, negated)
