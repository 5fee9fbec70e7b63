"""Where two passages meet: an order may begin in one and end in the next, innocent in either."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agentkit.text.sentences import split_sentences
from agentkit.text.spans import to_source
from agentkit.types import SafePassage

_FINISHED = re.compile(r"[.!?;:][\"'”’)\]]{0,3}\s*\Z")
_FAR = 400
"""Passages further apart in their document do not read as one sentence; between them stand at most page headers."""


@dataclass(frozen=True, slots=True)
class Seam:
    """The last words of one passage and the first of the next, with the spans of both in their source."""

    text: str
    source: int
    spans: tuple[tuple[int, int], tuple[int, int]]


def seams(passages: Sequence[SafePassage]) -> Iterator[Seam]:
    """Yield the seam of every two passages that follow one another where the first ends in the middle of a sentence."""
    for before, after in pairwise(passages):
        near = before.source == after.source and 0 <= after.start - before.end <= _FAR
        if not near or _FINISHED.search(before.text) or not before.text.strip() or not after.text.strip():
            continue
        last, first = split_sentences(before.text)[-1], split_sentences(after.text)[0]
        joined = f"{before.text[last[0] : last[1]].strip()} {after.text[first[0] : first[1]].strip()}"
        yield Seam(joined, before.source, (to_source(before, *last), to_source(after, *first)))
