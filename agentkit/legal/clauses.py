"""The clauses lawyers look for, and how strongly a sentence looks like each of them.

The taxonomy is a table, `clauses.txt` beside this module: forty-one types of commercial contracts (those of
CUAD, Hendrycks et al. 2021, arXiv:2103.06268) and the common ones of leases, employment contracts, loans,
confidentiality agreements and judgments. Each type has cues with weights; a sentence's score is the chance
that at least one cue is right, less what speaks against it.

```python
from agentkit.legal.clauses import CLAUSES, score_sentence

law = CLAUSES["governing_law"]
print(score_sentence(law, "This Agreement is governed by the laws of Ohio.") >= law.threshold)
#> True
```
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files

from agentkit.legal.cues import Cue, compile_cue, fold

DEFAULT_THRESHOLD = 0.5
_HEADING_GAIN = 0.35
_ELSEWHERE = 0.45
_LONG = 320
_PIECE = re.compile(r"[^;:.,]{1,400}[;:.,]{0,3}\s?|[;:.,]{1,40}")


@dataclass(frozen=True)
class ClauseType:
    """One kind of clause.

    `id` is stable ("governing_law"), `name` is for people. The tables hold patterns in the notation of
    `agentkit.legal.cues`: `cues` speak for a sentence, `against` against it, `headings` for everything below
    a heading, `asks` for a question meaning this type. `opening` is True where only a document's first
    lines count in full. `kinds` are the kinds of value an answer should have ("date", "duration").
    A score of `threshold` or more means: the clause is present. `requires` names types of which one
    must be present, too: an exception without the rule is none.
    """

    id: str
    name: str
    cues: tuple[tuple[float, str], ...] = ()
    against: tuple[tuple[float, str], ...] = ()
    headings: tuple[str, ...] = ()
    asks: tuple[tuple[float, str], ...] = ()
    kinds: tuple[str, ...] = ()
    threshold: float = DEFAULT_THRESHOLD
    opening: bool = False
    requires: tuple[str, ...] = ()

    @cached_property
    def compiled(self) -> tuple[tuple[float, Cue], ...]:
        """`cues`, compiled once."""
        return tuple((weight, compile_cue(pattern)) for weight, pattern in self.cues)

    @cached_property
    def compiled_against(self) -> tuple[tuple[float, Cue], ...]:
        """`against`, compiled once."""
        return tuple((weight, compile_cue(pattern)) for weight, pattern in self.against)

    @cached_property
    def compiled_headings(self) -> tuple[Cue, ...]:
        """`headings`, compiled once."""
        return tuple(compile_cue(pattern) for pattern in self.headings)

    @cached_property
    def compiled_asks(self) -> tuple[tuple[float, Cue], ...]:
        """`asks`, compiled once."""
        return tuple((weight, compile_cue(pattern)) for weight, pattern in self.asks)


@dataclass(frozen=True, slots=True)
class ClauseHit:
    """A sentence (by its place in the list) that states a clause; `score` in [0, 1]."""

    clause: ClauseType
    index: int
    score: float


def score_sentence(clause: ClauseType, sentence: str, *, heading: str = "", opening: bool = False) -> float:
    """Return how strongly a sentence looks like a clause of this type, in [0, 1].

    Args:
        clause: the type.
        sentence: one sentence as it stands in the document; placeholders count as names.
        heading: the headings above it, which speak for it but never alone.
        opening: True in the first lines of a document.
    """
    return score_folded(clause, fold(sentence), heading=fold(heading), opening=opening)


def score_folded(
    clause: ClauseType,
    sentence: str,
    *,
    heading: str = "",
    opening: bool = False,
    cues: Sequence[tuple[float, Cue]] | None = None,
) -> float:
    """As `score_sentence`, for texts that `agentkit.legal.cues.fold` already made comparable.

    `cues` are those of the type that the sentence may have, where that is known; None means all.

    A long sentence is judged part by part, since what speaks against a clause at one end of it says
    nothing about the other.
    """
    cues, parts = clause.compiled if cues is None else cues, (sentence,)
    if len(sentence) > _LONG:
        there = [cue.found(sentence) for _, cue in cues]
        if not any(there):
            return 0.0
        # One bound to the start of a text may open any part of it.
        cues = tuple(row for row, is_there in zip(cues, there, strict=True) if is_there or row[1].is_bound)
        parts = parts_of(sentence)
    gain = _HEADING_GAIN if heading and any(cue.found(heading) for cue in clause.compiled_headings) else 0.0
    score = max(_score_part(clause, cues, part, gain) for part in parts)
    return score if opening or not clause.opening else score * _ELSEWHERE


def _score_part(clause: ClauseType, cues: Sequence[tuple[float, Cue]], part: str, gain: float) -> float:
    doubt = 1.0
    for weight, cue in cues:
        if cue.found(part):
            doubt *= 1.0 - weight
    if doubt == 1.0:
        return 0.0
    score = 1.0 - doubt * (1.0 - gain)
    for weight, cue in clause.compiled_against:
        if cue.found(part):
            score *= 1.0 - weight
    return score


@lru_cache(maxsize=4096)
def parts_of(sentence: str) -> tuple[str, ...]:
    """Return overlapping parts of a long folded sentence, cut at punctuation; a short one as it is."""
    if len(sentence) <= _LONG:
        return (sentence,)
    ends = [piece.end() for piece in _PIECE.finditer(sentence)]
    parts: list[str] = []
    for first, start in enumerate([0, *ends]):
        last = max(first, bisect_right(ends, start + _LONG) - 1)
        parts.append(sentence[start : ends[last]])
        if last == len(ends) - 1:
            break
    return tuple(parts)


def find_clauses(
    sentences: Sequence[str],
    *,
    headings: Sequence[str] | None = None,
    clauses: Sequence[ClauseType] | None = None,
    opening: int = 6,
) -> list[ClauseHit]:
    """Return every clause that the sentences state, at or above its threshold, best first for each type.

    Args:
        sentences: N sentences in document order.
        headings: the headings above each, N of them, or None.
        clauses: the types to look for; None means all.
        opening: how many sentences count as the document's first lines.

    Raises:
        ValueError: the two lists differ in length.
    """
    trail = headings if headings is not None else [""] * len(sentences)
    folded = [(fold(sentence), fold(heading)) for sentence, heading in zip(sentences, trail, strict=True)]
    hits: list[ClauseHit] = []
    for clause in CLAUSES.values() if clauses is None else clauses:
        scores = (
            (score_folded(clause, text, heading=heading, opening=place < opening), place)
            for place, (text, heading) in enumerate(folded)
        )
        best = sorted((-score, place) for score, place in scores if score >= clause.threshold)
        hits.extend(ClauseHit(clause, place, -negative) for negative, place in best)
    return hits


def match_question(question: str) -> list[tuple[ClauseType, float]]:
    """Return the types a question asks about, best first, each with its strength in (0, 1].

    Of two equal strengths the cue that covers more of the question wins.
    """
    folded = fold(question)
    found = [(clause, *_strength(clause, folded)) for clause in CLAUSES.values()]
    ranked = sorted((row for row in found if row[1] > 0.0), key=lambda row: (-row[1], -row[2]))
    return [(clause, strength) for clause, strength, _ in ranked]


def _strength(clause: ClauseType, question: str) -> tuple[float, int]:
    lengths = ((weight, len(cue.words(question))) for weight, cue in clause.compiled_asks)
    return max(((weight, length) for weight, length in lengths if length), default=(0.0, 0))


def _weighted(line: str) -> tuple[float, str]:
    weight, _, pattern = line.partition(" ")
    return float(weight), pattern.strip()


def _clause(lines: Sequence[str]) -> ClauseType:
    ident, _, name = lines[0][1:].partition("]")
    parts: dict[str, list[str]] = {mark: [] for mark in "+-^?=@!&"}
    for line in lines[1:]:
        parts[line[0]].append(line[1:].strip())
    return ClauseType(
        id=ident,
        name=name.strip(),
        cues=tuple(_weighted(line) for line in parts["+"]),
        against=tuple(_weighted(line) for line in parts["-"]),
        headings=tuple(parts["^"]),
        asks=tuple(_weighted(line) for line in parts["?"]),
        kinds=tuple(" ".join(parts["="]).split()),
        threshold=float(parts["@"][0]) if parts["@"] else DEFAULT_THRESHOLD,
        opening=bool(parts["!"]),
        requires=tuple(" ".join(parts["&"]).split()),
    )


def _blocks(table: str) -> Iterator[list[str]]:
    block: list[str] = []
    for line in table.splitlines():
        if line.startswith("[") and block:
            yield block
            block = []
        if line.strip() and not line.startswith("#"):
            block.append(line)
    if block:
        yield block


@cache
def _load() -> Mapping[str, ClauseType]:
    folder = files("agentkit.legal")
    tables = [folder.joinpath(name).read_text("utf-8") for name in ("clauses.txt", "clauses_more.txt")]
    return {clause.id: clause for table in tables for clause in map(_clause, _blocks(table))}


CLAUSES: Mapping[str, ClauseType] = _load()
"""Every type by its id, in the order of the tables."""


def warm_up() -> None:
    """Compile every cue, which takes a fifth of a second: a server does so before it answers the first question."""
    for clause in CLAUSES.values():
        rows = (*clause.compiled, *clause.compiled_against, *clause.compiled_asks)
        for cue in (*(cue for _, cue in rows), *clause.compiled_headings):
            _ = cue.pattern
