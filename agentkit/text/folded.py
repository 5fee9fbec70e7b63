"""A text as the rules of an answer read it: folded once, however many of them ask."""

import re
from dataclasses import dataclass
from functools import lru_cache

from agentkit.text.normalize import normalize

_WORD = re.compile(r"\w+")


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
    words = _WORD.findall(folded)
    return Folded(folded, " ".join(folded.split()), words, frozenset(words))
