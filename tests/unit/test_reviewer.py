import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentkit.agents.reviewer import cited_text, review
from agentkit.errors import BackendTimeoutError, BudgetExceededError
from agentkit.testing.fakes import ScriptedBackend
from agentkit.text.spans import replace_spans, to_source
from agentkit.types import Citation, Claim, SafePassage

TEXT = (
    "The Tenant shall pay rent of $5,000 per month. The Landlord shall insure the Building. "
    "If the Landlord agrees in writing, the Tenant may keep a dog."
)
PASSAGE = SafePassage(id="d0p1", source=0, start=100, end=100 + len(TEXT), text=TEXT)
PARAPHRASE = "Keeping a dog is open to the Tenant once the Landlord agrees."
YES = '{"label": "supported", "score": 0.8, "reason": "It says so."}'


def cite(quote: str) -> Citation:
    start = 100 + TEXT.index(quote)
    return Citation(source=0, start=start, end=start + len(quote), passage="d0p1")


def paraphrase() -> Claim:
    return Claim("c1", PARAPHRASE, [cite("If the Landlord agrees in writing, the Tenant may keep a dog.")])


async def test_a_claim_in_the_words_it_cites_is_supported() -> None:
    words = "The Landlord shall insure the Building."
    [verdict] = await review([Claim("c1", words, [cite(words)])], [PASSAGE])
    assert (verdict.claim_id, verdict.label, verdict.method) == ("c1", "supported", "verbatim")


async def test_a_claim_that_cites_nothing_is_unsupported() -> None:
    [verdict] = await review([Claim("c1", "The Landlord shall insure the Building.")], [PASSAGE])
    assert (verdict.label, verdict.reason) == ("unsupported", "The claim cites nothing.")


@pytest.mark.parametrize(
    "citation", [Citation(0, 100, 120, "d0p9"), Citation(0, 9000, 9010, "d0p1"), Citation(3, 100, 120, "d0p1")]
)
async def test_a_citation_of_nothing_real_is_unsupported(citation: Citation) -> None:
    [verdict] = await review([Claim("c1", "The Landlord shall insure the Building.", [citation])], [PASSAGE])
    assert (verdict.label, verdict.method) == ("unsupported", "citation")


async def test_words_from_another_sentence_than_the_cited_one_are_not_supported() -> None:
    claim = Claim(
        "c1", "The Landlord shall insure the Building.", [cite("The Tenant shall pay rent of $5,000 per month.")]
    )
    [verdict] = await review([claim], [PASSAGE])
    assert verdict.label != "supported"


async def test_words_cut_out_of_a_conditional_sentence_are_unverified() -> None:
    [verdict] = await review([Claim("c1", "the Tenant may keep a dog", [cite("the Tenant may keep a dog")])], [PASSAGE])
    assert (verdict.label, verdict.method) == ("unverified", "context")


async def test_several_citations_support_a_claim_together() -> None:
    first, second = "The Tenant shall pay rent of $5,000 per month.", "The Landlord shall insure the Building."
    [verdict] = await review([Claim("c1", f"{first} {second}", [cite(first), cite(second)])], [PASSAGE])
    assert verdict.label == "supported"


async def test_verdicts_come_in_the_order_of_the_claims() -> None:
    words = "The Landlord shall insure the Building."
    claims = [Claim(f"c{n}", words, [cite(words)] if n % 2 else []) for n in range(6)]
    verdicts = await review(claims, [PASSAGE], judge=ScriptedBackend(YES))
    assert [(verdict.claim_id, verdict.label) for verdict in verdicts] == [
        (f"c{n}", "supported" if n % 2 else "unsupported") for n in range(6)
    ]


async def test_what_code_cannot_know_is_unverified_without_a_judge() -> None:
    [verdict] = await review([paraphrase()], [PASSAGE])
    assert verdict.label == "unverified"


async def test_a_judge_decides_what_code_cannot_know() -> None:
    judge = ScriptedBackend(YES)
    [verdict] = await review([paraphrase()], [PASSAGE], judge=judge)
    assert (verdict.label, verdict.score, verdict.method, verdict.reason) == ("supported", 0.8, "judge", "It says so.")
    [prompt] = judge.prompts
    assert (prompt.role, prompt.task, prompt.claims, prompt.passages) == ("judge", "judge", [paraphrase()], [PASSAGE])


@pytest.mark.parametrize(
    "planted",
    [
        "The Tenant shall pay rent of $7,000 per month.",
        "The Tenant shall not pay rent of $5,000 per month.",
        "The Tenant shall pay rent of $5,000 per month to Ms. Quigley.",
        "The Tenant may pay rent of $5,000 per month.",
    ],
)
async def test_a_judge_is_never_asked_about_an_exact_mismatch(planted: str) -> None:
    judge = ScriptedBackend(YES)
    claim = Claim("c1", planted, [cite("The Tenant shall pay rent of $5,000 per month.")])
    [verdict] = await review([claim], [PASSAGE], judge=judge)
    assert verdict.label in ("contradicted", "unsupported")
    assert judge.prompts == []


@pytest.mark.parametrize("reply", ["I think so!", "", '{"label": "certainly"}', BackendTimeoutError("slow", model="m")])
async def test_a_judge_that_fails_leaves_the_claim_unverified(reply: str | Exception) -> None:
    [verdict] = await review([paraphrase()], [PASSAGE], judge=ScriptedBackend(reply))
    assert verdict.label == "unverified"
    assert "judge" in verdict.reason


async def test_a_budget_that_is_spent_stops_the_review() -> None:
    judge = ScriptedBackend(BudgetExceededError("spent", limit="calls", needed=1, left=0))
    with pytest.raises(BudgetExceededError):
        await review([paraphrase()] * 3, [PASSAGE], judge=judge)


async def test_a_quarantined_passage_is_shown_to_no_judge() -> None:
    judge = ScriptedBackend(YES)
    passage = SafePassage(id="d0p1", source=0, start=100, end=100 + len(TEXT), text=TEXT, quarantined=True)
    [verdict] = await review([paraphrase()], [passage], judge=judge)
    assert verdict.label == "unverified"
    assert judge.prompts == []


async def test_placeholders_compare_as_names() -> None:
    raw = "Alice Moss shall pay Bob Tarn the fee."
    text, items = replace_spans(raw, [(0, 10, "<PERSON_1>"), (21, 29, "<PERSON_2>")], offset=40)
    passage = SafePassage(id="p", source=0, start=40, end=40 + len(raw), text=text, replacements=items)
    citation = Citation(0, 40, 40 + len(raw), "p")
    right, wrong = await review(
        [
            Claim("right", "<PERSON_1> shall pay <PERSON_2> the fee.", [citation]),
            Claim("wrong", "<PERSON_2> shall pay <PERSON_1> the fee.", [citation]),
        ],
        [passage],
    )
    assert right.label == "supported"
    assert (wrong.label, wrong.method) == ("contradicted", "roles")


@given(st.data())
def test_citations_of_a_redacted_text_come_back_to_the_words_they_were_made_from(data: st.DataObject) -> None:
    parts = data.draw(
        st.lists(st.tuples(st.text("ab ", min_size=1, max_size=5), st.text("XYZ", min_size=1, max_size=9)))
    )
    raw, spans = "", []
    for number, (plain, secret) in enumerate(parts):
        spans.append((len(raw) + len(plain), len(raw) + len(plain) + len(secret), f"<PERSON_{number}>"))
        raw += plain + secret
    raw += "end"
    text, items = replace_spans(raw, spans, offset=7)
    passage = SafePassage(id="p", source=2, start=7, end=7 + len(raw), text=text, replacements=items)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    found = cited_text(Citation(2, *to_source(passage, start, end), "p"), passage)
    assert text[start:end] in found
    inside = [(item.start, item.end) for item in items if item.start < end and start < item.end]
    low, high = min([start, *(a for a, _ in inside)]), max([end, *(b for _, b in inside)])
    assert found == text[low:high]
