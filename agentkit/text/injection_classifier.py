"""A linear classifier over the words of a message: what rules cannot name, learned from labelled examples.

The features are hashed words and pairs of neighbouring words of the folded text; the weights were fitted by
`benchmarks/train_injection.py` and lie beside this module. It knows the kinds of text it was trained on and little
else, so that it raises a doubt that others have, and never decides alone.
"""

import base64
import json
import re
import zlib
from array import array
from dataclasses import dataclass
from functools import cache
from math import exp, sqrt
from pathlib import Path

BITS = 15
_HEAD, _TAIL = 2000, 1000
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WEIGHTS = Path(__file__).with_name("injection_weights.json")


@dataclass(frozen=True, slots=True)
class _Model:
    weights: "array[int]"
    scale: float
    intercept: float


def features(folded: str, /) -> frozenset[int]:
    """Return the buckets, below 2 to the power of `BITS`, of a folded text's words and pairs of words.

    Of a long text the beginning and the end are read.
    Source:
        Feature hashing: Weinberger et al., ICML 2009, doi:10.1145/1553374.1553516; the hash is CRC-32.
    """
    text = folded if len(folded) <= _HEAD + _TAIL else folded[:_HEAD] + " " + folded[-_TAIL:]
    words = _TOKEN.findall(text)
    pairs = (f"{one} {other}" for one, other in zip(["^", *words], [*words, "$"], strict=True))
    mask = (1 << BITS) - 1
    return frozenset(zlib.crc32(item.encode()) & mask for item in (*words, *pairs))


def likelihood(folded: str, /) -> float:
    """Return how likely a folded message is an attack, by its words alone: in (0, 1)."""
    model = _model()
    found = features(folded)
    total = sum(model.weights[index] for index in found) * model.scale / sqrt(max(len(found), 1))
    return 1 / (1 + exp(-max(min(total + model.intercept, 30.0), -30.0)))


@cache
def _model() -> _Model:
    data = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    return _Model(array("b", base64.b64decode(data["weights"])), float(data["scale"]), float(data["intercept"]))
