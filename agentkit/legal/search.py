"""What a search asks for, and the terms a passage is found by.

A query is read once: its words with what may stand for them, the clause types it means, the document, the
section and the defined term it names. A passage is indexed under the same stems, and under the numbers of
the sections it opens.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from agentkit.legal.answering_words import DOCUMENT_STEMS, stems
from agentkit.legal.clauses import CLAUSES, ClauseType, score_folded
from agentkit.legal.cues import fold
from agentkit.legal.questions import Concept, understand

_SYNONYM, _RELATED = 0.4, 0.2
_MAX_QUERY = 2000
_ASKS = (
    r"(?:what|who|whom|whose|which|when|where|why|how|is|are|does|do|did|can"
    r"|may|must|will|shall|has|have|was|were|if)\b"
)
_STATES = re.compile(r"\b(?:shall|may|must|will)\b", re.IGNORECASE)
_QUESTION = re.compile(_ASKS, re.IGNORECASE)
_CAPITAL = re.compile(r"[A-Z]")
_UNDER = re.compile(
    rf"(?:in|under|for|about|regarding|concerning|according to|consider)\s(.{{3,400}}?),\s+(?={_ASKS})", re.IGNORECASE
)
_NUMBER = r"\d{1,3}(?:\.\d{1,3}){0,5}"
_SECTION = re.compile(
    rf"(?:§§?|\b(?:sections?|sec\.|clauses?|cl\.|articles?|art\.|paragraphs?|para\.?))\s*({_NUMBER})((?:\s?\(\w{{1,4}}\))*)",
    re.IGNORECASE,
)
_OPENS = re.compile(
    rf"(?:^|\n)\W{{0,3}}(?:(?i:section|article|clause|paragraph)\s+)?({_NUMBER})\W{{0,2}}\s+(?=[\"“(]?[A-Z])"
    r"|(?<=[.;:] )(?:(?i:section|article|clause)\s+)?(\d{1,3}(?:\.\d{1,3}){1,5})\.?\s+(?=[\"“(]?[A-Z])"
)
_TRAIL = re.compile(rf"(?:^|> )\W{{0,2}}(?:(?i:section|article|clause|paragraph)\s+)?({_NUMBER})\b")
_MEANING = re.compile(
    r"^(?:what does |what is meant by |(?:what is )?(?:the )?(?:meaning|definition) of |define |how is )"
    r"(?:the (?:defined )?term )?(.{2,60}?)(?: means?| mean| defined.*)?\W*$"
)
_QUOTED = re.compile(r"[\"“]([^\"“”\n]{2,60})[\"”]")
_DEFINES = re.compile(
    r"[\"“'‘]([^\"“”\n]{2,80})[\"”'’](?:\s*\([^)]{1,60}\))?\s+"
    r"(?:means?\b|shall mean|is defined|(?:has|shall have) the meaning)"
)
EXACT_SECTION = 3
"""How often a passage counts under the number it opens; under the numbers above that, once."""


@dataclass(frozen=True, slots=True)
class Group:
    """A word of a query: `worth` tells, for its own stem (1) and each that may stand for it, what a find is worth."""

    stem: str
    weight: float
    worth: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Query:
    """A query, read.

    `clauses` are the types it means with their strength in (0, 1]; for a statement, those it would itself be.
    `reference` are the stems that name a document, `sections` the numbers of sections with an item or "",
    `terms` the folded terms whose definition is asked for.
    """

    text: str
    groups: tuple[Group, ...]
    clauses: tuple[tuple[ClauseType, float], ...]
    is_statement: bool
    reference: frozenset[str]
    sections: tuple[tuple[str, str], ...]
    terms: tuple[str, ...]


@lru_cache(maxsize=256)
def read_query(text: str) -> Query:
    """Return what a query asks for; of a very long one, the first two thousand characters."""
    head, ask = _split_reference(" ".join(text[:_MAX_QUERY].split()))
    question = understand(ask)
    statement = _is_statement(ask)
    return Query(
        text=ask,
        groups=tuple(map(_group, question.concepts)),
        clauses=_stated(ask) if statement else question.clauses[:2],
        is_statement=statement,
        reference=frozenset(stems(fold(head))),
        sections=tuple((match[1], "".join(match[2].split()).lower()) for match in _SECTION.finditer(ask)),
        terms=_terms(ask),
    )


def split_named(question: str) -> tuple[str, str]:
    """Return the words of a question that name a document, and the rest: "Consider the Lease with A: who repairs?".

    Words that name no kind of document ("Rent: how much is it?"), or what leaves no question, are not split off.
    """
    head, ask = _split_reference(" ".join(question.split()))
    named = _QUESTION.match(ask) is not None and not DOCUMENT_STEMS.isdisjoint(stems(fold(head)))
    return (head, ask) if named else ("", question)


def _split_reference(text: str) -> tuple[str, str]:
    """Split off the words that name a document: "Consider the Lease between A; B;: who repairs?", "Under …, who"."""
    head, colon, ask = text.rpartition(": ")
    if colon and len(ask.split()) > 1 and _CAPITAL.search(head):
        return head, ask
    match = _UNDER.match(text)
    if match and _CAPITAL.search(match[1]) and not _SECTION.match(match[1]):
        return match[1], text[match.end() :]
    return "", text


def _is_statement(text: str) -> bool:
    return not text.endswith("?") and _STATES.search(text) is not None and _QUESTION.match(text) is None


def _stated(text: str) -> tuple[tuple[ClauseType, float], ...]:
    """Return the types of clause that a statement would itself be, the surest first."""
    folded = fold(text)
    scored = ((clause, score_folded(clause, folded, opening=True)) for clause in CLAUSES.values())
    return tuple(sorted((row for row in scored if row[1] >= row[0].threshold), key=lambda row: -row[1])[:2])


def _group(concept: Concept) -> Group:
    worth = dict.fromkeys(concept.related, _RELATED) | dict.fromkeys(concept.alternatives, _SYNONYM)
    return Group(concept.stem, concept.weight, worth | {concept.stem: 1.0})


def _terms(text: str) -> tuple[str, ...]:
    meaning = _MEANING.match(fold(text))
    if meaning is None:
        return ()
    quoted = [fold(term) for term in _QUOTED.findall(text)]
    return tuple(quoted) or (meaning[1].strip("\"' ").removeprefix("the "),)


def terms_of(text: str, title: str = "") -> Counter[str]:
    """Return the terms a passage is found by, each with how often it stands there.

    Args:
        text: the passage.
        title: the headings above it, joined by " > "; they count as its words.
    """
    found = Counter(stems(fold(f"{title}\n{text}" if title else text)))
    for number in _opened(text, title):
        parts = number.split(".")
        found[f"§{number}"] = EXACT_SECTION
        for size in range(1, len(parts)):
            found.setdefault(f"§{'.'.join(parts[:size])}", 1)
    return found


def _opened(text: str, title: str) -> list[str]:
    opened = [match[1] or match[2] for match in _OPENS.finditer(text)]
    return opened + _TRAIL.findall(title) if title else opened


def defined_terms(text: str) -> list[str]:
    """Return the terms a passage defines, folded: '"Term" means …'."""
    return [fold(term) for term in _DEFINES.findall(text)]
