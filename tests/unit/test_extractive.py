"""The embedded model, by what it answers to each task."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentkit.adapters.embedded import ExtractiveBackend
from agentkit.agents import review
from agentkit.prompts import (
    ask_prompt,
    combine_prompt,
    judge_prompt,
    parse_keep,
    parse_summary,
    revise_prompt,
    summarize_prompt,
)
from agentkit.text.splitting import split_document
from agentkit.text.structure import find_sections
from agentkit.types import Citation, Claim, Document, Limits, RejectedClaim, Replacement, SafePassage

CONTRACT = """WAREHOUSING AND DISTRIBUTION AGREEMENT

TABLE OF CONTENTS
1. Term ........................................ 2
2. Charges ..................................... 3

THIS AGREEMENT is made on 5 March 2019 between HARROWGATE BREWING LIMITED, a company with its registered
office at 1 Mash Lane, Leeds (the "Brewer") and NORTHFIELD LOGISTICS LLP (the "Carrier").

1. TERM
1.1 This agreement begins on the Commencement Date and shall continue for five years and thereafter from year to
year unless either party gives the other not less than six months' written notice before any anniversary.

2. CHARGES
2.1 The Brewer shall pay the Carrier £14.20 per pallet per week within 28 days of the date of the invoice.
2.2 In addition, the Brewer shall order a minimum of 900 pallets in each quarter.

3. LIABILITY
3.1 The Carrier's total liability in each contract year shall not exceed £250,000.

4. TERMINATION
4.1 Therefore, either party may terminate this agreement at any time upon 90 days' written notice.

5. GENERAL
5.1 Headings are for convenience only and do not affect the construction of this agreement.
5.2 Neither party may assign this agreement without the prior written consent of the other.
5.3 This agreement shall be governed by the law of England and Wales.
5.4 This agreement may be executed in counterparts, each of which is deemed an original.

IN WITNESS WHEREOF the parties have signed.
By: ______________________ Name: Anna Pell Title: Director
"""

JUDGMENT = (
    "Civil Appeal No. 41 of 1957. Appeal from the judgment of the Calcutta High Court. B. Sen and P. Roy, for the "
    "appellant. S. Das, for the respondent. The Judgment of the Court was delivered by MITRA J. The appellant is "
    "the owner of a ferry at Naihati, and the respondent is the municipality which levied a toll upon its "
    "passengers. The question is whether section 12 of the Bengal Ferries Act, 1885, permits a municipality to "
    "levy a toll on a private ferry. Learned counsel for the appellant contended that the word public in section "
    "6 governs the whole of the Act. The Act distinguishes throughout between public ferries and private ferries. "
    "We hold that section 12 of the Bengal Ferries Act, 1885, applies to public ferries only and that a toll on a "
    "private ferry is without authority of law. The appeal is therefore allowed with costs."
)


def passages_of(text: str, source: int = 0) -> list[SafePassage]:
    document = Document(source, "test.txt", "text/plain", "", text, sections=find_sections(text))
    return [
        SafePassage(p.id, p.source, p.start, p.end, p.text, p.page, p.locator, p.section, p.kind)
        for p in split_document(document)
    ]


async def drafts(passages: Sequence[SafePassage], focus: str = "") -> list[Claim]:
    completion = await ExtractiveBackend().complete(summarize_prompt(passages, focus=focus, limits=Limits()))
    return parse_summary(completion.text, passages, prefix="c").claims


async def summary(
    passages: Sequence[SafePassage], max_words: int | None, focus: str = "", max_claims: int | None = None
) -> list[Claim]:
    claims = await drafts(passages, focus)
    limits = Limits(max_words=max_words, max_claims=max_claims)
    completion = await ExtractiveBackend().complete(combine_prompt(claims, focus=focus, limits=limits))
    return parse_keep(completion.text, claims) or []


def words(claims: Sequence[Claim]) -> int:
    return sum(len(claim.text.split()) for claim in claims)


async def test_a_contract_is_summed_up_by_what_a_lawyer_looks_for() -> None:
    text = " ".join(claim.text for claim in await summary(passages_of(CONTRACT), 180))
    for fact in (
        "WAREHOUSING AND DISTRIBUTION AGREEMENT",
        "5 March 2019",
        "HARROWGATE BREWING LIMITED",
        "NORTHFIELD LOGISTICS LLP",
        "five years",
        "£14.20",
        "900 pallets",
        "£250,000",
        "90 days' written notice",
        "prior written consent",
        "England and Wales",
    ):
        assert fact in text


async def test_contents_signatures_and_boilerplate_stay_out() -> None:
    text = " ".join(claim.text for claim in await summary(passages_of(CONTRACT), 180))
    assert [word for word in ("....", "Anna Pell", "counterparts", "Headings") if word in text] == []


async def test_claims_come_in_the_order_of_the_document_and_can_be_read_alone() -> None:
    claims = await summary(passages_of(CONTRACT), 180)
    starts = [claim.citations[-1].start for claim in claims]
    assert starts == sorted(starts)
    assert all(claim.text[0].isupper() and claim.text[-1] in ".…" for claim in claims)
    assert "Either party may terminate this agreement at any time upon 90 days' written notice." in [
        claim.text for claim in claims
    ]


async def test_review_by_code_finds_every_claim_supported() -> None:
    passages = passages_of(CONTRACT)
    verdicts = await review(await summary(passages, None), passages)
    assert [verdict for verdict in verdicts if verdict.label != "supported"] == []


@pytest.mark.parametrize("limit", [8, 20, 45, 90, 150, 400])
async def test_the_limit_of_words_is_never_passed(limit: int) -> None:
    claims = await summary(passages_of(CONTRACT), limit)
    assert 0 < words(claims) <= limit or limit == 8


async def test_the_limit_of_claims_is_never_passed() -> None:
    assert len(await summary(passages_of(CONTRACT), None, max_claims=3)) == 3


async def test_a_focus_leaves_out_what_does_not_concern_it() -> None:
    claims = await summary(passages_of(CONTRACT), 60, "charges and payment")
    text = " ".join(claim.text for claim in claims)
    assert "£14.20" in text
    assert "England and Wales" not in text


async def test_a_judgment_is_summed_up_by_its_question_holding_and_result() -> None:
    text = " ".join(claim.text for claim in await summary(passages_of(JUDGMENT), 110))
    assert "We hold that section 12 of the Bengal Ferries Act, 1885, applies to public ferries only" in text
    assert "appeal is therefore allowed" in text
    assert "B. Sen" not in text


async def test_the_date_of_signing_is_found_where_the_opening_has_none() -> None:
    text = CONTRACT.replace(" on 5 March 2019", "").replace(
        "parties have signed.", "parties have executed this agreement on 7 May 2019."
    )
    shown = " ".join(claim.text for claim in await summary(passages_of(text), 180))
    assert "executed this agreement on 7 May 2019" in shown


LISTED = """SUPPLY AGREEMENT

DATED 9 June 2021

PARTIES

(1) ORCHARD FOODS LIMITED, a company whose registered office is at 2 Mill Road, Derby (the "Supplier"); and
(2) HALCYON STORES PLC, a company whose registered office is at 8 High Street, York (the "Customer").

AGREED TERMS

1. SUPPLY
1.1 The Supplier shall sell and the Customer shall buy the Products at the prices in Schedule 1.
1.2 This agreement shall be governed by the law of England and Wales.
"""


async def test_parties_are_found_in_a_list_under_their_own_heading() -> None:
    text = " ".join(claim.text for claim in await summary(passages_of(LISTED), 200))
    assert [
        name for name in ("SUPPLY AGREEMENT", "9 June 2021", "ORCHARD FOODS", "HALCYON STORES") if name not in text
    ] == []


async def test_text_in_quarantine_is_never_shown() -> None:
    passages = [
        replace(item, quarantined="£250,000" in item.text) if item.kind == "body" else item
        for item in passages_of(CONTRACT)
    ]
    assert all("250,000" not in claim.text for claim in await drafts(passages))


async def test_placeholders_pass_through_and_count_as_the_words_they_hide() -> None:
    text = "The Landlord shall send every notice under this Lease to <PERSON_1> at <STREET_ADDRESS_1> within 3 days."
    passage = SafePassage("d0p0", 0, 0, 140, text, replacements=[Replacement(59, 69, 59, 79, "<PERSON_1>")])
    claims = await drafts([passage])
    assert any("<PERSON_1>" in claim.text for claim in claims)
    assert all("<PERSON_1>" not in claim.text for claim in await summary([passage], 21))


async def test_several_documents_are_all_heard() -> None:
    claims = await summary([*passages_of(CONTRACT), *passages_of(JUDGMENT, source=1)], 300)
    assert {claim.citations[0].source for claim in claims} == {0, 1}


async def test_a_rejected_claim_becomes_the_words_it_cites() -> None:
    passages = passages_of(CONTRACT)
    cited = next(item for item in passages if "£250,000" in item.text)
    wrong = Claim("c1", "Liability is unlimited.", [Citation(0, cited.start, cited.end, cited.id)])
    lost = Claim("c2", "Nothing supports this.", [Citation(0, 0, 5, "d0p999")])
    rejected = [RejectedClaim(wrong, "contradicted"), RejectedClaim(lost, "unsupported")]
    completion = await ExtractiveBackend().complete(revise_prompt(rejected, passages))
    revised = parse_summary(completion.text, passages, prefix="r").claims
    assert len(revised) == 1
    assert "shall not exceed £250,000." in revised[0].text
    assert revised[0].citations == wrong.citations


async def test_it_judges_nothing() -> None:
    claim = Claim("c1", "The rent is due.", [])
    completion = await ExtractiveBackend().complete(judge_prompt(claim, passages_of(CONTRACT)))
    assert json.loads(completion.text)["label"] == "unverified"


async def test_a_question_is_answered_with_the_documents_own_sentence() -> None:
    passages = passages_of(CONTRACT)
    prompt = ask_prompt("Which law governs the agreement?", passages, terms=[], limits=Limits(max_claims=3))
    found = parse_summary((await ExtractiveBackend().complete(prompt)).text, passages, prefix="a")
    assert found.answered
    assert "England and Wales" in found.claims[0].text


def test_it_costs_nothing_and_reads_everything_at_once() -> None:
    model = ExtractiveBackend()
    assert model.name == "embedded/extractive"
    assert model.deterministic
    assert model.context_tokens > 10_000_000
    asyncio.run(model.aclose())


SENTENCE = st.sampled_from(
    [part.strip() for part in (CONTRACT + JUDGMENT).replace("\n", " ").split(". ") if part.strip()]
    + ["", "x", "§ 3 (a)", "“Ünïcode” 条項。", "(i); (ii); (iii)", "---- ____", "WHEREAS, and whereas;"]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(SENTENCE, min_size=1, max_size=30), st.integers(1, 120))
def test_whatever_the_text_quotes_are_exact_and_limits_hold(parts: list[str], limit: int) -> None:
    passages = passages_of(". ".join(parts) + ".")
    prompt = summarize_prompt(passages, focus="", limits=Limits())
    first = asyncio.run(ExtractiveBackend().complete(prompt)).text
    assert first == asyncio.run(ExtractiveBackend().complete(prompt)).text
    texts = {item.id: item.text for item in passages}
    for row in json.loads(first)["claims"]:
        assert row["citations"]
        for quote in row["citations"]:
            assert texts[quote["passage"]].startswith(quote["quote"], quote["start"])
    assert words(asyncio.run(summary(passages, limit))) <= limit
