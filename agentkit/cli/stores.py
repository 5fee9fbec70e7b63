"""`agentkit index` and `agentkit search` over a store at an address."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from agentkit.adapters.memory.engine import Found
from agentkit.adapters.memory.indexing import Outcome, Reader, Source
from agentkit.config import Config
from agentkit.indexed import Entry, Principal
from agentkit.opening import configured_store, make_embedding, store_search
from agentkit.updating import update_store


def update(
    url: str, config: Config, sources: Iterable[Source], *, covered: Callable[[str], bool], reader: Reader
) -> Outcome:
    """Bring the store at an address in step with its sources (see `update_store`)."""

    async def work() -> Outcome:
        embedding = make_embedding(config)
        store = configured_store(config, url=url, embedding=embedding)
        try:
            return await update_store(store, sources, covered=covered, embedding=embedding, reader=reader)
        finally:
            await store.aclose()

    return asyncio.run(work())


def is_guarded(url: str, config: Config) -> bool:
    """Tell whether the store at an address holds a document that not everybody may see."""

    async def work() -> bool:
        store = configured_store(config, url=url, embedding=make_embedding(config))
        try:
            return await store.is_guarded()
        finally:
            await store.aclose()

    return asyncio.run(work())


class StoreCorpus:
    """A store as a corpus is searched: without an event loop.

    Args:
        url: its address.
        config: says what embeds queries, and which hosts may be contacted.
    """

    version = ""

    def __init__(self, url: str, config: Config) -> None:
        self._search = store_search(config, url=url)
        self._runner = asyncio.Runner()
        self._asked: Principal | None = None
        self._documents: dict[str, list[Entry]] = {}

    def search(
        self, query: str, *, top_k: int, document: str | None = None, principal: Principal | None = None
    ) -> list[Found]:
        """Return the best passages that a principal may see, best first."""
        self._asked, self._documents = principal, {}
        found = self._search.seen_by(principal).search(query, top_k=top_k, document=document)
        return self._runner.run(found)

    def document_of(self, found: Found) -> list[Entry]:
        """Return every passage of the document that a found one stands in."""
        name = found.entry.document
        if name not in self._documents:
            self._documents[name] = self._runner.run(self._search.seen_by(self._asked).document_of(found))
        return self._documents[name]

    def editions(self, names: Sequence[str], *, principal: Principal | None = None) -> dict[str, str]:
        """Return what documents say they are, by name: some, and those in the store that may replace one of them."""
        return self._runner.run(self._search.seen_by(principal).editions(names))

    def close(self) -> None:
        """Release the store."""
        self._runner.run(self._search.aclose())
        self._runner.close()
