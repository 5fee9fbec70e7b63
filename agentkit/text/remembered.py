"""What was found out about words, so that each is looked at once; long ones are looked at anew each time."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_LONGEST = 64
"""Hardly a word of a language is longer; what is hardly comes again, and many such would fill the memory."""


class Remembered(dict[str, T]):
    """Asked for a word (`remembered[word]`), gives what `make` makes of it.

    It holds at most `most` words of 64 characters, however long a process runs and whatever it is given to read.

    Args:
        make: a function of the word alone: whoever asks next may be somebody else.
        most: how many words are kept; all are forgotten then, and the frequent ones soon known again.
    """

    def __init__(self, make: Callable[[str], T], *, most: int) -> None:
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, word: str) -> T:
        made = self._make(word)
        if len(word) <= _LONGEST:
            if len(self) >= self._most:
                self.clear()
            self[word] = made
        return made
