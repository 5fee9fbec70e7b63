"""Other readings of a folded text, each as long as the text itself so that offsets stay valid.

What one eye reads as a word may be spelled with digits, cut at the end of a line, shuffled, or strung with dots.
"""

import re
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache

from agentkit.text.normalize import LEET_RUN, LEET_WORD, read_run, unleet
from agentkit.text.normalize_tables import LEET, ORDERS, SCRAMBLED
from agentkit.text.remembered import Remembered

_WORD = re.compile(r"\w+")
_HYPHEN = re.compile(r"(?<=[a-z])-[ ]?\n[ ]?([a-z]+)")
_STRUNG = re.compile(r"(?:\b[a-z]{1,15}(?:\.{2,4}|[*_~/\\|\u2022\u00b7]{1,3}) ?){3,}")
_STRING = re.compile(r"[.*_~/\\|\u2022\u00b7]+")
_TIED = re.compile(r"(?:\.{2,4}|[*_~/\\|\u2022\u00b7]{1,3}) ?[a-z]")
_STRINGS = ("..", "*", "_", "~", "/", "\\", "|", "\u2022", "\u00b7")
_FEWEST_STRUNG = 3
_READ, _ORDER = 2, 3
_FIVE, _THREE = array("I", [1] * 5).tobytes(), array("I", [1] * 3).tobytes()
"""So many words of one letter in a row."""
_SIGN = re.compile(r"[@$|+!]")
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


def variants(text: str, words: Sequence[str], /) -> Iterator[str]:
    """Yield the other readings of a folded text that say more of what orders are made of; most texts have none.

    `words` are its runs of word characters, in order. Linear in the length of the text.
    """
    seen = {text}
    for reading in _respelled(text, words):
        if reading not in seen and _orders(reading) > _orders(text):
            seen.add(reading)
            yield reading
    joined = _HYPHEN.sub(_joined, text) if "-\n" in text or "- \n" in text else text
    if sum(map(joined.count, _STRINGS)) >= _FEWEST_STRUNG and len(_TIED.findall(joined)) >= _FEWEST_STRUNG - 1:
        joined = _STRUNG.sub(_unstrung, joined)
    if joined not in seen:
        yield joined


def _respelled(text: str, words: Sequence[str]) -> Iterator[str]:
    plain = _plain(text, words)
    if plain is not None:
        yield plain
        if _LEET.search(text):
            other = LEET_RUN.sub(lambda run: LEET_WORD.sub(_chosen, run.group()), text)
            if other != text:
                yield unleet(other) or other
    if any(map(_SCRAMBLED.__getitem__, words)):
        yield _SHUFFLED.sub(_unscrambled, text)


def _plain(text: str, words: Sequence[str]) -> str | None:
    """What `unleet` makes of a text, if that may say more of what orders are made of."""
    apart = _may_stand_apart(text, words)
    return unleet(text, apart=apart) if apart or _may_be_leet(text, words, least=_ORDER) else None


def may_be_respelled(text: str, words: Sequence[str], /) -> bool:
    """Whether `unleet` may read a folded text otherwise, by its words: most pages are told so without a search.

    Letters that stand alone may spell a word; digits and signs that touch a letter may stand for one.
    """
    return _may_stand_apart(text, words) or _may_be_leet(text, words)


def _may_be_leet(text: str, words: Sequence[str], *, least: int = _READ) -> bool:
    """Whether a word may be read otherwise, by itself or with a sign that touches it."""
    kinds = set(map(_LEET_WORDS.__getitem__, words))
    return max(kinds, default=0) >= least or _has_signs(text) or (len(kinds) > 1 and _SIGNED.search(text) is not None)


def _may_stand_apart(text: str, words: Sequence[str]) -> bool:
    """Whether letters stand apart in a row: the first and the last of five may touch one beyond ASCII."""
    row = _FIVE if text.isascii() else _THREE
    return "_" in text or row in array("I", map(len, words)).tobytes()


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
_LEET_WORDS = Remembered(_leet, most=16_384)
_SCRAMBLED = Remembered(_is_scrambled, most=16_384)
