import dataclasses
import io
import json
import re
import zipfile

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt
from report_samples import HOSTILE, lease_report, report_saying

from agentkit.errors import UsageError
from agentkit.rendering import render, render_docx, render_terminal, shows_unicode
from agentkit.rendering.terminal import cells, wrap

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def test_the_json_holds_exactly_the_fields_of_the_contract() -> None:
    data = json.loads(render(lease_report(), "json"))
    assert (
        list(data)
        == (
            "schema run_id matter task status title claims checklist sources rails usage privacy revisions "
            "removed_claims timings_ms agents index"
        ).split()
    )
    assert data["schema"] == "agentkit.report/1"
    assert list(data["task"]) == ["kind", "focus", "question"]
    assert list(data["claims"][0]) == "id text section citations verdict opinions superseded_by".split()
    assert list(data["claims"][0]["citations"][0]) == ["source", "page", "locator", "start", "end", "quote"]
    assert list(data["claims"][0]["verdict"]) == ["label", "score", "method", "reason"]
    assert list(data["checklist"][0]) == ["item", "found", "claims"]
    assert list(data["sources"][0]) == (
        "index path sha256 media_type pages characters passages text warnings superseded_by".split()
    )
    assert list(data["rails"][0]) == ["stage", "rail", "action", "reason", "source", "start", "end"]
    assert list(data["usage"]) == "model_calls input_tokens output_tokens cost_usd cache_hits by_model savings".split()
    assert list(data["privacy"]) == ["redacted", "hosts_contacted"]
    assert list(data["removed_claims"][0]) == ["text", "reason"]


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="text, json, md, html"):
        render(lease_report(), "odt")


def test_the_terminal_shows_each_claim_with_its_place_and_verdict() -> None:
    shown = render(lease_report(), "text")
    assert "1. The Tenant shall pay $120,000 a year.\n     [lease.pdf, § 4.1, page 1; letter.txt, line 2]\n" in shown
    assert "letter.txt, line 2]\n     ✓ supported\n" in shown
    assert "? unverified: the source does not say refundable" in shown
    assert shown.index("deposit is refundable") < shown.index("Termination"), "claims are grouped by section"


def test_headings_above_every_claim_are_left_out_and_deeper_ones_are_left_to_the_place() -> None:
    report = lease_report()
    trails = ["LEASE > 4 RENT > 4.1", "LEASE > 12 END > 12.3", "LEASE > 4 RENT > 4.2 Deposit"]
    claims = [dataclasses.replace(claim, section=trail) for claim, trail in zip(report.claims, trails, strict=True)]
    one = [dataclasses.replace(claim, citations=claim.citations[:1]) for claim in claims]
    alone = dataclasses.replace(report, claims=one, sources=report.sources[:1], texts=report.texts[:1])
    assert re.findall(r"^## (.*)$", render(alone, "md"), re.M)[:2] == ["4 RENT", "12 END"]
    both = dataclasses.replace(report, claims=claims)
    assert re.findall(r"^## (.*)$", render(both, "md"), re.M)[:2] == ["lease.pdf: 4 RENT", "lease.pdf: 12 END"]


def test_the_terminal_reports_everything_else_too() -> None:
    shown = render(lease_report(), "text")
    assert "Needs review: at least one claim" in shown
    assert "Warning: lease.pdf: Page 2 was scanned." in shown
    assert re.search(r"^  found      Rent \[", shown, re.M)
    assert re.search(r"^  not found  Guaranty$", shown, re.M)
    assert "- The rent is $5.\n    Removed because: no passage says so" in shown
    assert "modified: retrieval rail hidden text × 1\n    - lease.pdf, page 2: white text\n" in shown
    assert "passed: 2 checks" in shown
    assert "4 model calls, 1,200 tokens in, 80 out, 1 answer from the cache, $0.00" in " ".join(shown.split())
    assert "person 2" in shown
    assert "none, nothing left this machine" in shown


def test_one_document_needs_no_name_at_each_claim() -> None:
    report = lease_report()
    claims = [report.claims[1]]
    alone = dataclasses.replace(report, sources=report.sources[:1], texts=report.texts[:1], claims=claims)
    assert "     [§ 12.3, page 2]\n" in render(alone, "text")


def test_answers_stay_best_first_whatever_their_section() -> None:
    report = lease_report()
    asked = dataclasses.replace(report, task=dataclasses.replace(report.task, kind="ask", question="Rent?"))
    shown = render(asked, "text")
    assert shown.index("ninety days") < shown.index("refundable")


def test_colours_appear_only_when_asked_for() -> None:
    assert "\x1b" not in render_terminal(lease_report(), colour=False)
    coloured = render_terminal(lease_report(), colour=True)
    assert re.sub(r"\x1b\[\d+m", "", coloured) == render_terminal(lease_report(), colour=False)
    assert "\x1b[32m✓ supported\x1b[0m" in coloured


def test_a_poor_encoding_gets_ascii() -> None:
    shown = render_terminal(lease_report(), colour=False, unicode=False)
    assert shown.isascii()
    assert "+ supported" in shown
    assert "s. 4.1" in shown


@pytest.mark.parametrize(
    ("encoding", "can"), [("utf-8", True), ("ascii", False), ("latin-1", False), (None, False), ("no-such", False)]
)
def test_the_encoding_decides_about_marks(encoding: str | None, can: bool) -> None:  # noqa: FBT001
    assert shows_unicode(encoding) is can


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300), st.integers(40, 100))
def test_no_line_of_the_terminal_is_wider_than_asked(words: str, width: int) -> None:
    shown = render_terminal(report_saying(f"x{words}"), width=width, colour=False)
    assert max(cells(row) for row in shown.splitlines()) <= width


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200), st.integers(2, 40))
def test_wrapping_loses_nothing_but_white_space(text: str, width: int) -> None:
    rows = wrap(text, width)
    assert "".join("".join(rows).split()) == "".join(text.split())
    assert all(cells(row) <= width for row in rows)


def test_wide_characters_count_double() -> None:
    assert wrap("契約書の条項" * 3, 12) == ["契約書の条項"] * 3


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=100))
def test_nothing_in_a_document_can_drive_the_terminal(words: str) -> None:
    shown = render(report_saying(f"{HOSTILE}{words}"), "text")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]", shown)


def test_markdown_notes_hold_the_quotes_and_their_places() -> None:
    shown = render(lease_report(), "md")
    assert "- The Tenant shall pay \\$120,000 a year.[^1][^2]" in shown
    assert "[^1]: lease.pdf, § 4.1, page 1: “The Tenant shall pay \\$120,000 a year.”" in shown
    assert "[^2]: letter.txt, line 2: “the rent of \\$120,000”" in shown
    assert "| Guaranty | **not found** |" in shown


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(
        [HOSTILE, "1. a", "- a", "# a", "> a", "=== a", "a\n\n    code", "a\n---", "~~~", "<div>", "+ a", "1) a"]
    )
)
def test_nothing_in_a_document_becomes_markup_in_markdown(words: str) -> None:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

    def shape(text: str) -> list[str]:
        tokens = parser.parse(render(report_saying(text), "md"))
        kinds = [kind for token in tokens for kind in (token.type, *(child.type for child in token.children or []))]
        return [kind for kind in kinds if kind != "text"]

    assert shape(words) == shape("plain")


def test_a_docx_has_a_footnote_for_each_citation_and_survives_reopening() -> None:
    content = render_docx(lease_report())
    document = docx.Document(io.BytesIO(content))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "1.\tThe Tenant shall pay $120,000 a year." in text
    assert [cell.text for cell in document.tables[0].rows[2].cells] == ["Guaranty", "not found", "", ""]
    notes = etree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read("word/footnotes.xml"))
    quotes = ["".join(note.itertext()).strip() for note in notes if note.get(f"{_W}type") is None]
    assert quotes == [
        "lease.pdf, § 4.1, page 1: “The Tenant shall pay $120,000 a year.”",
        "letter.txt, line 2: “the rent of $120,000”",
        "lease.pdf, § 4.2, page 1: “The deposit is $9,000.”",
        "lease.pdf, § 12.3, page 2: “Either party may terminate on ninety days' notice.”",
    ]
    marks = document.element.findall(f".//{_W}footnoteReference")
    assert [mark.get(f"{_W}id") for mark in marks] == ["1", "2", "3", "4"]


def test_hostile_text_stays_text_in_a_docx() -> None:
    document = docx.Document(io.BytesIO(render_docx(report_saying(HOSTILE))))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "</w:t></w:r>" in text
    assert not re.search("[\x00-\x08\x1b\u202e\ufffe]", text)


@pytest.mark.parametrize("form", ["text", "json", "md", "html"])
def test_the_same_report_gives_the_same_text(form: str) -> None:
    assert render(lease_report(), form) == render(lease_report(), form)


def test_the_same_report_gives_the_same_docx() -> None:
    content = render_docx(lease_report())
    assert content == render_docx(lease_report())
    dates = {member.date_time for member in zipfile.ZipFile(io.BytesIO(content)).infolist()}
    assert dates == {(2000, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("status", ["refused", "unanswered", "approved"])
def test_a_report_without_claims_says_why(status: str) -> None:
    empty = dataclasses.replace(lease_report(), status=status, claims=[], checklist=[])
    explained = {"refused": "a rail refused", "unanswered": "do not say", "approved": "nothing to claim"}[status]
    for form in ("text", "md", "html"):
        assert explained in render(empty, form)
    assert render_docx(empty)
