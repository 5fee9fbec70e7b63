"""Bringing an index in step with its sources: what is unchanged costs a hash, what is broken stops nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from agentkit.adapters.memory.manifest import Quarantined, read_version
from agentkit.adapters.memory.renaming import rename
from agentkit.adapters.memory.reusing import rebuild
from agentkit.adapters.memory.store import Writer, writing
from agentkit.errors import AgentKitError, DocumentError
from agentkit.indexed import Entry, Known

_BATCH_CHARS = 20_000_000
"""So much text is read before it is written: bounds the memory, and what a killed run loses."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A document's passages, and sentences about how it was read ("The file is cut off before its end…")."""

    entries: Sequence[Entry]
    warnings: Sequence[str] = ()


Read = Callable[[str], Cut]


@dataclass(frozen=True, slots=True)
class Source:
    """A document to index.

    `key` says for good where it comes from, `name` what it is called unless another document is; `read`
    returns its passages, given its name in the index, or raises. `matter` and `labels` say who may see it. `apart` is
    what it is called beside the others of a run, where that is known.
    """

    key: str
    name: str
    sha256: str
    read: Read
    matter: str = ""
    labels: tuple[str, ...] = ()
    apart: str = ""

    def known(self, names: Mapping[str, str]) -> Known:
        """Return the document under a name that no other has yet; `names` has the keys of those that are taken."""
        free = (one for one in (self.apart or self.name, self.key) if names.get(one, self.key) == self.key)
        name = next(free, self.key)
        called = self.name if name != self.name else ""
        return Known(self.key, name, self.sha256, self.matter, tuple(sorted(self.labels)), called)


@dataclass(slots=True)
class Outcome:
    """What a run did: how many documents were read, left alone and removed, and which could not be read.

    `warned` are the documents that were read with a doubt: key, name and what there is to say.
    `passages`, `documents` and `version` are those of the index as it is now; of its passages, `new` were written and
    `kept` were there before, like `dropped` ones that are gone.
    """

    read: int = 0
    unchanged: int = 0
    removed: int = 0
    quarantined: list[Quarantined] = field(default_factory=list[Quarantined])
    warned: list[tuple[str, str, Sequence[str]]] = field(default_factory=list[tuple[str, str, Sequence[str]]])
    passages: int = 0
    documents: int = 0
    version: str = ""
    new: int = 0
    kept: int = 0
    dropped: int = 0

    def count(self, *, before: int) -> None:
        """Work out how many passages were kept and dropped of those there were before."""
        self.kept = self.passages - self.new
        self.dropped = before - self.kept


Reader = Callable[[Iterable[Source]], Iterable[tuple[Source, Read]]]
"""Takes sources, and gives back each in its order with what its `read` does, done already or still to do."""


def one_by_one(sources: Iterable[Source]) -> Iterator[tuple[Source, Read]]:
    """Read each source when its turn comes, here."""
    return ((source, source.read) for source in sources)


@dataclass(slots=True)
class _Batch:
    documents: list[tuple[Known, Sequence[Entry]]] = field(default_factory=list[tuple[Known, Sequence[Entry]]])
    chars: int = 0


def update(
    folder: Path,
    sources: Iterable[Source],
    *,
    covered: Callable[[str], bool],
    reader: Reader = one_by_one,
    keep: int | None = None,
) -> Outcome:
    """Bring an index in step with its sources; it can be read all the while, and a killed run is repaired by the next.

    Args:
        folder: where the index is, or will be.
        sources: the documents there are.
        covered: tells of a key whether it is among the places looked at: if no source has it, its document
            is removed from the index.
        reader: reads the sources that changed.
        keep: so many earlier versions stay from now on.

    Raises:
        OutputError: the folder cannot be written, or holds something else.
        DocumentError: no document could be read, and there was no index.
    """
    with writing(folder) as writer:
        writer.manifest.keep = writer.manifest.keep if keep is None else keep
        outcome, seen, batch, (before, _) = Outcome(), set[str](), _Batch(), writer.size()
        broken = {row.key: row for row in writer.manifest.quarantine}
        names = {document.name: key for key, (document, _, _) in writer.known.items()}

        def unsettled() -> Iterator[Source]:
            for source in sources:
                seen.add(source.key)
                if _settled(source, writer, broken):
                    outcome.unchanged += source.key not in broken
                else:
                    yield source

        for source, read in reader(unsettled()):
            warnings = _read(source, read, batch, names, broken)
            if warnings:
                outcome.warned.append((source.key, source.name, warnings))
            if batch.chars > _BATCH_CHARS:
                _flush(folder, writer, batch, outcome)
        _flush(folder, writer, batch, outcome)
        gone = [key for key in writer.known if key not in seen and covered(key)]
        # A document that can no longer be read is not found under its old text.
        outcome.removed = writer.remove([*gone, *broken])
        writer.manifest.quarantine = [row for key, row in broken.items() if key in seen or not covered(key)]
        outcome.quarantined = writer.manifest.quarantine
        if not writer.known and broken and not writer.manifest.segments:
            raise DocumentError(next(iter(broken.values())).reason, name=next(iter(broken)))
        rename(folder, writer)
        return _finished(writer, outcome, before)


def _finished(writer: Writer, outcome: Outcome, before: int) -> Outcome:
    writer.compact()
    writer.commit()
    outcome.passages, outcome.documents = writer.size()
    outcome.count(before=before)
    outcome.version = writer.manifest.version
    return outcome


def restore(folder: Path, version: str) -> Outcome:
    """Make an earlier version of an index the current one; what is current now is kept in its turn.

    Raises:
        UsageError: there is no index, or it does not keep that version.
        OutputError: the folder cannot be written.
    """
    read_version(folder, version)
    with writing(folder) as writer:
        writer.restore(version)
        writer.commit()
        passages, documents = writer.size()
        return Outcome(passages=passages, documents=documents, version=writer.manifest.version)


def _settled(source: Source, writer: Writer, broken: dict[str, Quarantined]) -> bool:
    if source.key in broken:
        return broken[source.key].sha256 == source.sha256
    if source.key not in writer.known:
        return False
    known = writer.known[source.key][0]
    return (known.sha256, known.matter, known.labels) == (
        source.sha256,
        source.matter,
        tuple(sorted(source.labels)),
    )


def _read(
    source: Source, read: Read, batch: _Batch, names: dict[str, str], broken: dict[str, Quarantined]
) -> Sequence[str]:
    broken.pop(source.key, None)
    known = source.known(names)
    cut = attempt(source, read, known.name)
    if isinstance(cut, Quarantined):
        broken[source.key] = cut
        return ()
    names[known.name] = source.key
    batch.documents.append((known, [_stamped(entry, known) for entry in cut.entries]))
    batch.chars += sum(len(entry.text) for entry in cut.entries)
    return cut.warnings


def attempt(source: Source, read: Read, name: str) -> Cut | Quarantined:
    """Return what a source's reader gives for its name in an index, or why it gives nothing."""
    try:
        return read(name)
    except AgentKitError as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001  (whatever a reader of files stumbles over concerns that file alone)
        reason = f"{source.name} could not be read: {type(error).__name__}."
    return Quarantined(source.key, source.sha256, reason)


def _stamped(entry: Entry, known: Known) -> Entry:
    return replace(entry, matter=known.matter, labels=known.labels, version=entry.version or known.sha256)


def _flush(folder: Path, writer: Writer, batch: _Batch, outcome: Outcome) -> None:
    if batch.documents:
        made, new = rebuild(folder, writer.known, batch.documents)
        writer.add(made, [known for known, _ in batch.documents])
        writer.commit(partial=True)
        outcome.read += len(batch.documents)
        outcome.new += new
        batch.documents, batch.chars = [], 0
