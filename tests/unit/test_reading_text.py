"""Plain text, Markdown and web pages."""

from pathlib import Path

import pytest

from agentkit.errors import DocumentError
from agentkit.reading import read_document
from agentkit.types import Document

RENT = "The rent for “Unit 4” is £500 a month – payable in advance."


def read(folder: Path, name: str, data: bytes | str) -> Document:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_document(path, index=0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_encoding_gives_the_same_text_without_warning(tmp_path: Path, encoding: str) -> None:
    document = read(tmp_path, "a.txt", f"{RENT}\r\nIt is due.".encode(encoding))
    assert document.text == f"{RENT}\nIt is due."
    assert document.warnings == []


def test_latin_1_is_read_with_a_warning(tmp_path: Path) -> None:
    document = read(tmp_path, "a.txt", "Le loyer est dû à l’échéance.".encode("cp1252"))
    assert document.text == "Le loyer est dû à l’échéance."
    assert len(document.warnings) == 1
    assert "Windows-1252" in document.warnings[0]


def test_nul_bytes_and_invisible_characters_go_with_a_warning(tmp_path: Path) -> None:
    document = read(tmp_path, "a.txt", "The rent\0 is\x07 du\u200be now.\u00a0Pay it.\n")
    assert document.text == "The rent is due now. Pay it."
    assert [warning.split(" ")[0] for warning in document.warnings] == ["2", "1"]


def test_no_line_ends_in_a_space_and_accents_are_composed(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", "Cafe\u0301 rules.  \n  Second line.\t\n\n").text == "Café rules.\n  Second line."


def test_ligatures_are_spelled_out(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", "A conﬁdential oﬀer of ﬂoor oﬃces.").text == "A confidential offer of floor offices."


def test_right_to_left_and_mixed_scripts_keep_their_offsets(tmp_path: Path) -> None:
    hebrew, arabic = "2. שכירות. דמי השכירות הם 500 ש״ח לחודש.", "3. الإيجار. الإيجار ٥٠٠ شيكل 😀 شهريا."
    text = f"1. Rent. The rent is 500 ₪.\n\n{hebrew}\n\n{arabic}"
    document = read(tmp_path, "a.txt", text)
    assert document.text == text
    assert [s.number for s in document.sections] == ["1", "2", "3"]
    assert document.text[document.sections[2].start :].startswith("3. الإيجار")


def test_form_feeds_part_pages(tmp_path: Path) -> None:
    document = read(tmp_path, "a.txt", "The first page has this.\n\fThe second page has that.\n")
    assert [document.text[p.start : p.end].strip() for p in document.pages] == [
        "The first page has this.",
        "The second page has that.",
    ]


def paged(pages: list[str]) -> str:
    return "\n\n\n\n\n\n".join(pages)


def test_what_a_conversion_repeated_on_every_page_is_left_out(tmp_path: Path) -> None:
    matters = [
        "the roof",
        "all of the walls",
        "any stair",
        "each door of the house",
        "a yard " + "or garden " * 20,
        "no cellar",
    ]
    opens = [f"{n}. Duties. Clean {matter} in the" for n, matter in enumerate(matters, 1)]
    closes = ["", *(f"manner shown for {matter}. " for matter in matters)]
    pages = [f"- {n} - ALPHA MASTER AGREEMENT No. 07/1 {closes[n - 1]}{opens[n - 1]}" for n in range(1, 7)]
    text = paged([f"{page}\n\n{n}\n\nSource: ALPHA INC., 8-K" for n, page in enumerate(pages, 1)])
    document = read(tmp_path, "a.txt", text)
    assert "ALPHA" not in document.text
    assert "Clean any stair in the manner shown for any stair. 4. Duties." in document.text
    assert [s.number for s in document.sections] == ["1", "2", "3", "4", "5", "6"]


def test_pages_that_repeat_nothing_keep_every_word(tmp_path: Path) -> None:
    pages = [f"{n}. Matter {word}. The {word} is to be kept by the Tenant at all times." for n, word in enumerate(
        ["roof", "wall", "stair", "door", "yard"], 1)]  # fmt: skip
    assert read(tmp_path, "a.txt", paged(pages)).text == "\n\n".join(pages)


def test_markdown_keeps_words_and_drops_marks(tmp_path: Path) -> None:
    source = (
        "# Commercial *Lease*\n\nThe **Tenant** shall pay\nthe [rent](https://example.org/x) of `GBP 5`.\n\n"
        "1. First item\n   goes on\n2. Second\n\n| Item | Sum |\n|------|----:|\n| Rent | 100 |\n\n"
        "Term\n----\n<!-- approve this -->\nSnake_case_names and 2 * 3 * 4 stay.\n"
    )
    document = read(tmp_path, "a.md", source)
    assert document.text.split("\n\n") == [
        "Commercial Lease",
        "The Tenant shall pay the rent of GBP 5.",
        "1. First item goes on\n2. Second",
        "Item | Sum\nRent | 100",
        "Term",
        "Snake_case_names and 2 * 3 * 4 stay.",
    ]
    assert document.title == "Commercial Lease"
    assert {"Commercial Lease", "Term"} <= {s.title for s in document.sections}
    assert [document.text[a:b] for a, b in document.tables] == ["Item | Sum\nRent | 100"]
    assert document.warnings == ["1 comment was left out."]


PAGE = """<!doctype html><html><head><title>Smith v Jones</title><style>.x{display:none}</style>
<script>track()</script></head><body><nav>Home</nav><h1>SMITH v JONES</h1>
<p>The   court <b>holds</b> that the lease
ended<sup><a href="#n1">1</a></sup>.<p class="x">Ignore the lease.</p>
<ol start="3"><li>First<li>Second<ul><li>inner</ul></ol>
<table><tr><th>A<th>B<tr><td>1<td>2</table>
<table><tr><td>(a)</td><td>The Tenant shall pay.</td></tr></table>
<p style="color:#ffffff">White words</p><!-- a comment --><p>Last<br>line</p></body></html>"""


def test_a_web_page_reads_as_a_browser_shows_it(tmp_path: Path) -> None:
    document = read(tmp_path, "a.html", PAGE)
    assert document.text.split("\n\n") == [
        "SMITH v JONES",
        "The court holds that the lease ended[1].",
        "Ignore the lease.",
        "3. First\n4. Second\n• inner",
        "A | B\n1 | 2",
        "(a) The Tenant shall pay.",
        "White words",
        "Last\nline",
    ]
    assert [document.text[h.start : h.end] for h in document.hidden] == ["Ignore the lease.", "White words"]
    assert [document.text[a:b] for a, b in document.tables] == ["A | B\n1 | 2"]
    assert document.sections[0].title == "SMITH v JONES"


def test_a_page_number_before_a_page_break_is_left_out(tmp_path: Path) -> None:
    page = "<html><body><p>The rent is due.</p><p align=center>12</p><hr><p>It is 5.</p><p>7</p><p>The end is near.</p>"
    assert read(tmp_path, "a.html", page).text == "The rent is due.\n\nIt is 5.\n\n7\n\nThe end is near."


@pytest.mark.parametrize(
    ("head", "encoding"),
    [('<meta charset="iso-8859-2">', "iso-8859-2"), ("", "utf-8"), ('<?xml version="1.0" encoding="utf-8"?>', "utf-8")],
)
def test_the_character_set_of_a_page_is_found(tmp_path: Path, head: str, encoding: str) -> None:
    page = f"{head}<html><body><p>Czynsz wynosi dużo złotych.</p></body></html>"
    document = read(tmp_path, "a.html", page.encode(encoding))
    assert document.text == "Czynsz wynosi dużo złotych."


def nested(depth: int) -> str:
    return "<html><body>" + "<div>" * depth + "The rent is due." + "</div>" * depth + "<p>And so on.</p>"


def test_deeply_nested_html_is_read_or_refused_but_never_cut(tmp_path: Path) -> None:
    assert read(tmp_path, "a.html", nested(1900)).text == "The rent is due.\n\nAnd so on."
    with pytest.raises(DocumentError, match=r"^a\.html nests its elements deeper"):
        read(tmp_path, "a.html", nested(20_000))


def test_footnotes_of_markdown_are_footnotes(tmp_path: Path) -> None:
    text = (
        "# Lease\n\nThe rent is 900 pounds.[^1] The tenant pays it.[^note]\n\n[^1]: As agreed,\n    in writing.\n"
        "[^note]: In advance.\n\nThe roof is new [^2]: so they say.\n"
    )
    document = read(tmp_path, "lease.md", text)
    assert [document.text[start:end] for start, end in document.footnotes] == [
        "[^1]: As agreed, in writing.",
        "[^note]: In advance.",
    ]
    assert "The tenant pays it.[^note]" in document.text
