"""Many texts in two arrays, in memory or mapped from a file: opening costs nothing, however many there are."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]


class Strings:
    """N texts; any code point that UTF-8 can hold.

    Args:
        data: their bytes, one after the other.
        ends: where each ends; shape (N,).
    """

    def __init__(self, data: Bytes, ends: Places) -> None:
        self._data = data
        self._ends = ends

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Strings":
        """Hold the texts given."""
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        ends = np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), dtype=np.int64)
        return cls(np.frombuffer(b"".join(encoded), np.uint8), ends)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, place: int) -> str:
        start = int(self._ends[place - 1]) if place else 0
        return self._data[start : int(self._ends[place])].tobytes().decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return (self[place] for place in range(len(self)))

    def between(self, first: int, last: int) -> int:
        """Return how many bytes the texts from `first` up to before `last` have."""
        return int(self._ends[last - 1]) - (int(self._ends[first - 1]) if first else 0) if last > first else 0

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return what they are kept as: `NAME.data` and `NAME.ends`."""
        return {f"{name}.data": self._data, f"{name}.ends": self._ends}

    @classmethod
    def kept(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> "Strings":
        """Return what `arrays` kept."""
        return cls(arrays[f"{name}.data"], arrays[f"{name}.ends"])
