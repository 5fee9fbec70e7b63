"""Names: capitalised sequences, defined roles and placeholders."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from agentkit.text.support_items import Item, is_headword, is_placeholder, joins_name, opens_sentence

_SUFFIXES = frozenset("inc ltd llc llp corp co plc lp company limited corporation sa nv bv ag gmbh pty pte".split())
_TITLES = frozenset("mr mrs ms dr prof sir lord lady justice judge president minister".split())
_GENDERED = {"mr": "m", "sir": "m", "lord": "m", "mrs": "f", "ms": "f", "miss": "f", "lady": "f", "madam": "f"}


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


def titled(items: Sequence[Item]) -> dict[str, set[str]]:
    """Return which gendered titles stand before which names: {"smith": {"mr"}}."""
    found: dict[str, set[str]] = {}
    for item, following in pairwise(items):
        if item.token.norm in _GENDERED and following.cap:
            found.setdefault(following.token.norm, set()).add(_GENDERED[item.token.norm])
    return found
