"""What happens to the rows of a table, and the feeds that tell of it."""

import string
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agentkit.indexed import Entry, Known

Key = tuple[str, ...]
"""The values of a row's key columns, as text."""


@dataclass(frozen=True, slots=True)
class Put:
    """A row is there, with these values as text (None is NULL), whether it was inserted, changed or read."""

    table: str
    key: Key
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Gone:
    """A row is no longer there."""

    table: str
    key: Key


@dataclass(frozen=True, slots=True)
class Emptied:
    """No row of a table is there any longer."""

    table: str


Change = Put | Gone | Emptied


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes in the order in which they happened.

    `position` is where the feed stands after them. None says that the changes belong together with those of the
    next batch: nobody may see the ones without the others.
    """

    changes: Sequence[Change]
    position: str | None
    rows: int = 0
    """How many rows the feed told of, with those that cancel each other."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table, and what its rows are to an index.

    Args:
        name: with its schema ("public.clauses"), or the topic's name.
        key: the columns that tell rows apart for good; empty where the feed knows them.
        text: the column that holds the text; or
        path: the column that holds the path of a file, below `folder`.
        folder: where those files are; a path that leads out of it is refused.
        title: the column of the heading above the text; "" for none.
        label_as: what a document is called, with columns in braces ("{title} ({id})"); "" for table and key.
        matter: the column of its matter; "" for none.
        labels: the column of its confidentiality labels; "" for none.
    """

    name: str
    key: tuple[str, ...] = ()
    text: str = ""
    path: str = ""
    folder: str = ""
    title: str = ""
    label_as: str = ""
    matter: str = ""
    labels: str = ""

    @property
    def columns(self) -> Sequence[str]:
        """The columns that a document is made of."""
        named = [name for _, name, _, _ in string.Formatter().parse(self.label_as)]
        return [name for name in (self.text, self.path, self.title, self.matter, self.labels, *named) if name]


@dataclass(frozen=True, slots=True)
class Lag:
    """How far behind a feed is: bytes (Postgres) or messages (Kafka) not read yet, and what keeping them means.

    Args:
        behind: how much is not read yet.
        unit: "bytes" or "messages".
        kept: how much its server keeps for us, in the same unit.
        bounded: whether the server stops keeping it at some point, so that its disk cannot fill up.
        lost: the server has deleted what was not read yet.
    """

    behind: int
    unit: str
    kept: int = 0
    bounded: bool = True
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of changes in an index.

    Args:
        changed: keys of the documents that are new or other than before.
        removed: keys of those that are no longer there.
        unchanged: how many were as they are already.
        broken: keys of those that could not be read, with the reasons; they are no longer there either.
        outdated: keys of the changed and removed documents by the SHA-256 of what they held, where that is known.
        version: the version of the index.
    """

    changed: Sequence[str] = ()
    removed: Sequence[str] = ()
    unchanged: int = 0
    broken: Mapping[str, str] = field(default_factory=dict[str, str])
    outdated: Mapping[str, str] = field(default_factory=dict[str, str])
    version: str = ""


class ChangeFeed(Protocol):
    """Tells what happens to rows, in order, from any position it has told and still keeps.

    Every method raises `UnavailableError` where the server cannot be reached, and `ConfigError` where it is not set
    up for this; the sentence says what to do.
    """

    async def resume(self, position: str | None, /) -> str:
        """Make ready to go on from a position; return why that cannot be done and all rows must be read, or ""."""
        ...

    def snapshot(self) -> AsyncGenerator[Batch]:
        """Read every row there is, as of one moment; the last batch has the position of that moment."""
        ...

    def changes(self, position: str, /) -> AsyncGenerator[Batch]:
        """Return what happened after a position, as far as is known now; nothing where nothing did."""
        ...

    async def release(self, position: str, /) -> None:
        """Say that everything up to a position is kept for good, so that the server need not keep it."""
        ...

    async def wait(self, seconds: float, /) -> None:
        """Wait until something may have happened, at most so long."""
        ...

    async def lag(self) -> Lag:
        """Return how far behind this feed is."""
        ...

    async def unread(self) -> Mapping[str, int]:
        """Return for whom the server keeps changes though nobody reads them: names, each with how much in bytes."""
        ...

    async def drop(self) -> bool:
        """Leave nothing of us on the server; return whether there was something."""
        ...

    async def aclose(self) -> None:
        """Release connections."""
        ...


@dataclass(frozen=True, slots=True)
class Incoming:
    """A document that a row says is there; `read` cuts it into passages, given its name in the index."""

    known: Known
    read: Callable[[str], list[Entry]]


class ChangeSink(Protocol):
    """An index that takes changes, and keeps up to where it has taken them."""

    async def position(self) -> str | None:
        """Return what the last `commit` was given."""
        ...

    async def keys(self, prefix: str, /) -> list[str]:
        """Return the keys of its documents that begin so, with those not committed yet."""
        ...

    async def write(self, documents: Sequence[Incoming], removed: Sequence[str], broken: Mapping[str, str], /) -> None:
        """Take documents, and remove others; nobody sees it before `commit`, or it can be done twice."""
        ...

    async def commit(self, position: str | None, /) -> Applied:
        """Let readers see what was written, and keep the position, in one step."""
        ...

    async def abandon(self) -> None:
        """Leave everything as the last `commit` left it."""
        ...

    async def owed(self) -> Applied:
        """Return what was committed and `told` was not called for, also by one that was killed; asked before writing.

        What a killed one wrote and did not commit counts as done by the one that writes it again.
        """
        ...

    async def told(self) -> None:
        """Note that everybody who must know of what was committed does."""
        ...

    async def tidy(self) -> None:
        """Do what keeps searching fast, while nobody waits."""
        ...
