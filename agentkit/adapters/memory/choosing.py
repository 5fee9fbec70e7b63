"""The first stage of a search: the best slots by their words, without looking at every slot that holds one.

Nothing that could be among the best is left out. The lists of the words that can add most are read, until the others
together could not lift a slot that none of these reached among the best. Of the slots that were reached, those that
still could be there are looked up in what is left, word by word (Turtle and Flood, MaxScore, 1995,
doi:10.1016/0306-4573(95)00020-H). Those that remain are scored by all words, as every slot would be.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentkit.adapters.memory.finds import Places, Range
from agentkit.adapters.memory.postings import Rows, Scores
from agentkit.adapters.memory.weighing import Word, scored

_COMMON = 0.01
_LARGE = 50_000
_LONGEST = 512
_HELD = np.append(np.arange(_LONGEST, dtype=np.float32), np.float32(np.inf))
"""How often a passage can hold a word at most, by its length: no more often than it has words."""
_SLACK = np.float32(1 - 1e-3)
"""A sum may be so much lower than another order of its parts would make it; rounding changes a hundredth of that."""
_SAMPLE = 200
"""So many slots with the best of what was read so far tell what it takes to be among the best."""
_BLOCK = 128
"""Of so many slots, far from each other, one is taken into the sample."""
_FIRST = 30_000
_MORE = 6
"""A sample is taken when so many postings were read, and when so many times more were."""
_SPARSE = 8
"""Looking up one slot takes as long as reading so many of a list."""
_NEAR = 1 << 12
_EACH = 16
"""How many slots could be among the best is counted in each so many stretches of so many slots."""
_KEPT = 2


def most_of(size: int) -> float:
    """Return how many of the rows may hold what stands for a word, if it is to count; in a small corpus, all."""
    return size * _COMMON if size > _LARGE else size


class Boards:
    """Numbers for each slot, all 0, that are lent to one search each: wiping is faster than new pages of zeros."""

    def __init__(self) -> None:
        self._free: list[Scores] = []

    @contextmanager
    def lent(self, size: int) -> Generator[Scores, None, None]:
        """Lend `size` numbers; those that a search left in the middle are not lent again."""
        try:
            board = self._free.pop()
        except IndexError:
            board = np.zeros(size, np.float32)
        if len(board) < size:
            board = np.zeros(size, np.float32)
        yield board[:size]
        board[:size] = 0
        if len(self._free) < _KEPT:
            self._free.append(board)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Slots, ascending, with their scores as far as they are known, and what they are lifted by beside their words."""

    slots: Rows
    scores: Scores
    extra: Scores

    def some(self, chosen: NDArray[Any]) -> "Chosen":
        """Return some of them."""
        return Chosen(self.slots[chosen], self.scores[chosen], self.extra[chosen])

    def ranks(self, highest: float) -> Scores:
        """Return what they are ordered by: their scores as shares of the highest, and what they are lifted by."""
        return self.scores / np.float32(highest) + self.extra

    def first(self, highest: float, count: int) -> "Chosen":
        """Return the best so many; of equal ones, the first."""
        if len(self.slots) <= count:
            return self
        ranks = self.ranks(highest)
        last = np.partition(ranks, -count)[-count]
        better, equal = ranks > last, np.flatnonzero(ranks == last)
        better[equal[: count - np.count_nonzero(better)]] = True
        return self.some(better)


class Choice:
    """Looks for the best slots of a range.

    Args:
        within: the range.
        words: what is asked for.
        board: a number for each slot, all 0.
    """

    def __init__(self, within: Range, words: Sequence[Word], board: Scores) -> None:
        self._within = within
        self._words = words
        self._board = board
        self._lifted = list[tuple[Rows, Scores]]()
        shares = within.shares_of(np.arange(_LONGEST + 1, dtype=np.uint16))
        most = [(word, word.gain(np.minimum(np.float32(word.most), _HELD), shares)) for word in words]
        # Each word that is not read yet, with what it could add to a slot of each length: the most telling first.
        self._left = sorted(most, key=lambda left: -float(left[1].max()))
        self._rest: Scores = sum((most for _, most in most), np.zeros(_LONGEST + 1, np.float32))

    def lift(self, slots: Rows, by: Scores) -> None:
        """Choose among slots whatever words they have, and rank them higher than these say; ascending."""
        seen = np.isfinite(self._within.shares[slots])
        self._lifted.append((slots[seen], by[seen]))

    def best(self, count: int) -> tuple[Rows, float]:
        """Return the best slots, ascending, at most `count`, and the highest score by words alone."""
        least = self._read(count)
        over = self._over(least)
        slots = np.flatnonzero(self._board >= over if over > 0 else self._board > 0)
        found = self._narrowed(self._summed(slots), 1.0, count, least)
        highest = float(found.scores.max(initial=0.0))
        if self._lifted:
            found = self._with_lifted(found, highest or 1.0, count)
        return found.slots, highest

    def _summed(self, slots: Rows) -> Chosen:
        return Chosen(slots, self._board[slots], np.zeros(len(slots), np.float32))

    def _over(self, least: np.float32) -> float:
        """Return what a slot must have of the words that were read, if it is to be among the best."""
        return float(least * _SLACK - self._rest.max(initial=0))

    def _read(self, count: int) -> np.float32:
        """Read words until looking up the rest takes less; return a score that `count` slots reach."""
        least, read, due = np.float32(0), 0, _FIRST
        while self._left:
            word, most = self._left[0]
            over = self._over(least)
            if over > 0 and word.size > _SPARSE * self._reached(over):
                break
            self._left, self._rest = self._left[1:], self._rest - most
            self._add(word)
            read += word.size
            if read >= due:
                least, due = max(least, self._least(self._sample(count), 1.0, count)), _MORE * read
        return least

    def _reached(self, over: float) -> int:
        """Return about how many slots have so much of what was read."""
        whole = len(self._board) // _NEAR * _NEAR
        if whole < _NEAR * _EACH:
            return int(np.count_nonzero(self._board >= over))
        return _EACH * int(np.count_nonzero(self._board[:whole].reshape(-1, _NEAR)[::_EACH] >= over))

    def _add(self, word: Word) -> None:
        """Add what a word gives. What stands for it is taken to give as much as if it stood alone, which is no less."""
        shares = self._within.shares
        for stem, finds in word.finds.items():
            worth = np.float32(word.group.worth[stem])
            for slots, often in finds.stretches():
                np.add.at(self._board, slots, word.gain(often if worth == 1 else often * worth, shares.take(slots)))

    def _sample(self, count: int) -> Chosen:
        """Return slots of which many are among the best of what was read."""
        some, whole = max(_SAMPLE, 2 * count), len(self._board) // _BLOCK
        if whole <= some:
            return self._summed(np.flatnonzero(self._board)).first(1.0, some)
        blocks = self._board[: whole * _BLOCK].reshape(_BLOCK, whole)
        best = np.argpartition(blocks.max(axis=0), -some)[-some:]
        return self._summed(np.sort(blocks[:, best].argmax(axis=0) * whole + best))

    def _least(self, sample: Chosen, highest: float, count: int) -> np.float32:
        """Return a rank that `count` of some slots reach by the words alone that are asked for, without any other."""
        if len(sample.slots) < count:
            return np.float32(0)
        scores, shares = np.zeros(len(sample.slots), np.float32), self._within.shares[sample.slots]
        places = Places(sample.slots)
        for word in self._words:
            scores += word.gain(word.finds[word.group.stem].at(places), shares)
        return np.partition(replace(sample, scores=scores).ranks(highest), -count)[-count]

    def _narrowed(self, found: Chosen, highest: float, count: int, least: np.float32) -> Chosen:
        """Return the best of some slots, which have the sums of what was read, with their scores.

        `least` is a rank that the last of the best reaches.
        """
        rest = self._rest
        for word, most in self._left:
            left = replace(found, scores=found.scores + rest[np.minimum(self._within.lengths[found.slots], _LONGEST)])
            found = found.some(left.ranks(highest) >= least * _SLACK)
            some = max(_SAMPLE, 2 * count)
            if len(found.slots) > _SPARSE * some:
                least = max(least, self._least(found.first(highest, some), highest, count))
            gain = word.gain(word.at(Places(found.slots)), self._within.shares[found.slots])
            found, rest = replace(found, scores=found.scores + gain), rest - most
        if len(found.slots) > 2 * count:
            promising = self._scored(found.first(highest, count)).ranks(highest).min()
            found = found.some(found.ranks(highest) >= max(least, promising) * _SLACK)
        return self._scored(found).first(highest, count)

    def _scored(self, found: Chosen) -> Chosen:
        return replace(found, scores=scored(self._words, found.slots, self._within.shares[found.slots]))

    def _with_lifted(self, found: Chosen, highest: float, count: int) -> Chosen:
        """Return the best of those that are lifted and of the best by words alone."""
        slots, places = np.unique(np.concatenate([slots for slots, _ in self._lifted]), return_inverse=True)
        extra = np.zeros(len(slots), np.float32)
        np.add.at(extra, places, np.concatenate([by for _, by in self._lifted]))
        plain = found.some(~np.isin(found.slots, slots))
        ranks = np.concatenate([plain.ranks(highest), extra])
        least = np.partition(ranks, -count)[-count] if len(ranks) >= count else np.float32(0)
        lifted = self._narrowed(replace(self._summed(slots), extra=extra), highest, count, least)
        slots = np.concatenate([plain.slots, lifted.slots])
        scores, extra = np.concatenate([plain.scores, lifted.scores]), np.concatenate([plain.extra, lifted.extra])
        order = np.argsort(slots)
        return Chosen(slots[order], scores[order], extra[order]).first(highest, count)
