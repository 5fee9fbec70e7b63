"""A text as the rules of an answer read it: folded once, however many of them ask."""

import re
from dataclasses import dataclass
from functools import lru_cache

from agentkit.text.normalize import normalize

_WORD = re.compile(r"\w+")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_APART = bytes(code if chr(code).isalnum() or chr(code) == "_" else ord(" ") for code in range(128)).ljust(256)


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is folded as `normalize` does it; `line` the same on one line; `words` its words, in order."""

    text: str
    line: str
    words: list[str]
    known: frozenset[str]


@lru_cache(maxsize=4)
def fold(text: str, /) -> Folded:
    """Fold a text. The last few are remembered, because the rails of an answer ask for the same one in turn."""
    folded = normalize(text).text
    words = words_of(folded)
    return Folded(folded, _on_one_line(folded), words, frozenset(words))


def words_of(text: str, /) -> list[str]:
    r"""Return the runs of word characters (`\w+`) of a text, in order."""
    for sign in () if text.isascii() else set(_BEYOND_ASCII.findall(text)):
        if sign.isalnum():
            return _WORD.findall(text)
        text = text.replace(sign, " ")
    return text.encode("ascii").translate(_APART).decode("ascii").split()


def _on_one_line(folded: str) -> str:
    """Part the words of a folded text by single blanks; most have nothing but line breaks besides."""
    line = folded.replace("\n", " ")
    return line.strip(" ") if line.isprintable() and "  " not in line else " ".join(folded.split())
