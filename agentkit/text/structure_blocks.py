"""Tables of contents and signature blocks: stretches of a text that say nothing, found by their shape."""

import re

_CONTENTS_TITLE = re.compile(r"\b(?:TABLE OF CONTENTS|Table of Contents|CONTENTS|Contents|INDEX OF CLAUSES)\b")
_LEADER = re.compile(r"(?:\.{4,}|(?:\. ){4,}\.?|…{2,}|_{4,}|\t)[ \t]{0,10}(?:[A-Z]-?)?\d{1,4}\b")
_ENTRY = re.compile(r"[^\n]{2,160}?(?:[ \t.…_]{1,200})(?:[A-Z]{1,2}-?)?(?:\d{1,3}|[ivxl]{1,6})[ \t]*$")
_MAX_GAP = 400
_WITNESS = re.compile(
    r"\bIN WITNESS (?:WHEREOF|HEREOF)\b|\bIN TESTIMONY WHEREOF\b|\bSIGNATURE PAGES? (?:TO|FOLLOW)|"
    r"^[ \t]*\[?(?i:signature page)\b|^[ \t]*SIGNATURES?[ \t]*$|\bEXECUTED (?:as a deed|as an agreement|by the parties)\b|"
    r"^[ \t]*(?:SIGNED|Signed)(?: and delivered)? (?:by|for and on behalf)\b",
    re.MULTILINE,
)
_NEXT_PART = re.compile(
    r"(?:^|\n|(?<=[.\]_\d] )|(?<= {2}))[ \t]*(?:EXHIBIT|SCHEDULE|APPENDIX|ANNEX(?:URE)?|ATTACHMENT|ADDENDUM|Exhibit|Schedule|"
    r"Appendix|Annex|ARTICLE|Article)[ \t]+(?:[A-Z]|\d{1,3}|[IVX]{1,5})\b(?! (?:of|to|shall|and|is|hereto)\b)"
)
_FIELD = re.compile(
    r"(?:^|\n|\s)[ \t]*(?:By|Name|Title|Its|Date|Signature|Witness|/s/)[ \t]*(?::|_{3,}|/s/| )", re.IGNORECASE
)
_MAX_SIGNATURES = 6000


def find_contents(text: str) -> list[tuple[int, int]]:
    """Return the spans of tables of contents: entries with dot leaders or page numbers, close together."""
    spans = _leader_runs(text)
    for title in _CONTENTS_TITLE.finditer(text):
        start, end = title.start(), _entries_end(text, title.end())
        if end > title.end() and not any(a <= start < b for a, b in spans):
            spans = [(a, b) for a, b in spans if not start <= a < end]
            spans.append((start, end))
    return _merge(sorted(_with_title(text, span) for span in spans))


def _leader_runs(text: str) -> list[tuple[int, int]]:
    runs: list[list[int]] = []
    for match in _LEADER.finditer(text):
        if runs and match.start() - runs[-1][1] <= _MAX_GAP:
            runs[-1][1] = match.end()
            runs[-1][2] += 1
        else:
            runs.append([match.start(), match.end(), 1])
    return [(_line_start(text, start), end) for start, end, count in runs if count >= 4]


def _line_start(text: str, position: int) -> int:
    return max(text.rfind("\n", 0, position) + 1, position - 150)


def _with_title(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Widen a run of entries to the title before it."""
    start, end = span
    before = max(0, start - 200)
    titles = list(_CONTENTS_TITLE.finditer(text, before, min(end, start + 160)))
    return (min(start, titles[-1].start()), end) if titles else span


def _entries_end(text: str, position: int) -> int:
    """Return where the entries after a title end; `position` itself where fewer than three follow."""
    end, misses, hits = position, 0, 0
    while misses <= 3:
        line_end = text.find("\n", position)
        line_end = len(text) if line_end < 0 else line_end
        if line_end - position > 300:
            break
        line = text[position:line_end]
        if _ENTRY.match(line):
            hits, misses, end = hits + 1, 0, line_end
        elif line.strip():
            misses += 1
        if line_end == len(text):
            break
        position = line_end + 1
    return end if hits >= 3 else min(end, position) if hits >= 3 else 0


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def find_signatures(text: str, contents: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans of signature blocks, from the testimonium to the next schedule or the end."""
    spans: list[tuple[int, int]] = []
    for match in _WITNESS.finditer(text):
        start = match.start() + len(match.group()) - len(match.group().lstrip())
        inside = (spans and start < spans[-1][1]) or any(a <= start < b for a, b in contents)
        limit = min(len(text), start + _MAX_SIGNATURES)
        if inside or not _FIELD.search(text, start, limit):
            continue
        following = _NEXT_PART.search(text, match.end(), limit)
        end = _last_field(text, start, limit) if following is None else following.start()
        spans.append((start, end))
    return spans


def _last_field(text: str, start: int, limit: int) -> int:
    """Return the end of the line of the last signature field before `limit`, allowing for what is filled in."""
    if limit == len(text):
        return limit
    last = start
    for match in _FIELD.finditer(text, start, limit):
        last = match.end()
    line_end = text.find("\n", last)
    return min(limit, last + 200 if line_end < 0 else line_end)
