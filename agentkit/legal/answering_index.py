"""The sentences of a run's passages, analysed once for however many questions follow."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

from agentkit.legal.answering_phrases import said
from agentkit.legal.answering_roles import document_words, role_stems
from agentkit.legal.answering_words import find_aliases, stems
from agentkit.legal.clauses import CLAUSES, ClauseType, score_folded
from agentkit.legal.cues import fold
from agentkit.text.sentences import split_sentences
from agentkit.types import SafePassage

_OPENING_CHARACTERS = 1800
_MIN_LETTERS = 3
_LEAD_CHARACTERS = 240
_MAX_UNIT = 2400
_OPENING_SENTENCES = 8
_MAX_HEADING = 90
_MAX_LINE, _MAX_BLOCK = 60, 200
_NUMBER = re.compile(
    r"§|(?:[Ss]ection|[Ss]ec\.|SECTION|[Aa]rticle|ARTICLE|[Cc]lause)|\(?(?:[\dIVX]{1,4}[.):]{1,2}|\d{1,3}(?:\.\d{1,3}){1,5}[.):]{0,2})"
)
_FINITE = frozenset(
    "is are was were be has have had may must shall will can does do did means pays applies begins ends runs lasts"
    " costs".split()
)
_SMALL = frozenset("and of or the to for in on by a an with".split())


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence of a passage: `text == passage.text[start:end]`.

    `kind` is the passage's, or "numbered" for a heading alone. `folded` is the text made comparable, `lead`
    the folded line that introduces the list it is an item of,
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

    `texts` are the passages' by id. `postings` and `headings` say in which sentences, or under which
    headings, a stem occurs; `openings`
    and `vocabulary` hold the stems of each document's first lines, and of all of it. `aliases` leads from
    a word of a party's name to what a document calls that party ("claimant"), and the document.
    """

    units: list[Unit]
    texts: dict[str, str]
    postings: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    headings: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    openings: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    vocabulary: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    aliases: dict[str, set[tuple[str, int]]] = field(default_factory=dict[str, set[tuple[str, int]]])
    clause_scores: dict[str, list[tuple[float, int]]] = field(default_factory=dict[str, list[tuple[float, int]]])

    def clause(self, clause: ClauseType) -> list[tuple[float, int]]:
        """Return (score, place) of every sentence with a score above 0 for a type, best first."""
        if clause.id not in self.clause_scores:
            scored = ((_score(clause, unit), unit.place) for unit in self.units)
            self.clause_scores[clause.id] = sorted((pair for pair in scored if pair[0] > 0.0), key=_best_first)
        return self.clause_scores[clause.id]

    def present(self, clause: ClauseType) -> list[tuple[float, int]]:
        """Return (score, place) of the sentences that state a type, best first; none without what it requires."""
        if clause.requires and not any(self.present(CLAUSES[name]) for name in clause.requires):
            return []
        return [pair for pair in self.clause(clause) if pair[0] >= clause.threshold]


def _best_first(pair: tuple[float, int]) -> tuple[float, int]:
    return -pair[0], pair[1]


def _score(clause: ClauseType, unit: Unit) -> float:
    if unit.kind in {"contents", "numbered"}:
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


@lru_cache(maxsize=2)
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
            sort = "numbered" if _is_heading(sentence) else kind
            units.append(
                Unit(len(units), ident, source, start, end, sentence, folded, _nearest(section), lead, opening, sort)
            )
            lead = _lead(folded, lead)
        seen[source] = read + len(text)
    return _read_words(Index(units, {row[0]: row[4] for row in rows}))


def _nearest(section: str) -> str:
    """Return the two innermost headings, without the document's own title and without what is no heading."""
    trail = section.split(" > ")
    return fold(" > ".join(part for part in trail[1:][-2:] if len(part) <= _MAX_HEADING))


def _read_words(index: Index) -> Index:
    """Fill in the postings."""
    trails: dict[str, set[str]] = {}
    deserved = _deserved(index.units)
    for unit in index.units:
        found = set(stems(unit.folded)) | set(stems(said(unit.folded))) | deserved[unit.place]
        if unit.heading not in trails:
            trails[unit.heading] = set(stems(unit.heading))
        for stem in found:
            index.postings.setdefault(stem, []).append(unit.place)
        for stem in trails[unit.heading]:
            index.headings.setdefault(stem, []).append(unit.place)
        for name, role in find_aliases(unit.text) if unit.opening else ():
            index.aliases.setdefault(name, set()).add((role, unit.source))
        index.vocabulary.setdefault(unit.source, set()).update(found, trails[unit.heading])
        if unit.opening and unit.place - _first(index, unit) < _OPENING_SENTENCES:
            index.openings.setdefault(unit.source, set()).update(found)
    return index


def _deserved(units: Sequence[Unit]) -> list[set[str]]:
    """Return what each sentence says by its place in its document; the first also what the document is."""
    found: list[set[str]] = []
    for _, group in groupby(units, key=lambda unit: unit.source):
        lines = [unit.folded for unit in group]
        roles = role_stems(lines)
        roles[0] |= document_words(" ".join(lines[:_OPENING_SENTENCES])[:_OPENING_CHARACTERS])
        roles[0] |= document_words(" ".join(lines[-3:])) & document_words("dear sir")
        found += roles
    return found


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
    """Return the spans of sentences, a bare number, letter or heading joined to what follows it."""
    spans: list[tuple[int, int]] = []
    held: int | None = None
    letters = 0  # in what is held
    for start, end in split_sentences(text):
        begin = start if held is None else held
        before, letters = letters, letters + sum(map(str.isalpha, text[start:end]))
        if letters < _MIN_LETTERS or (before < _MIN_LETTERS and _is_heading(text[begin:end])):
            held = begin
            continue
        held, letters = None, 0
        spans += [(begin, end)] if end - begin <= _MAX_UNIT else _cut(text, begin, end)
    spans += [] if held is None else [(held, len(text.rstrip()))]
    return _blocks(text, spans)


def _blocks(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join the short lines of an address, a caption or a signature."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        line = text[start:end]
        if joined and _is_line(line) and _is_line(text[joined[-1][0] : joined[-1][1]].rsplit("\n", 1)[-1]):
            before, gap = joined[-1], text[joined[-1][1] : start]
            if gap.count("\n") == 1 and end - before[0] < _MAX_BLOCK:
                joined[-1] = (before[0], end)
                continue
        joined.append((start, end))
    return joined


def _is_line(text: str) -> bool:
    return (
        len(text) < _MAX_LINE
        and ":" not in text
        and text[-1:] not in ".;!?"
        and (text[:1].isupper() or text[:1] == "<")
    )


def _is_heading(text: str) -> bool:
    """Return True for a number and a few words in capitals ("5. Security Deposit."), or one or two words and a stop."""
    if len(text) > _MAX_HEADING:
        return False
    tokens = text.split()
    rest = tokens[next((n for n, token in enumerate(tokens) if not _NUMBER.fullmatch(token)), len(tokens)) :]
    if not rest:
        return True
    if len(rest) < len(tokens) and len(rest) <= 5 and text.endswith(".") and _FINITE.isdisjoint(rest):
        return True
    if len(rest) > 7 or not all(word[0].isupper() or word in _SMALL for word in rest):
        return False
    return len(rest) < len(tokens) or (len(rest) <= 2 and text.endswith(".") and rest[0][1:].islower())


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
