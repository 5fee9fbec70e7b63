"""How many of the facts of two contracts, listed before the model was last changed, its summaries hold."""

from pathlib import Path

import pytest

from agentkit.adapters.embedded import ExtractiveBackend
from agentkit.agents import review
from agentkit.prompts import combine_prompt, parse_keep, parse_summary, summarize_prompt
from agentkit.text.splitting import split_document
from agentkit.text.structure import find_sections
from agentkit.types import Claim, Document, Limits, SafePassage

FOLDER = Path(__file__).with_name("summaries")


def contract(name: str) -> tuple[list[SafePassage], list[str]]:
    text, facts = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").split("\n===\n")
    document = Document(0, f"{name}.txt", "text/plain", "", text, sections=find_sections(text))
    passages = [
        SafePassage(p.id, p.source, p.start, p.end, p.text, p.page, p.locator, p.section, p.kind)
        for p in split_document(document)
    ]
    return passages, [line.split(" | ")[1] for line in facts.splitlines() if line]


async def summary(passages: list[SafePassage], max_words: int) -> list[Claim]:
    model = ExtractiveBackend()
    first = await model.complete(summarize_prompt(passages, focus="", limits=Limits()))
    claims = parse_summary(first.text, passages, prefix="c").claims
    chosen = await model.complete(combine_prompt(claims, focus="", limits=Limits(max_words=max_words)))
    return parse_keep(chosen.text, claims) or []


@pytest.mark.parametrize(
    ("name", "max_words", "least"),
    [("reseller", 400, 0.5), ("reseller", 600, 0.7), ("hosting", 400, 0.45), ("hosting", 600, 0.65)],
)
async def test_a_summary_holds_most_facts_that_fit_and_every_claim_is_supported(
    name: str, max_words: int, least: float
) -> None:
    passages, facts = contract(name)
    kept = await summary(passages, max_words)
    shown = " ".join(claim.text for claim in kept)
    assert sum(fact in shown for fact in facts) >= least * len(facts)
    assert len(shown.split()) <= max_words
    assert {verdict.label for verdict in await review(kept, passages)} == {"supported"}


async def test_a_list_whose_items_are_passages_of_their_own_is_one_claim() -> None:
    passages, _ = contract("hosting")
    (cap,) = [claim for claim in await summary(passages, 600) if "greater of" in claim.text]
    assert "(a) £310,000; and (b) 140 per cent of the charges" in cap.text
    assert len({citation.passage for citation in cap.citations}) == 3
