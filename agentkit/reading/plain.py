"""Plain text: which encoding, and what does not belong in a text."""

import codecs

from agentkit.reading.draft import Draft, clean, count_removed
from agentkit.reading.plain_pages import without_page_breaks
from agentkit.types import Page

MEDIA_TYPE = "text/plain"
_BOMS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
_SAMPLE = 4096


def read_plain(data: bytes) -> Draft:
    """Read plain text; a form feed begins a page."""
    draft = Draft(MEDIA_TYPE)
    text = decode(data, draft.warnings)
    note_removed(text, draft.warnings)
    if "\f" not in text:
        draft.add(without_page_breaks("".join(tidy_lines(clean(text)))))
        return draft
    for number, page in enumerate(text.split("\f"), start=1):
        draft.separate("\n\n")
        start = draft.length
        for part in tidy_lines(clean(page)):
            draft.add(part)
        draft.pages.append(Page(number, start, draft.length))
    return draft


def tidy_lines(text: str) -> list[str]:
    """Return `text` without spaces at the ends of lines, as pieces to join."""
    if " \n" not in text and "\t\n" not in text:
        return [text.rstrip()]
    return ["\n".join([line.rstrip() for line in text.split("\n")]).rstrip()]


def decode(data: bytes, warnings: list[str]) -> str:
    """Decode by byte order mark, by the zero bytes of UTF-16, as UTF-8, or, with a warning, as Windows-1252."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _lenient(data, encoding, warnings)
    guess = utf16_without_mark(data)
    if guess:
        return _lenient(data, guess, warnings)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > len(data) - 4 and error.reason == "unexpected end of data":
            return _lenient(data, "utf-8", warnings)
    warnings.append(
        "The text is not UTF-8; it was read as Windows-1252 (Latin-1), so check its accents and quotation marks."
    )
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _lenient(data: bytes, encoding: str, warnings: list[str]) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        warnings.append(f"Some bytes are not valid {encoding.upper().removesuffix('-SIG')}; they were replaced by �.")
        return data.decode(encoding, errors="replace")


def utf16_without_mark(data: bytes) -> str | None:
    """Return "utf-16-le" or "utf-16-be" where a sample has the zero bytes of Latin text in UTF-16, else None."""
    sample = data[: _SAMPLE - _SAMPLE % 2]
    half = len(sample) // 2
    if half < 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd < 0.1 * half else None


def note_removed(text: str, warnings: list[str]) -> None:
    """Warn about the control and invisible characters that `clean` will take out."""
    controls, invisible = count_removed(text.removeprefix("\ufeff"))
    if controls:
        warnings.append(f"{controls:,} control characters (such as NUL) were removed.")
    if invisible:
        warnings.append(f"{invisible:,} invisible characters (such as zero-width spaces) were removed.")
