"""Input that cannot be read: one sentence that names the file and says what to do."""

import os
import random
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import PNG, lease_docx, lease_pdf

from agentkit.errors import DocumentError
from agentkit.reading import expand_paths, read_document
from agentkit.text.splitting import split_document


def refusal(path: Path) -> str:
    with pytest.raises(DocumentError) as caught:
        read_document(path, index=0)
    message = str(caught.value)
    assert caught.value.name == path.name
    assert caught.value.exit_code == 2
    assert message.startswith(path.name)
    assert message.endswith(".")
    assert "\n" not in message
    return message


def test_a_missing_file(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "lease.pdf")


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf", b"\0" * 50])
def test_an_empty_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "lease.txt"
    path.write_bytes(data)
    assert "is empty" in refusal(path)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (PNG, "a PNG image"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 40, "a JPEG image"),
        (b"{\\rtf1 hello}", "an RTF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 40, "an old Word"),
        (b"The rent is due on Monday.", "plain text"),
        (os.urandom(3000), "damaged or something else"),
    ],
)
def test_a_file_that_is_not_the_pdf_its_name_says(tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "lease.pdf"
    path.write_bytes(data)
    assert what in refusal(path)


def test_a_document_with_the_wrong_ending_is_read_as_what_it_is(tmp_path: Path) -> None:
    path = lease_pdf(tmp_path / "lease.txt")
    document = read_document(path, index=0)
    assert document.media_type == "application/pdf"
    assert "it was read as that" in document.warnings[0]


def test_a_web_page_named_as_text_is_read_as_a_web_page(tmp_path: Path) -> None:
    path = tmp_path / "lease.txt"
    path.write_text("<!DOCTYPE html><html><body><p>The <b>rent</b> is due.</p></body></html>", encoding="utf-8")
    document = read_document(path, index=0)
    assert document.text == "The rent is due."
    assert document.warnings == ["The name ends in .txt, but the file is a web page (HTML); it was read as that."]


@pytest.mark.parametrize("name", ["a.xyz", "a.bin", "a"])
def test_an_unknown_kind_of_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(bytes(range(256)) * 4)
    assert "unknown kind" in refusal(path)


def test_a_file_without_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("12 34 56\n--- *** 78.9 %\n", encoding="utf-8")
    assert "no readable sentence" in refusal(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    os.mkfifo(path)
    assert "device or pipe" in refusal(path)


def test_a_folder_is_no_document(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    assert "is a folder" in refusal(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = lease_pdf(tmp_path / "a.pdf")
    path.chmod(0)
    assert "permissions" in refusal(path)
    path.chmod(stat.S_IRUSR)


def test_a_folder_stands_for_the_documents_in_it(tmp_path: Path) -> None:
    for name in ["b.txt", "a.pdf", "deep/er/c.md", ".hidden.txt", ".git/d.txt", "image.png", "~$lock.docx"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "deep" / "loop").symlink_to(tmp_path, target_is_directory=True)
    found = expand_paths([tmp_path, tmp_path / "b.txt"])
    assert [str(path.relative_to(tmp_path)) for path in found] == ["a.pdf", "b.txt", "deep/er/c.md"]


def test_a_folder_without_documents_and_a_missing_path(tmp_path: Path) -> None:
    (tmp_path / "image.png").write_bytes(PNG)
    with pytest.raises(DocumentError, match="holds no document"):
        expand_paths([tmp_path])
    with pytest.raises(DocumentError, match=r"^gone does not exist"):
        expand_paths([tmp_path / "gone"])


HOSTILE = {
    "one line": "The Tenant shall pay 5 per cent. 1. Rent. ",
    "dots": ".",
    "digits": "1",
    "numbers": "1.1.1 ",
    "spaces": " a" + " " * 1000,
    "brackets": "((((",
    "quotes": "“ ",
    "capitals": "THE TENANT AND ",
    "one word": "abcdefgh",
    "blank lines": "a b\n\n",
    "contents": "Rent ........ 5\n",
    "rows": "a | b | c\n",
    "no end": "By: Name: Title: ",
    "witness": "IN WITNESS WHEREOF ",
}


# Far beyond what linear work takes on any machine, far below what quadratic work takes.
CATASTROPHE_S = 25


def seconds(folder: Path, text: str, suffix: str = ".txt") -> float:
    path = folder / f"a{suffix}"
    path.write_text(text + "\nThe rent is due.", encoding="utf-8")
    began = time.process_time()
    document = read_document(path, index=0)
    passages = split_document(document)
    spent = time.process_time() - began
    assert max(len(passage.text) for passage in passages) <= 1200
    return spent


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_grows_with_the_text_and_not_faster(tmp_path: Path, unit: str) -> None:
    large = 480_000
    second = seconds(tmp_path, unit * (large // len(unit)))
    assert second < CATASTROPHE_S


MARKED_UP = {
    "comments": ("<!-- ", ".md"),
    "links": ("[", ".md"),
    "emphasis": ("**a _b ", ".md"),
    "fences": ("```\n", ".md"),
    "rows": ("|-|-|\n", ".md"),
    "tags": ("<a ", ".html"),
    "lists": ("<ol><li>x</ol>", ".html"),
    "cells": ("<td>(a)", ".html"),
    "styles": ("<p style='left:                -9'>x", ".html"),
    "sheets": ("<style>.a .b .c", ".html"),
}


@pytest.mark.parametrize(("unit", "suffix"), MARKED_UP.values(), ids=MARKED_UP.keys())
def test_time_grows_with_the_markup_and_not_much_faster(tmp_path: Path, unit: str, suffix: str) -> None:
    opening = "<html><p>The tenant pays.</p>" if suffix == ".html" else "The tenant pays.\n\n"
    second = seconds(tmp_path, opening + unit * (240_000 // len(unit)), suffix)
    assert second < CATASTROPHE_S


def spoiled(data: bytes, chooser: random.Random) -> bytes:
    """Return `data` with a few bytes changed, cut out and put in."""
    spoiled = bytearray(data)
    for _ in range(chooser.choice([1, 4, 40])):
        at = chooser.randrange(len(spoiled))
        change = chooser.randrange(3)
        if change == 0:
            spoiled[at] = chooser.randrange(256)
        elif change == 1:
            del spoiled[at : at + 20]
        else:
            spoiled[at:at] = chooser.randbytes(9)
    return bytes(spoiled)


@pytest.mark.parametrize("make", [lease_pdf, lease_docx], ids=["pdf", "docx"])
def test_a_spoiled_file_is_read_or_refused_and_nothing_else(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    chooser = random.Random(11)
    path = make(tmp_path / "lease")
    data = path.read_bytes()
    outcomes: set[str] = set()
    for _ in range(60):
        path.write_bytes(spoiled(data, chooser))
        try:
            document = read_document(path, index=0)
        except DocumentError:
            outcomes.add("refused")
        else:
            outcomes.add("read")
            passages = split_document(document)
            assert "".join("".join(p.text for p in passages).split()) == "".join(document.text.split())
    assert outcomes == {"read", "refused"}
