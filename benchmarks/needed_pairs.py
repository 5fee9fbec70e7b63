"""Which two words stand beside each other in every match of a pattern, and into which parts a pattern comes apart.

Used by `needed_words.py`. A pattern is read as a net of places and steps between them. Where no match can do without a
step over signs that part words, what may stand before it and after it is read off the net, a letter at a time, until
nothing more is sure. Assertions are passed over, and what may come again may come any number of times: so the words
found are those of every match, and perhaps more.
"""

from collections.abc import Iterator, Sequence
from re import _constants as op  # type: ignore[attr-defined]
from typing import Any

Items = Sequence[tuple[Any, Any]]
Texts = frozenset[str]
EDGE = "|"
MOST_TEXTS, MOST_LETTERS, MOST_STEPS = 700, 8, 20_000
MOST_PARTS = 16
SINGLE = {op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY, op.AT}
REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}
WORD_KINDS = {op.CATEGORY_WORD, op.CATEGORY_DIGIT}
GAP, ANY, BOUND, END = "signs", "anything", "boundary", "end"


def is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def word_runs(text: str) -> Iterator[tuple[int, int]]:
    """Where runs of word characters begin and end."""
    at = 0
    while at < len(text):
        end = at
        while end < len(text) and is_word(text[end]):
            end += 1
        if end > at:
            yield at, end
        at = end + 1


def step_of(kind: Any, argument: Any) -> str | Texts | None:
    """What a step over one character goes over: word letters where they are few, signs, or anything; None: nothing."""
    if kind is op.AT:
        return BOUND if argument is op.AT_BOUNDARY else END if argument in {op.AT_END, op.AT_END_STRING} else None
    members = [(kind, argument)] if kind is op.LITERAL else argument if kind is op.IN else []
    if members and all(one is op.LITERAL and is_word(chr(code)) for one, code in members):
        return frozenset(chr(code) for _, code in members) if len(members) <= MOST_LETTERS else ANY
    return GAP if members and all(parts_words(one, said) for one, said in members) else ANY


def parts_words(kind: Any, argument: Any) -> bool:
    """Whether no character of this part of a class may be of a word."""
    if kind is op.CATEGORY:
        return argument in {op.CATEGORY_SPACE, op.CATEGORY_NOT_WORD}
    if kind not in {op.LITERAL, op.RANGE}:
        return False
    first, last = argument if kind is op.RANGE else (argument, argument)
    return not any(is_word(chr(code)) for code in range(first, last + 1))


class Net:
    """The places of a pattern, the steps from and to each, and the steps over signs that no match can do without."""

    def __init__(self, items: Items) -> None:
        self._after: list[list[tuple[int, Any]]] = []
        self._before: list[list[tuple[int, Any]]] = []
        self._gaps: list[tuple[int, int]] = []
        self._start = self._place()
        self._end = self._sequence(items, self._start, sure=True)

    def pairs(self) -> Iterator[tuple[Texts, Texts]]:
        """How the word before such signs may end, and how the one after them may begin."""
        for before, after in self._gaps:
            ends = self._read(before, self._start, onward=False)
            begins = self._read(after, self._end, onward=True)
            if ends and begins:
                yield ends, begins

    def _place(self) -> int:
        self._after.append([])
        self._before.append([])
        return len(self._after) - 1

    def _step(self, start: int, end: int, over: str | Texts | None = None) -> int:
        self._after[start].append((end, over))
        self._before[end].append((start, over))
        return end

    def _sequence(self, items: Items, place: int, *, sure: bool) -> int:
        for kind, argument in items:
            place = self._node(kind, argument, place, sure=sure)
        return place

    def _node(self, kind: Any, argument: Any, start: int, *, sure: bool) -> int:
        if kind in SINGLE:
            over, end = step_of(kind, argument), self._place()
            if sure and over == GAP:
                self._gaps.append((start, end))
            return self._step(start, end, over)
        if kind in {op.ASSERT, op.ASSERT_NOT}:
            return start
        if kind in {op.SUBPATTERN, op.ATOMIC_GROUP}:
            return self._sequence(argument[3] if kind is op.SUBPATTERN else argument, start, sure=sure)
        if kind is op.BRANCH:
            end = self._place()
            for items in argument[1]:
                self._step(self._sequence(items, start, sure=False), end)
            return end
        assert kind in REPEATS, kind
        return self._repeat(argument, start, sure=sure)

    def _repeat(self, argument: Any, start: int, *, sure: bool) -> int:
        least, most, items = argument
        first = self._step(start, self._place())
        last = self._sequence(items, first, sure=sure and least > 0)
        if most != 1:
            self._step(last, first)
        end = self._step(last, self._place())
        if least == 0:
            self._step(start, end)
        return end

    def _read(self, place: int, last: int, *, onward: bool) -> Texts:
        """The texts with which what lies on one side of a place begins there; none where they are not known."""
        steps = self._after if onward else self._before
        found, todo = set[str](), [(place, "")]
        seen = set(todo)
        while todo:
            place, text = todo.pop()
            found |= {text} if place == last else set()
            for there, over in steps[place]:
                ends, further = read_over(over, text, onward=onward)
                found |= ends
                todo += [step for said in further if (step := (there, said)) not in seen]
                seen |= {(there, said) for said in further}
            if "" in found or len(seen) > MOST_STEPS:
                return frozenset()
        return shortest(found, onward=onward) if len(found) <= MOST_TEXTS else frozenset()


def read_over(over: str | Texts | None, text: str, *, onward: bool) -> tuple[set[str], set[str]]:
    """What a text becomes over a step: the texts that end there, and those that go on."""
    if over is None or (over in {BOUND, GAP} and not text):
        return set(), {text}
    if over == ANY:
        return {text}, set()
    if isinstance(over, str):  # the word has ended
        return {text and (text + EDGE if onward else EDGE + text)}, set()
    return set(), {text + char if onward else char + text for char in over}


def shortest(texts: set[str], *, onward: bool) -> Texts:
    """The texts that do not begin (or end) with another of them."""
    cut = (lambda text, size: text[:size]) if onward else (lambda text, size: text[-size:])
    return frozenset(text for text in texts if not any(cut(text, size) in texts for size in range(1, len(text))))


def parts_of(items: Items, most: int = MOST_PARTS) -> Iterator[Items]:
    """The parts of which a pattern is the union, at most so many: its largest branches of several words."""
    plain = flat(items)
    branches = [at for at, node in enumerate(plain) if is_branch(node) and len(node[1][1]) <= most]
    if most < 2 or not branches:
        yield plain
        return
    at = max(branches, key=lambda place: size([plain[place]]))
    choices = plain[at][1][1]
    for choice in choices:
        yield from parts_of([*plain[:at], *choice, *plain[at + 1 :]], most // len(choices))


def flat(items: Items) -> list[tuple[Any, Any]]:
    """The items with those of groups that no flag changes in their place."""
    found: list[tuple[Any, Any]] = []
    for kind, argument in items:
        plain = kind is op.SUBPATTERN and not argument[1] and not argument[2]
        found += flat(argument[3]) if plain else [(kind, argument)]
    return found


def is_branch(node: tuple[Any, Any]) -> bool:
    return node[0] is op.BRANCH and any(parts_in(items) for items in node[1][1])


def parts_in(items: Items) -> bool:
    """Whether there are signs between words."""
    inner = (parts_in(part) for kind, argument in items for part in within(kind, argument))
    return any(step_of(*item) == GAP for item in items if item[0] in SINGLE) or any(inner)


def size(items: Items) -> int:
    """How many single characters a pattern speaks of."""
    return sum(
        1 if kind in SINGLE else sum(map(size, within(kind, argument)))
        for kind, argument in items
        if kind not in {op.ASSERT, op.ASSERT_NOT}
    )


def within(kind: Any, argument: Any) -> list[Items]:
    """The sequences within a node."""
    if kind is op.BRANCH:
        return list(argument[1])
    if kind in REPEATS:
        return [argument[2]]
    return [argument[3]] if kind is op.SUBPATTERN else [argument] if kind is op.ATOMIC_GROUP else []
