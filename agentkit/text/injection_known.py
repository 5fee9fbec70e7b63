"""What is known of words: each is looked at once, and what was found out stands in columns of numbers.

A text is then a row of numbers, and what all its words say is looked up, added and compared in one step.
"""

import importlib
import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.intp]
    Numbers = NDArray[Any]

_MOST_WORDS, _LONG, _MOST_CHARACTERS = 16_384, 64, 1 << 15
"""All are forgotten when they are more, or the long ones longer together, and the frequent ones soon known again."""


@dataclass(frozen=True, eq=False, slots=True)
class Column:
    """A number for every known word, or several: what `make` says of it, a function of the word alone.

    `kind` is NumPy's ("u1"), with how many numbers there are of each word if there are several ("9u1").
    """

    make: Callable[[str], int | Sequence[int]]
    kind: str


class _Values:
    """The numbers of a column, for the first `filled` words."""

    def __init__(self, column: Column) -> None:
        import numpy as np  # noqa: PLC0415  (at the first search)

        self._make = column.make
        self.numbers: Numbers = np.zeros(128, column.kind)
        self.filled = 0

    def fill(self, words: Sequence[str]) -> None:
        """Look at the words that are new; they are the last ones. Only one thread at a time may do so."""
        import numpy as np  # noqa: PLC0415  (at the first search)

        if len(words) > len(self.numbers):
            more = max(len(words) - len(self.numbers), len(self.numbers))
            shape = more, *self.numbers.shape[1:]
            self.numbers = np.concatenate((self.numbers, np.zeros(shape, self.numbers.dtype)))
        for row in range(self.filled, len(words)):
            self.numbers[row] = self._make(words[row])
        self.filled = len(words)


class Known(dict[str, int]):
    """Words that were seen, each with its row in every column. Asked for a new one, it gives that a row."""

    def __init__(self) -> None:
        super().__init__()
        with warnings.catch_warnings():  # NumPy adds filters of its own, and a host keeps those it has
            importlib.import_module("numpy")
        self._words: list[str] = []
        self._characters = 0
        self._columns: dict[Column, _Values] = {}
        self._lock = threading.Lock()

    def __missing__(self, word: str) -> int:
        with self._lock:
            row = self.get(word)
            if row is None:
                row = len(self._words)
                self._words.append(word)
                self._characters += len(word) if len(word) > _LONG else 0
                self[word] = row
        return row

    def rows(self, words: Sequence[str]) -> "Rows":
        """Return the row of each word."""
        import numpy as np  # noqa: PLC0415  (at the first search)

        return np.fromiter(map(self.__getitem__, words), np.intp, len(words))

    def of(self, column: Column, rows: "Rows") -> "Numbers":
        """Return what a column says of words, by their rows."""
        values = self._columns.get(column)
        if values is None or values.filled < len(self._words):
            with self._lock:
                values = self._columns.setdefault(column, values or _Values(column))
                values.fill(self._words)
        return values.numbers.take(rows, 0)

    @property
    def full(self) -> bool:
        """Whether it is time to forget."""
        return len(self._words) >= _MOST_WORDS or self._characters >= _MOST_CHARACTERS


def ended(values: "Numbers", last: int, /) -> "Numbers":
    """Return numbers and one more."""
    import numpy as np  # noqa: PLC0415  (at the first search)

    more = np.empty(len(values) + 1, values.dtype)
    more[:-1], more[-1] = values, last
    return more


def sums(values: "Numbers", /) -> "Numbers":
    """Return the sum of the first N numbers, for each N from 0 on."""
    import numpy as np  # noqa: PLC0415  (at the first search)

    found = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=found[1:])
    return found


_kept: list[Known] = []


def known() -> Known:
    """Return the words that were seen."""
    found = _kept[-1] if _kept else None
    if found is None or found.full:
        found = Known()
        _kept[:] = [found]
    return found
