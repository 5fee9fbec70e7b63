"""Propositions that contracts make again and again, recognised by what they mean and not by shared words.

A claim such as "The recipient may keep copies after return" is carried by a sentence that allows archival
copies, in whatever words, and not by a sentence that speaks of returning copies. Each frame says how the
claim is recognised, which wording carries it and which wording speaks against it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from agentkit.text.support_frames_data import FRAMES, WORDS

_CARRIED, _REFUTED = 0.9, 0.07
_NEGATIVE_CLAIM = re.compile(
    r"\b(?:not|never|no|cannot|nor|neither|prohibited|forbidden|refrain|without any right)\b(?! later| less| more)", re.I
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One proposition. `negative` tells whether it forbids or denies; a claim of the other polarity turns it round.

    `base` is the support in [0, 1] where the source has no wording for or against: a bare topic is
    common, a rare term is not.
    """

    name: str
    claim: tuple[re.Pattern[str], ...]
    support: tuple[re.Pattern[str], ...]
    against: tuple[re.Pattern[str], ...]
    negative: bool
    base: float


@dataclass(frozen=True, slots=True)
class FrameMatch:
    """What a frame found: the support in [0, 1] and the span of the wording that decided, or None."""

    score: float
    span: tuple[int, int] | None


@lru_cache(maxsize=1)
def frames() -> tuple[Frame, ...]:
    """Return the propositions, compiled once."""
    return tuple(
        Frame(name, _compiled(claim), _compiled(support), _compiled(against), negative, base)
        for name, negative, base, claim, support, against in FRAMES
    )


def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_expanded(pattern), re.IGNORECASE | re.DOTALL) for pattern in patterns)


def _expanded(pattern: str) -> str:
    """Fill in word classes ("{third}") and bounded gaps ("~80~": at most 80 characters of one sentence)."""
    for name, words in WORDS.items():
        pattern = pattern.replace("{" + name + "}", words)
    return re.sub(r"~(\d+)~", r"(?:(?!\\.\\s+[A-Z]).){0,\1}?", pattern).replace(" ", r"\s+")


def frame_of(claim: str) -> Frame | None:
    """Return the first proposition whose every mark the claim has, or None."""
    for frame in frames():
        if all(pattern.search(claim) for pattern in frame.claim):
            return frame
    return None


@lru_cache(maxsize=512)
def match_frame(claim: str, source: str) -> FrameMatch | None:
    """Look for the wording that carries or refutes a claim; None where no proposition fits the claim."""
    frame = frame_of(claim)
    if frame is None:
        return None
    turned = bool(_NEGATIVE_CLAIM.search(claim)) != frame.negative
    carried, refuted = _first(frame.support, source), _first(frame.against, source)
    if turned:
        carried, refuted = refuted, carried
    if carried is not None:
        return FrameMatch(_CARRIED if refuted is None else 0.6, carried)
    if refuted is not None:
        return FrameMatch(_REFUTED, refuted)
    return FrameMatch(frame.base if not turned else min(frame.base, 0.2), None)


def _first(patterns: tuple[re.Pattern[str], ...], source: str) -> tuple[int, int] | None:
    for pattern in patterns:
        match = pattern.search(source)
        if match is not None:
            return match.span()
    return None
