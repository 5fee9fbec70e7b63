"""A source prepared for many claims: which sentence says what, and where the evidence for a claim may be."""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from agentkit.text.support_items import Facts, Item, facts
from agentkit.text.support_names import titled
from agentkit.text.support_numbers import Quantity
from agentkit.text.support_polarity import Polarity, polarity
from agentkit.text.support_thesaurus import groups_of
from agentkit.text.support_tokens import root

# Words with which a summary speaks about a text, and words that hardly narrow what they stand beside.
_PALE = 0.35
_PALE_WORDS = frozenset(
    root(word)
    for word in """including include kind sort type example various different potential possible several certain other
    use make show describe discuss mention explain introduce conversation dialogue email article report story text
    document passage summary author speaker writer company one thing way regard concern relate specific particular
    available state says tell note provide involve together overall general able become take further next information
    talk discussion interaction say need want""".split()
)


@dataclass(slots=True)
class Source:
    """A text with its indexes. `bounds[s]` is the range of item numbers of sentence s."""

    facts: Facts
    bounds: list[tuple[int, int]]
    words: frozenset[str]
    lemmas: frozenset[str]
    acronyms: frozenset[str]
    roots: dict[str, list[int]]
    places: dict[str, list[int]]
    group_places: dict[int, list[int]]
    prefixes: frozenset[str]
    bigrams: frozenset[tuple[str, str]]
    joined: str
    offsets: list[int]
    weights: dict[str, float]
    polarity: Polarity
    counts: dict[str, list[tuple[Quantity, int]]]
    slots: dict[float | str, list[tuple[Quantity, int]]]
    titles: dict[str, set[str]]
    top_weight: float

    def sentence_at(self, index: int) -> tuple[int, int]:
        """Return the range of items of the sentence that holds an item."""
        return self.bounds[bisect_right(self.bounds, (index, len(self.facts.items) + 1)) - 1]

    def runs(self, keys: list[str]) -> Iterator[int]:
        """Yield where in the items a run of keys stands, at most its first four places."""
        wanted = _joined(keys)
        position = self.joined.find(wanted)
        for _ in range(4):
            if position < 0:
                return
            yield bisect_right(self.offsets, position) - 1
            position = self.joined.find(wanted, position + 1)

    def equal(self, quantity: Quantity) -> list[tuple[Quantity, int]]:
        """Return the source's quantities that agree with one, with the numbers of their items."""
        if quantity.approximate:
            among = [pair for pairs in self.counts.values() for pair in pairs]
        else:
            among = self.slots.get(quantity.slot, [])
        return [pair for pair in among if quantity.agrees(pair[0])]

    def weight(self, word_root: str) -> float:
        """Return how much a word tells: rarer in the source means more; most where it is absent."""
        weight = self.weights.get(word_root, self.top_weight)
        return weight * _PALE if word_root in _PALE_WORDS else weight


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
    counts, slots = _counts(read)
    count = max(1, len(bounds))
    weights = {word_root: math.log(1 + count / len(where)) for word_root, where in roots.items()}
    places: dict[str, list[int]] = {}
    group_places: dict[int, list[int]] = {}
    for index, item in enumerate(read.items):
        if item.kind != "modal":
            places.setdefault(place_key(item), []).append(index)
        if item.kind == "word":
            for group in groups_of(item.token):
                group_places.setdefault(group, []).append(index)
    tokens = [item.token for item in read.items]
    return Source(
        facts=read,
        bounds=bounds,
        words=frozenset(token.norm for token in tokens),
        lemmas=frozenset(token.lemma for token in tokens),
        acronyms=_acronyms(read.items),
        roots=roots,
        places=places,
        group_places=group_places,
        prefixes=frozenset(word_root[:6] for word_root in roots if len(word_root) >= 6),
        weights=weights,
        polarity=polarity(read.items),
        bigrams=frozenset((one.key, two.key) for one, two in pairwise(read.items)),
        joined=_joined([item.key for item in read.items]),
        offsets=list(accumulate((len(item.key) + 1 for item in read.items), initial=0)),
        counts=counts,
        slots=slots,
        titles=titled(read.items),
        top_weight=math.log(1 + count) + 0.3,
    )


def _joined(keys: list[str]) -> str:
    """Return keys as one text in which each stands between separators."""
    return "\n" + "\n".join(keys) + "\n" if keys else ""


def _counts(
    read: Facts,
) -> tuple[dict[str, list[tuple[Quantity, int]]], dict[float | str, list[tuple[Quantity, int]]]]:
    """Return the quantities with the numbers of their items, by kind and by value."""
    starts = [item.start for item in read.items]
    kinds: dict[str, list[tuple[Quantity, int]]] = {}
    slots: dict[float | str, list[tuple[Quantity, int]]] = {}
    for quantity in read.quantities:
        place = max(0, bisect_right(starts, quantity.start) - 1)
        kinds.setdefault(quantity.kind, []).append((quantity, place))
        slots.setdefault(quantity.slot, []).append((quantity, place))
    return kinds, slots


def place_key(item: Item) -> str:
    """Return what an item is looked up by: the root of a word, the value of a number or date."""
    return item.token.root if item.kind in ("word", "light") else item.key


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


def span_of(source: Source, number: int, *, around: int) -> tuple[int, int]:
    """Return the range of items of a sentence and of `around` sentences on both sides."""
    first = source.bounds[max(0, number - around)][0]
    return first, source.bounds[min(len(source.bounds) - 1, number + around)][1]


def window(source: Source, number: int, *, around: int) -> list[Item]:
    """Return the items of a sentence and of `around` sentences on both sides."""
    first, last = span_of(source, number, around=around)
    return source.facts.items[first:last]
