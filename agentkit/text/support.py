"""Whether a text supports a claim, decided by code: exact where the law needs it, honest where code cannot know."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agentkit.text.support_align import Alignment, align, harmless, lead_harmless, trail_harmless, verbatim
from agentkit.text.support_checks import Claimed, Finding, findings
from agentkit.text.support_frames import FrameMatch, match_frame
from agentkit.text.support_items import Facts, Item, facts
from agentkit.text.support_polarity import is_negator
from agentkit.text.support_similarity import Similarity, evidence_for, evidence_items, similarity
from agentkit.text.support_source import Source, prepare
from agentkit.types import Assessment, Label

# Under one of these a shorter sentence may say more than the longer one.
_LIMITING = frozenset({"unless", "if", "except", "without", "until", "only"})
_LOW = 0.12
_CLOSE = 0.75
_VALUES = frozenset({"numbers", "dates", "names", "roles"})
_HYPHEN = re.compile(r"(?<=[a-z])-[ \t]*\n[ \t]*(?=[a-z])")
_SPACES = re.compile(r"[ \t\u00a0]{2,}")
_WRAP = re.compile(r"(?<!\n)[ \t\u00a0]*\n[ \t\u00a0]*(?!\s*\n)")
# What is left of the score after a mismatch. A value that differs is the surest sign of an edit.
_PENALTY = {"numbers": 0.2, "dates": 0.2, "names": 0.3, "duty": 0.7}
_ORDER: dict[Label, int] = {"supported": 0, "unverified": 1, "unsupported": 2, "contradicted": 3}


@dataclass(frozen=True, slots=True)
class _Found:
    label: Label
    score: float
    method: str
    reason: str
    evidence: tuple[int, int] | None
    decided: bool = False


def assess(claim: str, source: str) -> Assessment:
    """Compare a claim with the text that should support it.

    Verbatim words, and words that leave out only what is harmless, are supported. Numbers, dates,
    names, negation, duties and who owes them are compared exactly; a mismatch is contradicted or
    unsupported. Everything else is unverified, with a score by similarity.

    Args:
        claim: one or more sentences.
        source: the cited words, or a whole document. Sources are prepared once and remembered.
    Returns:
        The label; the support in [0, 1], comparable over claims and sources; the method that decided;
        a reason; and the span of the best evidence in `source`.
    """
    read = facts(_unwrapped(claim))
    parts = [_assess_sentence(part, prepare(source)) for part in _sentences(read)]
    if not parts:
        return Assessment("unverified", 0.0, "empty", "The claim has no words to compare.")
    worst = max(parts, key=lambda part: (_ORDER[part.label], -part.score))
    framed = None if any(part.decided for part in parts) else match_frame(claim, source)
    if framed is not None:
        return _by_frame(framed, _joint(parts), prepare(source))
    return Assessment(worst.label, _joint(parts), worst.method, worst.reason, _first_evidence(worst, parts))


def _by_frame(framed: FrameMatch, similar: float, source: Source) -> Assessment:
    """Judge a claim that states what contracts usually settle by the wording they settle it with."""
    score = round(0.85 * framed.score + 0.15 * similar, 4)
    span = framed.span
    if span is not None:
        touched = [(start, end) for start, end in source.facts.sentences if start < span[1] and span[0] < end]
        span = (touched[0][0], touched[-1][1])
    if score < _LOW:
        reason = f"The cited text has no wording that settles this as claimed ({framed.name})."
        return Assessment("unsupported", score, "wording", reason, span)
    reason = f"The cited text speaks of this ({framed.name}); comparison by code cannot tell whether as claimed."
    return Assessment("unverified", score, "wording", reason, span)


def _unwrapped(claim: str) -> str:
    """Return a claim without the line breaks that only wrap it, and without doubled spaces."""
    return _SPACES.sub(" ", _WRAP.sub(" ", _HYPHEN.sub("", claim)))


def _first_evidence(worst: _Found, parts: Sequence[_Found]) -> tuple[int, int] | None:
    return worst.evidence or next((part.evidence for part in parts if part.evidence), None)


def _joint(parts: Sequence[_Found]) -> float:
    """Weigh the weakest sentence as much as all together."""
    scores = [part.score for part in parts]
    return round(0.5 * min(scores) + 0.5 * sum(scores) / len(scores), 4)


def _sentences(read: Facts) -> list[Claimed]:
    parts: list[Claimed] = []
    for start, end in read.sentences:
        items = [item for item in read.items if start <= item.start < end]
        if not items:
            continue
        quantities = [quantity for quantity in read.quantities if start <= quantity.start < end]
        dates = [date for date in read.dates if start <= date.start < end]
        parts.append(Claimed(read.text, items, quantities, dates))
    return parts


def _assess_sentence(claimed: Claimed, source: Source) -> _Found:
    for alignment in verbatim(claimed.items, source):
        if _is_support(claimed.items, alignment, source.facts.text):
            return _Found(
                "supported", 1.0, "verbatim", "The cited text has these words.", alignment.evidence, decided=True
            )
    ranked = evidence_for(claimed.items, source)
    best: Alignment | None = None
    for number, around in [*((number, 0) for number in ranked[:3]), *((number, 1) for number in ranked[:1])]:
        alignment = align(claimed.items, source, number, around=around)
        if alignment is None or (best is not None and alignment.share < best.share):
            continue
        if _is_support(claimed.items, alignment, source.facts.text):
            reason = "The cited text has these words; only harmless ones are left out."
            return _Found("supported", 0.97, "near-verbatim", reason, alignment.evidence, decided=True)
        best = alignment if best is None or alignment.share > best.share else best
    evidence = evidence_items(source, ranked)
    found = findings(claimed, source, best, evidence)
    return _judged(found, similarity(claimed.items, source, evidence), best)


def _is_support(claim: list[Item], alignment: Alignment, text: str) -> bool:
    if alignment.matched_content < alignment.content:
        return False
    if not alignment.content:
        return not alignment.gaps
    negative = any(item.key in _LIMITING or is_negator(item) for item in claim)
    return (
        harmless(alignment, text, negative=negative)
        and lead_harmless(alignment, text)
        and trail_harmless(alignment, text, negative=negative)
    )


def _judged(found: Sequence[Finding], alike: Similarity, best: Alignment | None) -> _Found:
    evidence = (best.items[0].start, best.items[-1].end) if best is not None else None
    score = alike.score
    if found:
        worst = max(found, key=lambda finding: _ORDER[finding.label])
        score = min(0.4, score * _PENALTY.get(worst.method, 0.4) * 0.7 ** (len(found) - 1))
        decided = worst.method in _VALUES or (best is not None and best.share >= _CLOSE)
        return _Found(worst.label, score, worst.method, worst.reason, evidence, decided=decided)
    if best is not None and best.content and best.matched_content == best.content:
        reason = "The claim leaves out words of the cited sentence that may limit it."
        return _Found("unverified", min(score, 0.95), "omission", reason, evidence)
    if score < _LOW:
        lacking = ", ".join(f"“{item.token.text}”" for item in alike.absent[:3])
        reason = f"The cited text says nothing of {lacking}." if lacking else "The cited text speaks of something else."
        if alike.opposed or alike.denied:
            reason = f"The cited text seems to say otherwise of “{(*alike.opposed, *alike.denied)[0].token.text}”."
        return _Found("unsupported", score, "similarity", reason, evidence)
    reason = "The words agree in part; comparison by code cannot tell whether the cited text says this."
    return _Found("unverified", min(score, 0.95), "similarity", reason, evidence)
