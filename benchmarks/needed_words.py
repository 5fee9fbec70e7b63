"""Write what every match of the patterns of injection holds and how far it reaches: agentkit/text/injection_needs.json.

Run from the project's folder after a change to a pattern: python benchmarks/needed_words.py
The patterns are read with the parser of `re`. The words of a group are such that each match holds one of them; where
the parse says too little, nothing is claimed, and the pattern is searched for in the whole text. A pattern that is a
choice of several is told of each by itself (`needed_pairs.py`, which also says what stands side by side).
Source:
    Required literals of regular expressions as in RE2's prefilter: Cox, "Regular Expression Matching with a Trigram
    Index", 2012.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from needed_pairs import EDGE, REPEATS, SINGLE, Items, Net, Texts, is_word, parts_of, word_runs

from agentkit.text.injection import ALL_RULES
from agentkit.text.injection_bits import DATA
from agentkit.text.injection_needs import fingerprint
from agentkit.text.injection_reader import PARTS
from agentkit.text.injection_rules import expand_pattern

MOST_WORDS, MOST_SIGNS = 96, 6
STOPS, BLANKS = ".!?", " \n"
MOST_STOPS = 3
SHORT = 2
EMPTY = frozenset({""})


@dataclass(frozen=True, slots=True)
class Part:
    """What a part of a pattern matches: its texts where they are few, and groups of which each match holds a word."""

    exact: Texts | None = None
    groups: tuple[Texts, ...] = ()

    def all_groups(self) -> tuple[Texts, ...]:
        group = grouped(self.exact)
        return (*self.groups, group) if group else self.groups


def longest_word(text: str) -> str:
    """The longest run of word characters of a text, with `EDGE` where it surely begins or ends.

    Where all are short it is the first two, with an `EDGE` between them.
    """
    words = [EDGE * (at > 0) + text[at:end] + EDGE * (end < len(text)) for at, end in word_runs(text)]
    best = max(words, key=lambda word: (len(word.strip(EDGE)), len(word)), default="")
    if len(best.strip(EDGE)) <= SHORT and len(words) > 1:
        return words[0] + words[1].lstrip(EDGE)
    return best


def grouped(texts: Texts | None) -> Texts | None:
    """One word of each text, or None where some text has none that tells anything."""
    words = {longest_word(text) for text in texts or EMPTY}
    if any(len(word) < 2 or len(word.strip(EDGE)) < 1 for word in words):
        return None
    return smallest(words)


def smallest(words: Iterable[str]) -> Texts:
    """The words without those that hold another of them."""
    ranked = set(words)
    return frozenset(word for word in ranked if not any(other != word and other in word for other in ranked))


def of_sequence(items: Items) -> Part:
    groups: list[Texts] = []
    run, whole = EMPTY, True
    for kind, argument in items:
        part = of_node(kind, argument)
        groups += part.groups
        joined = frozenset(one + other for one in run for other in part.exact or ())
        if part.exact is not None and len(joined) <= MOST_WORDS:
            run = joined
            continue
        groups += Part(run).all_groups()
        run, whole = part.exact or EMPTY, False
    return Part(run, tuple(groups)) if whole else Part(None, (*groups, *Part(run).all_groups()))


def of_node(kind: Any, argument: Any) -> Part:
    if kind is op.LITERAL:
        return Part(frozenset({chr(argument)}))
    if kind is op.AT:
        return Part(frozenset({EDGE}) if argument is op.AT_BOUNDARY else EMPTY)
    if kind in {op.ASSERT, op.ASSERT_NOT}:
        return Part(EMPTY)
    if kind is op.IN:
        return of_class(argument)
    if kind in {op.SUBPATTERN, op.ATOMIC_GROUP}:
        return of_sequence(argument[3] if kind is op.SUBPATTERN else argument)
    if kind is op.BRANCH:
        return of_branch([of_sequence(items) for items in argument[1]])
    return of_repeat(*argument) if kind in {op.MAX_REPEAT, op.MIN_REPEAT} else Part()


def of_class(items: Items) -> Part:
    if any(kind is not op.LITERAL for kind, _ in items):
        return Part()
    chars = frozenset(chr(argument) for _, argument in items)
    if not any(map(is_word, chars)):
        return Part(frozenset({" "}))  # which sign stands between two words is all the same
    return Part(chars if len(chars) <= MOST_SIGNS else None)


def of_branch(parts: Sequence[Part]) -> Part:
    exact = frozenset[str]().union(*(part.exact or () for part in parts))
    if all(part.exact is not None for part in parts) and len(exact) <= MOST_WORDS:
        return Part(exact)
    groups = [part.all_groups() for part in parts]
    if not all(groups):
        return Part()
    return Part(None, (smallest(frozenset[str]().union(*(max(group, key=telling) for group in groups))),))


def telling(group: Texts) -> tuple[int, int]:
    """How much a group excludes: the more, the longer its words, and the fewer."""
    return min(len(word.strip(EDGE)) for word in group), -len(group)


def of_repeat(least: int, most: int, items: Items) -> Part:
    part = of_sequence(items)
    if least == 0:
        return Part(part.exact | EMPTY) if most == 1 and part.exact is not None else Part()
    return part if most == 1 else Part(None, part.all_groups())


def width(items: Items) -> tuple[int, int] | None:
    """How long a match may be: in characters, and in runs of word characters of any length; None: no bound."""
    characters = runs = 0
    for kind, argument in items:
        one = node_width(kind, argument)
        if one is None:
            return None
        characters, runs = characters + one[0], runs + one[1]
    return characters, runs


def inner(kind: Any, argument: Any) -> Iterator[Items]:
    """The sequences within a node that is no repetition."""
    if kind in {op.ASSERT, op.ASSERT_NOT}:
        yield argument[1]
    elif kind is op.BRANCH:
        yield from argument[1]
    elif kind in {op.SUBPATTERN, op.ATOMIC_GROUP}:
        yield argument[3] if kind is op.SUBPATTERN else argument


WITHIN = {op.ASSERT, op.ASSERT_NOT, op.BRANCH, op.SUBPATTERN, op.ATOMIC_GROUP}


def node_width(kind: Any, argument: Any) -> tuple[int, int] | None:
    if kind in SINGLE:
        return 1, 0
    if kind in REPEATS:
        most, items = argument[1], argument[2]
        if most is op.MAXREPEAT:
            return (0, 1) if of_letters(items) else None
        one = width(items)
        return one and (one[0] * most, one[1] * most)
    widths = [width(items) for items in inner(kind, argument)] if kind in WITHIN else [None]
    known = [one for one in widths if one is not None]
    return (max(a for a, _ in known), max(b for _, b in known)) if len(known) == len(widths) else None


def of_letters(items: Items) -> bool:
    """Whether a repeated part is one character: of a word, or none of a word, or none between words."""
    if len(items) != 1 or items[0][0] is not op.IN:
        return False
    kinds = [kinds_of(kind, argument) for kind, argument in items[0][1]]
    return any(all(name in one for one in kinds) for name in ("word", "no word", "no space"))


def kinds_of(kind: Any, argument: Any) -> set[str]:
    """What the characters of a part of a class have in common; nothing is said of a class that is negated."""
    if kind is op.CATEGORY:
        words = {op.CATEGORY_WORD, op.CATEGORY_DIGIT}
        named = {op.CATEGORY_NOT_SPACE: {"no space"}, op.CATEGORY_SPACE: {"no word"}, op.CATEGORY_NOT_WORD: {"no word"}}
        return {"word", "no space"} if argument in words else named.get(argument, set())
    if kind not in {op.LITERAL, op.RANGE}:
        return set()
    first, last = argument if kind is op.RANGE else (argument, argument)
    chars = [chr(code) for code in range(first, last + 1)]
    return {
        name
        for name, holds in (
            ("word", all(map(is_word, chars))),
            ("no word", not any(map(is_word, chars))),
            ("no space", not any(map(str.isspace, chars))),
        )
        if holds
    }


def crossings(items: Items) -> int | None:
    """How often a match may hold a full stop before a blank at most; None: no bound."""
    counts = [node_crossings(kind, argument) for kind, argument in items]
    return None if None in counts else sum(count for count in counts if count)


def node_crossings(kind: Any, argument: Any) -> int | None:
    if kind is op.AT:
        return 0
    if kind in SINGLE:
        return int(may_be(kind, argument, STOPS))
    if kind in REPEATS:
        return repeated_crossings(argument[1], argument[2])
    counts = [crossings(items) for items in inner(kind, argument)] if kind in WITHIN else [None]
    return None if None in counts else max(count or 0 for count in counts)


def repeated_crossings(most: Any, items: Items) -> int | None:
    one = crossings(items)
    if not one:
        return one
    if len(items) == 1 and items[0][0] in SINGLE and not may_be(*items[0], BLANKS):
        return 1  # a run without blanks: only its last character stands before one
    return None if most is op.MAXREPEAT else one * most


def may_be(kind: Any, argument: Any, signs: str) -> bool:
    """Whether a single character of a pattern may be one of the signs; where that is not plain, it may."""
    if kind is op.LITERAL:
        return chr(argument) in signs
    if kind is op.NOT_LITERAL:
        return any(chr(argument) != sign for sign in signs)
    if kind is not op.IN:
        return True
    negated = argument[0][0] is op.NEGATE
    return any(negated != any(in_class(kind, item, sign) for kind, item in argument[negated:]) for sign in signs)


def in_class(kind: Any, item: Any, sign: str) -> bool:
    if kind is op.LITERAL:
        return chr(item) == sign
    if kind is op.RANGE:
        return item[0] <= ord(sign) <= item[1]
    holds = {
        op.CATEGORY_WORD: False,
        op.CATEGORY_DIGIT: False,
        op.CATEGORY_SPACE: sign.isspace(),
        op.CATEGORY_NOT_SPACE: not sign.isspace(),
    }
    return holds.get(item, True)


def needs(items: Items) -> dict[str, Any]:
    """What `injection_needs.Needs` says of a part of a pattern, as JSON."""
    groups = sorted(set(of_sequence(items).all_groups()), key=lambda group: (len(group), sorted(group)))
    pairs = sorted({(" ".join(sorted(ends)), " ".join(sorted(begins))) for ends, begins in Net(items).pairs()})
    words, stops = [" ".join(sorted(group)) for group in groups], crossings(items)
    reach = [stops, -1, 0] if stops is not None and stops <= MOST_STOPS else [-1, *(width(items) or (-1, 0))]
    return {"groups": words, "pairs": [list(pair) for pair in pairs], "reach": reach}


def parts(expanded: str) -> list[dict[str, Any]]:
    """The needs of each part of a pattern."""
    items = parser.parse(expanded)
    assert items.state.flags == parser.parse("").state.flags, "flags change what a literal matches"
    found: list[dict[str, Any]] = []
    for part in map(needs, parts_of(list(items))):
        found += [part] if part not in found else []
    return found


def table() -> dict[str, Any]:
    """All needs; texts are listed once and named by their number."""
    sources = (expand_pattern(source) for source in (*(rule.pattern for rule in ALL_RULES), *PARTS))
    known = {fingerprint(expanded): parts(expanded) for expanded in sources}
    said = {
        text: None
        for found in known.values()
        for part in found
        for text in (*part["groups"], *(one for pair in part["pairs"] for one in pair))
    }
    number = {text: at for at, text in enumerate(said)}
    return {
        "texts": list(number),
        "hints": sorted({" ".join(sorted(rule.keys)) for rule in ALL_RULES if rule.keys}),
        "patterns": {
            name: [
                [
                    [number[text] for text in part["groups"]],
                    [[number[ends], number[begins]] for ends, begins in part["pairs"]],
                    part["reach"],
                ]
                for part in found
            ]
            for name, found in known.items()
        },
    }


if __name__ == "__main__":
    DATA.write_text(json.dumps(table(), ensure_ascii=True, separators=(",", ":")) + "\n", encoding="utf-8")
