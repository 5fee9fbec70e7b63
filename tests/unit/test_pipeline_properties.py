"""Whatever a document holds: quotes are exact, placeholders come back as what they stood for, nothing private leaks."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentkit.app import AgentKit, Options
from agentkit.report import Report
from agentkit.text.spans import WITHHELD

NAMES = st.sampled_from(["Maria Keller", "John O’Brien", "Dr. Amit Sharma", "Ms. Linnea Söderberg", "Wei Zhang"])
EMAILS = st.sampled_from(["m.keller@mills.example", "j.obrien+law@firm.example", "a_sharma@clinic.example"])
PHONES = st.sampled_from(["+44 20 7946 0018", "(212) 555-0142", "+1 415 555 0199"])
AMOUNTS = st.integers(1, 999_999).map("${:,}".format)
DAYS = st.integers(2, 365)
ODD = st.sampled_from(
    ["", "<PERSON_1>", "\u00a0", "ﬁne", "naïve café", "条項", "😀", "שלום", "“quoted”", "*", "|", "&lt;b&gt;"]
)
CLAUSES = st.one_of(
    st.builds("The Tenant shall pay {} {} within {} days of the invoice.".format, AMOUNTS, ODD, DAYS),
    st.builds("Notices to the Landlord are sent to {} at {} {}.".format, NAMES, EMAILS, ODD),
    st.builds("{} may terminate this Agreement on {} days' written notice {}.".format, NAMES, DAYS, ODD),
    st.builds("The liability of the Supplier shall not exceed {} in any year {}.".format, AMOUNTS, ODD),
    st.builds("In an emergency call {} on {}, who must answer {}.".format, NAMES, PHONES, ODD),
    st.just("This Agreement is governed by the laws of the State of Oregon."),
)
BREAKS = st.sampled_from(["\n\n", "\n", " ", "\r\n\r\n"])
DOCUMENTS = st.builds(
    lambda clauses, gap: gap.join(f"{n}. {clause}" for n, clause in enumerate(clauses, start=1)),
    st.lists(CLAUSES, min_size=1, max_size=12),
    BREAKS,
)
PRIVATE = ["m.keller@mills.example", "j.obrien+law@firm.example", "a_sharma@clinic.example", "555-0142", "7946 0018"]


def summarize(text: str, *, keep_redacted: bool) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "agreement.txt"
        path.write_text(text, encoding="utf-8", newline="")
        kit = AgentKit(home=Path(folder) / "home")
        return kit.summarize_sync([path], options=Options(keep_redacted=keep_redacted))


def assert_exact(report: Report) -> None:
    for claim in report.claims:
        assert claim.citations
        assert WITHHELD not in claim.text
        for citation in claim.citations:
            assert citation.quote
            assert report.texts[citation.source][citation.start : citation.end] == citation.quote


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=DOCUMENTS)
def test_every_quote_is_exact_and_every_original_is_back(text: str) -> None:
    report = summarize(text, keep_redacted=False)
    assert_exact(report)
    for claim in report.claims:
        words = " ".join(citation.quote for citation in claim.citations)
        # A claim of the embedded model has its quote's own words, personal data included.
        assert set(claim.text.rstrip(".").split()) <= {*words.split(), *words.replace(".", " ").split()} | {
            word.capitalize() for word in words.split()
        }


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=DOCUMENTS)
def test_a_redacted_report_is_as_exact_and_holds_no_original(text: str) -> None:
    report = summarize(text, keep_redacted=True)
    assert_exact(report)
    everything = report.to_json() + "".join(report.texts)
    assert not [value for value in PRIVATE if value in everything]


def test_what_only_looks_like_a_placeholder_stays_what_it_was() -> None:
    text = "1. The Tenant pays $1 <PERSON_1> in 2 days.\n\n2. Notices go to Maria Keller at m.k@mills.example."
    report = summarize(text, keep_redacted=False)
    assert "<PERSON_1>" in " ".join(claim.text for claim in report.claims)
    assert_exact(report)
