"""A run that asks an index: which one, who asks, and what it reads."""

from collections.abc import Callable, Sequence

from agentkit.config import Config
from agentkit.errors import UsageError
from agentkit.indexed import Principal
from agentkit.options import Options
from agentkit.ports import Retriever, RunRecord
from agentkit.records.run_store import FileRunStore
from agentkit.retrieving import make_retriever
from agentkit.state import Sought
from agentkit.types import Document, Passage, TaskKind


def sought_by(
    options: Options, config: Config, kind: TaskKind, paths: Sequence[object], labels: Sequence[str]
) -> Sought | None:
    """Return the index that a run asks, or None where it reads documents.

    Raises:
        UsageError: there are neither documents nor an index, or both; or a summary is asked of an index.
    """
    url = options.index or ("" if paths else config.index.url or "")
    if paths and url:
        raise UsageError("Name documents, or the index to ask, and not both.")
    if not url:
        return None
    if kind != "ask":
        raise UsageError("An index answers questions: name the documents to summarize.")
    asks = options.principal
    if asks is None and (options.matter or labels):
        asks = Principal(options.tenant or config.tenant, frozenset({options.matter} - {""}), frozenset(labels))
    if asks is None:
        return Sought(url, options.at)
    return Sought(
        url, options.at, anyone=True, name=asks.name, matters=sorted(asks.matters), labels=sorted(asks.labels)
    )


class Asking:
    """What a run reads that asks an index.

    Args:
        sought: which index, and who asks.
        config: says how texts are cut, and what is needed to reach a store.
        store: the run's; it keeps the index's version.
        record: the run's; it gets the version.
    """

    def __init__(self, sought: Sought, config: Config, store: FileRunStore, record: RunRecord) -> None:
        self._sought = sought
        self._config = config
        self._store = store
        self._record = record
        self._found: Sequence[str] = ()

    async def read(self) -> tuple[Sequence[Document], Sequence[Passage]]:
        """Return the documents that the question reads, and their passages (see `gather`)."""
        from agentkit.gathering import gather, shown_url  # most runs ask no index, and it loads what searches one

        gathered = await gather(self._store.question, self._sought, self._config)
        self._found = gathered.found
        self._store.asked(shown_url(self._sought.url), gathered.version)
        self._record.add("index", fields={"version": gathered.version})
        return gathered.documents, gathered.passages

    def retriever(self, *, alone: bool) -> Retriever:
        """Return a retriever of the passages that the index found, best first, and then of the others.

        Args:
            alone: of the others only where the index found none: a model that compares sentences by itself would take
                what answers a like question in another document.
        """
        return _FoundFirst(self._store.passages, lambda: self._found, alone=alone)


class _FoundFirst:
    def __init__(
        self, passages: Callable[[], Sequence[Passage]], found: Callable[[], Sequence[str]], *, alone: bool
    ) -> None:
        self._alone = alone
        self._passages = passages
        self._found = found
        self._others = make_retriever(passages)

    async def retrieve(self, query: str, /, *, top_k: int) -> list[Passage]:
        known = {passage.id: passage for passage in self._passages()}
        first = [known[name] for name in self._found() if name in known]
        if first and self._alone:
            return first[:top_k]
        others = await self._others.retrieve(query, top_k=top_k)
        return list({passage.id: passage for passage in (*first, *others)}.values())[:top_k]
