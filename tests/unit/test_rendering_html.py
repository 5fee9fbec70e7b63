import base64
import dataclasses
import hashlib
import re
from html.parser import HTMLParser

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import HOSTILE, LEASE, PAGE_TWO, lease_report, report_citing, report_saying

from agentkit.rendering import render
from agentkit.rendering.sourceview import showable
from agentkit.report import Report

_READABLE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co"], include_characters="\n\t"), max_size=400)


def _page(report: Report) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(render(report, "html"))


def _source_text(page: lxml.html.HtmlElement, index: int = 0) -> str:
    return page.xpath(f"//section[@id='source-{index}']/div[@class='text']")[0].text_content()


def _spans(text: str, cuts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    size = len(text) + 1
    return [(min(a % size, b % size), max(a % size, b % size)) for a, b in cuts]


def test_nothing_is_loaded_from_anywhere() -> None:
    page = _page(lease_report())
    assert not page.xpath("//@src | //link | //iframe | //img | //object | //@style | //base | //form")
    assert all(href.startswith("#") for href in page.xpath("//@href"))
    assert not re.search(r"url\(|@import|https?:", render(lease_report(), "html"))


def test_the_content_security_policy_allows_only_this_style_and_script() -> None:
    page = _page(lease_report())
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        elements = page.xpath(f"//{tag}")
        digest = base64.b64encode(hashlib.sha256(elements[0].text.encode()).digest()).decode()
        assert len(elements) == 1
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not re.search(r"unsafe|\*|\bon\w+=", policy)


def test_the_page_has_landmarks_a_language_and_a_live_region() -> None:
    page = _page(lease_report())
    assert page.get("lang") == "en"
    for landmark in ("header", "main", "aside", "nav"):
        assert page.xpath(f"//{landmark}"), landmark
    assert len(page.xpath("//h1")) == 1
    assert page.xpath("//a[@class='skip']/@href") == ["#claims"]
    assert page.xpath("//*[@role='status' and @aria-live='polite']")
    names = page.xpath("//aside/@aria-label | //nav/@aria-label")
    assert len(set(names)) == len(names) == 3


def test_every_internal_link_leads_somewhere_and_ids_are_unique() -> None:
    page = _page(lease_report())
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.xpath("//@href")} <= set(ids)


def test_each_claim_is_a_link_to_its_words_even_without_the_script() -> None:
    page = _page(lease_report())
    for claim in lease_report().claims:
        link = page.xpath(f"//a[@class='say' and text()=\"{claim.text}\"]")[0]
        target = page.get_element_by_id(link.get("href")[1:])
        assert target.tag == "mark"
        assert claim.citations[0].quote.startswith(target.text_content())


def test_all_citations_have_links_of_their_own() -> None:
    page = _page(lease_report())
    places = page.xpath("//li[@id='c1']//a[@class='place']")
    assert [place.text for place in places] == ["lease.pdf, § 4.1, page 1", "letter.txt, line 2"]
    assert page.get_element_by_id(places[1].get("href")[1:]).text_content() == "the rent of $120,000"


def test_the_quotes_are_in_the_page_for_print() -> None:
    quotes = _page(lease_report()).xpath("//blockquote/text()")
    assert any("The deposit is $9,000." in quote for quote in quotes)


def test_pages_are_shown_without_touching_the_text() -> None:
    page = _page(lease_report())
    pages = page.xpath("//section[@id='source-0']//div[@class='page']")
    assert [part.get("aria-label") for part in pages] == ["Page 1", "Page 2"]
    assert pages[1].text_content() == LEASE[PAGE_TWO:]
    assert _source_text(page) == LEASE


def test_form_feeds_divide_pages_where_nothing_better_is_known() -> None:
    report = report_citing("one\ftwo\fthree", [(4, 7)])
    paged = dataclasses.replace(report, sources=[dataclasses.replace(report.sources[0], pages=3)])
    labels = _page(paged).xpath("//div[@class='page']/@aria-label")
    assert labels == ["Page 1", "Page 2", "Page 3"]


def test_text_on_which_a_rail_acted_is_flagged() -> None:
    flagged = _page(lease_report()).xpath("//section[@id='source-0']//*[contains(@class, 'flagged')]")
    assert [part.text_content() for part in flagged] == ["12.3"]


def test_the_checklist_leads_to_the_claims() -> None:
    rows = _page(lease_report()).xpath("//section[@id='checklist']//tbody/tr")
    assert "✓ found" in rows[0].text_content()
    assert rows[0].xpath(".//a/@href") == ["#c1", "#c2"]
    assert "not found" in rows[1].text_content()


@pytest.mark.parametrize(
    "words", [HOSTILE, "</textarea><svg/onload=x>", "\"'><b x=y>", "&#60;i&#62;", "<!--", "\u2028\r\n\f\x85"]
)
def test_hostile_text_makes_no_element_and_no_attribute(words: str) -> None:
    def shape(text: str) -> list[tuple[str, list[str]]]:
        return [(str(element.tag), sorted(element.attrib)) for element in _page(report_saying(text)).iter()]

    assert shape(words) == shape("plain words")


def test_hostile_text_is_shown_as_it_is() -> None:
    page = _page(report_saying(HOSTILE))
    assert "</script><script>alert(1)</script>" in page.xpath("//h1")[0].text_content()
    assert "\u202e" not in page.text_content()


@settings(deadline=None, max_examples=60)
@given(_READABLE, st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=8))
def test_the_source_pane_holds_exactly_the_source(text: str, cuts: list[tuple[int, int]]) -> None:
    page = _page(report_citing(text, _spans(text, cuts)))
    assert _source_text(page) == showable(text)
    if not re.search("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]", text):
        assert showable(text) == text


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200))
def test_whatever_is_in_a_source_offsets_stay_true(text: str) -> None:
    assert len(showable(text)) == len(text)
    assert _source_text(_page(report_citing(text, [(0, len(text))]))) == showable(text)


@settings(deadline=None, max_examples=60)
@given(_READABLE, st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=8))
def test_the_marks_of_a_citation_are_its_words_however_spans_overlap(text: str, cuts: list[tuple[int, int]]) -> None:
    spans = _spans(text, cuts)
    page = _page(report_citing(text, spans))
    for number, (start, end) in enumerate(spans, 1):
        links = page.xpath(f"//li[@id='c{number}']//a[@class='say']")
        if start == end:
            assert not links
            continue
        first, last = int(links[0].get("data-first")), int(links[0].get("data-last"))
        marks = [page.get_element_by_id(f"s0m{mark}").text_content() for mark in range(first, last + 1)]
        assert "".join(marks) == showable(text[start:end])


def test_a_book_length_source_grows_the_page_in_proportion_only() -> None:
    text = "The tenant shall pay the rent on the first day of each month.\n" * 24_000  # about 500 pages
    spans = [(start, start + 4_000) for start in range(0, len(text) - 4_000, 3_000)]
    page = render(report_citing(text, spans), "html")
    assert len(page) < 1.2 * len(text) + 9_000 * len(spans)


class _Balance(HTMLParser):
    """Fails where an element is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        if tag not in {"meta", "br", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("report", [lease_report(), report_saying(HOSTILE)], ids=["lease", "hostile"])
def test_every_element_is_closed_where_it_should_be(report: Report) -> None:
    parser = _Balance()
    parser.feed(render(report, "html"))
    parser.close()
    assert parser.open == []


def _luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(digit * 2 for digit in colour)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_text_has_the_contrast_that_accessibility_asks_for(theme: int) -> None:
    style = render(lease_report(), "html").split("<style>")[1]
    colours = dict(re.findall(r"--([\w-]+): #([0-9a-f]{3,6});", style.split("@page")[0].split(":root {")[theme + 1]))
    grounds = {"paper": "ink muted accent", "card": "ink muted accent", "cited": "ink", "chosen": "ink", "flag": "ink"}
    grounds |= {"good-bg": "good", "doubt-bg": "doubt", "bad-bg": "bad"}
    for ground, inks in grounds.items():
        for ink in inks.split():
            bright, dark = sorted((_luminance(colours[ground]), _luminance(colours[ink])), reverse=True)
            assert (bright + 0.05) / (dark + 0.05) >= 4.5, (ground, ink)


def test_an_unknown_source_or_span_does_not_break_the_page() -> None:
    report = report_citing("short", [(0, 5)])
    wild = dataclasses.replace(report.claims[0].citations[0], source=9, start=70, end=90)
    claim = dataclasses.replace(report.claims[0], citations=[wild])
    assert "Claim 0." in render(dataclasses.replace(report, claims=[claim]), "html")
