"""The parts of a DOCX package, opened as if by an enemy: bounded, without entities, without links."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false, reportAttributeAccessIssue=false
# (lxml comes without types.)

import io
import posixpath
import zipfile
import zlib
from typing import Any

from lxml import etree

from agentkit.errors import DocumentError

MAX_PART = 64 * 1024 * 1024
"""The largest part read, in bytes: the tree of a part takes about ten times its size."""
_MAX_MEMBERS = 20_000
_MAX_RATIO = 150
_RATIO_FROM = 2 * 1024 * 1024
_MAIN = "/officeDocument"

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"

Element = Any
"""An lxml element, whose class lxml keeps private."""


class Package:
    """A DOCX file's parts by name."""

    def __init__(self, data: bytes, *, name: str) -> None:
        self._name = name
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise self._damaged() from error
        if len(self._archive.infolist()) > _MAX_MEMBERS:
            raise self._bomb()
        self._members = {info.filename: info for info in self._archive.infolist()}
        self.main = self._main_part()

    def xml(self, part: str) -> Element | None:
        """Return the root of a part, or None where the package has no such part.

        Raises:
            DocumentError: it is too large, packed too densely, not XML, or declares a document type.
        """
        data = self._read(part)
        if data is None:
            return None
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
        )
        try:
            root = etree.fromstring(data.replace(_STRICT, _TRANSITIONAL), parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise self._damaged() from error
        if root.getroottree().docinfo.doctype:
            raise DocumentError(
                f"{self._name} declares XML entities, which a DOCX must not, and was not read: it may be an attack.",
                name=self._name,
            )
        return root

    def names(self) -> list[str]:
        """Return the names of all parts, in the order of the file."""
        return list(self._members)

    def beside(self, file: str) -> str:
        """Return the name of a part in the folder of the main part."""
        return posixpath.join(posixpath.dirname(self.main), file)

    def _main_part(self) -> str:
        relations = self.xml("_rels/.rels")
        if relations is not None:
            for relation in relations:
                if str(relation.get("Type", "")).endswith(_MAIN):
                    return str(relation.get("Target", "")).lstrip("/")
        return "word/document.xml"

    def _read(self, part: str) -> bytes | None:
        info = self._members.get(part)
        if info is None:
            return None
        dense = info.file_size > _RATIO_FROM and info.file_size > _MAX_RATIO * max(1, info.compress_size)
        if info.file_size > MAX_PART or dense:
            raise self._bomb()
        try:
            with self._archive.open(info) as stream:
                data = stream.read(MAX_PART + 1)  # the declared size may lie
        except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError) as error:
            raise self._damaged() from error
        if len(data) > MAX_PART:
            raise self._bomb()
        return data

    def _damaged(self) -> DocumentError:
        return DocumentError(
            f"{self._name} is damaged and cannot be read as a DOCX: get a fresh copy.", name=self._name
        )

    def _bomb(self) -> DocumentError:
        return DocumentError(
            f"{self._name} unpacks to far more than a document holds and was not read: it may be a zip bomb.",
            name=self._name,
        )


def value(element: Element | None, attribute: str = "val") -> str:
    """Return a WordprocessingML attribute of an element, or an empty string."""
    return "" if element is None else str(element.get(W + attribute, ""))


def is_on(element: Element | None) -> bool:
    """Tell whether a toggle such as `w:vanish` is present and not switched off."""
    return element is not None and value(element) not in ("0", "false", "off")
