"""A second attempt at a damaged PDF, through pypdf."""

import io
import logging

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

# pypdf reports each thing it repairs; the user gets one sentence instead.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


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
