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
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import exp, sqrt
from pathlib import Path

from agentkit.text.injection_concepts import HONEST, spoken
from agentkit.text.remembered import Remembered

BITS = 15
_HEAD, _TAIL = 2000, 1000
_TOKEN = re.compile(r"\w+|[^\w\s]")
_TELLING = 0.05
"""What adds less to the logit is not told."""
_WEIGHTS = Path(__file__).with_name("injection_weights.json")


@dataclass(frozen=True, slots=True)
class _Model:
    weights: "array[int]"
    scale: float
    intercept: float


def features(folded: str, /) -> frozenset[int]:
    """Return the buckets, below 2 to the power of `BITS`, of a folded text's words, pairs of words, and concepts.

    Of a long text the beginning and the end are read.
    Source:
        Feature hashing: Weinberger et al., ICML 2009, doi:10.1145/1553374.1553516; the hash is CRC-32.
    """
    text = _read(folded)
    words = _TOKEN.findall(text)
    codes = list(map(_CODES.__getitem__, words))
    pairs = map(zlib.crc32, [*map(_AFTER_BLANK.__getitem__, words), b" $"], [zlib.crc32(b"^"), *codes])
    mask = (1 << BITS) - 1
    return frozenset({code & mask for code in {*codes, *pairs, *map(_code, _concepts(text))}})


def _code(item: str) -> int:
    return zlib.crc32(item.encode())


def _after_blank(word: str) -> bytes:
    """Return what goes on a hash where a word follows another."""
    return f" {word}".encode()


_CODES = Remembered(_code, most=16_384)
_AFTER_BLANK = Remembered(_after_blank, most=16_384)


def _read(folded: str) -> str:
    """Return what is read of a text: all of it, or where it is long its two ends."""
    return folded if len(folded) <= _HEAD + _TAIL else folded[:_HEAD] + " " + folded[-_TAIL:]


def _concepts(text: str) -> Iterator[str]:
    """Yield the concepts of every sentence that is not plainly honest, and each two that meet in it."""
    for sentence in spoken(text):
        names = sorted(sentence.meanings) if sentence.doubt > HONEST else []
        for position, name in enumerate(names):
            yield from (f"\0{name}+{other}" for other in ("", *names[position + 1 :]))


def telling(folded: str, /, *, most: int = 5) -> list[tuple[str, float]]:
    """Return the words and concepts that speak most for an attack, with what each adds to the logit, best first."""
    model = _model()
    text = _read(folded)
    words = _TOKEN.findall(text)
    pairs = [f"{one} {other}" for one, other in pairwise(words)]
    scale = model.scale / sqrt(max(len(features(folded)), 1))
    mask = (1 << BITS) - 1
    weights = {
        item.replace("\0", "").rstrip("+"): model.weights[zlib.crc32(item.encode()) & mask] * scale
        for item in (*words, *pairs, *_concepts(text))
    }
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    told = [item for item in ranked if any(map(str.isalpha, item[0]))]
    return [(name, round(weight, 3)) for name, weight in told[:most] if weight >= _TELLING]


def likelihood(folded: str, /) -> float:
    """Return how likely a folded message is an attack, by its words alone: in (0, 1)."""
    model = _model()
    found = features(folded)
    total = sum(map(model.weights.__getitem__, found)) * model.scale / sqrt(max(len(found), 1))
    return 1 / (1 + exp(-max(min(total + model.intercept, 30.0), -30.0)))


@cache
def _model() -> _Model:
    data = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    return _Model(array("b", base64.b64decode(data["weights"])), float(data["scale"]), float(data["intercept"]))
