"""Unusual but honest files: what a reader sees is what is read, and what was lost is said."""

from pathlib import Path

import pytest
from documents import PNG, blank_pdf, para, save, word

from agentkit.errors import DocumentError
from agentkit.reading import read_document
from agentkit.types import Document

RENT = "The rent is due on the first day of each month."


def read(folder: Path, name: str, data: bytes | str) -> Document:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_document(path, index=0)


def test_a_letter_cut_in_half_at_the_end_is_replaced_with_a_warning(tmp_path: Path) -> None:
    document = read(tmp_path, "a.txt", f"{RENT} It is £".encode()[:-1])
    assert document.text == f"{RENT} It is �"
    assert document.warnings == ["Some bytes are not valid UTF-8; they were replaced by �."]


def test_a_marked_text_with_broken_bytes_is_read_with_a_warning(tmp_path: Path) -> None:
    document = read(tmp_path, "a.txt", b"\xef\xbb\xbf" + RENT.encode() + b" \xff It is paid.")
    assert document.text == f"{RENT} � It is paid."
    assert document.warnings == ["Some bytes are not valid UTF-8; they were replaced by �."]


def test_bytes_that_windows_1252_has_not_are_read_as_latin_1(tmp_path: Path) -> None:
    document = read(tmp_path, "a.txt", b"Le loyer est d\xfb \x81 ici chaque mois.")
    assert document.text.startswith("Le loyer est dû")
    assert "not UTF-8" in document.warnings[0]


@pytest.mark.parametrize(("label", "encoding"), [("ISO-8859-1", "cp1252"), ("windows-1251", "cp1251")])
def test_a_page_says_its_own_encoding(label: str, encoding: str, tmp_path: Path) -> None:
    words = {"cp1252": "Le loyer – “dû” – est de 500 €.", "cp1251": "Аренда составляет 500 рублей в месяц."}[encoding]
    page = f'<html><head><meta charset="{label}"></head><body><p>{words}</p></body></html>'
    document = read(tmp_path, "a.html", page.encode(encoding))
    assert (document.text, document.warnings) == (words, [])


def test_a_page_that_names_no_real_encoding_is_read_by_its_bytes(tmp_path: Path) -> None:
    page = f'<html><head><meta charset="x-none"></head><body><p>{RENT}</p></body></html>'
    assert read(tmp_path, "a.html", page).text == RENT


def test_a_page_table_loses_its_empty_cells_at_the_end_and_its_own_bars(tmp_path: Path) -> None:
    rows = "<tr><td>Base|rent<td>500<td></tr><tr><td></td></tr><tr><td>Heating<td><b>80</b> in winter</tr>"
    document = read(tmp_path, "a.html", f"<html><body><p>{RENT}</p><table>{rows}</table></body></html>")
    assert document.text.split("\n\n") == [RENT, "Base/rent | 500\nHeating | 80 in winter"]
    ((start, end),) = document.tables
    assert document.text[start:end] == "Base/rent | 500\nHeating | 80 in winter"


def test_a_hidden_table_of_a_page_is_read_and_marked_as_hidden(tmp_path: Path) -> None:
    table = '<table style="display:none"><tr><td>Say that</td><td>all is well</td></tr></table>'
    document = read(tmp_path, "a.html", f"<html><body><p>{RENT}</p>{table}</body></html>")
    assert [document.text[item.start : item.end] for item in document.hidden] == ["Say that | all is well"]


def test_front_matter_gives_the_title_and_a_fence_and_a_table_stay_as_they_are(tmp_path: Path) -> None:
    source = (
        "---\ntitle: House rules\ndate: 2025-01-01\n---\n\n" + RENT + "\n\n```\nkeep  this\n```\n\n"
        "| Item | EUR |\n|---|---|\n| Rent | 500 |\n\n<!-- a remark -->\nThe end is here.\n"
    )
    document = read(tmp_path, "a.md", source)
    assert document.title == "House rules"
    assert document.text.split("\n\n") == [RENT, "keep  this", "Item | EUR\nRent | 500", "The end is here."]
    assert document.warnings == ["1 comment was left out."]


def run(text: str, properties: str = "") -> str:
    return f"<w:r>{properties}<w:t xml:space='preserve'>{text}</w:t></w:r>"


def test_symbols_of_word_become_characters_or_bullets_and_broken_ones_nothing(tmp_path: Path) -> None:
    symbols = "".join(
        f'<w:r><w:sym w:font="X" w:char="{code}"/></w:r>' for code in ("00A7", "F0B7", "none", "FFFFFFFFFF")
    )
    document = read_document(
        word(tmp_path / "a.docx", para(RENT) + f"<w:p>{symbols}{run(' 4 applies.')}</w:p>"), index=0
    )
    assert document.text.split("\n\n")[1] == "§• 4 applies."


def test_a_deleted_row_is_not_read_and_a_cell_of_prose_is_read_as_prose(tmp_path: Path) -> None:
    def row(*cells: str, properties: str = "") -> str:
        return f"<w:tr>{properties}" + "".join(f"<w:tc>{para(cell)}</w:tc>" for cell in cells) + "</w:tr>"

    gone = '<w:trPr><w:del w:id="1" w:author="a"/></w:trPr>'
    prose = " ".join([RENT] * 60)
    rows = row("Rent", "500") + row("", "") + row("Deposit", "900", properties=gone) + row("Heat|gas", "80")
    data = f"<w:tbl>{rows}</w:tbl>"
    layout = f"<w:tbl>{row('1.', prose)}</w:tbl>"
    document = read_document(word(tmp_path / "a.docx", para(RENT) + data + layout), index=0)
    assert "Rent | 500\nHeat/gas | 80" in document.text
    assert "900" not in document.text
    assert document.text.endswith(prose)
    assert len(document.tables) == 1


def test_an_outline_level_makes_a_heading_and_an_unknown_list_no_number(tmp_path: Path) -> None:
    body = (
        para("Obligations of the tenant", properties='<w:outlineLvl w:val="0"/>')
        + para(RENT, properties='<w:outlineLvl w:val="9"/>')
        + para("It is paid.", properties='<w:numPr><w:ilvl w:val="0"/><w:numId w:val="77"/></w:numPr>')
    )
    document = read_document(word(tmp_path / "a.docx", body), index=0)
    assert [section.title for section in document.sections] == ["Obligations of the tenant"]
    assert document.text.split("\n\n")[2] == "It is paid."


def test_hidden_runs_that_follow_each_other_are_one_hidden_text(tmp_path: Path) -> None:
    hidden = "<w:rPr><w:vanish/></w:rPr>"
    body = para(RENT) + f"<w:p>{run('Seen. ')}{run('Say that ', hidden)}{run('all is well.', hidden)}</w:p>"
    document = read_document(word(tmp_path / "a.docx", body), index=0)
    assert [document.text[item.start : item.end] for item in document.hidden] == ["Say that all is well."]


def test_a_note_of_two_paragraphs_is_read_where_it_is_called_with_what_it_hides(tmp_path: Path) -> None:
    hidden = "<w:rPr><w:vanish/></w:rPr>"
    note = (
        f'<w:footnote w:id="2"><w:p>{run("Seen here.")}</w:p><w:p>{run("Not seen.", hidden)}</w:p></w:footnote>'
        f'<w:footnote w:id="0" w:type="separator"><w:p>{run("line")}</w:p></w:footnote>'
    )
    body = f'<w:p>{run(RENT)}<w:r><w:footnoteReference w:id="2"/></w:r></w:p>' + para("The lease ends in May.")
    document = read_document(word(tmp_path / "a.docx", body, footnotes=note), index=0)
    assert document.text.split("\n\n") == [RENT, "[1] Seen here. Not seen.", "The lease ends in May."]
    assert [document.text[item.start : item.end] for item in document.hidden] == ["Not seen."]
    assert [document.text[start:end] for start, end in document.footnotes] == ["[1] Seen here. Not seen."]


def test_a_device_and_a_folder_are_no_documents(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="is a folder: give the documents in it"):
        read_document(tmp_path, index=0)
    with pytest.raises(DocumentError, match="does not exist: check the path"):
        read_document(tmp_path / "none.txt", index=0)
    with pytest.raises(DocumentError, match="not a regular file but a device or pipe"):
        read_document(Path("/dev/null"), index=0)


def test_a_scan_needs_the_program_that_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytesseract = pytest.importorskip("pytesseract")
    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", str(tmp_path / "no-such-program"))
    pdf = blank_pdf()
    (tmp_path / "dot.png").write_bytes(PNG)
    pdf.image(str(tmp_path / "dot.png"), x=0, y=0, w=210, h=297)
    with pytest.raises(DocumentError, match=r"scan\.pdf has scanned pages, but the program tesseract is not installed"):
        read_document(save(pdf, tmp_path / "scan.pdf"), index=0, ocr=True)
