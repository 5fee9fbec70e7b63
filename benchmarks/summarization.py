"""Summaries of the embedded model beside lead-k, LexRank and TextRank, at the same length.

Usage: python benchmarks/summarization.py [--data ../shared/data/dev] [--task keyfacts|plain|judgments]
"""

import asyncio
import json

from agentkit.adapters.embedded import ExtractiveBackend
from agentkit.text.splitting import split_document
from agentkit.text.structure import find_sections
from agentkit.types import Citation, Claim, Document, Limits, Prompt, SafePassage


def passages_of(text: str) -> list[SafePassage]:
    document = Document(0, "bench.txt", "text/plain", "", text, sections=find_sections(text))
    return [
        SafePassage(p.id, p.source, p.start, p.end, p.text, p.page, p.locator, p.section, p.kind)
        for p in split_document(document)
    ]


def ours(text: str, max_words: int, _id: str = "") -> str:
    return " ".join(claim.text for claim in kept(text, max_words))


def kept(text: str, max_words: int | None) -> list[Claim]:
    return asyncio.run(_summary(text, Limits(max_words=max_words)))


async def _summary(text: str, limits: Limits) -> list[Claim]:
    model, passages = ExtractiveBackend(), passages_of(text)
    by_id = {item.id: item for item in passages}
    prompt = Prompt("writer", "summarize", "bench", "", passages=passages, limits=limits)
    claims = []
    for number, item in enumerate(json.loads((await model.complete(prompt)).text)["claims"]):
        cites = []
        for quote in item["citations"]:
            passage = by_id[quote["passage"]]
            begin = passage.start + quote["start"]
            assert text[begin : begin + len(quote["quote"])] == quote["quote"]
            cites.append(Citation(0, begin, begin + len(quote["quote"]), passage.id))
        section = by_id[item["citations"][-1]["passage"]].section
        claims.append(Claim(f"c{number}", item["text"], cites, section, item["salience"], item["topic"]))
    combine = Prompt("writer", "combine", "bench", "", claims=claims, limits=limits)
    keep = json.loads((await model.complete(combine)).text)["keep"]
    chosen = {claim.id: claim for claim in claims}
    return [chosen[name] for name in keep]
