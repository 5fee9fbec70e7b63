# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# bm25s, PyStemmer and their arrays are untyped.
"""BM25 over the passages of a run or an index, by `bm25s` with English stemming."""

import asyncio
from collections.abc import Callable, Sequence

import bm25s
import Stemmer

from agentkit.types import Passage

# Robertson's usual values; a little less length normalisation suits clauses of very different length.
_K1 = 1.2
_B = 0.6
_QUICK = 20_000
"""So many characters are indexed in a millisecond or two, less than another thread disturbs."""


class Bm25Index:
    """A BM25 index of texts, built once.

    Source:
        Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._stemmer = Stemmer.Stemmer("english")
        self._size = len(texts)
        self._index = bm25s.BM25(k1=_K1, b=_B)
        tokens = bm25s.tokenize(list(texts), stopwords="en", stemmer=self._stemmer, show_progress=False)
        self._empty = not tokens.vocab  # pyright: ignore[reportAttributeAccessIssue]
        if not self._empty:
            self._index.index(tokens, show_progress=False)

    def search(self, query: str, *, top_k: int) -> list[tuple[int, float]]:
        """Return `(index of text, score)` of the best texts, best first; scores are above 0."""
        if self._empty or self._size == 0:
            return []
        tokens = bm25s.tokenize([query], stopwords="en", stemmer=self._stemmer, show_progress=False)
        found, scores = self._index.retrieve(tokens, k=min(top_k, self._size), show_progress=False)
        pairs = zip(found[0].tolist(), scores[0].tolist(), strict=True)
        return [(int(place), float(score)) for place, score in pairs if score > 0]


class Bm25Retriever:
    """A `Retriever` over passages; the index is built at the first query and when the passages change.

    Args:
        passages: returns the passages to search.
    """

    def __init__(self, passages: Callable[[], Sequence[Passage]]) -> None:
        self._passages = passages
        self._indexed: tuple[list[Passage], Bm25Index] | None = None

    async def retrieve(self, query: str, /, *, top_k: int) -> list[Passage]:
        passages, index = self._indexed or ([], None)
        current = self._searched()
        if index is None or passages != current:
            quick = sum(len(passage.text) for passage in current) < _QUICK
            index = _index(current) if quick else await asyncio.to_thread(_index, current)
            passages, self._indexed = current, (current, index)
        return [passages[place] for place, _ in index.search(query, top_k=top_k)]

    def _searched(self) -> list[Passage]:
        return [passage for passage in self._passages() if passage.kind != "contents"]


def _index(passages: Sequence[Passage]) -> Bm25Index:
    return Bm25Index([f"{passage.section}\n{passage.text}" for passage in passages])
