"""Page breaks in plain text: what a conversion left of running headers, footers and page numbers."""

import re
from collections.abc import Sequence

_BREAK = re.compile(r"\f|\n{4,}")
_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(r"(?:page )?[-–— ]{0,3}#[-–— ]{0,3}(?:of #)?", re.IGNORECASE)
_CLAUSE = re.compile(r"\(?#(?:\.#)*[.):]{0,2}|\(?[a-z]{1,4}[.)]")
_MIN_PAGES = 4
_LONGEST = 40
"""The most words a running header or footer has."""
_WHOLE = "line"
_Shape = tuple[str, ...]
"""Words with "#" for numbers; the first entry is `_WHOLE` where they are a whole line, else empty."""
_ENDS = re.compile(r"[.:;!?][\"'”’)\]]{0,3}$")


def without_page_breaks(text: str) -> str:
    """Return `text` with its pages joined and what they repeat at their edges left out.

    Pages are parted by a form feed or by at least three blank lines. A text of fewer than four pages,
    or whose pages repeat nothing, keeps all its words.
    """
    if "\f" not in text and "\n\n\n\n" not in text:
        return text
    pages = [page.strip() for page in _BREAK.split(text)]
    pages = [page for page in pages if page]
    if len(pages) < _MIN_PAGES:
        return text
    for _ in range(3):  # a footer may have several lines
        pages = _without_repeated(pages, last=True)
        pages = _without_repeated(pages, last=False)
    pages = [page for page in pages if page]
    parts: list[str] = []
    for page in pages:
        if parts:
            parts.append(" " if _goes_on(parts[-1], page) else "\n\n")
        parts.append(page)
    return "".join(parts)


def _without_repeated(pages: Sequence[str], *, last: bool) -> list[str]:
    """Take off the words at one edge that enough pages share."""
    edges = [_edge(page, last=last) for page in pages]
    seen: dict[_Shape, list[str]] = {}
    for words in edges:
        for shape in _candidates(words, last=last):
            size = len(shape) - 1
            kept = words[-size:] if last else words[:size]
            seen.setdefault(shape, []).append(" ".join(kept))
    running = {shape: len(texts) for shape, texts in seen.items() if _is_running(shape, texts, len(pages))}
    result: list[str] = []
    for page, words in zip(pages, edges, strict=True):
        shared = [shape for shape in _candidates(words, last=last) if shape in running]
        # Fewer pages share the header with the words after it than share the header alone.
        most = max((running[shape] for shape in shared), default=0)
        longest = max((len(shape) for shape in shared if running[shape] >= 0.9 * most), default=1)
        result.append(_cut(page, longest - 1, last=last))
    return result


def _is_running(shape: _Shape, texts: Sequence[str], pages: int) -> bool:
    """Tell a running header from words that pages happen to share.

    A whole line that enough pages repeat is one; so are words beside a number that changes from page to page.
    """
    numbered = any("#" in word for word in shape)
    if len(texts) < max(3, pages // (10 if numbered else 4)):
        return False
    return shape[0] == _WHOLE or len(set(texts)) >= max(3, 0.6 * len(texts))


def _edge(page: str, *, last: bool) -> list[str]:
    """Return the outermost words of a page, outermost last or first as they stand; a line's end stops them."""
    line = page[-1000:].rsplit("\n", 1)[-1] if last else page[:1000].split("\n", 1)[0]
    words = line.split()
    return words[-_LONGEST:] if last else words[:_LONGEST]


def _candidates(words: list[str], *, last: bool) -> list[_Shape]:
    """Return the shapes at an edge that may be furniture: the whole line, or four words with a number among them."""
    shapes = [_NUMBER.sub("#", word.lower()) for word in words]
    found: list[_Shape] = []
    for size in range(4, len(shapes)):
        shape = tuple(shapes[-size:] if last else shapes[:size])
        inner, beside = (shape[0], shape[:0]) if last else (shape[-1], shape[-2:-1])
        # Next to the text a number is the text's own ("12."), unless it ends "Page 3 of 9".
        own = _CLAUSE.fullmatch(inner) and beside not in (("of",), ("page",))
        if not own and any("#" in word for word in shape):
            found.append(("", *shape))
    if 0 < len(shapes) < _LONGEST and (len(shapes) >= 4 or _PAGE_NUMBER.fullmatch(" ".join(shapes))):
        found.append((_WHOLE, *shapes))
    return found


def _cut(page: str, words: int, *, last: bool) -> str:
    """Return the page without so many words at one edge."""
    for _ in range(words):
        if last:
            page = page.rstrip()
            page = page[: max(page.rfind(" "), page.rfind("\n"), page.rfind("\t")) + 1]
        else:
            space = _SPACE.search(page, len(page) - len(page.lstrip()))
            page = page[space.end() :] if space else ""
    return page.strip()


def _goes_on(before: str, after: str) -> bool:
    """Tell whether a sentence runs over the page break."""
    if _ENDS.search(before[-6:]):
        return False
    long_line = len(before) - before.rfind("\n") > 60
    return after[0].islower() or (long_line and (before[-1].islower() or before[-1] == ","))
