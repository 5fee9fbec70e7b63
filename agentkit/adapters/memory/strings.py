"""Many texts in two arrays, in memory or mapped from a file: opening costs nothing, however many there are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
        self.data = data
        self.ends = ends

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Strings":
        """Hold the texts given."""
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        ends = np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), dtype=np.int64)
        return cls(np.frombuffer(b"".join(encoded), np.uint8), ends)

    @classmethod
    def merged(cls, parts: Sequence[tuple["Strings", NDArray[np.bool_]]]) -> "Strings":
        """Join texts, each with a mask of those to keep; neighbours that stay are copied together."""
        data, sizes = [np.empty(0, np.uint8)], [np.empty(0, np.int64)]
        for strings, keep in parts:
            ends = np.concatenate([[0], strings.ends])
            edges = np.flatnonzero(np.diff(np.concatenate([[False], keep, [False]]).astype(np.int8)))
            data += [strings.data[ends[first] : ends[last]] for first, last in edges.reshape(-1, 2)]
            sizes.append(np.diff(ends)[keep])
        return cls(np.concatenate(data), np.cumsum(np.concatenate(sizes), dtype=np.int64))

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, place: int) -> str:
        start = int(self.ends[place - 1]) if place else 0
        return self.data[start : int(self.ends[place])].tobytes().decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return (self[place] for place in range(len(self)))

    def many(self, places: NDArray[np.int64]) -> list[str]:
        """Return some of the texts."""
        starts, ends, data = self.before(places).tolist(), self.ends[places].tolist(), self.data
        return [
            data[start:end].tobytes().decode("utf-8", "surrogatepass") for start, end in zip(starts, ends, strict=True)
        ]

    def sizes(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many bytes some of the texts have."""
        return self.before(places + 1) - self.before(places)

    def before(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many bytes stand before some of the texts."""
        return np.where(places > 0, self.ends[places - 1], 0)

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return what they are kept as: `NAME.data` and `NAME.ends`."""
        return {f"{name}.data": self.data, f"{name}.ends": self.ends}

    @classmethod
    def kept(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> "Strings":
        """Return what `arrays` kept."""
        return cls(arrays[f"{name}.data"], arrays[f"{name}.ends"])
