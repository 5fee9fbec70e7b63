"""What an index took in, and whether everybody was told: also where whoever wrote or told it was killed."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from agentkit.changes import Applied
from agentkit.errors import UnavailableError

Changes = Sequence[tuple[str, str]]
"""Keys of documents that changed, in order, each with the SHA-256 of what it held, or an empty string."""


class Owed(Protocol):
    """Remembers which documents change, from before they do until everybody was told.

    Every method raises `UnavailableError` where that cannot be kept.
    """

    def note(self, changes: Changes, /) -> None:
        """Remember that documents are about to change."""
        ...

    def promise(self, position: str | None, /) -> None:
        """Remember that what was noted is in an index that is at this position; None is for none yet."""
        ...

    def recall(self, position: str | None, /) -> tuple[Changes, Changes]:
        """Return what is in the index at its position and nobody was told of, and what was begun after that."""
        ...

    def clear(self, *, keep: Changes) -> None:
        """Forget all but some of what was begun: everybody was told."""
        ...


class _Memory:
    """What is remembered as long as the process lives."""

    def __init__(self) -> None:
        self._noted: list[tuple[Changes, str | None]] = []

    def note(self, changes: Changes, /) -> None:
        self._noted.append((changes, None))

    def promise(self, position: str | None, /) -> None:
        self._noted = [(changes, before or position) for changes, before in self._noted]

    def recall(self, position: str | None, /) -> tuple[Changes, Changes]:
        return parted(self._noted, position)

    def clear(self, *, keep: Changes) -> None:
        self._noted = [(list(keep), None)] if keep else []


def parted(noted: Sequence[tuple[Changes, str | None]], position: str | None) -> tuple[Changes, Changes]:
    """Return what was noted up to a position, and what was noted after it."""
    places = [place for _, place in noted]
    last = max((number for number, place in enumerate(places) if position and place == position), default=-1)
    done = [change for changes, _ in noted[: last + 1] for change in changes]
    return done, [change for changes, _ in noted[last + 1 :] for change in changes]


class Place:
    """Where an index should be in its feed; it is somewhere else where somebody replaced it meanwhile."""

    def __init__(self) -> None:
        self._known = False
        self._position: str | None = None

    def note(self, position: str | None) -> None:
        """Remember where the index is."""
        self._known, self._position = True, position

    def check(self, position: str | None, index: str) -> None:
        """Compare that with where the index is.

        Raises:
            UnavailableError: it is somewhere else: whoever goes on from here would leave out what it lost.
        """
        if self._known and position != self._position:
            self._known = False
            raise UnavailableError(f"The index in {index} was replaced while changes were followed into it.")


class Doings:
    """What a sink did since its last commit. What a killed one had begun and nobody knows of counts as done now.

    Args:
        owed: remembers it beyond the process; by default it is remembered as long as that lives.
    """

    def __init__(self, owed: Owed | None = None) -> None:
        self._owed: Owed = owed or _Memory()
        self._begun: dict[str, list[str]] = {}
        self.forget()

    def forget(self) -> None:
        """Forget what was not committed."""
        self._changed: dict[str, None] = {}
        self._removed: dict[str, None] = {}
        self._broken: dict[str, str] = {}
        self._outdated: dict[str, str] = {}
        self._unchanged = 0

    def recall(self, position: str | None) -> Changes:
        """Forget what was not committed; return what is in an index at its position, and nobody was told of."""
        self.forget()
        done, begun = self._owed.recall(position)
        self._begun = {}
        for key, held in begun:
            self._begun.setdefault(key, []).append(held)
        return done

    def told(self) -> None:
        """Note that everybody knows of what was committed."""
        self._owed.clear(keep=[(key, held) for key, helds in self._begun.items() for held in helds])

    def note(self, changes: Changes) -> None:
        """Remember what is about to change; an index that is killed from here on does so again, or has."""
        if changes:
            self._owed.note(changes)
        self._outdated |= {held: key for key, held in changes if held}

    def promise(self, position: str | None) -> None:
        """Remember where the index will be once what was noted is in it."""
        self._owed.promise(position)

    def put(self, key: str) -> None:
        """Count a document as changed."""
        self._recount(key)
        self._changed[key] = None
        self._removed.pop(key, None)

    def remove(self, key: str, *, was_there: bool) -> None:
        """Count a document as removed, where it was there; or where a killed writer removed it."""
        if was_there or key in self._begun:
            self._recount(key)
            self._removed[key] = None
            self._changed.pop(key, None)

    def same(self, key: str) -> None:
        """Count a document that is as it should be: as changed, where a killed writer brought it in."""
        if key in self._begun:
            self.put(key)
        else:
            self._unchanged += 1

    def broke(self, reasons: Mapping[str, str]) -> None:
        """Count documents that could not be read, with the reasons."""
        self._broken |= reasons

    def _recount(self, key: str) -> None:
        self._outdated |= {held: key for held in self._begun.pop(key, []) if held}

    def applied(self, version: str) -> Applied:
        """Return what was done, and begin anew."""
        done = Applied(
            changed=list(self._changed),
            removed=list(self._removed),
            unchanged=self._unchanged,
            broken=self._broken,
            outdated=self._outdated,
            version=version,
        )
        self.forget()
        return done


def came_of(changes: Changes, present: Collection[str]) -> Applied:
    """Return what became of documents, given the keys of those that are there now."""
    keys = dict.fromkeys(key for key, _ in changes)
    return Applied(
        changed=[key for key in keys if key in present],
        removed=[key for key in keys if key not in present],
        outdated={held: key for key, held in changes if held},
    )
