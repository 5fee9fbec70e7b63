"""Footnotes in a DOCX: python-docx keeps those it finds but makes none, so their part is written here."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportAttributeAccessIssue=false
# python-docx annotates its styles by their base class only and its XML elements not at all.

from xml.sax.saxutils import escape

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt
from docx.text.paragraph import Paragraph

_RULES = "".join(
    f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>'
    for number, kind in enumerate(("separator", "continuationSeparator"), -1)
)
_NOTE = (
    '<w:footnote w:id="{number}"><w:p><w:pPr><w:pStyle w:val="{text_style}"/></w:pPr>'
    '<w:r><w:rPr><w:rStyle w:val="{mark_style}"/></w:rPr><w:footnoteRef/></w:r>'
    '<w:r><w:t xml:space="preserve"> {text}</w:t></w:r></w:p></w:footnote>'
)


class Footnotes:
    """The footnotes of one document: `add` them while writing, `attach` them before saving."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._notes: list[str] = []
        text = document.styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH)
        text.base_style = document.styles["Normal"]
        text.font.size = Pt(9)
        text.paragraph_format.space_after = Pt(2)
        mark = document.styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER)
        mark.font.superscript = True
        self._text_style, self._mark_style = str(text.style_id), str(mark.style_id)

    def add(self, paragraph: Paragraph, text: str) -> None:
        """Add a footnote, with its number at the end of a paragraph. `text` must be free of control characters."""
        number = len(self._notes) + 1
        run = paragraph.add_run(style="footnote reference")
        run.element.append(parse_xml(f'<w:footnoteReference {nsdecls("w")} w:id="{number}"/>'))
        styles = {"text_style": self._text_style, "mark_style": self._mark_style}
        self._notes.append(_NOTE.format(number=number, text=escape(text), **styles))

    def attach(self) -> None:
        """Put the footnotes into the document's package."""
        xml = f"<w:footnotes {nsdecls('w')}>{_RULES}{''.join(self._notes)}</w:footnotes>"
        head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        blob = (head + xml).encode("utf-8")
        package = self._document.part.package
        part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, blob, package)
        self._document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
