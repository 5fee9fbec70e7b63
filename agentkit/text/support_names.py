"""Names: capitalised sequences, defined roles and placeholders."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.text.support_items import Item, is_headword, is_placeholder, joins_name, opens_sentence

_SUFFIXES = frozenset("inc ltd llc llp corp co plc lp company limited corporation sa nv bv ag gmbh pty pte".split())
_TITLES = frozenset("mr mrs ms dr prof sir lord lady justice judge president minister".split())
_COMMON = frozenset(
    """agreement section clause article party parties term confidential information services effective date business
    day product schedule exhibit annex lease contract""".split()
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a text: its words, without the company's form or a title."""

    start: int
    end: int
    text: str
    words: tuple[str, ...]
    placeholder: bool = False


def names(text: str, items: Sequence[Item]) -> list[Name]:
    """Return the names in a run of items, in order.

    A single capitalised word that opens a sentence is no name; one inside it is.
    """
    found: list[Name] = []
    run: list[Item] = []
    for item in items:
        if _is_part(text, item, run):
            run.append(item)
            continue
        found += _close(text, run)
        run = [item] if _starts(item) else []
    return found + _close(text, run)


def _starts(item: Item) -> bool:
    return item.kind in ("word", "light") and item.cap and not is_headword(item.token.norm)


def _is_part(text: str, item: Item, run: Sequence[Item]) -> bool:
    if not run or not _starts(item) or is_placeholder(item) or is_placeholder(run[-1]):
        return False
    return joins_name(text[run[-1].end : item.start])


def _close(text: str, run: Sequence[Item]) -> list[Name]:
    if run and opens_sentence(text, run[0].start) and not is_placeholder(run[0]):
        rest = run[1:]
        if not rest and not _acronym(run[0]):
            return []
        run = rest if run[0].kind == "light" else run
    words = tuple(item.token.norm for item in run if item.kind == "word")
    words = tuple(word for word in words if word not in _SUFFIXES and word not in _TITLES) or words
    if not words:
        return []
    start, end = run[0].start, run[-1].end
    return [Name(start, end, text[start:end], words, is_placeholder(run[0]))]


def _acronym(item: Item) -> bool:
    return item.token.text.isupper() and len(item.token.text) > 1


def is_common(name: Name) -> bool:
    """Whether a name is only a contract's everyday defined term."""
    return all(word in _COMMON for word in name.words)


def unknown_words(name: Name, known: frozenset[str], roots: frozenset[str]) -> list[str]:
    """Return the words of a name that a source (its words, their lemmas and roots) does not have."""
    return [word for word in name.words if word not in known and word not in roots]
