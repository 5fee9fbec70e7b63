"""What a DOCX carries beside its text: properties, comments, headers, alternative texts, parts of other kinds."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (lxml comes without types.)

from collections.abc import Iterator

from agentkit.reading.docx_package import Element, Package, W
from agentkit.reading.draft import Draft
from agentkit.reading.offpage import SHORTEST, note_files, note_orders, own_title

_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_PROPERTIES = ("docProps/app.xml", "docProps/custom.xml")
_WORDS = (W + "t", W + "delText", W + "instrText")
_TOLD = frozenset(("descr", "title", "tooltip", "alt", "name", W + "tooltip", W + "val", W + "instr"))
"""Attributes whose words a reader of the page does not see: alternative texts, tips, values of controls and fields."""


def note_extras(package: Package, root: Element | None, draft: Draft) -> None:
    """Set the draft's title from the properties, and warn of what the package holds beside the text."""
    core = package.xml("docProps/core.xml")
    draft.title = own_title(draft, "" if core is None else core.findtext(_DC_TITLE) or "")
    comments = package.xml(package.beside("comments.xml"))
    count = 0 if comments is None else len(comments)
    if count:
        draft.warnings.append(f"{count} comment{'s were' if count > 1 else ' was'} left out.")
        note_orders(draft, "a comment", _paragraphs(comments))
    for properties in (core, *map(package.xml, _PROPERTIES)):
        note_orders(draft, "the file's properties", [] if properties is None else properties.itertext())
    margins = (package.beside("header"), package.beside("footer"))
    for name in package.names():
        if name.startswith(margins) and name.endswith(".xml"):
            note_orders(draft, "a header or footer", _paragraphs(package.xml(name)))
    note_orders(draft, "an alternative text or a field", _unshown(root))
    settings = package.xml(package.beside("settings.xml"))
    note_orders(draft, "the file's variables", [] if settings is None else _attributes(settings))
    others = [name for name in package.names() if "/embeddings/" in name or "/afchunk" in name.lower()]
    note_files(draft, len(others), "DOCX")


def _paragraphs(root: Element | None) -> Iterator[str]:
    for paragraph in () if root is None else root.iter(W + "p"):
        yield "".join(node.text or "" for node in paragraph.iter(*_WORDS))


def _unshown(root: Element | None) -> Iterator[str]:
    """Yield the words of attributes, of fields' codes, and of text that tracked changes deleted."""
    if root is None:
        return
    yield from _attributes(root)
    for paragraph in root.iter(W + "p"):
        yield "".join(node.text or "" for node in paragraph.iter(W + "delText", W + "instrText"))


def _attributes(root: Element) -> Iterator[str]:
    for node in root.iter():
        for name, text in node.items():
            if len(text) >= SHORTEST and name in _TOLD:
                yield text
