"""What a file really is, by its first bytes."""

import io
import re
import zipfile

from agentkit.errors import DocumentError
from agentkit.reading.files import KINDS, SUFFIXES
from agentkit.reading.plain import utf16_without_mark

_MAGIC = [
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"BM", "a BMP image"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0", "an old Word, Excel or Outlook file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"%!PS", "a PostScript file"),
    (b"ID3", "an audio file"),
    (b"RIFF", "a media file"),
]
_ZIPPED = [
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "an Excel workbook"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("content.xml", "an OpenDocument file"),
    ("META-INF/container.xml", "an EPUB book"),
]
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_NAMES = {"pdf": "a PDF", "docx": "a Word document (DOCX)", "html": "a web page (HTML)", "text": "plain text"}
_ADVICE = "convert it to PDF or DOCX"


def kind_of(data: bytes, *, name: str, suffix: str, warnings: list[str]) -> str:
    """Return "pdf", "docx", "html", "markdown" or "text".

    The first bytes decide where they can; a file whose name says something else is read as what it is, with a warning.

    Raises:
        DocumentError: it is a kind that cannot be read.
    """
    said = SUFFIXES.get(suffix.lower(), "")
    real = _by_magic(data, name=name)
    if real == "html" and said in ("markdown", "html"):
        return said
    if real:
        if said and said != real:
            warnings.append(f"The name ends in {suffix}, but the file is {_NAMES[real]}; it was read as that.")
        return real
    if said in ("pdf", "docx"):
        what = "is not one: it holds plain text" if _looks_like_text(data) else "is damaged or something else"
        raise DocumentError(f"{name} is named {suffix} but {what}: check the file.", name=name)
    if not _looks_like_text(data):
        raise DocumentError(f"{name} is of an unknown kind: {KINDS} are read.", name=name)
    if not said and suffix:
        raise DocumentError(
            f"{name} is of an unknown kind ({suffix}): {KINDS} are read; rename it if it is one.", name=name
        )
    return said or "text"


def _by_magic(data: bytes, *, name: str) -> str:
    if b"%PDF-" in data[:1024]:
        return "pdf"
    for magic, what in _MAGIC:
        if data.startswith(magic) and (len(magic) > 3 or not _looks_like_text(data)):
            raise DocumentError(f"{name} is {what}, which cannot be read: {_ADVICE}.", name=name)
    if data.startswith(b"PK"):
        return _zipped(data, name=name)
    return "html" if _HTML.match(data[:2048].removeprefix(b"\xef\xbb\xbf")) else ""


def _zipped(data: bytes, *, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DocumentError(
            f"{name} is a damaged DOCX or zip archive and cannot be opened: get a fresh copy.", name=name
        ) from error
    what = next((what for member, what in _ZIPPED if member in members), "a zip archive")
    if what != "docx":
        raise DocumentError(f"{name} is {what}, which cannot be read: {_ADVICE}.", name=name)
    return what


def _looks_like_text(data: bytes) -> bool:
    """Tell whether a sample is mostly text: few control characters, in any encoding that plain text is read in."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or utf16_without_mark(data):
        return True
    sample = data[:65536]
    controls = sum(sample.count(bytes([code])) for code in (*range(9), *range(14, 32), 127) if code != 27)
    try:
        sample[: len(sample) - 4].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":
            return controls <= 0.01 * len(sample)
    return controls <= 0.1 * len(sample)
