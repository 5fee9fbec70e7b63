"""Other readings of a folded text, each as long as the text itself so that offsets stay valid.

What one eye reads as a word may be spelled with digits, cut at the end of a line, shuffled, or strung with dots.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from agentkit.text.injection_known import Column
from agentkit.text.injection_reading import SINGLE, Reading
from agentkit.text.normalize import LEET_RUN, LEET_WORD, read_run, unleet
from agentkit.text.normalize_tables import LEET, ORDERS, SCRAMBLED

if TYPE_CHECKING:
    from agentkit.text.injection_known import Numbers

_WORD = re.compile(r"\w+")
_HYPHEN = re.compile(r"(?<=[a-z])-[ ]?\n[ ]?([a-z]+)")
_STRUNG = re.compile(r"(?:\b[a-z]{1,15}(?:\.{2,4}|[*_~/\\|\u2022\u00b7]{1,3}) ?){3,}")
_STRING = re.compile(r"[.*_~/\\|\u2022\u00b7]+")
_TIED = tuple(
    re.compile(rf"{sign} ?[a-z]{{1,15}}(?:\.\.|[*_~/\\|\u2022\u00b7])")
    for sign in (r"\.\.{1,3}", r"[*_~/\\|\u2022\u00b7]{1,3}")
)
"""A word in the middle of three that are strung together."""
_STRINGS = ("..", "*", "_", "~", "/", "\\", "|", "\u2022", "\u00b7")
_FEWEST_STRUNG = 3
_READ, _ORDER = 2, 3
_FIVE, _THREE = b"\1" * 5, b"\1" * 3
"""So many words of one letter in a row."""
_SIGN = re.compile(r"[@$|+!]")
_SIGNS = "@$|+!"
_SIGNED = re.compile(r"[@$|+!]\d|\d[@$|+!]")
_LEET_WORD = re.compile(r"[a-z]\d|\d[a-z]")
_LEET = re.compile(r"[1|!]")
_LEET_TABLES = [
    str.maketrans({**LEET, "1": one, "|": bar, "!": mark})
    for one in ("i", "l")
    for bar in ("l", "i")
    for mark in ("i", "l")
]
"""A stroke may be either of two letters."""


def variants(read: Reading, /) -> Iterator[str]:
    """Yield the other readings of a folded text that say more of what orders are made of; most texts have none.

    Linear in the length of the text.
    """
    text = read.text
    seen = {text}
    for reading in _respelled(read):
        if reading not in seen and _orders(reading) > _orders(text):
            seen.add(reading)
            yield reading
    joined = _HYPHEN.sub(_joined, text) if "-\n" in text or "- \n" in text else text
    if sum(map(joined.count, _STRINGS)) >= _FEWEST_STRUNG and _is_tied(joined):
        joined = _STRUNG.sub(_unstrung, joined)
    if joined not in seen:
        yield joined


def _is_tied(text: str) -> bool:
    """Whether a word is tied to the one before and the one after, as in three that are strung together."""
    return any(tied.search(text) for tied in _TIED)


def _respelled(read: Reading) -> Iterator[str]:
    text = read.text
    plain = _plain(read)
    if plain is not None:
        yield plain
        if _LEET.search(text):
            other = LEET_RUN.sub(lambda run: LEET_WORD.sub(_chosen, run.group()), text)
            if other != text:
                yield unleet(other) or other
    if read.of(_SCRAMBLED_WORDS).any():
        yield _SHUFFLED.sub(_unscrambled, text)


def _plain(read: Reading) -> str | None:
    """What `unleet` makes of a text, if that may say more of what orders are made of."""
    kinds = read.of(_LEET_WORDS)
    apart, leet = _may_stand_apart(read), _may_be_leet(read.text, kinds, least=_READ)
    if not apart and not (leet and _may_be_leet(read.text, kinds, least=_ORDER)):
        return None
    return unleet(read.text, apart=apart, leet=leet)


def _may_be_leet(text: str, kinds: "Numbers", *, least: int) -> bool:
    """Whether a word may be read otherwise, by itself or with a sign that touches it."""
    if kinds.max(initial=0) >= least:
        return True
    signed = any(map(text.__contains__, _SIGNS))
    return signed and (_has_signs(text) or bool(kinds.any() and _SIGNED.search(text)))


def _may_stand_apart(read: Reading) -> bool:
    """Whether letters stand apart in a row: the first and the last of five may touch one beyond ASCII."""
    row = _FIVE if read.text.isascii() else _THREE
    return "_" in read.text or row in read.of(SINGLE).tobytes()


def _has_signs(text: str) -> bool:
    """Whether a sign that may stand for a letter touches one."""
    around = (text[max(match.start() - 1, 0) : match.end() + 1] for match in _SIGN.finditer(text))
    return any(char.isalpha() for near in around for char in near)


def _leet(word: str) -> int:
    """Say whether a letter of a word touches a digit, so that it is read otherwise, and as a word of orders."""
    if _LEET_WORD.search(word) is None:
        return 0
    chosen = LEET_RUN.sub(lambda run: LEET_WORD.sub(_chosen, run.group()), word)
    readings = {LEET_RUN.sub(read_run, word), chosen, LEET_RUN.sub(read_run, chosen)}
    if any(_WORTH.intersection(_WORD.findall(reading)) for reading in readings):
        return _ORDER
    return _READ if readings != {word} else 1


def _is_scrambled(word: str) -> bool:
    return _SHUFFLED.fullmatch(word) is not None and _KEYS.get(_key(word), word) != word


@lru_cache(maxsize=4)
def _orders(text: str) -> int:
    """How many words of a text are such as orders are made of."""
    return sum(map(_WORTH.__contains__, _WORD.findall(text)))


def _chosen(match: re.Match[str]) -> str:
    """Return the reading of a word in leetspeak that is a word of orders, or the word as it stands."""
    word = match.group()
    return next((plain for table in _LEET_TABLES if (plain := word.translate(table)) in ORDERS), word)


def _joined(match: re.Match[str]) -> str:
    """Return the end of a word, moved up to its beginning; the line breaks after it."""
    rest = match.group(1)
    return rest + " " * (len(match.group()) - len(rest))


def _unstrung(match: re.Match[str]) -> str:
    run = match.group()
    return " ".join(_STRING.sub(" ", run).split()).ljust(len(run))


def _unscrambled(match: re.Match[str]) -> str:
    word = match.group()
    return _KEYS.get(_key(word), word)


def _key(word: str) -> str:
    return word[0] + "".join(sorted(word[1:-1])) + word[-1]


_WORTH = ORDERS | frozenset(
    "you your now act answer say output print repeat respond write tell show assistant jailbreak dan mode summary "
    "secret hidden above context task model role user".split()
)
_KEYS = {_key(word): word for word in SCRAMBLED}


def _shuffled(word: str) -> str:
    """A pattern of the words that begin, end and measure as this one, and have no other letters."""
    return rf"\b{word[0]}[{''.join(sorted(set(word[1:-1])))}]{{{len(word) - 2}}}{word[-1]}\b"


_SHUFFLED = re.compile("|".join(sorted(set(map(_shuffled, SCRAMBLED)))))
_LEET_WORDS = Column(_leet, "u1")
_SCRAMBLED_WORDS = Column(_is_scrambled, "u1")
