"""A linear classifier over the words of a message: what rules cannot name, learned from labelled examples.

The features are hashed words, pairs of neighbouring words, and pairs of concepts that meet in a sentence
(`injection_concepts`), which carry what was learned over to other words and languages. The weights were fitted by
`benchmarks/train_injection.py` and lie beside this module. It raises a doubt that others have, and never decides
alone.
"""

import base64
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from math import exp, sqrt
from pathlib import Path
from typing import TYPE_CHECKING

from agentkit.text.injection_concepts import spoken
from agentkit.text.injection_hashing import advanced
from agentkit.text.injection_known import Column, ended
from agentkit.text.injection_meanings import HONEST, names_of
from agentkit.text.injection_reading import reading

if TYPE_CHECKING:
    from agentkit.text.injection_known import Numbers, Rows

BITS = 15
_MASK = (1 << BITS) - 1
_ENDING = b" $"
_BEGIN, _END = zlib.crc32(b"^"), zlib.crc32(_ENDING)
"""A text's first word follows a circumflex, and a dollar sign its last one."""
_HEAD, _TAIL = 2000, 1000
_TOKEN = re.compile(r"\w+|[^\w\s]")
_TELLING = 0.05
"""What adds less to the logit is not told."""
_WEIGHTS = Path(__file__).with_name("injection_weights.json")


@dataclass(frozen=True, slots=True)
class _Model:
    weights: "Numbers"
    scale: float
    intercept: float


def features(folded: str, /) -> frozenset[int]:
    """Return the buckets, below 2 to the power of `BITS`, of a folded text's words, pairs of words, and concepts.

    Of a long text the beginning and the end are read.
    Source:
        Feature hashing: Weinberger et al., ICML 2009, doi:10.1145/1553374.1553516; the hash is CRC-32.
    """
    return frozenset(_buckets(_read(folded)).tolist())


def _buckets(text: str) -> "Rows":
    """Return the buckets of `features`, in order."""
    import numpy as np  # noqa: PLC0415  (at the first search)

    read = reading(text)
    tokens = read.tokens
    codes, followed, lengths = (read.known.of(column, tokens) for column in (_CODE, _AFTER_BLANK, _LENGTH))
    begun = ended(codes[::-1], _BEGIN)[::-1].copy()
    pairs = ended(followed, _END) ^ advanced(begun, ended(lengths, len(_ENDING)))
    said = np.zeros(1 << BITS, bool)
    for found in (codes, pairs):
        said[found & _MASK] = True
    said[[code for sentence in spoken(text) if sentence.doubt > HONEST for code in _met(sentence.concepts)]] = True
    return np.flatnonzero(said)


def _code(item: str) -> int:
    return zlib.crc32(item.encode())


@lru_cache(maxsize=4096)
def _met(concepts: int) -> Sequence[int]:
    """Return the buckets of concepts that meet in a sentence."""
    return [_code(item) & _MASK for item in _meetings(concepts)]


def _meetings(concepts: int) -> Iterator[str]:
    """Yield each concept of a sentence, and each two of them."""
    names = names_of(concepts)
    for position, name in enumerate(names):
        yield from (f"\0{name}+{other}" for other in ("", *names[position + 1 :]))


def _read(folded: str) -> str:
    """Return what is read of a text: all of it, or where it is long its two ends."""
    return folded if len(folded) <= _HEAD + _TAIL else folded[:_HEAD] + " " + folded[-_TAIL:]


def _concepts(text: str) -> Iterator[str]:
    """Yield the concepts of every sentence that is not plainly honest, and each two that meet in it."""
    for sentence in spoken(text):
        yield from _meetings(sentence.concepts if sentence.doubt > HONEST else 0)


def telling(folded: str, /, *, most: int = 5) -> list[tuple[str, float]]:
    """Return the words and concepts that speak most for an attack, with what each adds to the logit, best first."""
    model = _model()
    text = _read(folded)
    words = _TOKEN.findall(text)
    pairs = [f"{one} {other}" for one, other in pairwise(words)]
    scale = model.scale / sqrt(max(len(features(folded)), 1))
    weights = {
        item.replace("\0", "").rstrip("+"): int(model.weights[_code(item) & _MASK]) * scale
        for item in (*words, *pairs, *_concepts(text))
    }
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    told = [item for item in ranked if any(map(str.isalpha, item[0]))]
    return [(name, round(weight, 3)) for name, weight in told[:most] if weight >= _TELLING]


def likelihood(folded: str, /) -> float:
    """Return how likely a folded message is an attack, by its words alone: in (0, 1)."""
    model = _model()
    found = _buckets(_read(folded))
    total = int(model.weights[found].sum()) * model.scale / sqrt(max(len(found), 1))
    return 1 / (1 + exp(-max(min(total + model.intercept, 30.0), -30.0)))


@cache
def _model() -> _Model:
    data = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    import numpy as np  # noqa: PLC0415  (at the first search)

    weights = np.frombuffer(base64.b64decode(data["weights"]), np.int8).astype(np.int64)
    return _Model(weights, float(data["scale"]), float(data["intercept"]))


_CODE = Column(_code, "<u4")
"""The hash of every word."""
_AFTER_BLANK = Column(lambda word: _code(f" {word}"), "<u4")
"""The hash of every word with a blank before it."""
_LENGTH = Column(lambda word: len(word.encode()) + 1, "i4")
"""How many bytes are hashed where a word follows another."""
