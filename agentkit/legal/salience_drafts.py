"""Claims in the making, and what they are before anyone has chosen among them."""

from collections.abc import Mapping
from dataclasses import dataclass

OPENING = "parties"  # the topic of the claim that names document, date and parties
WIDE = 60  # words of a claim that stands for a whole clause
MIDDLE = 45  # words of one that gives its main parts
TIGHT = 32  # words of one that gives its key part
SHORT = 20  # words of one that is cut because there is no room


@dataclass(frozen=True, slots=True)
class Draft:
    """A claim in the making: its text, and the spans `(passage, start, end)` of passages' texts it rests on.

    `scores` says how clearly it speaks to each topic, `worth` in (0, 1] what it is worth beside others of
    its document. Several drafts may be forms of one sentence, which then share their spans.
    """

    text: str
    quotes: tuple[tuple[int, int, int], ...]
    scores: Mapping[str, float]
    worth: float
    topic: str
