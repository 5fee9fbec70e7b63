"""The editor: what becomes of claims once they are reviewed. No model is asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agentkit.types import Claim, Limits, RejectedClaim, RemovedClaim, TaskKind, Verdict

Policy = Literal["remove", "flag"]
Outcome = Literal["approved", "needs_review", "unanswered"]
_FAILED = ("unsupported", "contradicted")


@dataclass(frozen=True, slots=True)
class Settled:
    """Claims that stay, and those that do not."""

    claims: list[Claim]
    removed: list[RemovedClaim]


def rejected(claims: Sequence[Claim], verdicts: Sequence[Verdict]) -> list[RejectedClaim]:
    """Return the claims the reviewer did not find supported, with its reasons."""
    by_id = {verdict.claim_id: verdict for verdict in verdicts}
    return [
        RejectedClaim(claim, by_id[claim.id].reason or by_id[claim.id].label)
        for claim in claims
        if claim.id in by_id and by_id[claim.id].label != "supported"
    ]


def worth_revising(sent_back: Sequence[RejectedClaim], verdicts: Sequence[Verdict], *, deterministic: bool) -> bool:
    """Tell whether the writer can do better: a deterministic one has no other words for what is only unverified."""
    failed = {verdict.claim_id for verdict in verdicts if verdict.label in _FAILED}
    return any(item.claim.id in failed or not deterministic for item in sent_back)


def settle(claims: Sequence[Claim], verdicts: Sequence[Verdict], *, policy: Policy) -> Settled:
    """Remove what failed review, or keep it flagged; *unverified* claims stay, and the status says so."""
    by_id = {verdict.claim_id: verdict for verdict in verdicts}
    kept: list[Claim] = []
    removed: list[RemovedClaim] = []
    for claim in claims:
        verdict = by_id.get(claim.id)
        failed = verdict is None or verdict.label in _FAILED
        if failed and policy == "remove":
            reason = f"{verdict.label}: {verdict.reason}" if verdict else "it was not reviewed"
            removed.append(RemovedClaim(claim.text, reason))
        else:
            kept.append(claim)
    return Settled(kept, removed)


def merge_revised(
    claims: Sequence[Claim], sent_back: Sequence[RejectedClaim], revised: Sequence[Claim]
) -> tuple[list[Claim], list[RemovedClaim]]:
    """Put each revised claim where the first rejected one that cites the same passage stood, under its id.

    Returns:
        The new claims, and the rejected ones that nothing replaced.
    """
    waiting = list(revised)
    reasons = {item.claim.id: item.reason for item in sent_back}
    result: list[Claim] = []
    removed: list[RemovedClaim] = []
    for claim in claims:
        if claim.id not in reasons:
            result.append(claim)
            continue
        places = {citation.passage for citation in claim.citations}
        match = next((item for item in waiting if places & {c.passage for c in item.citations}), None)
        if match is None:
            removed.append(RemovedClaim(claim.text, reasons[claim.id]))
        else:
            waiting.remove(match)
            result.append(replace(match, id=claim.id, salience=claim.salience, topic=match.topic or claim.topic))
    return result + waiting, removed


def within(
    claims: Sequence[Claim], limits: Limits, *, words: Callable[[str], int], keep: Sequence[str] = ()
) -> list[Claim]:
    """Drop the least salient claims until the limits hold; order is kept, `keep` (ids) goes last.

    Args:
        claims: in reading order.
        limits: hard limits.
        words: counts the words of a claim as the user will see it.
        keep: ids of claims that something else (a checklist) refers to.
    """
    if limits.max_claims is None and limits.max_words is None:
        return list(claims)
    special = set(keep)
    ranked = sorted(enumerate(claims), key=lambda pair: (pair[1].id not in special, -pair[1].salience, pair[0]))
    chosen: set[int] = set()
    left = limits.max_words if limits.max_words is not None else 10**9
    for index, claim in ranked:
        size = words(claim.text)
        if size <= left and (limits.max_claims is None or len(chosen) < limits.max_claims):
            chosen.add(index)
            left -= size
    return [claim for index, claim in enumerate(claims) if index in chosen]


def in_order(claims: Sequence[Claim]) -> list[Claim]:
    """Put claims in the order in which the documents say them; those that cite nothing go last."""
    last = (10**9, 10**9)
    return sorted(claims, key=lambda claim: min(((c.source, c.start) for c in claim.citations), default=last))


def renumber(claims: Sequence[Claim]) -> tuple[list[Claim], Mapping[str, str]]:
    """Give claims the ids c1, c2, … in order, joining those that say the same of the same place.

    Returns:
        The claims, and for each old id its new one.
    """
    result: list[Claim] = []
    seen: dict[object, str] = {}
    names: dict[str, str] = {}
    for claim in claims:
        key = (" ".join(claim.text.lower().split()), tuple((c.source, c.start, c.end) for c in claim.citations))
        if key not in seen:
            seen[key] = f"c{len(result) + 1}"
            result.append(replace(claim, id=seen[key]))
        names[claim.id] = seen[key]
    return result, names


def status(kind: TaskKind, claims: Sequence[Claim], verdicts: Sequence[Verdict]) -> Outcome:
    """Say what the user may rely on: approved only when every claim that is left is supported."""
    if not claims:
        return "unanswered" if kind == "ask" else "needs_review"
    supported = {verdict.claim_id for verdict in verdicts if verdict.label == "supported"}
    return "approved" if all(claim.id in supported for claim in claims) else "needs_review"
