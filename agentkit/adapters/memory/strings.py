"""Many texts in two arrays, in memory or mapped from files: opening costs nothing, however many there are."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER = re.compile(rb"\{'descr': '([<|][a-z]\d)', 'fortran_order': False, 'shape': \(([\d, ]*)\), \}\s*")
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

    def save(self, folder: Path, name: str) -> None:
        """Write `name.data.npy` and `name.ends.npy`."""
        np.save(folder / f"{name}.data.npy", self._data)
        np.save(folder / f"{name}.ends.npy", self._ends)

    @classmethod
    def open(cls, folder: Path, name: str) -> "Strings":
        """Map what `save` wrote.

        Raises:
            OSError: a file is missing.
            ValueError: a file is damaged.
        """
        return cls(mapped(folder / f"{name}.data.npy"), mapped(folder / f"{name}.ends.npy"))


def mapped(path: Path) -> NDArray[Any]:
    """Map an array that `np.save` wrote, without reading it.

    Raises:
        OSError: the file is missing.
        ValueError: it is damaged.
    """
    with path.open("rb") as stream:
        magic, size = stream.read(8), int.from_bytes(stream.read(2), "little")
        header = _HEADER.fullmatch(stream.read(size))
    # NumPy reads this header through `ast`, which two threads of Python 3.11 cannot use at once.
    if magic != _MAGIC or header is None:
        raise ValueError(f"{path.name} is no array")
    shape = tuple(int(number) for number in header[2].split(b",") if number.strip())
    # A plain view: every access to a `memmap` costs a microsecond more.
    return np.asarray(np.memmap(path, np.dtype(header[1].decode()), "r", len(magic) + 2 + size, shape))
