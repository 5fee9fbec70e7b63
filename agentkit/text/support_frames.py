"""Propositions that contracts make again and again, recognised by what they mean and not by shared words.

A claim such as "The recipient may keep copies after return" is carried by a sentence that allows archival
copies, in whatever words, and not by a sentence that speaks of returning copies. Each frame says how the
claim is recognised, which wording carries it and which wording speaks against it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_CARRIED, _REFUTED = 0.9, 0.07
_NEGATIVE_CLAIM = re.compile(
    r"\b(?:not|never|no|cannot|nor|neither|prohibited|forbidden|refrain|without any right)\b(?! later| less| more)",
    re.I,
)

_CONTRACTUAL = re.compile(
    r"\b(?:confidential|proprietary|agreement|contract|lease|recipient|receiving|disclosing|discloser|part(?:y|ies)|"
    r"licensee|licensor|tenant|landlord|supplier|customer|company|borrower|lender|employee|employer)\b",
    re.I,
)
_NORMATIVE = re.compile(
    r"\b(?:shall|may|must|will|can|cannot|should|not|required|entitled|permitted|allowed|surviv\w+)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One proposition. `negative` tells whether it forbids or denies; a claim of the other polarity turns it round.

    `base` is the support in [0, 1] where the source has no wording for or against: a bare topic is
    common, a rare term is not.
    """

    name: str
    claim: tuple[re.Pattern[str], ...]
    support: tuple[str, ...]
    against: tuple[str, ...]
    negative: bool
    base: float


@dataclass(frozen=True, slots=True)
class FrameMatch:
    """What a frame found: its name, the support in [0, 1], the span of the wording that decided, or None."""

    name: str
    score: float
    span: tuple[int, int] | None


@lru_cache(maxsize=1)
def frames() -> tuple[Frame, ...]:
    """Return the propositions, in the order in which claims are tried against them; read once."""
    sections = _sections(files("agentkit.text").joinpath("support_frames.txt").read_text(encoding="utf-8"))
    words = {name: value[0] for name, value in sections.pop("words").items()}
    return tuple(_frame(name, fields, words) for name, fields in sections.items())


def _sections(text: str) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("["):
            name = line.strip("[]")
            found[name] = {}
        elif line and not line.startswith("#"):
            key, _, value = line.partition(": ")
            found[name].setdefault(key, []).append(value)
    return found


def _frame(name: str, fields: Mapping[str, list[str]], words: Mapping[str, str]) -> Frame:
    return Frame(
        name=name,
        claim=tuple(_compiled(_expanded(mark, words)) for mark in fields["claim"]),
        support=tuple(_expanded(wording, words) for wording in fields["for"]),
        against=tuple(_expanded(wording, words) for wording in fields.get("against", ())),
        negative=fields["negative"] == ["yes"],
        base=float(fields["base"][0]),
    )


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile when first needed: most runs meet few propositions."""
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def _expanded(pattern: str, words: Mapping[str, str]) -> str:
    """Fill in word classes ("{third}") and bounded gaps ("~80~": at most 80 characters of one sentence)."""
    for name, alternatives in words.items():
        pattern = pattern.replace("{" + name + "}", alternatives)
    return re.sub(r"~(\d+)~", r"(?:(?!\\.\\s+[A-Z]).){0,\1}?", pattern).replace(" ", r"\s+")


def frame_of(claim: str) -> Frame | None:
    """Return the first proposition whose every mark the claim has, or None."""
    if not (_CONTRACTUAL.search(claim) and _NORMATIVE.search(claim)):
        return None
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
        return FrameMatch(frame.name, _CARRIED if refuted is None else 0.6, carried)
    if refuted is not None:
        return FrameMatch(frame.name, _REFUTED, refuted)
    return FrameMatch(frame.name, frame.base if not turned else min(frame.base, 0.2), None)


def _first(wordings: tuple[str, ...], source: str) -> tuple[int, int] | None:
    for wording in wordings:
        match = _compiled(wording).search(source)
        if match is not None:
            return match.span()
    return None
