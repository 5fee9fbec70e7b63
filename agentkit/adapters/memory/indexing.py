"""Bringing an index in step with its sources: what is unchanged costs a hash, what is broken stops nothing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agentkit.adapters.memory.segment import build
from agentkit.adapters.memory.store import Quarantined, Writer, writing
from agentkit.errors import AgentKitError, DocumentError
from agentkit.indexed import Entry, Known

_BATCH_CHARS = 20_000_000
"""So much text is read before it is written: bounds the memory, and what a killed run loses."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document to index.

    `key` says for good where it comes from, `name` what it is called unless another document is; `read`
    returns its passages, given its name in the index, or raises.
    """

    key: str
    name: str
    sha256: str
    read: Callable[[str], Sequence[Entry]]


@dataclass(slots=True)
class Outcome:
    """What a run did: how many documents were read, left alone and removed, and which could not be read."""

    read: int = 0
    unchanged: int = 0
    removed: int = 0
    quarantined: list[Quarantined] = field(default_factory=list[Quarantined])


@dataclass(slots=True)
class _Batch:
    documents: list[tuple[Known, Sequence[Entry]]] = field(default_factory=list[tuple[Known, Sequence[Entry]]])
    chars: int = 0


def update(folder: Path, sources: Iterable[Source], *, covered: Callable[[str], bool]) -> Outcome:
    """Bring an index in step with its sources; it can be read all the while, and a killed run is repaired by the next.

    Args:
        folder: where the index is, or will be.
        sources: the documents there are.
        covered: tells of a key whether it is among the places looked at: if no source has it, its document
            is removed from the index.

    Raises:
        OutputError: the folder cannot be written, or holds something else.
        DocumentError: no document could be read, and there was no index.
    """
    with writing(folder) as writer:
        outcome, seen, batch = Outcome(), set[str](), _Batch()
        broken = {row.key: row for row in writer.manifest.quarantine}
        names = {document.name: key for key, (document, _, _) in writer.known.items()}
        for source in sources:
            seen.add(source.key)
            if _settled(source, writer, broken):
                outcome.unchanged += source.key not in broken
                continue
            _read(source, batch, names, broken)
            if batch.chars > _BATCH_CHARS:
                outcome.read += _flush(writer, batch)
        outcome.read += _flush(writer, batch)
        gone = [key for key in writer.known if key not in seen and covered(key)]
        # A document that can no longer be read is not found under its old text.
        outcome.removed = writer.remove([*gone, *broken])
        writer.manifest.quarantine = [row for key, row in broken.items() if key in seen or not covered(key)]
        outcome.quarantined = writer.manifest.quarantine
        if not writer.known and broken and not writer.manifest.segments:
            raise DocumentError(next(iter(broken.values())).reason, name=next(iter(broken)))
        writer.compact()
        writer.commit()
        return outcome


def _settled(source: Source, writer: Writer, broken: dict[str, Quarantined]) -> bool:
    if source.key in broken:
        return broken[source.key].sha256 == source.sha256
    return source.key in writer.known and writer.known[source.key][0].sha256 == source.sha256


def _read(source: Source, batch: _Batch, names: dict[str, str], broken: dict[str, Quarantined]) -> None:
    broken.pop(source.key, None)
    name = source.name if names.get(source.name, source.key) == source.key else source.key
    try:
        entries = source.read(name)
    except AgentKitError as error:
        broken[source.key] = Quarantined(source.key, source.sha256, str(error))
        return
    except Exception as error:  # noqa: BLE001  (whatever a reader of files stumbles over concerns that file alone)
        reason = f"{name} could not be read: {type(error).__name__}."
        broken[source.key] = Quarantined(source.key, source.sha256, reason)
        return
    names[name] = source.key
    batch.documents.append((Known(source.key, name, source.sha256), entries))
    batch.chars += sum(len(entry.text) for entry in entries)


def _flush(writer: Writer, batch: _Batch) -> int:
    count = len(batch.documents)
    if count:
        writer.add(
            build([(known.name, entries) for known, entries in batch.documents]),
            [known for known, _ in batch.documents],
        )
        writer.commit()
        batch.documents, batch.chars = [], 0
    return count
