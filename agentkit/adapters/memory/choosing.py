"""The first stage of a search: the best rows by their words, without looking at every row that holds one.

Rare words are counted wherever they stand. A common one adds to rows that a rarer one reached, and only to those that
could still be among the best: what the words that are left could add decides (Turtle and Flood, MaxScore, 1995,
doi:10.1016/0306-4573(95)00020-H).
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentkit.adapters.memory.finds import Range
from agentkit.adapters.memory.postings import Rows, Scores
from agentkit.adapters.memory.weighing import Word

_COMMON = 0.01
_LARGE = 50_000
_ENOUGH = 10_000
"""Where rarer words reach so many rows, what stands for common ones reaches none."""
_PROMISING = 1_000
"""So many rows with the best of the rare words tell what it takes to be among the best."""
_MANY = 8_000
"""While more rows than these could still win, the half that has least of the rarer words is given up."""
_LIKELY = 0.65
"""What a word adds to a row of average length that holds it twice, as a share of the most that it could."""
_SPARSE = 4
"""Looking up one row takes as long as reading so many of a list."""
_KEPT = 2


def most_of(size: int) -> float:
    """Return how many of the rows may hold a word that counts wherever it stands; in a small corpus, all."""
    return size * _COMMON if size > _LARGE else size


class Board:
    """Numbers for each row, all 0 between two searches: wiping what was written is faster than new pages of zeros."""

    def __init__(self, size: int) -> None:
        self.scores = np.zeros(size, np.float32)
        self.counts = np.zeros(size, np.float32)
        self.extra = np.zeros(size, np.float32)
        self.reached = np.zeros(size, np.bool_)


class Boards:
    """Boards of one size that are lent, to one search each."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._free: list[Board] = []

    @contextmanager
    def lent(self) -> Generator[Board, None, None]:
        """Lend a board; one that a search left in the middle is not lent again."""
        try:
            board = self._free.pop()
        except IndexError:
            board = Board(self._size)
        yield board
        if len(self._free) < _KEPT:
            self._free.append(board)


class Choice:
    """The rows of a range that are worth a closer look."""

    def __init__(self, within: Range, board: Board) -> None:
        self._lengths = within.lengths
        self._most = most_of(within.size)
        self._board = board
        self._lifted = False

    def lift(self, rows: Rows | slice, by: Scores | float) -> None:
        """Reach rows whatever words they have, and rank them higher than these say."""
        self._board.extra[rows] += by
        self._board.reached[rows] = True
        self._lifted = True

    def best(self, words: Sequence[Word], count: int) -> tuple[Rows, float]:
        """Return the best rows, ascending, at most `count`, and the highest score by words alone.

        Args:
            words: the rarest first.
            count: how many rows are wanted.
        """
        common = self._spread(words)
        reached = np.flatnonzero(self._board.reached)
        found = _Rows(reached, self._board.scores[reached], self._board.extra[reached])
        self._wipe(reached)
        least = self._least(found, common, count) if len(reached) > _PROMISING else (1.0, 0.0)
        for place, word in enumerate(common):
            found = found.some(found.ranks(least[0], _likely(common[place:])) >= least[1])
            if place and len(found.rows) > _MANY:
                found = found.first(found.highest, len(found.rows) // 2)
            found = found.plus(self._gain(word, found.rows))
        highest = found.highest
        return found.first(highest, count).rows, highest

    def _least(self, found: "_Rows", common: Sequence[Word], count: int) -> tuple[float, float]:
        """Return the highest score of the rows that promise most, and the rank of the last of the best of them."""
        some = found.first(found.highest, _PROMISING)
        for word in common:
            some = some.plus(self._gain(word, some.rows))
        return some.highest, float(np.partition(some.ranks(some.highest), -count)[-count])

    def _spread(self, words: Sequence[Word]) -> list[Word]:
        """Count the rare words wherever they stand; return the others, the rarest first."""
        common = [word for word in words if word.own > self._most]
        for word in words:
            if word.own <= self._most:
                self._count(word)
        others = sorted(
            ((word.rarity * word.group.worth[stem], finds) for word in common for stem, finds in word.finds.items()),
            key=lambda row: -row[0],
        )
        for _, finds in others:
            if np.count_nonzero(self._board.reached) >= _ENOUGH:
                break
            self._board.reached[finds.all()[0]] = True
        return common

    def _count(self, word: Word) -> None:
        board, touched = self._board, [np.empty(0, np.int64)]
        for stem, finds in word.finds.items():
            rows, often = finds.all()
            board.counts[rows] += often * np.float32(word.group.worth[stem])
            touched.append(rows)
        # A row that is named twice gets the same value twice.
        rows = touched[1] if len(touched) == 2 else np.concatenate(touched)
        board.scores[rows] += word.gain(board.counts[rows], self._lengths(rows))
        board.counts[rows] = 0
        board.reached[rows] = True

    def _gain(self, word: Word, rows: Rows) -> Scores:
        """Return what some rows get for a word."""
        board, counts = self._board.counts, np.zeros(len(rows), np.float32)
        for stem, finds in word.finds.items():
            worth = np.float32(word.group.worth[stem])
            if finds.count > _SPARSE * len(rows):
                counts += worth * finds.at(rows)
            else:
                held, often = finds.all()
                board[held] = often
                counts += worth * board[rows]
                board[held] = 0
        return word.gain(counts, self._lengths(rows))

    def _wipe(self, rows: Rows) -> None:
        self._board.scores[rows] = 0
        self._board.reached[rows] = False
        if self._lifted:
            self._board.extra[rows] = 0


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows, ascending, with their scores so far and what they were lifted by."""

    rows: Rows
    scores: Scores
    extra: Scores

    def some(self, chosen: NDArray[Any]) -> "_Rows":
        return _Rows(self.rows[chosen], self.scores[chosen], self.extra[chosen])

    def plus(self, gain: Scores) -> "_Rows":
        return replace(self, scores=self.scores + gain)

    def ranks(self, highest: float, more: float = 0.0) -> Scores:
        return (self.scores + np.float32(more)) / np.float32(highest or 1.0) + self.extra

    def first(self, highest: float, count: int) -> "_Rows":
        """Return the best so many rows."""
        if len(self.rows) <= count:
            return self
        return self.some(np.sort(np.argpartition(-self.ranks(highest), count)[:count]))

    @property
    def highest(self) -> float:
        return float(self.scores.max(initial=0.0))


def _likely(words: Sequence[Word]) -> float:
    """Return what words, the rarest first, add at most to a row that holds one ever so often and the others twice."""
    return (1 - _LIKELY) * words[0].most + _LIKELY * sum(word.most for word in words)
