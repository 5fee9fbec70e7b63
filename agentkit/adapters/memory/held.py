"""The documents that an index holds, and what a change of one of them changes in what is said of all."""

from collections.abc import Iterator, Mapping

from agentkit.indexed import Known, Versions

Place = tuple[Known, str, int]
"""A document, the segment it is in, and its place there."""


class Held(Mapping[str, Place]):
    """Documents by their keys."""

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}
        self._versions = Versions()
        self._guarded = 0

    def __getitem__(self, key: str) -> Place:
        return self._places[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    @property
    def is_guarded(self) -> bool:
        """Whether any document has a matter or a label."""
        return self._guarded > 0

    def version(self) -> str:
        """Return the version of what is held."""
        return self._versions.version()

    def put(self, document: Known, segment: str, place: int) -> None:
        """Hold a document, in place of what is held under its key."""
        self.pop(document.key)
        self._places[document.key] = document, segment, place
        self._versions.add(document)
        self._guarded += bool(document.matter or document.labels)

    def move(self, key: str, segment: str, place: int) -> None:
        """Note that a document that is held stands elsewhere now."""
        self._places[key] = self._places[key][0], segment, place

    def pop(self, key: str) -> Place | None:
        """Hold a document no longer; return what was held."""
        found = self._places.pop(key, None)
        if found is not None:
            self._versions.discard(found[0])
            self._guarded -= bool(found[0].matter or found[0].labels)
        return found
