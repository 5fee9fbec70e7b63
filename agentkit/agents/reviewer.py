"""The reviewer: every claim against the exact words it cites, by code first, by a judge where code cannot know."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentkit.errors import BackendError
from agentkit.ports import ModelBackend
from agentkit.prompts.build import judge_prompt
from agentkit.prompts.parse import parse_verdict
from agentkit.text.sentences import split_sentences
from agentkit.text.support import assess
from agentkit.types import Assessment, Citation, Claim, SafePassage, Verdict

_JUDGES_AT_ONCE = 8
_EXACT = frozenset({"numbers", "dates", "names"})


async def review(
    claims: Sequence[Claim], passages: Sequence[SafePassage], *, judge: ModelBackend | None = None
) -> list[Verdict]:
    """Give each claim a verdict, in order.

    A claim is compared with the joined words of its citations, and with the passages around them: words
    cut out of a sentence that limits them are not supported by it. What code cannot decide goes to the
    judge, where there is one; what code found to mismatch exactly never does. A judge that fails or
    answers with nothing usable leaves the claim unverified.

    Args:
        claims: in redacted text, with citations in source offsets.
        passages: at least those that the claims cite.
        judge: a model that decides unverified claims.
    Raises:
        BudgetExceededError: a call to the judge does not fit the budget.
    """
    known = {passage.id: passage for passage in passages}
    verdicts = [_by_code(claim, known) for claim in claims]
    if judge is None:
        return verdicts
    gate = asyncio.Semaphore(_JUDGES_AT_ONCE)
    tasks = [
        asyncio.create_task(_by_judge(claim, verdict, known, judge=judge, gate=gate))
        for claim, verdict in zip(claims, verdicts, strict=True)
    ]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def cited_text(citation: Citation, passage: SafePassage) -> str:
    """Return the words of a citation in the passage's safe text; a span that cuts a placeholder is widened.

    Empty where the citation lies outside the passage.
    """
    start, end = _safe_span(citation, passage)
    return passage.text[start:end]


def _safe_span(citation: Citation, passage: SafePassage) -> tuple[int, int]:
    start, end = max(citation.start, passage.start), min(citation.end, passage.end)
    if citation.source != passage.source or start >= end:
        return 0, 0
    return _safe_offset(passage, start, is_end=False), _safe_offset(passage, end, is_end=True)


def _safe_offset(passage: SafePassage, offset: int, *, is_end: bool) -> int:
    safe = offset - passage.start
    for item in passage.replacements:
        if offset <= item.source_start:
            break
        if offset < item.source_end:
            return item.end if is_end else item.start
        safe = item.end + (offset - item.source_end)
    return min(safe, len(passage.text))


def _by_code(claim: Claim, known: Mapping[str, SafePassage]) -> Verdict:
    if not claim.citations:
        return Verdict(claim.id, "unsupported", 0.0, "citation", "The claim cites nothing.")
    if any(citation.passage not in known for citation in claim.citations):
        return Verdict(claim.id, "unsupported", 0.0, "citation", "The claim cites a passage that does not exist.")
    cited = [(citation, known[citation.passage]) for citation in claim.citations]
    quotes = [cited_text(citation, passage) for citation, passage in cited]
    if not all(quote.strip() for quote in quotes):
        return Verdict(claim.id, "unsupported", 0.0, "citation", "A citation points outside its passage.")
    found = _assessed(claim.text, cited, quotes)
    return Verdict(claim.id, found.label, found.score, found.method, found.reason)


def _assessed(text: str, cited: Sequence[tuple[Citation, SafePassage]], quotes: Sequence[str]) -> Assessment:
    found = assess(text, "\n\n".join(quotes))
    if found.label == "supported":
        return _in_context(text, found, cited)
    if found.label != "unsupported" or found.method not in _EXACT:
        return found
    around = assess(text, _joined(cited))
    if around.label not in ("supported", "unverified"):
        return found
    reason = "Only the passage around the cited words says this; the citation is too short."
    return Assessment("unverified", min(found.score, around.score), found.method, reason, found.evidence)


def _in_context(text: str, found: Assessment, cited: Sequence[tuple[Citation, SafePassage]]) -> Assessment:
    """Look at the sentence around a quote that was cut out of it."""
    if all(_whole_sentences(citation, passage) for citation, passage in cited):
        return found
    around = assess(text, _joined(cited))
    if around.label == "supported":
        return found
    reason = "The cited words are cut out of a sentence that may limit them."
    return replace(found, label="unverified", score=min(found.score, 0.7), method="context", reason=reason)


def _joined(cited: Sequence[tuple[Citation, SafePassage]]) -> str:
    return "\n\n".join(dict.fromkeys(passage.text for _, passage in cited))


def _whole_sentences(citation: Citation, passage: SafePassage) -> bool:
    start, end = _safe_span(citation, passage)
    end = start + len(passage.text[start:end].rstrip())
    sentences = split_sentences(passage.text)
    return any(first == start for first, _ in sentences) and any(last == end for _, last in sentences)


async def _by_judge(
    claim: Claim, verdict: Verdict, known: Mapping[str, SafePassage], *, judge: ModelBackend, gate: asyncio.Semaphore
) -> Verdict:
    if verdict.label != "unverified":
        return verdict
    passages = list({citation.passage: known[citation.passage] for citation in claim.citations}.values())
    if any(passage.quarantined for passage in passages):
        return replace(verdict, reason="A cited passage carries instructions and is shown to no judge.")
    try:
        async with gate:
            completion = await judge.complete(judge_prompt(claim, passages))
    except BackendError as error:
        return replace(verdict, reason=f"{verdict.reason} The judge could not be asked: {error}")
    answer = parse_verdict(completion.text)
    if answer is None:
        return replace(verdict, reason=f"{verdict.reason} The judge gave no usable answer.")
    label, score, reason = answer
    return Verdict(claim.id, label, score, "judge", reason)
