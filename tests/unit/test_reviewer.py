from agentkit.agents.reviewer import review
from agentkit.types import Citation, Claim, SafePassage

TEXT = "The Tenant shall pay rent of $5,000 per month. The Landlord shall insure the Building."
PASSAGE = SafePassage(id="d0p1", source=0, start=100, end=100 + len(TEXT), text=TEXT)


def cite(quote: str) -> Citation:
    start = 100 + TEXT.index(quote)
    return Citation(source=0, start=start, end=start + len(quote), passage="d0p1")


async def test_a_claim_in_the_words_it_cites_is_supported() -> None:
    words = "The Landlord shall insure the Building."
    [verdict] = await review([Claim("c1", words, [cite(words)])], [PASSAGE])
    assert (verdict.claim_id, verdict.label, verdict.method) == ("c1", "supported", "verbatim")


async def test_a_claim_that_cites_nothing_is_unsupported() -> None:
    [verdict] = await review([Claim("c1", "The Landlord shall insure the Building.")], [PASSAGE])
    assert (verdict.label, verdict.reason) == ("unsupported", "The claim cites nothing.")


async def test_a_citation_of_an_unknown_passage_is_unsupported() -> None:
    claim = Claim("c1", "The Landlord shall insure the Building.", [Citation(0, 100, 120, "d0p9")])
    [verdict] = await review([claim], [PASSAGE])
    assert verdict.label == "unsupported"
