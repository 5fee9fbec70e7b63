"""Judgments of several styles are known as such, and summed up much as their headnotes do."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from rouge_score import rouge_scorer

from agentkit.adapters.embedded import ExtractiveBackend
from agentkit.legal.judgments import floor_given, is_said, speaks_as_court, start_of_judgment
from agentkit.legal.salience_kinds import document_kind
from agentkit.prompts import combine_prompt, parse_keep, parse_summary, summarize_prompt
from agentkit.text.sentences import split_sentences
from agentkit.text.splitting import split_document
from agentkit.text.structure import find_sections
from agentkit.text.support import assess
from agentkit.types import Claim, Document, Limits, SafePassage

FOLDER = Path(__file__).parents[2] / "benchmarks" / "judgments"
SCORER = rouge_scorer.RougeScorer(["rouge2"], use_stemmer=True)
# What LexRank reaches on each at the same length (tf-idf with sublinear counts, similarities below 0.1 cut off).
LEXRANK = {
    "australia_guarantee": 0.262,
    "england_farm": 0.217,
    "england_lease": 0.361,
    "india_habeas": 0.434,
    "india_labour": 0.374,
    "india_mortgage": 0.422,
    "india_murder": 0.266,
    "india_rent": 0.371,
    "india_salestax": 0.449,
    "uksc_duty": 0.297,
    "us_arbitration": 0.344,
    "us_wages": 0.382,
}
SLACK = 0.05  # one sentence more or less of a short headnote is worth this much


def judgment(name: str) -> tuple[str, str]:
    text, headnote = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").split("\n===\n")
    return text, headnote


def as_one_line(text: str) -> str:
    return " ".join(text.split())


def as_lines(text: str) -> str:
    return "\n".join(as_one_line(text[start:end]) for start, end in split_sentences(text))


def without_head(text: str) -> str:
    return text[len(text) // 6 :]


def without_end(text: str) -> str:
    return text[: len(text) * 4 // 5]


def summary(text: str, max_words: int) -> list[Claim]:
    document = Document(0, "judgment.txt", "text/plain", "", text, sections=find_sections(text))
    passages = [
        SafePassage(p.id, p.source, p.start, p.end, p.text, p.page, p.locator, p.section, p.kind)
        for p in split_document(document)
    ]
    return asyncio.run(_summary(passages, max_words))


async def _summary(passages: list[SafePassage], max_words: int) -> list[Claim]:
    model = ExtractiveBackend()
    drafts = await model.complete(summarize_prompt(passages, focus="", limits=Limits()))
    claims = parse_summary(drafts.text, passages, prefix="c").claims
    chosen = await model.complete(combine_prompt(claims, focus="", limits=Limits(max_words=max_words)))
    return parse_keep(chosen.text, claims) or []


def rouge(headnote: str, text: str) -> float:
    return SCORER.score(headnote, text)["rouge2"].fmeasure


@pytest.fixture(scope="module")
def summaries() -> dict[str, list[Claim]]:
    """Summaries of a quarter of each judgment, at most 600 words."""
    texts = {name: judgment(name)[0] for name in LEXRANK}
    return {name: summary(text, min(600, len(text.split()) // 4)) for name, text in texts.items()}


def test_every_judgment_of_the_benchmark_is_measured() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(LEXRANK)


@pytest.mark.parametrize("form", [as_one_line, as_lines, without_head, without_end])
@pytest.mark.parametrize("name", LEXRANK)
def test_a_judgment_is_known_without_headings_head_or_end(name: str, form: Callable[[str], str]) -> None:
    assert document_kind(form(judgment(name)[0])) == "judgment"


def test_summaries_say_what_headnotes_say(summaries: dict[str, list[Claim]]) -> None:
    scores = {
        name: rouge(judgment(name)[1], " ".join(claim.text for claim in kept)) for name, kept in summaries.items()
    }
    behind = {name: score for name, score in scores.items() if score < LEXRANK[name] - SLACK}
    assert behind == {}
    mean = sum(scores.values()) / len(scores)
    assert mean >= 0.36
    assert mean >= sum(LEXRANK.values()) / len(LEXRANK) + 0.02


def test_summaries_use_the_words_they_may_and_are_supported(summaries: dict[str, list[Claim]]) -> None:
    for name, kept in summaries.items():
        text = judgment(name)[0]
        budget = min(600, len(text.split()) // 4)
        assert 0.9 * budget <= sum(len(claim.text.split()) for claim in kept) <= budget, name
        for claim in kept:
            quoted = "\n\n".join(text[item.start : item.end] for item in claim.citations)
            assert assess(claim.text, quoted).label == "supported", claim.text


def test_summaries_leave_out_counsel_and_dissents(summaries: dict[str, list[Claim]]) -> None:
    shown = {name: " ".join(claim.text for claim in kept) for name, kept in summaries.items()}
    assert "Hari Kishan Sud" not in shown["india_mortgage"]
    assert "Merriweather QC Alice Quill" not in shown["uksc_duty"]
    assert "I would reverse the award of liquidated damages" not in shown["us_wages"]


def test_the_result_is_in_the_summary(summaries: dict[str, list[Claim]]) -> None:
    shown = {name: " ".join(claim.text for claim in kept) for name, kept in summaries.items()}
    assert "the appeal is dismissed so far as the conviction is concerned" in shown["india_murder"]
    assert "The result is that the appeal is allowed" in shown["india_mortgage"]


SETTLEMENT = """SETTLEMENT AGREEMENT

This Settlement Agreement is made between Anna Pell (the "Plaintiff") and Orchard Foods Limited (the "Defendant").

WHEREAS the Plaintiff alleged in the District Court that the Defendant had failed to pay wages; WHEREAS the Defendant
denied the allegation; and WHEREAS the parties wish to avoid the costs of a trial and of any appeal;

1. The Defendant shall pay to the Plaintiff the sum of $40,000 within thirty days after the Court has dismissed the
action. 2. The Plaintiff shall file a stipulation of dismissal, and the Defendant shall not contend in any court that
the action was frivolous. 3. Each party shall bear its own costs. 4. This Agreement is governed by the laws of Ohio.
"""
LETTER = """Pell & Orchard LLP
12 Mill Road, Derby

Dear Sirs,

We act for the claimant. It was argued for the defendant before the Master that the claim was out of time, and the
Master dismissed that argument. The defendant appealed, and the judge held on 3 May that the appeal must be dismissed.
In our view the judgment is right, and we think that a further appeal would fail. Counsel has advised that the Court
of Appeal would reject the submissions that your client relied on below. We invite your client to pay the costs that
the court ordered within fourteen days, failing which we are instructed to apply for a judgment debtor's examination.

Yours faithfully
"""
STATUTE = """Section 12. Appeals. (1) A person aggrieved by a decision of the tribunal may appeal to the High Court on a
question of law. (2) The court may affirm, reverse or vary the decision, or remit the matter to the tribunal. (3) No
appeal shall be allowed unless the appellant has given notice to the respondent within thirty days. Section 13. Costs.
The court may order the appellant to give security. Section 14. Regulations. The Minister may by regulations provide
for the fees to be taken, for the forms to be used, and for the manner in which notices are to be served. Section 15.
Offences. A person who obstructs an officer commits an offence and is liable to a fine not exceeding level 3.
"""


@pytest.mark.parametrize("text", [SETTLEMENT, LETTER, STATUTE])
def test_what_only_speaks_of_courts_is_no_judgment(text: str) -> None:
    assert not speaks_as_court(text)
    assert document_kind(text) != "judgment"


def test_a_settlement_of_a_suit_is_a_contract() -> None:
    assert document_kind(SETTLEMENT) == "contract"


def test_the_judge_begins_after_parties_and_counsel() -> None:
    text = (
        "Appeal No. 3 of 1951. A. Sen, for the appellant. 1952. May 5. The Judgment of the Court was delivered by "
        "DAS J. This appeal raises the question whether a ferry is a highway. The ferry crosses the Hooghly."
    )
    first = start_of_judgment(text)
    assert text[first:].startswith("The Judgment of the Court")
    sentence = text[first : text.index(" The ferry")]
    assert sentence[floor_given(sentence) :] == "This appeal raises the question whether a ferry is a highway."


def test_nobody_is_given_the_floor_in_an_ordinary_sentence() -> None:
    assert floor_given("The goods were delivered by the carrier to the buyer at Howrah.") == 0


@pytest.mark.parametrize(
    "sentence",
    [
        "She left school at the age of ten.",
        "The ground should be upheld.",
        "We see no substance in this argument.",
        "The tenants put one Harnam Singh in possession of a portion of the shop.",
    ],
)
def test_a_sentence_has_a_verb_whatever_its_tense(sentence: str) -> None:
    assert is_said(sentence)


@pytest.mark.parametrize("line", ["M. C. Setal and D. N. Gupte, for the appellant.", "Petition under article 32."])
def test_a_caption_has_none(line: str) -> None:
    assert not is_said(line)
