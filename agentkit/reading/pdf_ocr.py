"""Pages that are pictures, read by Tesseract (extra `ocr`)."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (pytesseract comes without types.)

import pypdfium2 as pdfium

from agentkit.errors import DocumentError, MissingExtraError
from agentkit.reading.pdf_lines import Line

try:
    import pytesseract
except ImportError as error:
    raise MissingExtraError("ocr", needed_for="Reading scanned pages") from error

_SCALE = 4
"""288 dots an inch."""
_PITCH = 14.0


def recognized(page: pdfium.PdfPage, *, name: str) -> list[Line]:
    """Return the lines that Tesseract sees on a page. A blank line becomes a gap.

    Raises:
        DocumentError: the program `tesseract` is missing or fails.
    """
    bitmap = page.render(scale=_SCALE, grayscale=True)
    try:
        text = str(pytesseract.image_to_string(bitmap.to_pil()))
    except pytesseract.TesseractNotFoundError as error:
        raise DocumentError(
            f"{name} has scanned pages, but the program tesseract is not installed: install Tesseract or turn OCR off.",
            name=name,
        ) from error
    except (pytesseract.TesseractError, RuntimeError, OSError) as error:
        raise DocumentError(
            f"{name} has scanned pages that Tesseract could not read: turn OCR off.", name=name
        ) from error
    finally:
        bitmap.close()
    lines: list[Line] = []
    top = 0.0
    for words in text.replace("\f", "").split("\n"):
        top -= _PITCH
        if words.strip():
            lines.append(_line(" ".join(words.split()), top))
    return lines


def _line(words: str, top: float) -> Line:
    """Return a line of type as wide as its letters are many; only its order and its gaps matter."""
    hyphen = len(words) > 2 and words[-1] == "-" and words[-2].isalpha()
    shown = words.removesuffix("-") if hyphen else words
    first = 6.0 * len(words.split()[0])
    return Line(shown, 0.0, top, 6.0 * len(words), top + 12.0, 12.0, first, hyphen=hyphen)
