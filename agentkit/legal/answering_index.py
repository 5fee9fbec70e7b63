"""The sentences of a run's passages, analysed once for however many questions follow."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from agentkit.legal.answering_words import stems
from agentkit.legal.clauses import ClauseType, score_folded
from agentkit.legal.cues import fold
from agentkit.text.sentences import split_sentences
from agentkit.types import SafePassage

_OPENING_CHARACTERS = 1800
_MIN_LETTERS = 3
_LEAD_CHARACTERS = 240
_MAX_UNIT = 2400
_OPENING_SENTENCES = 8


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence of a passage: `text == passage.text[start:end]`.

    `folded` is it made comparable, `lead` the folded line that introduces the list it is an item of,
    `opening` True in the first lines of its document.
    """

    place: int
    passage: str
    source: int
    start: int
    end: int
    text: str
    folded: str
    heading: str
    lead: str
    opening: bool
    kind: str


@dataclass(slots=True)
class Index:
    """Every sentence in document order, and what was worked out about them so far.

    `postings` and `headings` say in which sentences, or under which headings, a stem occurs; `openings`
    and `vocabulary` hold the stems of each document's first lines, and of all of it.
    """

    units: list[Unit]
    postings: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    headings: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    openings: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    vocabulary: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    clause_scores: dict[str, list[tuple[float, int]]] = field(default_factory=dict[str, list[tuple[float, int]]])

    def clause(self, clause: ClauseType) -> list[tuple[float, int]]:
        """Return (score, place) of every sentence with a score above 0 for a type, best first."""
        if clause.id not in self.clause_scores:
            scored = ((_score(clause, unit), unit.place) for unit in self.units)
            self.clause_scores[clause.id] = sorted((pair for pair in scored if pair[0] > 0.0), key=_best_first)
        return self.clause_scores[clause.id]


def _best_first(pair: tuple[float, int]) -> tuple[float, int]:
    return -pair[0], pair[1]


def _score(clause: ClauseType, unit: Unit) -> float:
    if unit.kind == "contents":
        return 0.0
    alone = score_folded(clause, unit.folded, heading=unit.heading, opening=unit.opening)
    if not unit.lead:
        return alone
    joined = score_folded(clause, f"{unit.lead} {unit.folded}", heading=unit.heading, opening=unit.opening)
    lead = score_folded(clause, unit.lead, heading=unit.heading, opening=unit.opening)
    return joined if joined > max(alone, lead) else alone


_Row = tuple[str, int, str, str, str]


def build_index(passages: Sequence[SafePassage]) -> Index:
    """Return the index of a list of passages; the last few lists are kept. Quarantined passages are left out."""
    rows = tuple((p.id, p.source, p.section, p.kind, p.text) for p in passages if not p.quarantined)
    return _build(rows)


@lru_cache(maxsize=4)
def _build(rows: tuple[_Row, ...]) -> Index:
    units: list[Unit] = []
    seen: dict[int, int] = {}
    lead = ""
    for ident, source, section, kind, text in rows:
        read = seen.get(source, 0)
        lead = lead if source in seen else ""
        for start, end in _sentences(text):
            sentence = text[start:end]
            folded = fold(sentence)
            opening = read + start < _OPENING_CHARACTERS
            units.append(
                Unit(len(units), ident, source, start, end, sentence, folded, fold(section), lead, opening, kind)
            )
            lead = _lead(folded, lead)
        seen[source] = read + len(text)
    return _read_words(Index(units))


def _read_words(index: Index) -> Index:
    """Fill in the postings."""
    trails: dict[str, set[str]] = {}
    for unit in index.units:
        found = set(stems(unit.folded))
        if unit.heading not in trails:
            trails[unit.heading] = set(stems(unit.heading))
        for stem in found:
            index.postings.setdefault(stem, []).append(unit.place)
        for stem in trails[unit.heading]:
            index.headings.setdefault(stem, []).append(unit.place)
        index.vocabulary.setdefault(unit.source, set()).update(found, trails[unit.heading])
        if unit.opening and unit.place - _first(index, unit) < _OPENING_SENTENCES:
            index.openings.setdefault(unit.source, set()).update(found)
    return index


def _first(index: Index, unit: Unit) -> int:
    """Return the place of the first sentence of the unit's document, at most a few sentences back."""
    place = unit.place
    while place > 0 and index.units[place - 1].source == unit.source and unit.place - place < _OPENING_SENTENCES:
        place -= 1
    return place


def _lead(folded: str, current: str) -> str:
    """Return the line that introduces what follows: a new one ends in a colon, an old one holds for its items."""
    if folded.endswith((":", ": -", ":-")):
        return folded[-_LEAD_CHARACTERS:]
    return current if folded.endswith((";", "; and", "; or", ",", "and", "or")) else ""


def _sentences(text: str) -> list[tuple[int, int]]:
    """Return the spans of sentences, a bare number or letter joined to what follows it."""
    spans: list[tuple[int, int]] = []
    held: int | None = None
    for start, end in split_sentences(text):
        begin = start if held is None else held
        if sum(map(str.isalpha, text[begin:end])) < _MIN_LETTERS:
            held = begin
            continue
        held = None
        spans += [(begin, end)] if end - begin <= _MAX_UNIT else _cut(text, begin, end)
    return spans


def _cut(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut what is too long for a sentence at semicolons or spaces."""
    spans: list[tuple[int, int]] = []
    while end - start > _MAX_UNIT:
        window = text[start : start + _MAX_UNIT]
        at = max(window.rfind(";"), window.rfind("\n"))
        cut = start + (at + 1 if at > _MAX_UNIT // 4 else max(window.rfind(" "), _MAX_UNIT // 2))
        spans.append((start, cut))
        start = cut
        while start < end and text[start].isspace():
            start += 1
    return [*spans, (start, end)]
