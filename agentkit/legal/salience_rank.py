"""Rank sentences of any document by what they add to a summary of it, in about linear time."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import log, sqrt

from agentkit.text.sentences import count_words

# Words of the Latin script and of others that have spaces; single characters of those that have none.
_WORD = re.compile(r"[a-z0-9]+|[\u0370-\u1cff\uac00-\ud7af]+|[\u3040-\u30ff\u3400-\u9fff]")
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
_STRETCH = 400  # sentences among which one is weighed, so that the time stays linear
_SAME = 0.75  # sentences this alike are one formula said again, and do not vouch for each other
_REPETITION = 1.0  # how much a sentence loses that says what one before it said
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


def is_light(word: str) -> bool:
    """Tell whether a word, in lower case, carries no content of its own."""
    return word in _LIGHT


def centrality(sentences: Sequence[str]) -> list[float]:
    """Return how much of the text around it each sentence stands for; 1 is the mean."""
    return _reconstruction(_vectors([content(sentence) for sentence in sentences]))


def rank(sentences: Sequence[str], priors: Sequence[float], *, limit: int) -> list[tuple[int, float]]:
    """Rank sentences so that each stands for much of the text and repeats none before it.

    Args:
        sentences: N sentences in order.
        priors: N factors, 0 or more; 1 leaves a sentence as it is.
        limit: stop after so many words.
    Returns:
        `(index, worth)` best first, worth in (0, 1] relative to the first; sentences worth nothing are left out.
    Source:
        After He et al., Document summarization based on data reconstruction, AAAI 2012: the first step of its
        linear form, with similarity to what was chosen in place of the later ones.
    """
    vectors = _vectors([content(sentence) for sentence in sentences])
    scores = [
        prior**_PRIOR_POWER * worth / max(_SHORTEST, count_words(sentence)) ** _LENGTH_POWER
        for sentence, prior, worth in zip(sentences, priors, _reconstruction(vectors), strict=True)
    ]
    chosen = _Ranking(scores, vectors).run([count_words(sentence) for sentence in sentences], limit)
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


def _reconstruction(vectors: Sequence[Mapping[str, float]]) -> list[float]:
    """Return how much of the text around it each sentence stands for, relative to the mean.

    That is the sum of its squared similarities to the sentences of its stretch of the text.
    """
    worth: list[float] = []
    for begin in range(0, len(vectors), _STRETCH):
        worth += _squares(vectors[begin : begin + _STRETCH])
    return _relative(worth)


def _squares(vectors: Sequence[Mapping[str, float]]) -> list[float]:
    """Return 1 and the sum of each sentence's squared similarities to the others that are not the same formula.

    Each pair is compared once, and a sentence that is said many times is weighed once, with its count.
    """
    keys = [tuple(vector.items()) for vector in vectors]
    counts = Counter(keys)
    often = list(counts.values())
    worth = [1.0] * len(counts)
    places: dict[str, list[tuple[int, float]]] = {}
    for index, key in enumerate(counts):
        near = _similarities(key, index, places)
        alike = [(other, value * value) for other, value in enumerate(near) if 0.0 < value < _SAME]
        worth[index] += sum(square * often[other] for other, square in alike)
        for other, square in alike:
            worth[other] += square * often[index]
    known = dict(zip(counts, worth, strict=True))
    return [known[key] for key in keys]


def _similarities(
    key: tuple[tuple[str, float], ...], index: int, places: dict[str, list[tuple[int, float]]]
) -> list[float]:
    """Return the similarities of a sentence to those before it, and add it to the `places` of its terms."""
    near = [0.0] * index
    for term, value in key:
        seen = places.setdefault(term, [])
        for other, weight in seen:
            near[other] += value * weight
        seen.append((index, value))
    return near


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
