import pytest

from agentkit.text.support import assess

LEASE = (
    "The Tenant shall pay the Landlord rent of $5,000 per month within thirty (30) days of the invoice, and may not "
    "assign this Lease without the prior written consent of the Landlord. The Landlord shall insure the Building for "
    "at least EUR 2 million until 31 December 2027."
)


@pytest.mark.parametrize(
    "claim",
    [
        LEASE,
        "The Tenant shall pay the Landlord rent of $5,000 per month within 30 days of the invoice.",
        "the tenant must pay the landlord rent of 5,000 dollars per month within thirty days of the invoice",
        "The Landlord shall insure the Building for at least €2,000,000 until December 31, 2027.",
    ],
)
def test_the_words_of_the_source_are_support_however_numbers_are_written(claim: str) -> None:
    assert assess(claim, LEASE).label == "supported"


@pytest.mark.parametrize(
    ("claim", "label", "method"),
    [
        ("The Tenant shall pay the Landlord rent of $6,000 per month.", "contradicted", "numbers"),
        ("The Tenant shall pay the Landlord rent of €5,000 per month.", "contradicted", "numbers"),
        ("The Landlord shall insure the Building until 31 December 2028.", "contradicted", "dates"),
        ("Mr. Arkwright shall insure the Building.", "unsupported", "names"),
        ("The Tenant may pay the Landlord rent of $5,000 per month.", "contradicted", "modality"),
        ("The Tenant shall not pay the Landlord rent of $5,000 per month.", "contradicted", "negation"),
        ("The Landlord shall insure the Building for at most EUR 2 million.", "contradicted", "direction"),
    ],
)
def test_a_mismatch_that_matters_in_law_is_named(claim: str, label: str, method: str) -> None:
    found = assess(claim, LEASE)
    assert (found.label, found.method) == (label, method)


def test_the_reason_is_a_sentence_a_lawyer_understands() -> None:
    found = assess("The Tenant shall pay within 60 days of the invoice.", LEASE)
    assert found.reason == "The claim says 60 days; the cited text says thirty (30) days."


def test_a_permission_cut_loose_from_its_condition_is_not_supported() -> None:
    source = "The Tenant may assign this Lease with the prior written consent of the Landlord."
    assert assess("The Tenant may assign this Lease.", source).label == "unverified"
