"""Rank a judgment's sentences by how much of what the court says again and again they say."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import heapify, heappop, heappush
from itertools import pairwise

from agentkit.legal.salience_rank import centrality, is_light, stem
from agentkit.text.sentences import count_words

Pair = tuple[str, str]

_WORD = re.compile(r"[a-z0-9]+|[\u0370-\u1cff\uac00-\ud7af]+|[\u3040-\u30ff\u3400-\u9fff]")
_CARRIES = (0.3, 1.0, 1.2)  # what a pair counts for, by how many of its words carry content
_AGAIN = 0.35  # what each further use of a pair still adds: headnotes, too, come back to a judgment's terms
_ALONE = 0.9  # what a pair that stands in one sentence alone loses; it still tells short texts' sentences apart
_LENGTH = 0.9  # power of the length by which a sentence's pairs are divided; below 1 prefers the longer one
_SHORTEST = 12


def rank_judgment(sentences: Sequence[str], priors: Sequence[float], *, limit: int) -> list[tuple[int, float]]:
    """Rank sentences so that together they say most of what the court says more than once.

    A reporter's headnote is put together from the court's own terms, and those recur: a sentence whose pairs of
    neighbouring words stand in other sentences too is likelier to be in the headnote than one that is only
    similar to others in its words.

    Args:
        sentences: N sentences in order.
        priors: N factors, 0 or more; 1 leaves a sentence as it is.
        limit: stop after so many words.
    Returns:
        `(index, worth)` best first, worth in (0, 1] relative to the first; sentences worth nothing are left out.
    Source:
        The weighted coverage of word pairs of Gillick and Favre, A scalable global model for summarization, 2009,
        chosen greedily, each sentence weighed by its centrality.
    """
    pairs = [_pairs(sentence) for sentence in sentences]
    spread = Counter(pair for found in pairs for pair in set(found))
    central = centrality(sentences)
    scores = [prior * worth for prior, worth in zip(priors, central, strict=True)]
    choice = _Coverage(pairs, {pair: _worth(pair, count) for pair, count in spread.items()}, scores)
    chosen = choice.run([count_words(sentence) for sentence in sentences], limit)
    top = chosen[0][1] if chosen else 1.0
    return [(index, worth / top) for index, worth in chosen]


def _pairs(sentence: str) -> list[Pair]:
    return list(pairwise(_stem(word) for word in _WORD.findall(sentence.lower())))


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    return stem(word)


def _worth(pair: Pair, count: int) -> float:
    """Return what a pair that stands in `count` sentences tells: little when it stands in one alone."""
    return (1 - _ALONE / count) * _CARRIES[sum(not is_light(word) for word in pair)]


@dataclass
class _Coverage:
    """Greedy choice with lazy updates: what a sentence adds only ever falls."""

    pairs: Sequence[Sequence[Pair]]
    worth: dict[Pair, float]
    scores: Sequence[float]
    said: Counter[Pair] = field(default_factory=Counter[Pair])

    def run(self, sizes: Sequence[int], limit: int) -> list[tuple[int, float]]:
        heap = [(-gain, index) for index in range(len(self.pairs)) if (gain := self._gain(index)) > 0]
        heapify(heap)
        chosen: list[tuple[int, float]] = []
        while heap and limit > 0:
            _, index = heappop(heap)
            now = -self._gain(index)
            if heap and now > heap[0][0]:
                heappush(heap, (now, index))
                continue
            chosen.append((index, -now))
            self.said.update(self.pairs[index])
            limit -= sizes[index]
        return chosen

    def _gain(self, index: int) -> float:
        if self.scores[index] <= 0:
            return 0.0
        told = sum(self.worth[pair] * _AGAIN ** self.said[pair] for pair in self.pairs[index])
        return self.scores[index] * (told + 0.01) / max(_SHORTEST, len(self.pairs[index])) ** _LENGTH
