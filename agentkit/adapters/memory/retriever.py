"""The embedded `Retriever`: weighted words, then what a reader would look at, over the passages of a run."""

import asyncio
from collections.abc import Callable, Sequence

from agentkit.adapters.memory.engine import Engine, whole
from agentkit.adapters.memory.segment import build
from agentkit.indexed import Entry
from agentkit.types import Passage

_QUICK = 20_000
"""So many characters are indexed in a few milliseconds, less than another thread disturbs."""


class Bm25Retriever:
    """A `Retriever` over passages; the index is built at the first query and when the passages change.

    Args:
        passages: returns the passages to search.
    """

    def __init__(self, passages: Callable[[], Sequence[Passage]]) -> None:
        self._passages = passages
        self._indexed: tuple[list[Passage], Engine] | None = None

    async def retrieve(self, query: str, /, *, top_k: int) -> list[Passage]:
        passages, engine = self._indexed or ([], None)
        current = [passage for passage in self._passages() if passage.kind != "contents"]
        if engine is None or passages != current:
            quick = sum(len(passage.text) for passage in current) < _QUICK
            engine = _index(current) if quick else await asyncio.to_thread(_index, current)
            self._indexed = current, engine
        return [current[int(found.entry.id)] for found in engine.search(query, top_k=top_k)]


def _index(passages: Sequence[Passage]) -> Engine:
    documents: dict[str, list[Entry]] = {}
    for place, passage in enumerate(passages):
        name = f"d{passage.source}"
        entry = Entry(str(place), name, passage.section, passage.start, passage.end, passage.text)
        documents.setdefault(name, []).append(entry)
    return Engine([whole(build(list(documents.items())))])
