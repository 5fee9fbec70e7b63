"""A second attempt at a damaged PDF, through pypdf."""

import io
import logging
import re

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

# pypdf reports each thing it repairs; the user gets one sentence instead.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


_OBJECT = re.compile(rb"(?:^|\s)(\d{1,9})\s+(\d{1,5})\s+obj\b")
_IS_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")
_LOOK = 4000


def salvaged(data: bytes) -> bytes:
    """Return the file with a new catalogue that lists every page object found: for a file cut off before its own.

    Works where pages are plain objects (PDF 1.4 and many later files), which PDFium then finds by scanning.
    """
    kids: list[bytes] = []
    for found in _OBJECT.finditer(data):
        end = data.find(b"endobj", found.end(), found.end() + _LOOK)
        if end > 0 and _IS_PAGE.search(data, found.end(), end):
            kids.append(b"%s %s R" % (found.group(1), found.group(2)))
    first = 8_000_000
    catalog = b"%d 0 obj\n<</Type/Catalog/Pages %d 0 R>>\nendobj\n" % (first, first + 1)
    tree = b"%d 0 obj\n<</Type/Pages/Count %d/Kids[%s]>>\nendobj\n" % (first + 1, len(kids), b" ".join(kids))
    trailer = b"trailer\n<</Root %d 0 R/Size %d>>\nstartxref\n0\n%%%%EOF\n" % (first, first + 2)
    return data + b"\nendobj\n" + catalog + tree + trailer


def rewritten(data: bytes, *, password: str | None) -> bytes | None:
    """Return the document written anew from what pypdf finds in it, or None where it finds nothing."""
    try:
        reader = PdfReader(io.BytesIO(data), strict=False, password=password)
        writer = PdfWriter()
        for page in reader.pages:
            writer.add_page(page)
        if not writer.pages:
            return None
        buffer = io.BytesIO()
        writer.write(buffer)
    except (PyPdfError, OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return None
    return buffer.getvalue()
