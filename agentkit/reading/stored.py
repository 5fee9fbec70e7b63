"""A document made again from the passages that an index holds of it."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from agentkit.indexed import Entry
from agentkit.reading.titles import find_title
from agentkit.types import Document, Page, Passage, Section

_MADE = (
    "It was made again from the passages in the index, because its file is not there or has changed: what stands "
    "between them is blank."
)
_JOINED = "It was put together from passages that were indexed without their places: offsets count in what is shown."


def remade(entries: Sequence[Entry], *, index: int) -> tuple[Document, list[Passage]]:
    """Return a document and its passages from what an index holds of it, with a warning that says so.

    Every passage stands at its offsets in the original, and what is between them is blank; passages that overlap were
    indexed without their places, and stand one after another.

    Args:
        entries: passages of one document, at least one.
        index: the document's place in the run.
    """
    ordered = sorted(entries, key=lambda entry: (entry.start, entry.end))
    apart = all(one.end <= two.start for one, two in pairwise(ordered))
    apart = apart and all(entry.end - entry.start == len(entry.text) for entry in ordered)
    starts = [entry.start for entry in ordered] if apart else _one_after_another(entries)
    placed = list(zip(starts, ordered if apart else entries, strict=True))
    text = _text(placed)
    name = placed[0][1].document
    document = Document(
        index=index,
        name=name,
        media_type="text/plain",
        sha256=placed[0][1].version,
        text=text,
        title=find_title(text, [], own="", fallback=PurePosixPath(name).stem),
        pages=_pages(placed, len(text)),
        sections=[_section(start, entry) for start, entry in placed],
        warnings=[_MADE if apart else _JOINED],
    )
    return document, [_passage(start, entry, index, number) for number, (start, entry) in enumerate(placed)]


def sections_of(entries: Sequence[Entry]) -> list[Section]:
    """Return what holds each passage of a document, so that it is cited as it was when it was indexed."""
    return [_section(entry.start, entry) for entry in sorted(entries, key=lambda entry: entry.start)]


def _one_after_another(entries: Sequence[Entry]) -> list[int]:
    starts = [0]
    for entry in entries[:-1]:
        starts.append(starts[-1] + len(entry.text) + 2)
    return starts


def _text(placed: Sequence[tuple[int, Entry]]) -> str:
    parts: list[str] = []
    reached = 0
    for start, entry in placed:
        gap = start - reached
        parts += ["\n\n" if gap == 2 else "\n" + " " * (gap - 2) + "\n" if gap > 2 else " " * gap, entry.text]
        reached = start + len(entry.text)
    return "".join(parts)


def _pages(placed: Sequence[tuple[int, Entry]], length: int) -> list[Page]:
    """Return the pages as far as passages tell them; a page without a passage is empty."""
    known = [(start, entry.page) for start, entry in placed if entry.page is not None]
    last = max((page for _, page in known), default=0)
    starts = [min(start for start, page in known if page >= number) for number in range(1, last + 1)]
    bounds = [0, *starts[1:], length]
    return [Page(number, start, end) for number, (start, end) in enumerate(pairwise(bounds), 1)] if last else []


def _section(start: int, entry: Entry) -> Section:
    numbered = entry.locator is not None and any(char.isdigit() for char in entry.locator)
    number = (entry.locator or "").removeprefix("§ ") if numbered else ""
    title = "" if numbered else entry.locator or ""
    return Section(number, title, 1, start, start, start + len(entry.text))


def _passage(start: int, entry: Entry, index: int, number: int) -> Passage:
    return Passage(
        id=f"d{index}p{number}",
        source=index,
        start=start,
        end=start + len(entry.text),
        text=entry.text,
        page=entry.page,
        locator=entry.locator,
        section=entry.title,
        kind=entry.kind,
        labels=list(entry.labels),
    )
