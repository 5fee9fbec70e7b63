"""Names of documents of an index that do not depend on which came first."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from agentkit.adapters.memory.reusing import rebuild
from agentkit.adapters.memory.segment import load
from agentkit.adapters.memory.store import Writer
from agentkit.indexed import Entry, Known
from agentkit.naming import distinct

_MOST = 1000
"""So many documents are renamed in one segment: bounds the memory."""


def rename(folder: Path, writer: Writer) -> None:
    """Give each document the name it has beside those there are now; none is read again for it."""
    names = distinct(known for known, _, _ in writer.known.values())
    wrong = [key for key, (known, _, _) in writer.known.items() if names[key] != known.name]
    for first in range(0, len(wrong), _MOST):
        documents = [renamed(*held_by(folder, writer, key), names[key]) for key in wrong[first : first + _MOST]]
        writer.add(rebuild(folder, writer.known, documents)[0], [known for known, _ in documents])


def renamed(known: Known, entries: Sequence[Entry], name: str) -> tuple[Known, list[Entry]]:
    """Return a document and its passages under another name."""
    called = known.called or known.name
    other = replace(known, name=name, called=called if called != name else "")
    before = f"{known.name}#"
    return other, [
        replace(one, document=name, id=f"{name}#{one.id.removeprefix(before)}" if one.id.startswith(before) else one.id)
        for one in entries
    ]


def held_by(folder: Path, writer: Writer, key: str) -> tuple[Known, list[Entry]]:
    """Return a document of an index with its passages."""
    known, name, place = writer.known[key]
    segment = load(folder / name)
    rows = range(int(segment.firsts[place]), int(segment.firsts[place + 1]))
    return known, [segment.entry(row, place) for row in rows]
