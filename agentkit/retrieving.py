"""What finds passages: a retriever of the user's, or the embedded one."""

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path

from agentkit.config import Config
from agentkit.errors import UsageError
from agentkit.indexed import Principal
from agentkit.ports import Retriever
from agentkit.state import Task
from agentkit.types import Passage


def make_retriever(passages: Callable[[], Sequence[Passage]]) -> Retriever:
    """Return the embedded retriever over a run's passages; what fits as a whole, it returns as a whole."""
    return _Choosing(passages)


class _Choosing:
    """Chooses among passages where they do not all fit: a short letter is read, whatever words a question uses."""

    def __init__(self, passages: Callable[[], Sequence[Passage]]) -> None:
        self._passages = passages
        self._ranked: Retriever | None = None

    async def retrieve(self, query: str, /, *, top_k: int) -> list[Passage]:
        prose = [passage for passage in self._passages() if passage.kind != "contents"]
        if len(prose) <= top_k:
            return prose
        if self._ranked is None:
            from agentkit.adapters.memory.retriever import Bm25Retriever

            self._ranked = Bm25Retriever(self._passages)
        return await self._ranked.retrieve(query, top_k=top_k)


def as_retriever(given: object, config: Config | None = None) -> Retriever | None:
    """Take a retriever of ours as it is; wrap LlamaIndex's; "index" is what `index` in the configuration describes.

    A retriever, an index or a vector store of LlamaIndex can also be named: MODULE:NAME, or what makes one. Where none
    is given, `retrieval.retriever` counts; `retrieval.reranker` orders what any of them finds.

    Raises:
        UsageError: it is none of these.
    """
    loaded = config or Config()
    found = _retriever(loaded.retrieval.retriever if given is None else given, loaded)
    return None if found is None else reranked(found, loaded)


def reranked(found: Retriever, config: Config) -> Retriever:
    """Return a retriever whose passages `retrieval.reranker` orders anew; itself where there is none.

    Raises:
        UsageError: it is no LlamaIndex `BaseNodePostprocessor`.
    """
    if config.retrieval.reranker is None:
        return found
    from agentkit.adapters.llamaindex import BaseNodePostprocessor, RerankedRetriever

    reranker = _loaded(config.retrieval.reranker, "reranker")
    if not isinstance(reranker, BaseNodePostprocessor):
        raise UsageError(f"retrieval.reranker: {config.retrieval.reranker} is no LlamaIndex BaseNodePostprocessor.")
    return RerankedRetriever(found, reranker)


def _retriever(given: object, config: Config) -> Retriever | None:
    if isinstance(given, str):
        given = _named(given, config)
    if given is None or (hasattr(given, "retrieve") and not hasattr(given, "aretrieve")):
        return given  # pyright: ignore[reportReturnType]
    from agentkit.adapters.llamaindex import BaseRetriever, LlamaIndexRetriever

    make: Callable[[], object] | None = getattr(given, "as_retriever", None)
    found = make() if make is not None else _over_vectors(given, config)
    if not isinstance(found, BaseRetriever):
        raise UsageError(f"{type(given).__name__} is no retriever: give a Retriever or a LlamaIndex BaseRetriever.")
    return LlamaIndexRetriever(found)


def _over_vectors(given: object, config: Config) -> object:
    """Return a retriever over a vector store of LlamaIndex; anything else as it is."""
    from agentkit.adapters.llamaindex import BasePydanticVectorStore, VectorStoreRetriever
    from agentkit.opening import make_embedding

    if not isinstance(given, BasePydanticVectorStore):
        return given
    embedding = make_embedding(config)
    if embedding is None:
        raise config.fault("index.embedding", "name the embedding that the vector store was filled with")
    return VectorStoreRetriever(given, embedding=embedding, top_k=config.retrieval.top_k)


def _named(name: str, config: Config) -> object:
    if name == "index":
        if not config.index.url:
            raise config.fault("index.url", "write where the index is, to find passages there")
        from agentkit.opening import is_address, store_search
        from agentkit.searching import CorpusSearch

        return store_search(config) if is_address(config.index.url) else CorpusSearch(Path(config.index.url))
    return _loaded(name, "retriever")


def _loaded(name: str, what: str) -> object:
    module, _, attribute = name.partition(":")
    try:
        found: object = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        known = "index, or MODULE:NAME" if what == "retriever" else "MODULE:NAME"
        raise UsageError(f"There is no {what} {name}: write {known}.") from error
    return found() if callable(found) else found


def seen_by(retriever: Retriever | None, matter: str, task: Task) -> Retriever | None:
    """Return a search of an index as a run of this matter, under these labels, sees it; any other as it is."""
    see: Callable[[Principal], Retriever] | None = getattr(retriever, "seen_by", None)
    if see is None:
        return retriever
    return see(Principal(task.tenant, frozenset({matter} - {""}), frozenset(task.labels)))
