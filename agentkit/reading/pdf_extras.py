"""What a PDF carries beside its pages: properties, and files inside it. None of it is read as text."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (pypdfium2's raw bindings are generated without types.)

import ctypes
import html
import re
import zlib
from itertools import islice

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from agentkit.reading.draft import Draft, clean
from agentkit.reading.offpage import note_files, note_orders, own_title

_XMP = re.compile(rb"<<([^<>]{0,300}/Subtype\s{0,8}/XML[^<>]{0,300})>>\s{0,8}stream\r?\n")
_MAX_XMP = 1 << 16
_TAG = re.compile(r"<[^>]{0,2000}>")
_PROPERTIES = ("Author", "Subject", "Keywords", "Creator", "Producer")
_MAX_FILES = 100
_MAX_SIZE = 1 << 20


def note_extras(document: pdfium.PdfDocument, data: bytes, draft: Draft) -> None:
    """Set the draft's title from the properties, and warn of what else is in the file."""
    draft.title = own_title(draft, clean(document.get_metadata_value("Title")))
    properties = [document.get_metadata_value(name) for name in _PROPERTIES]
    note_orders(draft, "the file's properties", [*properties, *_xmp(data)])
    contents = _files(document)
    note_files(draft, len(contents), "PDF")
    note_orders(draft, "a file inside the PDF", contents)


def _xmp(data: bytes) -> list[str]:
    """Return the texts of the metadata that the file holds as XML."""
    texts: list[str] = []
    for match in islice(_XMP.finditer(data), 20):
        packet = data[match.end() : match.end() + _MAX_XMP].partition(b"endstream")[0]
        if b"FlateDecode" in match.group(1):
            packet = _inflated(data[match.end() : match.end() + _MAX_XMP])
        texts += [html.unescape(text).strip() for text in _TAG.split(packet.decode("utf-8", errors="replace"))]
    return texts


def _inflated(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, _MAX_XMP)
    except zlib.error:
        return b""


def _files(document: pdfium.PdfDocument) -> list[str]:
    """Return the attachments as text, as far as they are; an empty one as its place."""
    contents: list[str] = []
    for index in range(min(_MAX_FILES, raw.FPDFDoc_GetAttachmentCount(document.raw))):
        attachment = raw.FPDFDoc_GetAttachment(document.raw, index)
        size = ctypes.c_ulong()
        raw.FPDFAttachment_GetFile(attachment, None, 0, ctypes.byref(size))
        buffer = ctypes.create_string_buffer(min(size.value, _MAX_SIZE) or 1)
        if 0 < size.value <= _MAX_SIZE:
            raw.FPDFAttachment_GetFile(attachment, buffer, size.value, ctypes.byref(size))
        contents.append(buffer.raw.decode("utf-8", errors="ignore"))
    return contents
