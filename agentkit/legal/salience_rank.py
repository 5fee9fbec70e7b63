"""Rank sentences of any document by what they add to a summary of it, in about linear time."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise
from math import log, sqrt

_WORD = re.compile(r"[a-z0-9]+")
_LIGHT = frozenset(
    """a an the of to in and or for on by with at from as is are was were be been being this that these those it
    its he she his her him they them their there here we our us i my you your who whom which what when where how
    than then so if but not no nor such any all each every other some same own into under upon over out up down
    off very also has have had do does did shall will may might would could should can must one two only more
    most before after between through during said mr mrs learned therefore however thus hence s""".split()
)
_SUFFIX = re.compile(r"(?:ations?|ments?|ings?|ions?|ies|ied|ers?|ed|es|s|ly|al)$")
_LENGTH_POWER = 0.1  # long sentences carry the law; only a little is taken off for length
_PRIOR_POWER = 1.5
_REPETITION = 0.7  # how much a sentence loses that says what one before it said
_SHORTEST = 8


def stem(word: str) -> str:
    """Return a word without its commonest endings; never shorter than four letters."""
    if len(word) < 6:
        return word
    short = _SUFFIX.sub("", word)
    return short if len(short) > 3 else word


def content(text: str) -> list[str]:
    """Return the stems of the words that carry content, in order."""
    return [stem(word) for word in _WORD.findall(text.lower()) if word not in _LIGHT]


def rank(sentences: Sequence[str], priors: Sequence[float], *, limit: int) -> list[tuple[int, float]]:
    """Rank sentences so that each is central, says what recurs, and repeats none before it.

    Args:
        sentences: N sentences in order.
        priors: N factors, 0 or more; 1 leaves a sentence as it is.
        limit: stop after so many words.
    Returns:
        `(index, worth)` best first, worth in (0, 1] relative to the first; sentences worth nothing are left out.
    Source:
        Centrality after Erkan and Radev, JAIR 2004 (similarity to the whole instead of a walk: linear, and as
        good here); recurring pairs of words after Gillick and Favre, ILP-NLP 2009.
    """
    words = [content(sentence) for sentence in sentences]
    vectors = _vectors(words)
    centre = _centrality(vectors)
    pairs = _recurrence(words)
    scores = [
        prior**_PRIOR_POWER * middle * sqrt(0.3 + pair) / max(_SHORTEST, sentence.count(" ") + 1) ** _LENGTH_POWER
        for sentence, prior, middle, pair in zip(sentences, priors, centre, pairs, strict=True)
    ]
    chosen = _Ranking(scores, vectors).run([sentence.count(" ") + 1 for sentence in sentences], limit)
    top = chosen[0][1] if chosen else 1.0
    return [(index, worth / top) for index, worth in chosen]


def _vectors(words: Sequence[Sequence[str]]) -> list[dict[str, float]]:
    """Return tf-idf vectors of length 1."""
    count = len(words)
    spread = Counter(term for sentence in words for term in set(sentence))
    vectors: list[dict[str, float]] = []
    for sentence in words:
        raw = {t: (1 + log(n)) * (1 + log((1 + count) / (1 + spread[t]))) for t, n in Counter(sentence).items()}
        length = sqrt(sum(value * value for value in raw.values())) or 1.0
        vectors.append({term: value / length for term, value in raw.items()})
    return vectors


def _centrality(vectors: Sequence[Mapping[str, float]]) -> list[float]:
    """Return each vector's similarity to the sum of all, relative to the mean."""
    total: dict[str, float] = {}
    for vector in vectors:
        for term, value in vector.items():
            total[term] = total.get(term, 0.0) + value
    return _relative([sum(value * total[term] for term, value in vector.items()) for vector in vectors])


def _recurrence(words: Sequence[Sequence[str]]) -> list[float]:
    """Return how much of what each sentence says in pairs of words is said elsewhere too, relative to the mean."""
    pairs = [set(pairwise(sentence)) for sentence in words]
    spread = Counter(pair for found in pairs for pair in found)
    return _relative([sum(log(1 + n) for pair in sorted(found) if (n := spread[pair]) > 1) for found in pairs])


def _relative(values: Sequence[float]) -> list[float]:
    mean = sum(values) / len(values) if values else 0.0
    return [value / mean for value in values] if mean else [1.0] * len(values)


@dataclass
class _Ranking:
    """Greedy choice with lazy updates: a score only ever falls, so the best stale one is checked first."""

    scores: Sequence[float]
    vectors: Sequence[Mapping[str, float]]

    def run(self, sizes: Sequence[int], limit: int) -> list[tuple[int, float]]:
        heap = [(-score, index, 0) for index, score in enumerate(self.scores) if score > 0]
        heapify(heap)
        near = [0.0] * len(self.scores)
        chosen: list[tuple[int, float]] = []
        while heap and limit > 0:
            _, index, known = heappop(heap)
            for other, _ in chosen[known:]:
                near[index] = max(near[index], self._similarity(index, other))
            now = -self.scores[index] * max(0.01, 1 - _REPETITION * near[index])
            if heap and now > heap[0][0]:
                heappush(heap, (now, index, len(chosen)))
                continue
            chosen.append((index, -now))
            limit -= sizes[index]
        return chosen

    def _similarity(self, one: int, other: int) -> float:
        a, b = self.vectors[one], self.vectors[other]
        if len(b) < len(a):
            a, b = b, a
        return sum(value * b[term] for term, value in a.items() if term in b)
