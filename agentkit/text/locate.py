"""Where an offset lies: its page, its clause, the trail of headings above it."""

from bisect import bisect_right

from agentkit.types import Document, Section


def page_at(document: Document, offset: int) -> int | None:
    """Return the number of the page that holds the character at `offset`; None where there are no pages."""
    if not document.pages:
        return None
    found = bisect_right(document.pages, offset, key=lambda page: page.start) - 1
    return document.pages[max(0, found)].number


def locator_at(document: Document, offset: int) -> str | None:
    """Return the innermost numbered section at `offset` ("§ 12.3"), else the words of its heading, else None."""
    return locator(trail(document.sections, offset))


def trail(sections: list[Section], offset: int) -> list[Section]:
    """Return the sections that hold `offset`, outermost first. `sections` are in document order and nest."""
    index = bisect_right(sections, offset, key=lambda section: section.start) - 1
    found: list[Section] = []
    level = None
    while index >= 0 and level != 1:
        section = sections[index]
        if (level is None or section.level < level) and section.start <= offset:
            if offset < section.end:
                found.append(section)
            level = section.level if level is None else min(level, section.level)
        index -= 1
    return found[::-1]


def locator(sections: list[Section]) -> str | None:
    """Return how a lawyer would cite the innermost of nested sections, outermost first."""
    for position in range(len(sections) - 1, -1, -1):
        section = sections[position]
        if section.number:
            attached = next((s.number for s in sections[:position] if s.kind == "schedule" and s.number), "")
            number = section.number.removesuffix(".")
            cited = f"§ {number}" if number[:1].isdigit() else section.number
            return f"{attached} {cited}" if attached else cited
    return next((section.title for section in reversed(sections) if section.title), None)


def heading_trail(sections: list[Section]) -> str:
    """Join the headings of nested sections, outermost first, by " > "."""
    parts = (" ".join(part for part in (section.number, section.title) if part) for section in sections)
    return " > ".join(part for part in parts if part)
