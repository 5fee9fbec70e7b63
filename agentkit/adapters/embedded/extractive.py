"""The embedded model: it chooses sentences, shortens them lightly and cites them exactly."""

import json
import re
from collections.abc import Sequence
from typing import TypedDict

from agentkit.legal.salience import topic_scores
from agentkit.legal.salience_choice import Candidate, choose
from agentkit.legal.salience_contracts import Draft, contract_drafts
from agentkit.legal.salience_preamble import title_of
from agentkit.legal.salience_units import Unit, units
from agentkit.legal.tidy import readable
from agentkit.types import Claim, Completion, Prompt, SafePassage, Usage

_TOKEN = re.compile(r"[a-z0-9]{3,}")
_DEFAULT_WORDS = 400
_NAME = "embedded/extractive"


class _Quote(TypedDict):
    passage: str
    quote: str
    start: int


class _Answer(TypedDict):
    text: str
    citations: list[_Quote]
    salience: float
    topic: str


class ExtractiveBackend:
    """A deterministic model without weights, behind the same port as any other."""

    @property
    def name(self) -> str:
        return _NAME

    @property
    def context_tokens(self) -> int:
        return 100_000_000

    @property
    def deterministic(self) -> bool:
        return True

    async def complete(self, prompt: Prompt, /) -> Completion:
        tasks = {"summarize": _summarize, "combine": _combine, "revise": _revise, "judge": _judge, "ask": _summarize}
        return Completion(text=json.dumps(tasks[prompt.task](prompt), ensure_ascii=False), model=_NAME, usage=Usage())

    async def aclose(self) -> None:
        return None


def _summarize(prompt: Prompt) -> dict[str, object]:
    passages = [item for item in prompt.passages if not item.quarantined]
    claims: list[_Answer] = []
    for source in dict.fromkeys(item.source for item in passages):
        claims += _claims([item for item in passages if item.source == source], prompt)
    return {"answered": True, "claims": claims}


def _claims(passages: Sequence[SafePassage], prompt: Prompt) -> list[_Answer]:
    sentences: list[Unit] = []
    for number, item in enumerate(passages):
        if item.kind not in ("contents", "signatures", "heading"):
            sentences += units(item.text, item.section, number)
    drafts = contract_drafts(sentences, _titles(passages), prompt.limits.max_words or 10_000)
    return [_answer(draft, passages) for draft in drafts]


def _titles(passages: Sequence[SafePassage]) -> list[tuple[int, int, int, str]]:
    for number, item in enumerate(passages[:6]):
        title = title_of([item.text[:400]])
        pattern = re.compile(r"\s+".join(map(re.escape, title.split()))) if title else None
        match = pattern.search(item.text) if pattern else None
        if match:
            return [(number, match.start(), match.end(), title)]
    return []


def _answer(draft: Draft, passages: Sequence[SafePassage]) -> _Answer:
    quotes: list[_Quote] = [
        {"passage": passages[number].id, "quote": passages[number].text[start:end], "start": start}
        for number, start, end in draft.quotes
    ]
    return {"text": draft.text, "citations": quotes, "salience": draft.salience, "topic": draft.topic}


def _combine(prompt: Prompt) -> dict[str, object]:
    candidates = [_candidate(claim) for claim in prompt.claims]
    kept = choose(candidates, max_words=prompt.limits.max_words or _DEFAULT_WORDS, max_claims=prompt.limits.max_claims)
    return {"keep": [prompt.claims[i].id for i in kept]}


def _candidate(claim: Claim) -> Candidate:
    last = claim.citations[-1]
    tokens = frozenset(_TOKEN.findall(claim.text.lower()))
    scores = topic_scores(claim.text, claim.section)
    if claim.topic == "parties":
        scores = {"parties": 1.0, **{k: v for k, v in scores.items() if k.endswith("date")}}
    return Candidate(len(claim.text.split()), scores, 0.02, (last.source, last.start, last.end), tokens)


def _revise(prompt: Prompt) -> dict[str, object]:
    claims: list[_Answer] = []
    texts = {item.id: item for item in prompt.passages if not item.quarantined}
    for rejected in prompt.rejected:
        for citation in rejected.claim.citations[:1]:
            passage = texts.get(citation.passage)
            if passage is not None:
                start, end = citation.start - passage.start, citation.end - passage.start
                quote = passage.text[start:end]
                quotes: list[_Quote] = [{"passage": passage.id, "quote": quote, "start": start}]
                claims.append(
                    {"text": readable(quote), "citations": quotes, "salience": 0.5, "topic": rejected.claim.topic}
                )
    return {"answered": True, "claims": claims}


def _judge(prompt: Prompt) -> dict[str, object]:
    return {"label": "unverified", "score": 0.5, "reason": f"{_NAME} cannot judge {prompt.task}"}
