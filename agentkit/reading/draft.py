r"""What a reader of one format hands over, and how it builds the one stable text.

The text: NFC; "\n" ends a line and "\n\n" a paragraph; no control characters other than tab and line
break, no invisible characters (zero-width space, soft hyphen, tag characters), no non-breaking spaces;
no space before a line break. Offsets count the code points of exactly this text.
"""

import unicodedata
from dataclasses import dataclass, field

from agentkit.types import HiddenText, Page

_INVISIBLE = [0x00AD, 0x180E, 0x200B, 0x2060, 0xFEFF, *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)]
_CONTROLS = [*range(0x09), 0x0B, *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0), 0xFFFE, 0xFFFF]
_SPACES = [0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000]
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "ft", 0xFB06: "st"}
# Symbol fonts put their signs into the private use area.
_SIGNS = {0xF0B7: "•", 0xF0A7: "•", 0xF0D8: "•", 0xF02D: "-", 0xF0A8: "□", 0xF06F: "□", 0xF0FE: "☒", 0xF0FC: "✓"}
_TABLE: dict[int, str | None] = {
    **dict.fromkeys(_INVISIBLE),
    **dict.fromkeys(_CONTROLS),
    **dict.fromkeys(_SPACES, " "),
    **_LIGATURES,
    **_SIGNS,
    0x0C: "\n",
    0x0D: "\n",
    0x85: "\n",
    0x2028: "\n",
    0x2029: "\n",
}


def clean(text: str) -> str:
    """Return `text` in the characters of the stable text (line breaks and double spaces stay)."""
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").translate(_TABLE))


def count_removed(text: str) -> tuple[int, int]:
    """Return how many control and how many invisible characters `clean` takes out of `text`."""
    if text.isascii() and text.isprintable():
        return 0, 0
    controls = sum(text.count(chr(code)) for code in _CONTROLS)
    return controls, sum(text.count(chr(code)) for code in _INVISIBLE)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading that the format itself marks: its span in the text, its level from 1 (0: it only looks like one)."""

    start: int
    end: int
    level: int


@dataclass(slots=True)
class Draft:
    """A document being built: pieces of text, and spans over them."""

    media_type: str
    title: str = ""
    pages: list[Page] = field(default_factory=list[Page])
    headings: list[Heading] = field(default_factory=list[Heading])
    tables: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    footnotes: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    hidden: list[HiddenText] = field(default_factory=list[HiddenText])
    warnings: list[str] = field(default_factory=list[str])
    length: int = 0
    parts: list[str] = field(default_factory=list[str])

    def add(self, text: str) -> tuple[int, int]:
        """Append clean text and return its span."""
        start = self.length
        self.parts.append(text)
        self.length += len(text)
        return start, self.length

    def separate(self, separator: str) -> None:
        """Append a separator, unless nothing stands before it."""
        if self.length:
            self.add(separator)

    def text(self) -> str:
        """Return the text so far."""
        if len(self.parts) > 1:
            self.parts = ["".join(self.parts)]
        return self.parts[0] if self.parts else ""
