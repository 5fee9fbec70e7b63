"""The summarizer: passages in, cited claims out."""

from collections.abc import Sequence

from agentkit.errors import InvalidResponseError
from agentkit.ports import ModelBackend
from agentkit.prompts import (
    ask_prompt,
    combine_prompt,
    parse_keep,
    parse_summary,
    revise_prompt,
    summarize_prompt,
)
from agentkit.types import Claim, Limits, Prompt, RejectedClaim, SafePassage, Summary

# A token is at least three characters of English, and an answer needs room beside the prompt.
_CHARS_PER_TOKEN = 3
_PROMPT_SHARE = 0.6


async def summarize(
    passages: Sequence[SafePassage], *, model: ModelBackend, focus: str, limits: Limits, prefix: str
) -> Summary:
    """Summarize one batch of passages; claim ids begin with `prefix`.

    Raises:
        BackendError: the model failed, or answered with nothing that can be read.
    """
    return await _write(summarize_prompt(passages, focus=focus, limits=limits), passages, model=model, prefix=prefix)


async def answer(
    question: str,
    passages: Sequence[SafePassage],
    *,
    model: ModelBackend,
    terms: Sequence[str],
    limits: Limits,
    prefix: str,
) -> Summary:
    """Answer a redacted question, best claim first; `answered` is False when the passages do not say."""
    prompt = ask_prompt(question, passages, terms=terms, limits=limits)
    return await _write(prompt, passages, model=model, prefix=prefix)


async def combine(claims: Sequence[Claim], *, model: ModelBackend, focus: str, limits: Limits) -> list[Claim]:
    """Choose the claims that together make the best summary.

    Candidates that do not fit one prompt are thinned group by group first. A model that names no known
    claim leaves the candidates as they are, cut to the limits later.
    """
    candidates = list(claims)
    room = int(model.context_tokens * _CHARS_PER_TOKEN * _PROMPT_SHARE)
    while len(candidates) > 1 and _size(candidates) > room:
        thinned: list[Claim] = []
        for group in _groups(candidates, room):
            half = Limits(max_claims=max(1, len(group) // 2))
            thinned += (await _choose(group, model=model, focus=focus, limits=half))[: half.max_claims]
        if len(thinned) >= len(candidates):
            break
        candidates = thinned
    return await _choose(candidates, model=model, focus=focus, limits=limits)


async def revise(
    rejected: Sequence[RejectedClaim], passages: Sequence[SafePassage], *, model: ModelBackend, prefix: str
) -> list[Claim]:
    """Let the writer mend rejected claims; what it leaves out is gone."""
    completion = await model.complete(revise_prompt(rejected, passages))
    return parse_summary(completion.text, passages, prefix=prefix).claims


def batches(passages: Sequence[SafePassage], *, model: ModelBackend) -> list[list[SafePassage]]:
    """Cut passages into batches that fit the model, in order, preferring to break where a section ends."""
    room = int(model.context_tokens * _CHARS_PER_TOKEN * _PROMPT_SHARE)
    result: list[list[SafePassage]] = []
    size = 0
    for passage in passages:
        new_section = bool(result) and result[-1][-1].section.split(" > ")[0] != passage.section.split(" > ")[0]
        if not result or size + len(passage.text) > room or (new_section and size > room * 0.7):
            result.append([])
            size = 0
        result[-1].append(passage)
        size += len(passage.text) + 80
    return result


async def _write(prompt: Prompt, passages: Sequence[SafePassage], *, model: ModelBackend, prefix: str) -> Summary:
    completion = await model.complete(prompt)
    summary = parse_summary(completion.text, passages, prefix=prefix)
    if summary.problems:
        reason = "; ".join(summary.problems)
        raise InvalidResponseError(f"{model.name} answered with nothing that can be used: {reason}.", model=model.name)
    return summary


async def _choose(claims: Sequence[Claim], *, model: ModelBackend, focus: str, limits: Limits) -> list[Claim]:
    completion = await model.complete(combine_prompt(claims, focus=focus, limits=limits))
    return parse_keep(completion.text, claims) or list(claims)


def _size(claims: Sequence[Claim]) -> int:
    return sum(len(claim.text) + 30 for claim in claims)


def _groups(claims: Sequence[Claim], room: int) -> list[list[Claim]]:
    groups: list[list[Claim]] = []
    size = 0
    for claim in claims:
        if not groups or size + len(claim.text) + 30 > room:
            groups.append([])
            size = 0
        groups[-1].append(claim)
        size += len(claim.text) + 30
    return groups
