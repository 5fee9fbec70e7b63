"""Passages on behalf of others: found, redacted and screened as a run would, without a run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agentkit import agents
from agentkit.app import AgentKit
from agentkit.composition import make_policy
from agentkit.errors import RefusedError
from agentkit.gathering import gather
from agentkit.legal.lineages import Later, after_later
from agentkit.policy import EdgeGuards, objections
from agentkit.privacy.selection import DEFAULT_REDACT, Policy
from agentkit.records.restoring import redacted
from agentkit.records.run_store import FileRunStore, in_memory
from agentkit.retrieving import make_retriever
from agentkit.sources import Request, read_aside
from agentkit.state import Sought, Task
from agentkit.types import Limits, Passage


@dataclass(frozen=True, slots=True)
class Finding:
    """A passage that was found; `start:end` are its characters in the document's text, redacted where `text` is.

    `superseded_by` are the documents that replaced it, or sections of it.
    """

    document: str
    start: int
    end: int
    text: str
    page: int | None = None
    locator: str | None = None
    superseded_by: list[Later] = field(default_factory=list[Later])


class Finder:
    """Looks for passages in documents.

    Args:
        kit: says what is personal, and has the rails.
        restore: show originals; by default placeholders stand for them.
        index: where passages are looked for when no documents are named, and for whom.
    """

    def __init__(self, kit: AgentKit, *, restore: bool = False, index: Sought | None = None) -> None:
        self._kit = kit
        self._index = index
        self._restore = restore

    async def find(self, paths: Sequence[Path], query: str, *, top_k: int = 5) -> list[Finding]:
        """Return at most `top_k` passages of documents, or of the index where none are named, best first.

        A passage that carries orders to a model is left out. One that a later document replaced stands after the best
        one of that document.

        Raises:
            RefusedError: a rail objects to the query.
            DocumentError: a document cannot be read.
        """
        config = self._kit.config
        redact = list(DEFAULT_REDACT) if config.privacy.redact is None else config.privacy.redact
        policy = Policy(self._kit.recognizer, redact=redact, keep=config.privacy.keep)
        store = in_memory(policy=policy)
        guards = EdgeGuards(self._kit.rails, make_policy(config), clean=store.safe_text)
        asked = await agents.screen_request(query, rails=guards.at("user_to_graph"))
        if not asked.allowed:
            raise RefusedError(f"A rail held back the query ({objections(asked.results)}).")
        if self._index is not None and not paths:
            gathered = await gather(asked.text, self._index, config)
            documents = gathered.documents
            store.set_documents(documents, gathered.passages)
            known = {passage.id: passage for passage in gathered.passages}
            found = [known[name] for name in gathered.found[:top_k]]
        else:
            request = Request(Task("ask", Limits(), Limits()), paths)
            documents, passages = await read_aside(request, config.retrieval)
            store.set_documents(documents, passages)
            found = (await make_retriever(store.passages).retrieve(asked.text, top_k=top_k))[:top_k]
        store.set_entities(
            await agents.redact(documents, recognizer=self._kit.recognizer, redact=redact, keep=config.privacy.keep)
        )
        return await self._shown(found, store, guards)

    async def _shown(self, found: Sequence[Passage], store: FileRunStore, guards: EdgeGuards) -> list[Finding]:
        replaced = {passage.id: store.versions.replaced(passage.source, passage.start) for passage in found}
        later = [[one.source for one in replaced[passage.id]] for passage in found]
        ids = [found[place].id for place in after_later([passage.source for passage in found], later)]
        hidden = {document.index: document.hidden for document in store.documents() if document.hidden}
        rails = guards.at("document_to_passage")
        screening = await agents.screen_passages(store.safe(ids), rails=rails, hidden=hidden)
        store.quarantine(screening.quarantined)
        for source, spans in screening.withheld.items():
            store.withhold(source, spans)
        names = {document.index: document.name for document in store.documents()}
        moves = {document.index: redacted(document, store.spans(document.index))[1] for document in store.documents()}
        shown: list[Finding] = []
        for passage in store.safe(ids):
            if passage.quarantined:
                continue
            start, end, text, locator = passage.start, passage.end, passage.text, passage.locator
            if self._restore:
                text = store.restore(text)
            else:
                start, end = moves[passage.source](start), moves[passage.source](end)
                locator = store.safe_text(locator) if locator else locator
            by = [Later(names[one.source], one.relation, list(one.sections)) for one in replaced[passage.id]]
            shown.append(Finding(names[passage.source], start, end, text, passage.page, locator, by))
        return shown
