"""Tables of contents and signature blocks: stretches of a text that say nothing, found by their shape."""

import re
from collections.abc import Sequence
from itertools import pairwise

from agentkit.text.structure_marks import Mark, is_attached

_CONTENTS_TITLE = re.compile(r"\b(?:TABLE OF CONTENTS|Table of Contents|CONTENTS|Contents|INDEX OF CLAUSES)\b")
_LEADER = re.compile(
    # Possessive and begun only where a run begins: a line of a million dots takes a million steps.
    r"(?:(?<!\.)\.{4,}+|(?<!\. )(?:\. ){4,}+\.?|(?<!…)…{2,}+|(?<!_)_{4,}+|\t)[ \t]{0,10}(?:[A-Z]-?)?\d{1,4}\b"
)
# Looking for these first costs a hundredth of the search.
_LEADER_SIGNS = ("....", ". . . .", "……", "____", "\t")
_WITNESS_SIGNS = ("WITNESS", "TESTIMONY", "SIGNATURE", "ignature", "EXECUTED", "SIGNED", "Signed")
_ENTRY = re.compile(
    r"(?=[^\n]{0,80}[A-Za-z]{3})[ \t]*[\"“(]?[A-Z0-9§][^\n]{1,180}?[^\d\n.,:$%(]"
    r"(?:[ \t.…_]{1,200})(?:[A-Z]{1,2}-)?(?P<page>\d{1,3}|[ivxl]{1,6})[ \t]*$"
)
_LISTED = re.compile(
    r"[ \t]*(?i:exhibit|schedule|appendix|annexure|annex|attachment|addendum|list of|page|clause)s?\b[^\n]{0,150}$"
)
_MIN_ENTRIES = 5
_COLUMN_HEADS = re.compile(
    r"\s{0,4}(?:(?:Page|PAGE|Clause|CLAUSE|Section|SECTION|No\.?|Heading)\s{1,4}(?:No\.?\s{1,4})?){1,3}"
)
_LABEL = (
    r"(?:(?:ARTICLE|Article|SECTION|Section|EXHIBIT|Exhibit|SCHEDULE|Schedule|APPENDIX|Appendix|ANNEX|Annex|PART|Part)\s"
    r"[\dIVXA-Z.\-]{1,8}|\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-Z]\.)"
)
_INLINE_ENTRY = re.compile(
    rf"\s{{0,4}}{_LABEL}\s{{1,4}}(?:(?!\.\s[A-Z])[^\n]){{2,120}}?\s(?P<page>\d{{1,3}})(?=\s{{1,4}}{_LABEL}\s|\s{{0,4}}\n|\s[A-Z]|\s*$)"
)
_MAX_GAP = 400
_NEAR = 60
_LINE = re.compile(r"[^\n]+")
_WITNESS = re.compile(
    r"\bIN WITNESS (?:WHEREOF|HEREOF)\b|\bIN TESTIMONY WHEREOF\b|\bSIGNATURE PAGES? (?:TO|FOLLOW)|"
    r"^[ \t]*\[?(?i:signature page)\b|^[ \t]*SIGNATURES?[ \t]*$|"
    r"\bEXECUTED (?:as a deed|as an agreement|by the parties)\b|"
    r"^[ \t]*(?:SIGNED|Signed)(?: and delivered)? (?:by|for and on behalf)\b",
    re.MULTILINE,
)
_NEXT_PART = re.compile(
    r"(?:^|\n|(?<=[.\]_\d] )|(?<= {2}))[ \t]*"
    r"(?:EXHIBIT|SCHEDULE|APPENDIX|ANNEXURE|ANNEX|ATTACHMENT|ADDENDUM|Exhibit|Schedule|Appendix|Annex|"
    r"ARTICLE|Article)[ \t]+(?:[A-Z]|\d{1,3}|[IVX]{1,5})\b(?! (?:of|to|shall|and|is|hereto)\b)"
)
_FIELD = re.compile(
    r"(?:^|\n|\s)[ \t]*(?:By|Name|Title|Its|Date|Signature|Witness|/s/)[ \t]*(?::|_{3,}|/s/| )", re.IGNORECASE
)
_MAX_SIGNATURES = 6000


def find_contents(text: str) -> list[tuple[int, int]]:
    """Return the spans of tables of contents: entries with dot leaders or page numbers, close together."""
    spans = _leader_runs(text) + _entry_runs(text) + _inline_runs(text)
    return _merge(sorted(_with_title(text, span) for span in spans))


def _entry_runs(text: str) -> list[tuple[int, int]]:
    """Find runs of lines that end in a page number, the numbers rising."""
    runs: list[tuple[int, int]] = []
    run: list[tuple[int, int, int]] = []
    missed = 0
    for line in _LINE.finditer(text):
        start, end = line.span()
        cells = text.find(" | ", start, end) >= 0  # a row of a table may end in a number, too
        entry = _ENTRY.match(text, start, end) if end - start <= 200 and not cells else None
        if entry:
            run.append((start, end, int(entry["page"]) if entry["page"].isdigit() else 0))
            missed = 0
            continue
        missed += 1
        if missed > 3 or end - start > 160:
            runs += _accepted(text, run)
            run = []
    return runs + _accepted(text, run)


def _inline_runs(text: str) -> list[tuple[int, int]]:
    """Find tables of contents flattened onto one line: a title, then entries with rising page numbers."""
    runs: list[tuple[int, int]] = []
    for title in _CONTENTS_TITLE.finditer(text):
        position, page, count = title.end(), 0, 0
        heading = _COLUMN_HEADS.match(text, position)
        position = heading.end() if heading else position
        while (entry := _INLINE_ENTRY.match(text, position)) and int(entry["page"]) >= page:
            position, page, count = entry.end(), int(entry["page"]), count + 1
        if count >= _MIN_ENTRIES:
            runs.append((title.start(), position))
    return runs


def _accepted(text: str, run: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """Return the run as a span if it is a table of contents."""
    if len(run) < 3:
        return []
    rising = sum(a[2] <= b[2] for a, b in pairwise(run)) >= 0.85 * (len(run) - 1)
    titled = _CONTENTS_TITLE.search(text, max(0, run[0][0] - 200), run[0][0]) is not None
    if not rising or (len(run) < _MIN_ENTRIES and not titled):
        return []
    return [(run[0][0], _past_list(text, run[-1][1]))]


def _past_list(text: str, end: int) -> int:
    """Go on over a list of exhibits without page numbers at the end of a table of contents."""
    last, count = end, 0
    for line in _LINE.finditer(text, end):
        if not _LISTED.match(text, *line.span()):
            break
        last, count = line.end(), count + 1
    return last if count >= 2 else end


def _leader_runs(text: str) -> list[tuple[int, int]]:
    if not any(sign in text for sign in _LEADER_SIGNS):
        return []
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


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1] + _MAX_GAP // 4:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def find_signatures(text: str, contents: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans of signature blocks, from the testimonium to the next schedule or the end."""
    spans: list[tuple[int, int]] = []
    if not any(sign in text for sign in _WITNESS_SIGNS):
        return spans
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


def is_heading(text: str, marks: Sequence[Mark], index: int) -> bool:
    """Tell whether a line in capitals (or bold) heads what follows, or only stands inside a numbered clause.

    A form field or a name in an address stands between 12.2 and 12.3; a heading does not. One that is
    followed at once by the next clause heads a group of clauses.
    """
    before = next((m for m in reversed(marks[max(0, index - _NEAR) : index]) if _numbered(m)), None)
    after = next((m for m in marks[index + 1 : index + 1 + _NEAR] if _numbered(m) or is_attached(m.style)), None)
    if before is None or after is None or is_attached(after.style):
        return True
    clause, following = before.values[:1], after.values[:1]
    if len(after.values) > 1 and clause == following:
        return False
    heads_group = not text[marks[index].heading_end : after.start].strip()
    return heads_group or sum(following) != sum(clause) + 1


def _numbered(mark: Mark) -> bool:
    return mark.style.startswith("dec") and not mark.weak
