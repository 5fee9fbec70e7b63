"""Markdown, kept as a reader types it: headings, lists and tables are readable as they stand."""

import re

from agentkit.reading.draft import Draft, Heading, clean
from agentkit.reading.plain import decode, note_removed, tidy_lines

MEDIA_TYPE = "text/markdown"
_FRONT = re.compile(r"\A---[ \t]*\n(?:[^\n]*\n){0,200}?---[ \t]*(?:\n|\Z)")
_FRONT_TITLE = re.compile(r"^title:[ \t]*[\"']?([^\n\"']{1,200})", re.MULTILINE)
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_ATX = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(?P<words>[^\n]*?)[ \t]*#*$")
_SETEXT = re.compile(r"[ ]{0,3}(=+|-{2,})[ \t]*$")
_ITEM = re.compile(r"[ \t]{0,12}(?:[-*+•]|\(?[\w.]{1,6}[.)])[ \t]+\S")
_BULLET = re.compile(r"^[-*+][ \t]+")
_NOTE = re.compile(r"[ ]{0,3}\[\^[^\]\s]{1,40}\]:[ \t]+\S")
_QUOTE = re.compile(r"^[ ]{0,3}(?:>[ ]?)+")
_DIVIDER = re.compile(r"[ ]{0,3}\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)*\|?[ \t]*$")
_INLINE = [
    (re.compile(r"!\[([^\]\n]{0,300})\]\([^()\s]{0,2000}\)"), r"\1"),
    (re.compile(r"\[([^\]\n]{1,300})\]\([^()\s]{0,2000}(?:[ ]\"[^\"\n]{0,200}\")?\)"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)([^*_\n]{1,500}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,500}?)(?<=[^\s*])\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_])_(?=[^\s_])([^_\n]{1,500}?)(?<=[^\s_])_(?![\w_])"), r"\1"),
    (re.compile(r"`([^`\n]{1,500})`"), r"\1"),
    (re.compile(r"\\([!-/:-@\[-`{-~])"), r"\1"),
]
_TAG = re.compile(
    r"</?(?:a|b|i|u|em|strong|span|div|p|br|sub|sup|center|font|small|hr|img|details|summary)\b[^<>\n]{0,500}>", re.I
)


def read(data: bytes, *, name: str) -> Draft:  # noqa: ARG001 - every reader has this signature
    """Read Markdown: marks of emphasis and link targets go, headings and tables are recognised.

    Comments are left out. Wrapped lines of a paragraph are joined.
    """
    draft = Draft(MEDIA_TYPE)
    text = decode(data, draft.warnings)
    note_removed(text, draft.warnings)
    text = "".join(tidy_lines(clean(text)))
    front = _FRONT.match(text)
    if front:
        title = _FRONT_TITLE.search(front.group())
        draft.title = title.group(1).strip() if title else ""
        text = text[front.end() :]
    text, comments = _without_comments(text)
    if comments:
        draft.warnings.append(f"{comments} comment{'s were' if comments > 1 else ' was'} left out.")
    _write(draft, text.split("\n"))
    return draft


def _without_comments(text: str) -> tuple[str, int]:
    """Return the text without HTML comments, and how many there were; one that never ends stays."""
    parts: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start)) >= 0:
        parts.append(text[position:start])
        position = end + 3
    return "".join([*parts, text[position:]]), len(parts)


def _write(draft: Draft, lines: list[str]) -> None:
    """Write block by block."""
    position = 0
    while position < len(lines):
        line = lines[position]
        following = lines[position + 1] if position + 1 < len(lines) else ""
        fence = _FENCE.match(line)
        if fence:
            position = _fenced(draft, lines, position, fence.group(1))
        elif not line.strip():
            position += 1
        elif _ATX.match(line):
            _heading(draft, _ATX.sub(r"\g<words>", line), line.strip().split(" ")[0].count("#"))
            position += 1
        elif "|" in line and _DIVIDER.match(following):
            position = _table(draft, lines, position)
        elif _SETEXT.match(following) and not _ITEM.match(line):
            _heading(draft, line, 1 if "=" in following else 2)
            position += 2
        else:
            position = _paragraph(draft, lines, position)


def _heading(draft: Draft, words: str, level: int) -> None:
    draft.separate("\n\n")
    start, end = draft.add(_plain(words.strip()))
    draft.headings.append(Heading(start, end, level))


def _fenced(draft: Draft, lines: list[str], position: int, mark: str) -> int:
    """Write a fenced block as it stands; return the line after it."""
    end = position + 1
    while end < len(lines) and not lines[end].strip().startswith(mark):
        end += 1
    draft.separate("\n\n")
    draft.add("\n".join(lines[position + 1 : end]).strip("\n"))
    return end + 1


def _table(draft: Draft, lines: list[str], position: int) -> int:
    """Write a table row by row, without its divider; return the line after it."""
    draft.separate("\n\n")
    start = draft.length
    while position < len(lines) and "|" in lines[position]:
        if not _DIVIDER.match(lines[position]):
            cells = [_plain(cell.strip()) for cell in lines[position].strip().strip("|").split("|")]
            draft.add(("\n" if draft.length > start else "") + " | ".join(cells).strip())
        position += 1
    draft.tables.append((start, draft.length))
    return position


def _paragraph(draft: Draft, lines: list[str], position: int) -> int:
    """Write a paragraph or a list, joining wrapped lines; return the line after it."""
    parts: list[str] = []
    is_note = _NOTE.match(lines[position]) is not None
    while position < len(lines) and lines[position].strip():
        line = lines[position]
        if parts and (_ATX.match(line) or _FENCE.match(line) or _NOTE.match(line)):
            break
        quoted = _QUOTE.sub("", line)
        item = _ITEM.match(quoted) or (quoted != line and not _QUOTE.match(lines[position - 1]))
        words = _plain(_BULLET.sub("• ", quoted.strip()))
        if parts and not item and not parts[-1].endswith("\n"):
            parts.append(" ")
        elif parts and item:
            parts.append("\n")
        parts.append(words.removesuffix("\\"))
        position += 1
    draft.separate("\n\n")
    span = draft.add("".join(parts))
    if is_note:
        draft.footnotes.append(span)
    return position


def _plain(words: str) -> str:
    """Take off the marks of emphasis, links and inline HTML."""
    for pattern, replacement in _INLINE:
        words = pattern.sub(replacement, words)
    return _TAG.sub("", words)
