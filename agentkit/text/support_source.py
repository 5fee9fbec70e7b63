"""A source prepared for many claims: which sentence says what, and where the evidence for a claim may be."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from agentkit.text.support_items import Facts, Item, facts
from agentkit.text.support_thesaurus import groups_of


@dataclass(slots=True)
class Source:
    """A text with its indexes. `bounds[s]` is the range of item numbers of sentence s."""

    facts: Facts
    bounds: list[tuple[int, int]]
    words: frozenset[str]
    lemmas: frozenset[str]
    acronyms: frozenset[str]
    roots: dict[str, list[int]]
    groups: frozenset[int]
    prefixes: frozenset[str]
    weights: dict[str, float]
    top_weight: float

    def weight(self, word_root: str) -> float:
        """Return how much a word tells: rarer in the source means more; most where it is absent."""
        return self.weights.get(word_root, self.top_weight)


@lru_cache(maxsize=32)
def prepare(text: str) -> Source:
    """Index a source; the last 32 sources are kept, so that further claims against them are cheap."""
    read = facts(text)
    bounds = _bounds(read)
    roots: dict[str, list[int]] = {}
    for number, (first, last) in enumerate(bounds):
        for word_root in {
            item.token.root for item in read.items[first:last] if item.kind in ("word", "quantity", "date")
        }:
            roots.setdefault(word_root, []).append(number)
    count = max(1, len(bounds))
    weights = {word_root: math.log(1 + count / len(where)) for word_root, where in roots.items()}
    groups = frozenset(group for item in read.items if item.kind == "word" for group in groups_of(item.token))
    tokens = [item.token for item in read.items]
    return Source(
        facts=read,
        bounds=bounds,
        words=frozenset(token.norm for token in tokens),
        lemmas=frozenset(token.lemma for token in tokens),
        acronyms=_acronyms(read.items),
        roots=roots,
        groups=groups,
        prefixes=frozenset(word_root[:6] for word_root in roots if len(word_root) >= 6),
        weights=weights,
        top_weight=math.log(1 + count) + 0.3,
    )


def _acronyms(items: list[Item]) -> frozenset[str]:
    """Return the initials of every run of two to five capitalised words, in lower case."""
    found: set[str] = set()
    run = ""
    for item in items:
        run = (run + item.token.norm[0])[-5:] if item.cap else ""
        found.update(run[start:] for start in range(len(run) - 1))
    return frozenset(found)


def _bounds(read: Facts) -> list[tuple[int, int]]:
    bounds: list[tuple[int, int]] = []
    index = 0
    for number, (_, _) in enumerate(read.sentences):
        limit = read.sentences[number + 1][0] if number + 1 < len(read.sentences) else len(read.text) + 1
        first = index
        while index < len(read.items) and read.items[index].start < limit:
            index += 1
        if index > first:
            bounds.append((first, index))
    return bounds


def best_sentences(source: Source, items: Iterable[Item], *, count: int) -> list[int]:
    """Return the numbers of the sentences that share most with a claim, best first."""
    scores: defaultdict[int, float] = defaultdict(float)
    for word_root in {item.token.root for item in items if item.kind != "light" and item.kind != "modal"}:
        where = source.roots.get(word_root, ())
        weight = source.weight(word_root)
        for number in where:
            scores[number] += weight
    ranked = sorted(scores.items(), key=lambda pair: (-pair[1] / _length_norm(source, pair[0]), pair[0]))
    return [number for number, _ in ranked[:count]]


def _length_norm(source: Source, number: int) -> float:
    first, last = source.bounds[number]
    return 1.0 + 0.08 * math.log1p(last - first)


def window(source: Source, number: int, *, around: int) -> list[Item]:
    """Return the items of a sentence and of `around` sentences on both sides."""
    first = source.bounds[max(0, number - around)][0]
    last = source.bounds[min(len(source.bounds) - 1, number + around)][1]
    return source.facts.items[first:last]
