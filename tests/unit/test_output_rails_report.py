"""Whatever a claim, a quote, a title or a file name says, no form of the report lets it act."""

import io
import json
import re
import zipfile
from html.parser import HTMLParser

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html
from markdown_it import MarkdownIt
from report_samples import report_saying

from agentkit.rendering import render, render_docx

ATTACKS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
    "</title><script>x</script>", "<iframe src=//evil.com>", "<a href=javascript:alert(1)>x</a>", "<!--", "]]>",
    "<![CDATA[", "</textarea>", "&lt;b&gt;", "![i](https://evil.com/?q=1)", "![i][r]",
    "\n\n[r]: https://evil.com/x\n\n", "[x](javascript:alert(1))", "[x](https://evil.com)", "<https://evil.com>",
    "<jane@evil.com>", "https://evil.com/?q=1", "www.evil.com", "http://evil.com", "ftp://evil.com/x",
    "mailto:jane@evil.com", "jane@evil.com", "evil.com", "x.evil.co/y", "[^1]", "[^1]: note",
    "\n| a | b |\n|---|---|\n", "\n\n    code\n\n", "\n```\nx\n```\n", "\n# heading\n", "\n- item\n", "\n---\n",
    "**b**", "~~s~~", "`c`", "$x$", "\\", "\\\\[", "&#91;", "\x1b[31m", "\x1b]8;;https://evil.com\x07x\x1b]8;;\x07",
    "\x9b2J", "\x07", "\u202e", "\u2066", "\u2028", "\x85", "\x00", "\U000e0041", "=HYPERLINK(\"https://evil.com\")",
    "=cmd|'/c calc'!A1", "{ HYPERLINK \"https://evil.com\" }", "\\fldinst", "</w:t></w:r><w:hyperlink>", "\"", "'",
    " onmouseover=x ", "data:text/html;base64,PHN2Zz4=", "vbscript:x",
]  # fmt: skip
HOSTILE_TEXT = st.lists(st.sampled_from(ATTACKS) | st.text(max_size=12), min_size=1, max_size=8).map(
    lambda parts: f"a{' '.join(parts)}z".encode("utf-8", "ignore").decode()
)
EXAMPLES = settings(deadline=None, max_examples=80)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def _parser() -> MarkdownIt:
    """CommonMark with tables, strikethrough, and links of bare addresses: more than GitHub makes of them."""
    return MarkdownIt("commonmark", {"html": True, "linkify": True}).enable(["table", "strikethrough", "linkify"])


def markdown_shape(text: str) -> list[str]:
    """The tokens of a report that says `text`, but for the text itself."""
    tokens = _parser().parse(render(report_saying(text), "md"))
    kinds = [kind for token in tokens for kind in (token.type, *(child.type for child in token.children or []))]
    return [kind for kind in kinds if kind != "text"]


@EXAMPLES
@given(HOSTILE_TEXT)
def test_nothing_becomes_markup_or_a_link_in_markdown(words: str) -> None:
    assert markdown_shape(words) == markdown_shape("plain")


@pytest.mark.parametrize(
    "text", ["https://evil.com", "www.evil.com", "evil.com", "jane@evil.com", "<https://evil.com>"]
)
def test_the_viewer_of_these_tests_makes_links_of_bare_addresses(text: str) -> None:
    assert "<a href=" in _parser().render(f"see {text} now")


class _Elements(HTMLParser):
    """Every element with its attributes, as a browser's tokenizer sees them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src", "action", "srcset", "data"}]

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", (data,)))


def html_elements(text: str) -> _Elements:
    parser = _Elements()
    parser.feed(render(report_saying(text), "html"))
    parser.close()
    return parser


@EXAMPLES
@given(HOSTILE_TEXT)
def test_nothing_becomes_an_element_an_attribute_or_an_address_in_html(words: str) -> None:
    hostile, plain = html_elements(words), html_elements("plain")
    assert [item for item in hostile.found if item[0] != "div"] == [item for item in plain.found if item[0] != "div"]
    assert all(address.startswith("#") for address in hostile.addresses)
    tree = lxml_html.document_fromstring(render(report_saying(words), "html").encode())
    assert {str(element.tag) for element in tree.iter()} == {tag for tag, _ in plain.found}


@EXAMPLES
@given(HOSTILE_TEXT)
def test_a_docx_gets_no_field_no_link_and_no_outside_part(words: str) -> None:
    content = render_docx(report_saying(words))
    package = zipfile.ZipFile(io.BytesIO(content))
    fields: list[str] = []
    for name in package.namelist():
        if name.endswith(".rels"):
            assert b"External" not in package.read(name)
        if name.endswith(".xml"):
            root = etree.fromstring(package.read(name))
            fields += [element.get(f"{_W}instr", "") for element in root.iter(f"{_W}fldSimple")]
            assert not [
                e for e in root.iter() if e.tag in {f"{_W}hyperlink", f"{_W}instrText", f"{_W}fldChar", f"{_W}object"}
            ]
    assert fields == ["PAGE"]
    assert docx.Document(io.BytesIO(content)).paragraphs


@EXAMPLES
@given(HOSTILE_TEXT)
def test_nothing_drives_a_terminal_in_text_or_json(words: str) -> None:
    acting = re.compile(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
    )
    for form in ("text", "json"):
        assert not acting.search(render(report_saying(words), form))


@EXAMPLES
@given(HOSTILE_TEXT)
def test_quotes_in_the_json_are_the_source_character_by_character(words: str) -> None:
    report = report_saying(words)
    citation = json.loads(render(report, "json"))["claims"][0]["citations"][0]
    assert citation["quote"] == report.texts[citation["source"]][citation["start"] : citation["end"]] == words


@pytest.mark.parametrize("words", ATTACKS, ids=range(len(ATTACKS)))
def test_every_attack_alone_is_inert_in_markdown_and_html(words: str) -> None:
    said = f"a {words} z"
    assert markdown_shape(said) == markdown_shape("plain")
    assert [i for i in html_elements(said).found if i[0] != "div"] == [
        i for i in html_elements("p").found if i[0] != "div"
    ]
