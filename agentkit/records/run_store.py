"""The raw side of a run: documents, the question as typed, the vault (port `RunStore`)."""

import dataclasses
import zlib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from pathlib import Path

from agentkit.errors import AgentKitError
from agentkit.privacy.aliases import FullNames, mentions_of, title_before
from agentkit.privacy.keys import load_key
from agentkit.privacy.name_parts import readable
from agentkit.privacy.placeholders import with_literals
from agentkit.privacy.recognizer import EmbeddedRecognizer
from agentkit.privacy.sealed import seal
from agentkit.privacy.selection import Policy
from agentkit.privacy.vault import MatterVault
from agentkit.records.run_data import RunData, adopt_passage, dump_run
from agentkit.records.run_facts import RunFacts
from agentkit.records.run_files import load_file, run_path
from agentkit.records.safe_texts import SafeTexts
from agentkit.text.spans import WITHHELD, overlay, replace_spans
from agentkit.types import Citation, Document, Entity, Passage, SafePassage


class FileRunStore(RunFacts):
    """One run's documents, entities and vault; on disk only encrypted, and only until the run is finished.

    Safe texts are made from the entities that `set_entities` was given; without them nothing can be read as safe.
    """

    def __init__(
        self, data: RunData, *, vault: MatterVault, policy: Policy, path: Path | None, key: bytes, matter_id: str = ""
    ) -> None:
        """Use `create`, `in_memory` or `load` instead."""
        super().__init__(data)
        self.matter_id = matter_id or data.run_id
        self._vault = vault
        self._path, self._key, self._saved = path, key, b""
        self._spans: dict[int, list[tuple[int, int, str]]] = {}
        self._shown: dict[int, list[tuple[int, int, str]]] = {}
        self._texts = SafeTexts(vault, policy, stands=lambda words: readable(words, data.documents, self._spans))
        self._by_id = {passage.id: passage for passage in data.passages}
        self._place(data.entities)

    @classmethod
    def create(
        cls,
        home: Path | None,
        *,
        run_id: str,
        matter: str,
        question: str,
        paths: Sequence[str],
        policy: Policy | None = None,
    ) -> "FileRunStore":
        """Begin a run.

        Args:
            home: where `save` writes (`runs/RUN.run`) and vaults of named matters live; None keeps all in memory.
            run_id: letters, digits, "_" and "-".
            matter: whose vault is used; empty, or the run's id, means one of the run's own.
            question: the question or focus as typed.
            paths: the paths as given, for `--resume`.
            policy: what `safe_text` finds and replaces; by default direct identifiers, found by rules.

        Raises:
            UsageError: the matter's vault cannot be used, or the home folder cannot be written.
        """
        data = RunData(run_id=run_id, matter=matter or run_id, question=question, paths=list(paths))
        return cls._at(home, data, policy=policy)

    @classmethod
    def load(cls, home: Path, run_id: str, *, policy: Policy | None = None) -> "FileRunStore":
        """Open the store of an unfinished run.

        Raises:
            RunNotFoundError: no such run, or its store cannot be opened.
        """
        return cls._at(home, load_file(home, run_id), policy=policy)

    @classmethod
    def _at(cls, home: Path | None, data: RunData, *, policy: Policy | None) -> "FileRunStore":
        policy = policy or Policy(EmbeddedRecognizer())
        if home is None:
            vault = MatterVault(matter=data.matter, entries=data.vault)
            return cls(data, vault=vault, policy=policy, path=None, key=b"")
        path, key = run_path(home, data.run_id), load_key(home)
        if data.matter == data.run_id:
            vault = MatterVault(matter=data.matter, entries=data.vault)
            return cls(data, vault=vault, policy=policy, path=path, key=key)
        vault = MatterVault.open(home, data.matter)
        return cls(data, vault=vault, policy=policy, path=path, key=key, matter_id=vault.matter)

    @property
    def vault(self) -> MatterVault:
        """The vault of the run's matter."""
        return self._vault

    def documents(self) -> list[Document]:
        """Return the documents read so far, by index."""
        return list(self._data.documents)

    def set_documents(self, documents: Sequence[Document], passages: Sequence[Passage], /) -> None:
        """Keep what was read and how it was cut; entities of earlier documents are forgotten."""
        self._data.documents, self._data.passages = list(documents), list(passages)
        self._data.entities, self._data.withheld = {}, {}
        self._by_id = {passage.id: passage for passage in passages}
        self._spans = {}

    def passages(self) -> list[Passage]:
        """Return every passage, in document order."""
        return list(self._data.passages)

    def adopt(self, passages: Sequence[Passage], /) -> list[Passage]:
        """Take in passages that a foreign retriever found, as sources of their own where they are unknown."""
        adopted = [
            passage if self._by_id.get(passage.id) == passage else adopt_passage(self._data, passage)
            for passage in passages
        ]
        self._by_id.update({passage.id: passage for passage in adopted})
        return adopted

    def set_entities(self, entities: Mapping[int, Sequence[Entity]], /) -> None:
        """Keep the entities to replace, by document index, and give each its placeholder, in the order of the texts.

        A surname alone gets the number of the one full name it ends, where there is exactly one.
        """
        found: dict[int, list[Entity]] = {}
        for document in self._data.documents:
            if document.index in entities:
                found[document.index] = with_literals(document.text, entities[document.index])
        self._data.entities.update(found)
        self._place(self._data.entities)

    def _place(self, entities: Mapping[int, Sequence[Entity]]) -> None:
        texts = {document.index: document.text for document in self._data.documents}
        order = sorted(index for index in entities if index in texts)
        places = [
            (index, entity, texts[index][entity.start : entity.end]) for index in order for entity in entities[index]
        ]
        originals = [(entity.type, original) for _, entity, original in places]
        known = FullNames(m.original for m in self._vault.mentions() if m.type == "PERSON" and not m.short_for)
        titles = [title_before(texts[index], entity.start) for index, entity, _ in places]
        mentions = mentions_of(originals, known=known, titles=titles)
        placeholders = self._vault.assign(mentions)
        self._spans, self._shown = {index: [] for index in order}, {}
        for (index, entity, _), placeholder in zip(places, placeholders, strict=True):
            self._spans[index].append((entity.start, entity.end, placeholder))
        if entities:
            # Now, because a vault that grew after `save` would number them anew when the run is continued.
            for words in self._data.typed():
                self._texts.replace(words, trusted=True)
            for heading in (words for item in self._data.passages for words in (item.section, item.locator or "")):
                self._texts.label(heading)

    def quarantine(self, passage_ids: Sequence[str], /) -> None:
        """Mark passages that no model may read."""
        self._data.quarantined.update(passage_ids)

    def withhold(self, source: int, spans: Sequence[tuple[int, int]], /) -> None:
        """Show no model these characters of a source; a marker stands in their place."""
        known = self._data.withheld.setdefault(source, [])
        known.extend((start, end) for start, end in spans if (start, end) not in known)
        self._shown.pop(source, None)

    def safe(self, passage_ids: Sequence[str], /) -> list[SafePassage]:
        """Return passages in redacted text, in the order asked for.

        Raises:
            AgentKitError: a passage is unknown, or its document has not been through `set_entities`.
        """
        return [self._safe(passage_id) for passage_id in passage_ids]

    def _safe(self, passage_id: str) -> SafePassage:
        passage = self._by_id.get(passage_id)
        if passage is None or passage.source not in self._spans:
            state = "unknown" if passage is None else "not redacted yet"
            raise AgentKitError(f"Passage {passage_id} is {state}; it is shown to no model.")
        text, replacements = replace_spans(passage.text, self._inside(passage), offset=passage.start)
        return SafePassage(
            id=passage.id,
            source=passage.source,
            start=passage.start,
            end=passage.end,
            text=text,
            page=passage.page,
            locator=None if passage.locator is None else self._texts.label(passage.locator),
            section=self._texts.label(passage.section),
            kind=passage.kind,
            replacements=replacements,
            quarantined=passage.id in self._data.quarantined,
        )

    def _inside(self, passage: Passage) -> list[tuple[int, int, str]]:
        # An entity that crosses the passage's edge is replaced as far as it reaches in.
        if passage.source not in self._shown:
            covers = self._data.withheld.get(passage.source, [])
            self._shown[passage.source] = overlay(self._spans[passage.source], covers, marker=WITHHELD)
        spans = self._shown[passage.source]
        first = bisect_left(spans, passage.start, key=lambda span: span[1] - 1)
        result: list[tuple[int, int, str]] = []
        for start, end, placeholder in spans[first:]:
            if start >= passage.end:
                break
            inside = max(start, passage.start), min(end, passage.end)
            result.append((inside[0] - passage.start, inside[1] - passage.start, placeholder))
        return result

    def safe_text(self, text: str, /) -> str:
        """Return any text (the question, a title) with the run's known personal data replaced.

        Personal data that is new is replaced, too; a placeholder that the vault gave stays: doing it twice is once.
        """
        return self._texts.replace(text, trusted=True)

    def quote(self, citation: Citation, /) -> str:
        """Return the exact characters a citation stands for, from the source as it was read.

        Raises:
            AgentKitError: there is no such source, or the span lies outside it.
        """
        for document in self._data.documents:
            if document.index == citation.source and 0 <= citation.start < citation.end <= len(document.text):
                return document.text[citation.start : citation.end]
        raise AgentKitError(f"A citation points outside source {citation.source}.")

    def spans(self, index: int, /) -> list[tuple[int, int, str]]:
        """Return what is replaced in a document: `(start, end, placeholder)`, in order.

        Raises:
            AgentKitError: the document has not been through `set_entities`.
        """
        if index not in self._spans:
            raise AgentKitError(f"Source {index} has not been redacted.")
        return list(self._spans[index])

    def restore(self, text: str, /) -> str:
        """Return `text` with the originals in place of the matter's placeholders."""
        return self._vault.restore(text)

    def save(self) -> None:
        """Write everything that is new, encrypted, so that another process can continue the run; in memory, nothing.

        Raises:
            UsageError: the file cannot be written.
        """
        if self._path is None:
            return
        data = dataclasses.replace(self._data, vault=self._vault.dump() if self.matter == self.run_id else "")
        packed = zlib.compress(dump_run(data).encode(), 1)
        if packed != self._saved:
            seal(self._path, packed, key=self._key, context=f"run:{self.run_id}")
            self._saved = packed

    def close(self) -> None:
        """Say that this run does not work on its matter any more."""
        self._vault.close()

    def delete(self) -> None:
        """Remove the run's file: the run is finished. The vault of a named matter stays."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def in_memory(*, question: str = "", policy: Policy | None = None, run_id: str = "memory") -> FileRunStore:
    """Return a store that is never written: for a library call without a home folder, and for tests."""
    return FileRunStore.create(None, run_id=run_id, matter="", question=question, paths=[], policy=policy)
